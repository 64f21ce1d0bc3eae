"""`actuarial explain` as a user runs it."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from actuarial.money import rounded_tiyn
from cli import main

EXAMPLE = Path(__file__).parents[2] / "docs" / "example" / "one-worker.csv"
BASIS = ("--valuation-date", "2026-01-01", "--basis", "illustrative-2026")


class Outcome:
    """Exit code and both streams of one call."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def actuarial(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["actuarial", *map(str, arguments)])
        code = main._exit_code()
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def run(actuarial: Any, tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE, tmp_path / "one-worker.csv")
    outcome = actuarial(
        "reserve",
        "--portfolio",
        tmp_path / "one-worker.csv",
        *BASIS,
        "--output",
        tmp_path / "run",
        "--no-report",
    )
    assert outcome.code == 0
    return tmp_path / "run"


def results(run: Path) -> dict[str, str]:
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return dict(record["totals"])


def test_the_story_and_the_sums(actuarial: Any, run: Path) -> None:
    outcome = actuarial("explain", run, "--id", "A-1")
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    # 0.6 × 300 000 − 98 262
    assert "= 81 738.00 ₸ a month at the award; degree 60 %, band C" in text
    assert "not above the cap 850 000.00 ₸ = 10 × 85 000.00 ₸" in text
    assert "9 days from the valuation date 2026-01-01" in text
    assert "until 2026-06-01 (end of the certificate in force)" in text
    assert "These are the figures of the run's results, to the tiyn." in text
    for name in ("certified_reserve", "expected_reserve", "total_certified", "total_expected"):
        whole, cents = results(run)[name].split(".")
        amount = f"{int(whole):,}.{cents}".replace(",", " ")
        assert f"{name} {amount} ₸" in text
    assert "The basis illustrative-2026 is illustrative" in outcome.err


def test_months_show_every_payment(actuarial: Any, run: Path) -> None:
    outcome = actuarial("explain", run, "--id", "A-1", "--months")
    assert outcome.code == 0
    assert "Reviews in the expected measure" in outcome.out
    lines = [line for line in outcome.out.splitlines() if " 2026-05-10 " in line]
    assert len(lines) == 2  # one in each measure
    assert "40y 10m" in lines[0]


