"""The run folder: whole or not there, and never at the cost of something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from actuarial.report.run_folder import OutputError, refuse_inputs_inside, run_folder


def finished(target: Path, text: str, *, replace: bool = False) -> None:
    with run_folder(target, replace=replace) as work:
        (work / "run.json").write_text(text, encoding="utf-8")


def content(target: Path) -> str:
    return (target / "run.json").read_text(encoding="utf-8")


def test_another_run_that_ends_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "run"
    with (
        pytest.raises(OutputError, match="it holds an earlier run; choose a new folder, or say --force"),
        run_folder(target, replace=False) as work,
    ):
        (work / "run.json").write_text("mine", encoding="utf-8")
        finished(target, "theirs")
    assert content(target) == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_fault_between_the_renames_puts_the_earlier_run_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "run"
    finished(target, "earlier")
    rename = Path.rename

    def fail_into_place(self: Path, to: Path) -> Path:
        if to == target and not self.name.endswith("-earlier"):
            raise OSError(5, "Input/output error", str(to))
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail_into_place)
    with pytest.raises(OSError, match="Input/output error"):
        finished(target, "later", replace=True)
    assert content(target) == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    finished(tmp_path / "link", "through the link")
    assert content(tmp_path / "real") == "through the link"
    assert (tmp_path / "link").is_symlink()


def test_files_without_a_run_are_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.mkdir()
    (target / "results.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="it holds files but no run; choose a new folder"):
        finished(target, "x", replace=True)
    assert (target / "results.csv").read_text(encoding="utf-8") == "mine"


def test_an_input_inside_the_output_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "run" / "checks.xlsx"
    with pytest.raises(OutputError, match=r"the input .*checks\.xlsx lies in it; choose another folder"):
        refuse_inputs_inside(tmp_path / "run", (None, inside))
    refuse_inputs_inside(tmp_path / "run", (tmp_path / "portfolio.xlsx",))
