"""Books with claims from files: every kind of file gives the same records, every fault its cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from claims_book import Tables, changed, claim, small_book, write_folder, write_workbook

from actuarial.claim_record import KINDS, BookExperience
from actuarial.payout_law import day
from actuarial.portfolio.claim_check import ExperienceReading, read_experience
from actuarial.portfolio.claim_rule import CLAIM_RULES
from actuarial.portfolio.finding import format_findings

ON = date(2026, 1, 1)


def read(path: Path, claims: Path | None = None, on: date = ON) -> ExperienceReading:
    return read_experience(path, claims, on)


def good(reading: ExperienceReading) -> BookExperience:
    assert reading.experience is not None, format_findings(reading.findings)
    return reading.experience


@pytest.mark.parametrize("way", [".csv", ".parquet", ".xlsx", "apart"])
def test_every_kind_of_file(tmp_path: Path, way: str) -> None:
    tables = small_book()
    if way == ".xlsx":
        reading = read(write_workbook(tmp_path / "book.xlsx", tables))
    elif way == "apart":
        own = write_folder(tmp_path / "one", {k: v for k, v in tables.items() if k != "claims"})
        other = write_folder(tmp_path / "two", {"claims": tables["claims"]})
        (other / "claims.csv").rename(other / "убытки за три года.csv")
        reading = read(own, other / "убытки за три года.csv")
    else:
        reading = read(write_folder(tmp_path / "book", tables, way))
    found = good(reading)
    claims = found.claims
    assert claims.claim_id.to_pylist() == ["K1", "K2", "K3", "K4"]  # type: ignore[attr-defined]
    assert [KINDS[k] for k in claims.kind] == ["injury", "death", "occupational_disease", "injury"]
    assert claims.risk_class.tolist() == [5, 17, 17, 5]
    assert claims.event_date.tolist()[2] == day(date(2025, 7, 15))
    assert claims.incurred().tolist() == [50_000_000, 900_000_000, 5_050, 0]
    assert claims.incurred(day(date(2024, 1, 1))).tolist() == [50_000_000, 0, 0, 0]
    assert found.records.part_class[claims.part].tolist() == [5, 17, 17, 5]
    assert found.policyholder_name == ("Employer A", "Employer B")
    assert found.policyholder.tolist() == [0, 1, 0, 1, 0, 1]
    assert len(reading.findings) == 0


def test_minus_signs_of_every_spelling(tmp_path: Path) -> None:
    spellings = ["-300000", "−300000", " -300 000,00 ", "-300000.0"]
    for number, text in enumerate(spellings):
        tables = changed(small_book(), "claims", 1, case_estimate_change=text)
        found = good(read(write_folder(tmp_path / str(number), tables)))
        assert found.claims.case_estimate_change.tolist()[1] == -30_000_000


def test_a_signed_cell_that_is_none_is_named(tmp_path: Path) -> None:
    for number, (text, code) in enumerate(
        [("--5", "E2201"), ("1,000,000", "E2203"), ("5.0012", "E2202"), ("-", "E2201"), ("#N/A", "E2002")]
    ):
        tables = changed(small_book(), "claims", 0, paid=text)
        reading = read(write_folder(tmp_path / str(number), tables))
        assert reading.experience is None
        assert reading.findings.codes() == {code: 1}


def test_headcount_of_the_contract_is_shared_out_by_payroll(tmp_path: Path) -> None:
    tables = small_book()
    for row in tables["contract_parts"]:
        row["n_workers"] = ""
    for row in tables["contract_parts"]:
        if row["risk_class"] == "17":
            row["annual_payroll"] = "100000000"
    found = good(read(write_folder(tmp_path / "book", tables)))
    assert found.part_workers.tolist() == [100, 100, 50] * 3


def test_a_termination_ends_the_cover(tmp_path: Path) -> None:
    tables = changed(small_book(), "contracts", 0, termination_date="2023-06-30", termination_reason="sold")
    found = good(read(write_folder(tmp_path / "book", tables)))
    assert found.cover_end[0] == day(date(2023, 7, 1))
    assert found.cover_end[1] == day(date(2024, 1, 1))


def add(tables: Tables, *rows: dict[str, str]) -> Tables:
    tables["claims"].extend(rows)
    return tables


FAULTS: dict[str, tuple[Callable[[Tables], Tables], str]] = {
    "E3701": (lambda t: changed(t, "claims", 1, risk_class="6"), "line 3, column C"),
    "E3702": (lambda t: changed(t, "claims", 4, contract_id="X"), "line 6, column B"),
    "E3703": (lambda t: changed(t, "claims", 4, contract_id="B2024"), "line 6, column E"),
    "E3704": (lambda t: changed(t, "claims", 4, report_date="2025-01-01"), "line 6, column G"),
    "E3705": (lambda t: changed(t, "claims", 2, payment_date="2024-03-04"), "line 4, column H"),
    "E3706": (lambda t: changed(t, "claims", 3, diagnosis_date=""), "line 5, column F"),
    "E3707": (lambda t: changed(t, "claims", 3, diagnosis_date="2019-12-31"), "line 5, column F"),
    "E3708": (lambda t: changed(t, "claims", 2, payment_date=""), "line 4, column H"),
    "E3709": (lambda t: changed(t, "claims", 2, risk_class=""), "line 4, column C"),
    "E3710": (lambda t: changed(t, "claims", 2, risk_class="9"), "line 4, column C"),
    "W3701": (
        lambda t: add(t, claim("K5", "B2025", "5", "injury", "2025-12-30", "2026-01-02", "", "", "")),
        "line 7, column G",
    ),
    "W3702": (lambda t: changed(t, "claims", 2, case_estimate_change="-1"), "line 4, column I"),
}


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_is_named_with_its_cell(tmp_path: Path, code: str) -> None:
    change, cell = FAULTS[code]
    reading = read(write_folder(tmp_path / "book", change(small_book())))
    assert code in reading.findings.codes(), format_findings(reading.findings)
    finding = next(f for f in reading.findings if f.code == code)
    assert (finding.file, finding.cell) == ("claims.csv", cell)
    assert finding.rule and finding.fix and not re.search(r"[{}]", finding.rule + finding.fix)
    assert (reading.experience is None) == code.startswith("E")


def test_every_code_of_the_claims_table_is_tested() -> None:
    beside = {"E3711", "E3712", "E3713", "E3721", "E3722", "E3723", "E3724", "E3725"}
    assert {code for code, *_ in CLAIM_RULES} == set(FAULTS) | beside


def test_all_faults_at_once_with_those_of_the_contracts(tmp_path: Path) -> None:
    tables = changed(small_book(), "claims", 0, kind="fall", contract_id="")
    tables["contract_parts"][0]["risk_class"] = "30"
    tables["claims"][3]["report_date"] = "2025/09/01"
    codes = read(write_folder(tmp_path / "book", tables)).findings.codes()
    assert {"E2501", "E3614", "E2104"} <= set(codes)


def test_what_is_after_the_valuation_date_is_left_out(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "book", small_book())
    reading = read(path, on=date(2025, 8, 1))
    found = good(reading)
    assert found.claims.claim_id.to_pylist() == ["K1", "K2", "K4"]  # type: ignore[attr-defined]
    assert reading.findings.codes() == {"W3701": 1}
    earlier = good(read(path, on=date(2024, 1, 1)))
    assert earlier.claims.incurred().tolist() == [50_000_000]


def test_no_table_of_claims(tmp_path: Path) -> None:
    tables = {k: v for k, v in small_book().items() if k != "claims"}
    reading = read(write_folder(tmp_path / "book", tables))
    assert reading.experience is None
    assert reading.findings.codes() == {"E1022": 1}


def test_a_table_without_claims_is_a_table(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "book", small_book())
    header = (path / "claims.csv").read_text(encoding="utf-8").splitlines()[0]
    (path / "claims.csv").write_text(header + "\n", encoding="utf-8")
    assert len(good(read(path)).claims) == 0


def test_a_mapping_names_foreign_headers(tmp_path: Path) -> None:
    tables = small_book()
    tables["claims"] = [
        {("что случилось" if k == "kind" else k): v.replace("injury", "нс") for k, v in row.items()}
        for row in tables["claims"]
    ]
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "claims:\n  columns: {kind: что случилось}\n  values: {kind: {нс: injury}}\n", encoding="utf-8"
    )
    reading = read_experience(write_folder(tmp_path / "book", tables), None, ON, mapping=mapping)
    assert len(good(reading).claims) == 4


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    tables = small_book()
    one = good(read(write_folder(tmp_path / "one", tables)))
    rng = np.random.default_rng(1)
    order = rng.permutation(len(tables["claims"]))
    tables["claims"] = [tables["claims"][i] for i in order]
    two = good(read(write_folder(tmp_path / "two", tables)))

    def incurred(found: BookExperience) -> dict[str, int]:
        ids = found.claims.claim_id.to_pylist()  # type: ignore[attr-defined]
        return dict(zip(ids, found.claims.incurred().tolist(), strict=True))

    assert incurred(one) == incurred(two)