def test_the_csv_adds_up(actuarial: Any, run: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert actuarial("explain", run, "--id", "A-1", "--output", path).code == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    import numpy as np

    for measure in ("certified", "expected"):
        own = [row for row in rows if row["measure"] == measure]
        products = [float(row["paid"]) * float(row["discount"]) for row in own]
        tiyn = int(rounded_tiyn(np.array([sum(products)]))[0])
        assert f"{tiyn / 100:.2f}" == results(run)[f"{measure}_reserve"]
        states = ("own", "A", "B", "C", "D")
        for row in own:
            paid = sum(float(row[f"probability_{s}"]) * float(row[f"amount_{s}"]) for s in states)
            assert float(row["expected_payment"]) == pytest.approx(paid, rel=1e-12)


def test_json(actuarial: Any, run: Path) -> None:
    answer = json.loads(actuarial("explain", run, "--id", "A-1", "--json").out)
    assert answer["totals"] == results(run)
    assert answer["compared_with_run"] is True
    paid = answer["payments"]["certified"]
    assert [p["date"] for p in paid] == [f"2026-0{m}-10" for m in range(1, 6)]
    assert sum(p["paid"] * p["discount"] for p in paid) == pytest.approx(
        float(answer["totals"]["certified_reserve"]), abs=0.005
    )


def test_without_a_run(actuarial: Any, run: Path, tmp_path: Path) -> None:
    direct = actuarial("explain", "--portfolio", EXAMPLE, *BASIS, "--id", "A-1", "--json")
    assert json.loads(direct.out)["totals"] == results(run)
    assert actuarial("explain", "--portfolio", EXAMPLE, "--id", "A-1").code == 2
    both = actuarial("explain", run, "--portfolio", EXAMPLE, "--id", "A-1")
    assert both.code == 2
    assert "RUN has its own inputs: leave out --portfolio" in both.err


def test_changed_and_missing_inputs_are_refused(actuarial: Any, run: Path, tmp_path: Path) -> None:
    portfolio = tmp_path / "one-worker.csv"
    text = portfolio.read_text(encoding="utf-8")
    portfolio.write_text(text.replace("300000", "300001"), encoding="utf-8")
    outcome = actuarial("explain", run, "--id", "A-1")
    assert outcome.code == 2
    assert "E8303" in outcome.err
    assert "one-worker.csv: changed since the run" in outcome.err
    portfolio.unlink()
    assert "one-worker.csv: not there" in actuarial("explain", run, "--id", "A-1").err
    moved = actuarial("explain", run, "--id", "A-1", "--inputs-from", EXAMPLE.parent)
    assert moved.code == 0


def test_other_figures_than_the_run_has(actuarial: Any, run: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = run / "results.parquet"
    table = pq.read_table(path)
    at = table.column_names.index("certified_reserve")
    one = pa.array([Decimal("1.00")], type=table.schema.types[at])
    pq.write_table(table.set_column(at, "certified_reserve", one), path)
    outcome = actuarial("explain", run, "--id", "A-1")
    assert outcome.code == 2
    assert "E8306" in outcome.err
    assert "certified_reserve 1.00 in the run" in outcome.err


def test_a_run_without_rows(actuarial: Any, tmp_path: Path) -> None:
    words = ("--portfolio", EXAMPLE, *BASIS, "--output", tmp_path / "run", "--no-report", "--no-seriatim")
    assert actuarial("reserve", *words).code == 0
    outcome = actuarial("explain", tmp_path / "run", "--id", "A-1")
    assert outcome.code == 0
    assert "these figures were not compared with it" in outcome.out


def test_what_cannot_be_explained(actuarial: Any, run: Path, tmp_path: Path) -> None:
    outcome = actuarial("explain", run, "--id", "A-2")
    assert (outcome.code, "E8304" in outcome.err, "near ones: A-1" in outcome.err) == (2, True, True)
    outcome = actuarial("explain", tmp_path / "nothing", "--id", "A-1")
    assert (outcome.code, "E8301" in outcome.err) == (2, True)
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    (run / "run.json").write_text(json.dumps(record | {"command": "premium"}), encoding="utf-8")
    outcome = actuarial("explain", run, "--id", "A-1")
    assert (outcome.code, "E8302" in outcome.err) == (2, True)
    for text in (
        "",
        "[]",
        "{",
        '{"command": "reserve"}',
        '{"command": "reserve", "inputs": [1], "basis": {}}',
    ):
        (run / "run.json").write_text(text, encoding="utf-8")
        outcome = actuarial("explain", run, "--id", "A-1")
        assert outcome.code == 2, text
        assert "error E83" in outcome.err


def test_a_changed_basis_file_is_refused(actuarial: Any, tmp_path: Path) -> None:
    shipped = Path(main.__file__).parents[1] / "actuarial" / "bases" / "illustrative-2026.yaml"
    basis = tmp_path / "ours.yaml"
    basis.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    words = ("--portfolio", EXAMPLE, "--valuation-date", "2026-01-01", "--basis", basis)
    assert actuarial("reserve", *words, "--output", tmp_path / "run", "--no-report").code == 0
    basis.write_text(basis.read_text(encoding="utf-8").replace("flat: 0.10", "flat: 0.11"), encoding="utf-8")
    outcome = actuarial("explain", tmp_path / "run", "--id", "A-1")
    assert outcome.code == 2
    assert "E8305" in outcome.err
    assert "differs in interest" in outcome.err


def test_findings_stop_it(actuarial: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(EXAMPLE.read_text(encoding="utf-8").replace(",60,", ",600,"), encoding="utf-8")
    outcome = actuarial("explain", "--portfolio", path, *BASIS, "--id", "A-1")
    assert outcome.code == 1
    assert "Nothing was explained." in outcome.err


def test_the_output_file_is_protected(actuarial: Any, run: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    words = ("explain", run, "--id", "A-1", "--output")
    assert actuarial(*words, path).code == 0
    again = actuarial(*words, path)
    assert (again.code, "E8004" in again.err) == (2, True)
    assert actuarial(*words, path, "--force").code == 0
    assert "E8003" in actuarial(*words, tmp_path / "x.pdf").err
    assert "E8003" in actuarial(*words, tmp_path / "no" / "x.csv").err
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_personal_number_as_claim_id_is_masked(actuarial: Any, tmp_path: Path) -> None:
    number = "850615301234"
    path = tmp_path / "one.csv"
    path.write_text(EXAMPLE.read_text(encoding="utf-8").replace("A-1", number), encoding="utf-8")
    book = tmp_path / "x.xlsx"
    words = ("explain", "--portfolio", path, *BASIS, "--id", number)
    outcome = actuarial(*words, "--output", book)
    assert outcome.code == 0
    assert number not in outcome.out + outcome.err
    cells = [str(cell.value) for sheet in openpyxl.load_workbook(book) for row in sheet for cell in row]
    assert not any(number in cell for cell in cells)
    assert number not in actuarial(*words, "--json").out
    assert number not in actuarial("explain", "--portfolio", EXAMPLE, *BASIS, "--id", number).err
