"""`--company`: at the head of the report, in the record, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

ROOT = Path(__file__).parents[2]
ONE = ROOT / "docs" / "example" / "one-worker.csv"
NAME = "=1+1 «Страховая <b>& компания»"
WORDS = (
    "reserve", "--portfolio", str(ONE), "--valuation-date", "2026-01-01", "--basis", "illustrative-2026",
)  # fmt: skip
Shell = Callable[..., Any]


def outputs(folder: Path) -> dict[str, Any]:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {"request": record["request"], "outputs": record["outputs"], "totals": record["totals"]}


def test_the_company_is_in_the_reports_and_the_record_alone(shell: Shell, own_place: Path) -> None:
    assert shell(*WORDS, "--output", "named", "--company", f"  {NAME} ").code == 0
    named = outputs(own_place / "named")
    assert named["request"]["company"] == NAME
    page = (own_place / "named" / "report.html").read_text(encoding="utf-8")
    assert "=1+1 «Страховая &lt;b&gt;&amp; компания»" in page
    book = openpyxl.load_workbook(own_place / "named" / "report.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == NAME]
    assert cells and all(cell.data_type == "s" for cell in cells)
    assert shell("verify", "named").code == 0
    assert shell(*WORDS, "--no-report", "--output", "plain").code == 0
    plain = outputs(own_place / "plain")
    assert plain["request"]["company"] == ""
    assert named["totals"] == plain["totals"]
    assert named["outputs"].keys() - plain["outputs"].keys() == {"report.html", "report.xlsx"}
    assert plain["outputs"].items() <= named["outputs"].items()


def test_every_command_with_a_report_takes_it() -> None:
    import click

    from actuarial.report.repeat import COMMANDS
    from cli.main import _Commands, root

    assert isinstance(root, _Commands)
    for name in COMMANDS:
        command = root.get_command(click.Context(root), name)
        assert command is not None
        assert any("--company" in option.opts for option in command.params), name
