"""Completion: what it offers, how fast, and that real shells take the scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actuarial.basis import basis_names
from actuarial.new_claim.model import new_claim_model_names
from actuarial.stress.scenario import preset, preset_names
from cli import named
from cli.completion import SHELLS, completion_script
from cli.main import COMMANDS
from mortality import table_ids
from tariffs import classification, parameter_names

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own_path(tmp_path: Path, own_place: Path) -> dict[str, str]:
    """An environment in which `actuarial` is this program."""
    program = tmp_path / "bin" / "actuarial"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    # the name decides the variable that asks for completion
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nsys.argv[0] = 'actuarial'\n"
        "from cli.main import main\nmain()\n",
        encoding="utf-8",
    )
    return {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


@pytest.fixture
def offered(shell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """What is offered for the last word, each with its description; nothing else is said."""

    def call(*words: str) -> dict[str, str]:
        monkeypatch.setenv("_ACTUARIAL_COMPLETE", "fish_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(("actuarial", *words)))
        monkeypatch.setenv("COMP_CWORD", words[-1])
        answer = shell()
        assert answer.code == 0 and not answer.err
        found = {}
        for line in answer.out.splitlines():
            kind, _, rest = line.partition(",")
            value, _, what = rest.partition("\t")
            found[value if kind == "plain" else kind] = what
        return found

    return call


needs_shebang = pytest.mark.skipif(sys.platform == "win32", reason="the program is a script with a shebang")


def test_what_is_offered(offered: Callable[..., dict[str, str]]) -> None:
    assert offered("re") == {"reserve": COMMANDS["reserve"]}
    assert list(offered("reserve", "--val")) == ["--valuation-date"]
    assert set(offered("reserve", "--basis", "il")) == set(basis_names())
    assert list(offered("reserve", "--basis", "our")) == ["file"]
    assert list(offered("reserve", "--portfolio", "x")) == ["file"]
    assert list(offered("stress", "--portfolio", "A=x")) == ["file"]
    assert "longevity" in offered("stress", "--scenarios", "lon")
    assert "all,mortality_up" in offered("stress", "--scenarios", "all,mortality")
    assert set(offered("table", "show", "pbgc")) == {t for t in table_ids() if t.startswith("pbgc")}
    activities = offered("quote", "--oked", "5221")
    assert activities["52211"] == classification.activity_names()["52211"]
    assert all(code.startswith("5221") for code in activities)
    assert set(offered("law", "show", "--parameter", "mci")) == {"mci", "mci_benefits"}
    assert set(offered("completion", "f")) == {"fish"}
    assert set(offered("--lang", "k")) == {"kk"}
    assert "E4001" in offered("explain-code", "E400")
    # a claim number is nobody's business but its owner's
    assert not {"plain"} & set(offered("explain", "--id", "S"))


def test_words_as_shells_hand_them_on(offered: Callable[..., dict[str, str]]) -> None:
    """Open quotes, blanks, Cyrillic, an apostrophe in a name."""
    assert set(offered("reserve", "--basis", '"il')) == set(basis_names())
    assert list(offered("reserve", "--portfolio", r"Отчёт\ за")) == ["file"]
    assert list(offered("reserve", "--portfolio", "'a b")) == ["file"]
    assert list(offered("reserve", "--company", "O'Neil", "--bas")) == ["--basis"]


def test_a_configuration_that_cannot_be_used_does_not_disturb(
    offered: Callable[..., dict[str, str]], own_place: Path
) -> None:
    for content in ("x = [", "[nothing]\n", "lang = 'de'"):
        (own_place / "actuarial.toml").write_text(content)
        assert "reserve" in offered("re")


def test_names_without_imports_are_the_names_of_the_program() -> None:
    assert set(named.BASIS.names()) == set(basis_names())
    assert set(named.NEW_CLAIM_MODEL.names()) == set(new_claim_model_names())
    assert set(named.TABLE.names()) == set(table_ids())
    assert set(named.PARAMETER.names()) == set(parameter_names())
    assert set(named.ACTIVITY.names()) == set(classification.activity_names())
    scenarios = {s.name for name in preset_names() for s in preset(name).scenarios}
    assert set(named.SCENARIOS.names()) == {"all", *preset_names(), *scenarios}


@needs_shebang
def test_completion_imports_nothing_that_computes(own_path: dict[str, str]) -> None:
    script = (
        "import sys, os\nos._exit = lambda code: None\nsys.argv = ['actuarial']\n"
        "from cli.main import main\nmain()\nprint(' '.join(sys.modules))"
    )
    for words in ("stress --scenarios all,l", "quote --oked 5", "table show k"):
        asked = {
            "_ACTUARIAL_COMPLETE": "fish_complete",
            "COMP_WORDS": f"actuarial {words}",
            "COMP_CWORD": "k",
        }
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**own_path, **asked, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        modules = set(done.stdout.splitlines()[-1].split())
        assert not modules & {"numpy", "pandas", "pyarrow", "pydantic", "rich", "mortality", "tariffs"}, words


@pytest.mark.parametrize("name", SHELLS)
def test_the_command_prints_the_script(name: str, shell: Callable[..., Any]) -> None:
    assert shell("completion", name).out.replace("\r\n", "\n") == completion_script(name)
    assert f"{name}_complete" in completion_script(name)


def test_powershell_reads_utf_8_and_puts_the_console_back() -> None:
    script = completion_script("powershell")
    assert "Register-ArgumentCompleter -Native -CommandName actuarial" in script
    before, _, after = script.partition("$response = & actuarial")
    assert "[Console]::OutputEncoding = [System.Text.Encoding]::UTF8" in before
    assert "[Console]::OutputEncoding = $prev_encoding" in after.partition("finally")[2]


@needs_shebang
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash(own_path: dict[str, str]) -> None:
    script = (
        'eval "$(actuarial completion bash)"\n'
        "COMP_WORDS=(actuarial table show kz-wpp2024-2010) COMP_CWORD=3\n"
        "compopt() { :; }\n_actuarial_completion actuarial\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\ncomplete -p actuarial\n'
    )
    done = subprocess.run(["bash", "-c", script], env=own_path, capture_output=True, text=True, check=True)
    *names, registered = done.stdout.splitlines()
    assert names == [name for name in table_ids() if name.startswith("kz-wpp2024-2010")]
    assert "_actuarial_completion actuarial" in registered


@needs_shebang
@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish(own_path: dict[str, str]) -> None:
    script = "actuarial completion fish | source\ncomplete -C 'actuarial quote --oked 5221'"
    done = subprocess.run(["fish", "-c", script], env=own_path, capture_output=True, text=True, check=True)
    assert f"52211\t{classification.activity_names()['52211']}" in done.stdout.splitlines()


@needs_shebang
@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh(own_path: dict[str, str]) -> None:
    script = (
        'autoload -Uz compinit; compinit -u -D\neval "$(actuarial completion zsh)"\n'
        "print -r -- ${_comps[actuarial]}\n"
        # what the function hands on is heard in place of the parts of zsh that draw menus
        'compadd() { print -rl -- "${(@P)@[-1]}" }\n_describe() { print -rl -- "${(@P)3}" }\n'
        "words=(actuarial law show --parameter mci) CURRENT=5\n_actuarial_completion\n"
    )
    done = subprocess.run(["zsh", "-fc", script], env=own_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["_actuarial_completion", "mci", "mci_benefits"]


@needs_shebang
@pytest.mark.skipif(shutil.which("pwsh") is None, reason="no PowerShell here")
def test_powershell(own_path: dict[str, str]) -> None:
    script = (
        "Invoke-Expression (actuarial completion powershell | Out-String)\n"
        "(TabExpansion2 'actuarial table show pbgc' 25).CompletionMatches.CompletionText"
    )
    done = subprocess.run(
        ["pwsh", "-nop", "-c", script], env=own_path, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == {name for name in table_ids() if name.startswith("pbgc")}
