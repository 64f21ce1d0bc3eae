"""`actuarial check`: every reader's findings, and no computation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example" / "one-worker.csv"
BOOK = ROOT / "actuarial" / "sample" / "book-synthetic"
HISTORY = ROOT / "actuarial" / "sample" / "history-synthetic.csv"
DAY = ("--valuation-date", "2026-01-01")


def edited(tmp_path: Path, old: str, new: str, name: str = "annuities.csv") -> Path:
    path = tmp_path / name
    path.write_text(EXAMPLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return path


def test_a_good_file(actuarial: Any) -> None:
    outcome = actuarial("check", EXAMPLE, *DAY, "--basis", "illustrative-2026")
    assert outcome.code == 0
    assert outcome.out == "annuities: 1 rows\nchecks: nothing found\n"
    assert outcome.err == ""


def test_findings_with_their_cells(actuarial: Any, tmp_path: Path) -> None:
    path = edited(tmp_path, ",60,", ",600,")
    outcome = actuarial("check", path, *DAY, "--output", tmp_path / "found")
    assert outcome.code == 1
    assert "line 2, column J" in outcome.out
    book = openpyxl.load_workbook(tmp_path / "found" / "checks.xlsx")
    assert book["summary"]["A2"].value.startswith("E2")
    assert [p.name for p in (tmp_path / "found").iterdir()] == ["checks.xlsx"]
    answer = json.loads(actuarial("check", path, *DAY, "--json").out)
    assert (answer["errors"], answer["tables"], answer["checks"]) == (1, {"annuities": 1}, None)


def test_warnings_alone_stop_nothing(actuarial: Any, tmp_path: Path) -> None:
    path = edited(tmp_path, "next_payment_date\n", "next_payment_date,my_column\n")
    path.write_text(
        path.read_text(encoding="utf-8").replace("2026-01-10\n", "2026-01-10,x\n"), encoding="utf-8"
    )
    outcome = actuarial("check", path, *DAY)
    assert outcome.code == 0
    assert "W1501 warning" in outcome.out


def test_ages_beyond_the_tables_of_a_basis(actuarial: Any, tmp_path: Path) -> None:
    row = "A-2,compulsory,parent,female,1900-06-15,2025-01-10,2025-03-01,,,,300000,,2026-01-10"
    path = edited(tmp_path, "A-1,", f"{row},0.5\nA-1,")
    text = path.read_text(encoding="utf-8").replace("next_payment_date\n", "next_payment_date,share\n")
    path.write_text(text.replace("98262,2026-01-10", "98262,2026-01-10,"), encoding="utf-8")
    outcome = actuarial("check", path, *DAY)
    assert outcome.code == 0
    assert "ages were not compared" in outcome.err
    outcome = actuarial("check", path, *DAY, "--basis", "illustrative-2026")
    assert (outcome.code, "E3501" in outcome.out) == (1, True)


def test_every_table_of_a_folder(actuarial: Any) -> None:
    outcome = actuarial("check", BOOK)
    assert outcome.code == 0
    assert "contracts: " in outcome.out
    assert "claims: only the cells were checked; give --valuation-date" in outcome.err
    outcome = actuarial("check", BOOK, *DAY)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("contracts: checked\nclaims: checked\n")


def test_claims_are_joined_to_their_contracts(actuarial: Any, tmp_path: Path) -> None:
    for name in ("contracts", "contract_parts", "accidents", "claims"):
        text = (BOOK / f"{name}.csv").read_text(encoding="utf-8")
        if name == "claims":
            lines = text.splitlines()
            cells = lines[1].split(",")
            lines[1] = ",".join([cells[0], "NO-SUCH", *cells[2:]])
            text = "\n".join(lines) + "\n"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert actuarial("check", tmp_path).code == 0
    assert actuarial("check", tmp_path, *DAY).code == 1


def test_a_single_file_is_known_by_its_header(actuarial: Any, tmp_path: Path) -> None:
    copied = tmp_path / "export.csv"
    for source, table in ((HISTORY, "history"), (BOOK / "claims.csv", "claims"), (EXAMPLE, "annuities")):
        copied.write_bytes(source.read_bytes())
        assert actuarial("check", copied, *DAY).out.startswith(f"{table}: ")
    copied.write_text(
        "contract_id,contract_date,oked_code,n_workers,annual_payroll\nC-1,2026-01-05,05102,10,12000000\n",
        encoding="utf-8",
    )
    assert actuarial("check", copied).out.startswith("contracts: 1 rows")


def test_one_table_alone(actuarial: Any) -> None:
    outcome = actuarial("check", BOOK, "--table", "claims")
    assert (outcome.code, outcome.out.startswith("claims: ")) == (0, True)
    outcome = actuarial("check", BOOK, "--table", "history")
    assert (outcome.code, "E8412" in outcome.err, "found accidents, claims" in outcome.err) == (2, True, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [((EXAMPLE,), "E8411"), ((ROOT / "nothing.csv",), "E1001"), ((ROOT / "docs",), "E8412")],
)
def test_what_cannot_be_checked(actuarial: Any, words: tuple[Path], code: str) -> None:
    outcome = actuarial("check", *words)
    assert (outcome.code, f"error {code}" in outcome.err) == (2, True)


def test_no_table_at_all_is_a_finding(actuarial: Any, tmp_path: Path) -> None:
    path = tmp_path / "notes.pdf"
    path.write_text("hello", encoding="utf-8")
    outcome = actuarial("check", path)
    assert (outcome.code, "E1003" in outcome.out) == (1, True)
    path = tmp_path / "book.xlsx"
    path.write_text("hello", encoding="utf-8")
    outcome = actuarial("check", path)
    assert (outcome.code, "E1009" in outcome.out) == (1, True)


def test_a_mapping_is_for_one_kind_of_table(actuarial: Any, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("columns: {claim_id: Лицевой счёт}\n", encoding="utf-8")
    path = edited(tmp_path, "claim_id", "Лицевой счёт")
    assert actuarial("check", path, *DAY).code == 1
    assert actuarial("check", path, *DAY, "--mapping", mapping).code == 0
    (tmp_path / "history.csv").write_bytes(HISTORY.read_bytes())
    outcome = actuarial("check", tmp_path, *DAY, "--mapping", mapping)
    assert (outcome.code, "E8413" in outcome.err) == (2, True)
    assert actuarial("check", tmp_path, *DAY, "--mapping", mapping, "--table", "annuities").code == 0


def test_an_output_folder_with_a_run_is_kept(actuarial: Any, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text("{}", encoding="utf-8")
    outcome = actuarial("check", EXAMPLE, *DAY, "--output", run)
    assert (outcome.code, "E8001" in outcome.err) == (2, True)
    assert [p.name for p in run.iterdir()] == ["run.json"]
