"""Where settings come from: flag before environment before file, what a file may not say, what is shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from cli.configuration import ABOVE, WRITING, option_key
from cli.main import COMMANDS, _Commands, root
from cli.option import SharedOption

Shell = Callable[..., Any]


def commands() -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command, with its names."""
    assert isinstance(root, _Commands)
    found: list[tuple[tuple[str, ...], click.Command]] = []
    ctx = click.Context(root, info_name="actuarial")
    for name in COMMANDS:
        command = root.get_command(ctx, name)
        assert command is not None
        found.append(((name,), command))
        if isinstance(command, click.Group):
            found += [((name, inner), c) for inner, c in command.commands.items()]
    return found


def rows(text: str) -> dict[str, tuple[str, str]]:
    """Option → value and origin, of what --show-config prints."""
    found = {}
    for line in text.splitlines():
        name, value, origin = (part.strip() for part in line.split("  ") if part.strip())
        found[name] = value, origin
    return found


def test_flag_before_environment_before_file_before_default(
    shell: Shell, own_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def threads(*words: str) -> tuple[str, str]:
        return rows(shell("reserve", "--show-config", *words).out)["--threads"]

    assert threads() == ("–", "not given")
    (own_place / "actuarial.toml").write_text("threads = 2\n")
    assert threads() == ("2", "file actuarial.toml:1 threads")
    (own_place / "actuarial.toml").write_text("threads = 2\n[reserve]\nthreads = 3\n")
    assert threads() == ("3", "file actuarial.toml:3 [reserve] threads")
    monkeypatch.setenv("ACTUARIAL_THREADS", "4")
    assert threads() == ("4", "environment ACTUARIAL_THREADS")
    monkeypatch.setenv("ACTUARIAL_RESERVE_THREADS", "5")
    assert threads() == ("5", "environment ACTUARIAL_RESERVE_THREADS")
    assert threads("--threads", "6") == ("6", "command line")
    monkeypatch.setenv("ACTUARIAL_RESERVE_THREADS", "")
    assert threads() == ("4", "environment ACTUARIAL_THREADS")


def test_the_values_reach_the_command(shell: Shell, own_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_place / "actuarial.toml").write_text("[law.show]\non = 2026-01-01\nparameter = ['mci']\n")
    answer = shell("law", "show")
    assert answer.code == 0 and answer.out.startswith("mci:")
    assert answer.err == "note: settings from actuarial.toml: on, parameter\n"
    monkeypatch.setenv("ACTUARIAL_LAW_SHOW_PARAMETER", "minimum_wage")
    assert shell("law", "show").out.startswith("minimum_wage:")
    assert shell("law", "show", "--parameter", "mci").out.startswith("mci:")


def test_show_config_does_nothing_and_misses_nothing(shell: Shell, own_place: Path) -> None:
    for names, command in commands():
        answer = shell(*names, "--show-config")
        assert answer.code == 0, (names, answer.err)
        shown = rows(answer.out)
        if isinstance(command, click.Group):
            continue
        for option in command.params:
            if isinstance(option, click.Option) and option.expose_value:
                assert f"--{option_key(option)}" in shown, names
        assert shown["--lang"] == ("en", "system")
    assert not list(own_place.iterdir())


def test_every_command_takes_the_common_options() -> None:
    for names, command in commands():
        flags = {flag for option in command.params for flag in option.opts}
        assert {"--lang", "--config", "--show-config"} <= flags, names


def test_which_options_stand_above_the_sections() -> None:
    shared: dict[str, set[type]] = {}
    for _, command in commands():
        for option in command.params:
            if isinstance(option, SharedOption) and option_key(option) not in WRITING:
                shared.setdefault(option_key(option), set()).add(type(option.type))
    assert set(shared) | {"lang"} == set(ABOVE)
    assert all(len(kinds) == 1 for kinds in shared.values())


def test_the_same_option_has_the_same_range_everywhere() -> None:
    found = {
        repr(option.type)
        for _, command in commands()
        for option in command.params
        if option.opts == ["--threads"]
    }
    assert found == {"<IntRange 1<=x<=64>"}


@pytest.mark.parametrize("key", sorted(WRITING))
def test_a_found_file_cannot_say_where_to_write(shell: Shell, own_place: Path, key: str) -> None:
    name = {"write": "submit", "schedule": "annuity"}.get(key, "reserve")
    value = "true" if key in ("force", "write") else "'x'"
    (own_place / "actuarial.toml").write_text(f"[{name}]\n{key} = {value}\n")
    answer = shell(name, "--show-config")
    assert answer.code == 2
    assert f"error E8104: actuarial.toml:2 [{name}] {key}: " in answer.err
    named = shell(name, "--show-config", "--config", "actuarial.toml")
    assert named.code == 0
    assert rows(named.out)[f"--{key}"][1] == f"file actuarial.toml:2 [{name}] {key}"


def test_options_that_write_are_known_to_write() -> None:
    writing = {
        option_key(option)
        for _, command in commands()
        for option in command.params
        if isinstance(option, click.Option)
        and any(
            word in (option.help or "")
            for word in ("to write", "to create", "Replace", "Write the", "Write every")
        )
    }
    assert writing <= WRITING


def test_a_found_file_cannot_name_a_place_in_the_network(shell: Shell, own_place: Path) -> None:
    for command, setting in (
        ("reserve", r'basis = "\\\\server\\share\\basis.yaml"'),
        ("reserve", 'basis = "//server/share/basis.yaml"'),
        ("reserve", r'basis = "/\\server/share/basis.yaml"'),
        ("stress", '[stress]\nscenarios = "longevity, //server/share/own.yaml"'),
        ("stress", '[stress]\nportfolio = ["A=//server/share/a.csv"]'),
    ):
        (own_place / "actuarial.toml").write_text(setting, encoding="utf-8")
        answer = shell(command, "--show-config")
        assert answer.code == 2 and "E8104" in answer.err, setting


def test_a_found_file_of_somebody_else_is_refused(
    shell: Shell, own_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own_place / "actuarial.toml"
    path.write_text("threads = 2\n")
    if not hasattr(os, "geteuid"):
        pytest.skip("files have no owner by number here")
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if owner == 0:
        # what the administrator wrote is trusted
        assert shell("reserve", "--show-config").code == 0
        try:
            os.chown(path, 12345, 12345)
        except PermissionError:
            pytest.skip("no right to give a file away")
        monkeypatch.setattr(os, "geteuid", lambda: 54321)
    answer = shell("reserve", "--show-config")
    assert answer.code == 2
    assert "error E8105: actuarial.toml belongs to another user" in answer.err
    assert shell("reserve", "--show-config", "--config", "actuarial.toml").code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("thread = 2", "E8102: actuarial.toml:1 thread: no such setting here; did you mean threads?"),
        ("valuation_date = 2026-01-01", "did you mean valuation-date?"),
        ("[reserv]\n", "E8102: actuarial.toml:1 reserv: no such setting here; did you mean [reserve]?"),
        ("reserve = 3", "E8102: actuarial.toml:1 reserve: no such setting here; did you mean [reserve]?"),
        ("[reserve]\n\nvaluation_date = 1", "E8102: actuarial.toml:3 [reserve] valuation_date: no such"),
        ("zzz = 1", "there are lang, basis, valuation-date, report, company, threads, json, [reserve]"),
        ("[reserve]\nthreads = 99", "E8103: actuarial.toml:2 [reserve] threads: 99 is not in the range"),
        ("[reserve]\nthreads = true", "E8103: actuarial.toml:2 [reserve] threads: it must be a value"),
        ("[reserve]\nreport = 'no'", "E8103: actuarial.toml:2 [reserve] report: it must be true or false"),
        ("[reserve]\nbasis = ['a', 'b']", "E8103: actuarial.toml:2 [reserve] basis: it must be one value"),
        ("[reserve]\nvaluation-date = '31.02.2026'", "E8103: actuarial.toml:2 [reserve] valuation-date: '31"),
        ("[reserve]\nformat = 'xml'", "E8103: actuarial.toml:2 [reserve] format: 'xml' is not one of"),
        ("[reserve.inner]\nx = 1", "E8102: actuarial.toml:1 [reserve] inner: no such setting"),
        ("threads = ", "error E8101: the configuration actuarial.toml is no TOML: "),
        ("threads = 1\nthreads = 2", "E8101"),
        ('company = "a\\nb"', "E8103: actuarial.toml:1 company: it must be text in one line"),
        (f'company = "{"a" * 201}"', "E8103: actuarial.toml:1 company: a company has a name of one line"),
        ("threads = inf", "E8103: actuarial.toml:1 threads: it must be a whole number"),
        ("threads = 2.7", "E8103: actuarial.toml:1 threads: it must be a whole number"),
        (f"threads = {'1' * 5000}", "error E8101: the configuration actuarial.toml is no TOML: "),
        ("[reserve]\nmapping = 0", "E8103: actuarial.toml:2 [reserve] mapping: it must be a path"),
        ("[reserve]\nportfolio = 2026-01-01", "E8103: actuarial.toml:2 [reserve] portfolio: it must"),
        ('basis = "a\\u0000b"', "E8103: actuarial.toml:1 basis: it must be text in one line"),
        ('basis = "\\u001b[2J"', "E8103: actuarial.toml:1 basis: it must be text in one line"),
        ("valuation-date = 2026-01-01T00:00:00", "valuation-date: it must be a date without a time of day"),
        ("valuation-date = 12:00:00", "valuation-date: it must be text, numbers or dates"),
        ("lang = 'de'", "error E8110: actuarial.toml:1 lang: no language 'de'; there are en, ru, kk"),
    ],
)  # fmt: skip
def test_what_is_refused(shell: Shell, own_place: Path, text: str, message: str) -> None:
    (own_place / "actuarial.toml").write_text(text, encoding="utf-8")
    answer = shell("reserve", "--show-config")
    assert answer.code == 2
    assert message in answer.err


