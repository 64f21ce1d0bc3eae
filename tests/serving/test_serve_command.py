"""``actuarial serve`` as a process: address, browser, port, end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import root
from cli.page.extra import ServeError
from cli.page.private_folder import PREFIX

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command with its temporary folder here; the process and the address it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "serve", *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "ACTUARIAL_LANG": "en", **environment},
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/\S+/", line)
        assert found is not None, line
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.stderr.close()
        process.wait()


def loaded(address: str) -> str:
    """The page, once the server answers."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=10) as response:
                text: str = response.read().decode()
                return text
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError("no answer")


def left(folder: Path) -> list[Path]:
    return list(folder.glob(f"{PREFIX}*"))


def ended(process: subprocess.Popen[str], folder: Path, number: signal.Signals) -> None:
    """It ends well and leaves nothing."""
    assert len(list(left(folder)[0].iterdir())) >= 2
    process.send_signal(number)
    assert process.wait(20) == 0
    assert left(folder) == []
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def asked(address: str, path: str, method: str, body: bytes, page: str) -> dict[str, Any]:
    headers = {
        "Origin": address.partition("/")[0] + "//" + address.split("/")[2],
        "X-Actuarial-Page": page,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    request = urllib.request.Request(address + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


def is_running(number: int) -> bool:
    """Whether a process computes on; one that nobody has buried yet does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True).stdout
    return bool(shown.strip()) and not shown.strip().startswith("Z")


@POSIX
def test_the_next_start_removes_what_a_server_killed_at_work_left(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-browser") as (process, address):
        html = loaded(address)
        base = address.split("/" + address.split("/")[3])[0] + re.findall(r'data-base="([^"]+)"', html)[0]
        (page,) = re.findall(r'data-page="([^"]+)"', html)
        asked(base, "sample", "POST", b"", page)
        while asked(base, "state", "GET", b"", page)["is_busy"]:
            time.sleep(0.1)
        asked(base, "basis", "POST", b"basis=illustrative-2026", page)
        asked(base, "run", "POST", b"", page)
        time.sleep(0.5)
        shown = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True
        )
        workers = [int(number) for number in shown.stdout.split()]
        process.kill()
        process.wait()
        # who waits for the answer is gone
        deadline = time.monotonic() + 10
        while any(is_running(number) for number in workers) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert workers and not any(is_running(number) for number in workers)
        (folder,) = left(tmp_path)
    # nothing of it lies elsewhere
    assert list(tmp_path.iterdir()) == [folder]
    with serving(tmp_path, "--no-browser") as (process, address):
        loaded(address)
        assert folder not in left(tmp_path)
        ended(process, tmp_path, signal.SIGTERM)


@POSIX
def test_it_ends_with_its_terminal(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-browser") as (process, address):
        loaded(address)
        ended(process, tmp_path, signal.SIGHUP)


@POSIX
def test_the_browser_is_given_a_ticket_and_not_the_secret(tmp_path: Path) -> None:
    told = tmp_path / "told"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" > {told}.part && mv {told}.part {told}\n')
    browser.chmod(0o700)
    with serving(tmp_path, BROWSER=f"{browser} %s") as (process, address):
        loaded(address)
        for _ in range(200):
            if told.exists():
                break
            time.sleep(0.05)
        given = told.read_text().strip()
        secret = address.rstrip("/").rpartition("/")[2]
        assert secret not in given and "/open/" in given
        assert "<title>actuarial" in loaded(given)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(given, timeout=10)
        ended(process, tmp_path, signal.SIGINT)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        done = CliRunner().invoke(
            root, ["serve", "--no-browser", "--port", str(number)], standalone_mode=False
        )
        assert isinstance(done.exception, ServeError)
        assert done.exception.code == "E8502" and str(number) in str(done.exception)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.page.extra.find_spec", lambda name: None)
    done = CliRunner().invoke(root, ["serve"], standalone_mode=False)
    assert isinstance(done.exception, ServeError) and done.exception.code == "E8501"
    assert "pip install 'actuarial[serve]'" in str(done.exception)


def test_the_command_itself_imports_no_server() -> None:
    code = "import sys, cli.serve; print({'starlette', 'uvicorn', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
