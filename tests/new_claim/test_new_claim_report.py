"""New claims in a run: record, files, page and workbook say the same figures."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from actuarial import risk_measure
from actuarial.basis import load_basis
from actuarial.driver import DriverModel
from actuarial.money import tenge_text
from actuarial.new_claim import study
from actuarial.payout_law import PayoutLaw
from actuarial.report.new_claim_run import (
    NewClaimOutcome,
    NewClaimRequest,
    new_claim_record,
    new_claim_warnings,
    simulated_book,
    write_new_claims,
)
from actuarial.report.new_claim_section import (
    new_claim_key_figures,
    new_claim_sections,
    new_claim_sheets,
    new_claim_tables,
)
from actuarial.report.page import Page, page_text
from actuarial.report.run_folder import RUN_FILES
from actuarial.report.workbook import write_workbook

BOOK = Path(__file__).parents[2] / "actuarial" / "sample" / "book-synthetic"
DAY = date(2025, 6, 30)
REQUEST = NewClaimRequest(BOOK, "illustrative-2026")
SCENARIOS = 4000


@pytest.fixture(scope="module")
def outcome() -> NewClaimOutcome:
    found = simulated_book(REQUEST, load_basis("illustrative-2026"), DAY, SCENARIOS, 7)
    assert isinstance(found, NewClaimOutcome)
    return found


def test_the_record_adds_up(outcome: NewClaimOutcome) -> None:
    record = json.loads(json.dumps(new_claim_record(outcome)))
    for name in ("premium", "exact_expected"):
        total = sum(Decimal(row[name]) for row in record["classes"])
        assert total == Decimal(record["book"][name])
    book = record["book"]
    gross = outcome.result.gross.sum(axis=1)
    assert book["mean"] == str((Decimal(int(gross.sum())) / SCENARIOS / 100).quantize(Decimal("0.01")))
    assert book["loss_ratio"] == pytest.approx(
        float(book["exact_expected"]) / float(book["premium"]), abs=1e-6
    )
    assert abs(book["difference_in_errors"]) < 3
    persons = sum(row["persons"] for row in record["kinds"])
    assert persons == pytest.approx(book["mean_persons"], abs=1e-5)
    payout = sum(Decimal(row["payout"]) for row in record["kinds"])
    assert abs(payout - Decimal(int(outcome.result.payout.sum())) / SCENARIOS / 100) < 1
    assert record["model"]["note"].startswith("Illustrative")
    assert any("is illustrative" in warning for warning in new_claim_warnings(outcome))


def test_tails_are_those_of_the_net_cost(outcome: NewClaimOutcome) -> None:
    net = outcome.result.net.sum(axis=1) / 100
    record = new_claim_record(outcome)
    tail = risk_measure.tail_value_at_risk(net, 0.99)
    assert tail is not None
    assert float(record["tail_value_at_risk"]["0.99"]["value"]) == pytest.approx(tail.value, abs=0.01)
    assert float(record["quantiles"]["0.5"]) == np.sort(net)[SCENARIOS // 2 - 1]
    assert (outcome.net == outcome.result.net.sum(axis=1)).all()


def test_files_have_the_figures_of_the_record(outcome: NewClaimOutcome, tmp_path: Path) -> None:
    files = write_new_claims(tmp_path, outcome)
    assert {path.name for path in files} <= RUN_FILES
    record = new_claim_record(outcome)
    with files[0].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[-1]["risk_class"] == "book"
    assert rows[-1]["exact_expected"] == record["book"]["exact_expected"]
    assert [row["mean"] for row in rows[:-1]] == [row["mean"] for row in record["classes"]]
    assert float(rows[-1]["loss_ratio_0.95"]) == record["book"]["loss_ratio_quantiles"]["0.95"]
    table = pq.read_table(files[1])
    assert table.num_rows == SCENARIOS
    net = [int(value * 100) for value in table["net"].to_pylist()]
    assert net == outcome.net.tolist()
    classes = [name for name in table.column_names if name.startswith("gross_class_")]
    sums = np.sum([[int(v * 100) for v in table[name].to_pylist()] for name in classes], axis=0)
    assert sums.tolist() == [int(value * 100) for value in table["gross"].to_pylist()]


def test_page_and_workbook(outcome: NewClaimOutcome, tmp_path: Path) -> None:
    sections, figures = new_claim_sections(outcome), new_claim_key_figures(outcome)
    html = page_text(Page("t", "s", (), figures, (), sections)).replace("\u00a0", "").replace(" ", "")
    by_class, book = study.groups(outcome.result)
    for group in (*by_class, book):
        assert tenge_text(group.expected_gross) in html
    assert len(sections) == 3
    one = write_workbook(tmp_path / "a.xlsx", new_claim_sheets(outcome)).read_bytes()
    assert one == write_workbook(tmp_path / "b.xlsx", new_claim_sheets(outcome)).read_bytes()


def test_exact_columns_add_up_to_the_book(outcome: NewClaimOutcome) -> None:
    table = new_claim_tables(outcome)["class"]
    assert table.total is not None
    for column, title in enumerate(column.title for column in table.columns):
        if title == "gross, exact":
            assert sum(row[column] for row in table.rows) == table.total[column]


def test_with_drivers_of_the_basis() -> None:
    basis, law = load_basis("illustrative-2026"), PayoutLaw()
    drivers = DriverModel(basis, DAY, 80, law).paths(0, 200, 7, antithetic=True)
    found = simulated_book(REQUEST, basis, DAY, 200, 7, drivers=drivers, paired=True)
    assert isinstance(found, NewClaimOutcome)
    assert found.has_drivers
    assert found.paired
    text = " ".join(new_claim_sections(found)[0].text)
    assert "knows no systematic drivers" in text


def test_a_book_with_errors_comes_back_with_its_findings(tmp_path: Path) -> None:
    (tmp_path / "contracts.csv").write_text(
        "contract_id,contract_date,risk_class,annual_payroll\nC1,2025-01-15,5,12000000\n", encoding="utf-8"
    )
    request = replace(REQUEST, contracts=tmp_path)
    found = simulated_book(request, load_basis("illustrative-2026"), DAY, 10, 1)
    assert not isinstance(found, NewClaimOutcome)
    assert found.findings.codes() == {"E3655": 1}


def test_a_book_without_claims_still_reports(outcome: NewClaimOutcome) -> None:
    """No spread, no kinds, no ratios above 0: nothing divides by it."""
    nothing = np.zeros_like(outcome.result.payout)
    quiet = replace(
        outcome.result,
        events=nothing,
        persons=nothing,
        payout=nothing,
        expense=nothing,
        ceded=nothing,
        kind_persons=np.zeros_like(outcome.result.kind_persons),
        kind_payout=np.zeros_like(outcome.result.kind_payout),
    )
    empty = replace(outcome, result=quiet)
    assert new_claim_record(empty)["book"]["difference_in_errors"] is None
    assert "no spread" in " ".join(new_claim_sections(empty)[0].text)


def test_few_scenarios_leave_tails_empty() -> None:
    found = simulated_book(REQUEST, load_basis("illustrative-2026"), DAY, 12, 7)
    assert isinstance(found, NewClaimOutcome)
    record = json.loads(json.dumps(new_claim_record(found)))
    assert record["quantiles"]["0.995"] is None
    assert record["value_at_risk"]["0.995"] is None
    assert record["book"]["loss_ratio_quantiles"]["0.95"] is None
    page_text(Page("t", "s", (), new_claim_key_figures(found), (), new_claim_sections(found)))