def test_bytes_that_are_no_text(shell: Shell, own_place: Path) -> None:
    (own_place / "actuarial.toml").write_bytes(b"company = '\xff'\n")
    answer = shell("reserve", "--show-config")
    assert (
        answer.code == 2
        and "error E8101: the configuration actuarial.toml is not text in UTF-8" in answer.err
    )
    (own_place / "actuarial.toml").write_bytes("\ufeffcompany = 'Компания'\n".encode())
    assert "Компания" in shell("reserve", "--show-config").out
    (own_place / "actuarial.toml").write_bytes(b"#" * ((1 << 16) + 1))
    assert "no file of settings" in shell("--show-config").err


def test_lists_and_relative_paths(shell: Shell, own_place: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ours.yaml").write_text("")
    (elsewhere / "map.yaml").write_text("")
    (elsewhere / "our.toml").write_text(
        "basis = 'ours.yaml'\n[reserve]\nmapping = 'map.yaml'\noutput = 'runs/x'\n"
        "[stress]\nscenarios = 'longevity,ours.yaml'\nportfolio = ['A=a.csv', 'b.csv']\n"
        "[fit]\nrecovery-smoothing = [1.0, 2.5]\nbasis = 'illustrative-2026'\n"
        "[quote]\nchoice = ['minimum_test=after_coefficient']\n"
    )
    named = ("--show-config", "--config", elsewhere / "our.toml")
    shown = rows(shell("reserve", *named).out)
    assert shown["--basis"][0] == str(elsewhere / "ours.yaml")
    assert shown["--mapping"][0] == str(elsewhere / "map.yaml")
    assert shown["--output"][0] == str(elsewhere / "runs/x")
    shown = rows(shell("stress", *named).out)
    assert shown["--scenarios"][0] == f"longevity,{elsewhere / 'ours.yaml'}"
    assert shown["--portfolio"][0] == f"A={elsewhere / 'a.csv'}, {elsewhere / 'b.csv'}"
    shown = rows(shell("fit", *named).out)
    assert shown["--recovery-smoothing"][0] == "1.0, 2.5"
    assert shown["--basis"][0] == "illustrative-2026"
    assert rows(shell("quote", *named).out)["--choice"][0] == "minimum_test=after_coefficient"


def test_which_file_counts(
    shell: Shell, own_place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def company(*words: str) -> str:
        return rows(shell("reserve", "--show-config", *words).out)["--company"][0]

    own = tmp_path / "own-settings" / "actuarial" / "actuarial.toml"
    own.parent.mkdir(parents=True)
    own.write_text("company = 'own'\n[reserve]\nforce = true\n")
    monkeypatch.setattr(click, "get_app_dir", lambda name: str(own.parent))
    assert company() == "own"
    (own_place / "actuarial.toml").write_text("company = 'here'\n")
    assert company() == "here"
    (tmp_path / "e.toml").write_text("company = 'environment'\n")
    monkeypatch.setenv("ACTUARIAL_CONFIG", str(tmp_path / "e.toml"))
    assert company() == "environment"
    (tmp_path / "f.toml").write_text("company = 'flag'\n")
    assert company("--config", str(tmp_path / "f.toml")) == "flag"
    answer = shell("--config", tmp_path / "none.toml", "reserve", "--show-config")
    assert answer.code == 2 and "error E8101: the configuration " in answer.err


def test_a_common_basis_does_not_disturb_an_explanation(shell: Shell, own_place: Path) -> None:
    """`explain RUN` takes the basis of the run; a basis for all commands is none of its call."""
    (own_place / "actuarial.toml").write_text("basis = 'illustrative-2026'\nvaluation-date = 2026-01-01\n")
    answer = shell("explain", "nowhere", "--id", "1")
    assert "error E8301" in answer.err


def test_the_root_shows_the_file_and_checks_the_names_in_it(shell: Shell, own_place: Path) -> None:
    (own_place / "actuarial.toml").write_text("lang = 'en'\n[reserve]\nthreads = 2\n")
    shown = rows(shell("--show-config").out)
    assert shown["--lang"] == ("en", "file actuarial.toml:1 lang")
    assert shown["--config"] == ("actuarial.toml", "current folder")
    (own_place / "actuarial.toml").write_text("[reserve]\nthread = 2\n")
    assert "E8102: actuarial.toml:2 [reserve] thread" in shell("--show-config").err


@pytest.mark.parametrize(
    "content", ["threads = ", "lang = 'de'", "[nothing]\nx = 1", "[reserve]\nthreads = 'x'"]
)
def test_help_needs_no_configuration(shell: Shell, own_place: Path, content: str) -> None:
    (own_place / "actuarial.toml").write_text(content)
    for words in (("--help",), ("--version",), ("reserve", "--help"), ("law", "show", "-h")):
        answer = shell(*words)
        assert answer.code == 0 and not answer.err, words
    answer = shell("reserve", "--portfolio", "x")
    assert answer.code == 2 and "error E81" in answer.err


def test_an_empty_name_is_no_file(shell: Shell, own_place: Path) -> None:
    (own_place / "actuarial.toml").write_text("threads = 2\n")
    assert "error E8101" in shell("--config", "", "reserve", "--show-config").err
    assert rows(shell("reserve", "--show-config", "--config", os.devnull).out)["--threads"][0] == "–"


def test_a_link_that_somebody_else_has_put_there(
    shell: Shell, own_place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only the administrator can give a link away")
    (tmp_path / "mine.toml").write_text("threads = 2\n")
    (own_place / "actuarial.toml").symlink_to(tmp_path / "mine.toml")
    assert shell("reserve", "--show-config").code == 0
    os.lchown(own_place / "actuarial.toml", 12345, 12345)
    assert "error E8105" in shell("reserve", "--show-config").err


def test_a_wrong_value_of_a_variable_is_said_of_the_variable(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTUARIAL_THREADS", "abc")
    assert "Invalid value for ACTUARIAL_THREADS: 'abc'" in shell("reserve", "--show-config").err
    assert "Invalid value for '--threads': 0 " in shell("reserve", "--show-config", "--threads", "0").err


def test_several_values_in_a_variable(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTUARIAL_QUOTE_OKED", "62011 01110")
    assert rows(shell("quote", "--show-config").out)["--oked"][0] == "62011, 01110"
    monkeypatch.setenv("ACTUARIAL_STRESS_PORTFOLIO", os.pathsep.join(("A=a b.csv", "B=c.csv")))
    assert rows(shell("stress", "--show-config").out)["--portfolio"][0] == "A=a b.csv, B=c.csv"
