"""The workbook rebuilt: its formulas are evaluated here, by another program, and compared with the engine."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from adaptor import basis_of, records_of
from formula import Workbook
from people import corner_bases, valuation_date_of
from test_explanation import people

from actuarial.basis import Basis, changed_basis
from actuarial.explanation import explanation
from actuarial.payout_law import PayoutLaw
from actuarial.projection import project
from actuarial.record import AnnuityRecords
from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.explain_workbook import write_explanation


@pytest.fixture(autouse=True)
def deep_chains() -> Iterator[None]:
    """A cell may stand on hundreds of others; the limit of other tests stays as it is."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


def claim(records: AnnuityRecords, i: int, basis: Basis, seed: int, name: str = "CLAIM") -> ExplainedClaim:
    found = explanation(records, i, basis, valuation_date_of(seed))
    return ExplainedClaim(name, "file.csv, row 2", "file.csv", found)


def figures(book: Workbook) -> dict[str, float]:
    """Unrounded figures of the first sheet, by name."""
    rows = [cell[1:] for sheet, cell in book.cells if sheet == "figures" and cell.startswith("A")]
    names = {row: book.cells["figures", f"A{row}"] for row in rows}
    return {
        name: float(book.value("figures", f"B{row}"))
        for row, name in names.items()
        if str(book.cells.get(("figures", f"B{row}"))).startswith("=")
    }


def unrounded(shown: ExplainedClaim) -> dict[str, float]:
    e = shown.explanation
    return {
        "certified_reserve": float(e.certified.present_value.sum()),
        "expected_reserve": float(e.expected.present_value.sum()),
        "recovery_certified": float(e.certified.recovery.sum()),
        "recovery_expected": float(e.expected.recovery.sum()),
    }


@pytest.mark.parametrize("number", range(10))
def test_every_formula_gives_the_engines_number(number: int, tmp_path: Path) -> None:
    seed = 800 + number
    basis = basis_of(corner_bases(seed)[number], tmp_path)
    rows = people(seed, basis, 24)
    # short ones of each kind: what takes long here is the evaluator
    chosen: dict[tuple[Any, ...], int] = {}
    records = records_of(rows)
    placed = project(records, basis, valuation_date_of(seed), PayoutLaw())
    for i, row in enumerate(rows):
        kind = (
            row["beneficiary"],
            row["product"],
            placed.reviewed[i],
            row.get("remaining_insured_sum") is None,
        )
        if 0 < placed.line.n_payments[i] <= 30:
            chosen.setdefault(kind, i)
    assert chosen
    for i in list(chosen.values())[:3]:
        shown = claim(records, i, basis, seed)
        book = Workbook(write_explanation(tmp_path / "x.xlsx", shown))
        for sheet, cell in book.formulas():
            saved = book.saved[sheet, cell]
            found = float(book.value(sheet, cell))
            assert found == pytest.approx(float(saved or 0), rel=1e-9, abs=1e-9), (sheet, cell, rows[i])
        found_figures = figures(book)
        for name, amount in unrounded(shown).items():
            assert found_figures[name] == pytest.approx(amount, rel=1e-9, abs=1e-7)
        for row in range(4, 14):
            assert abs(float(book.value("figures", f"E{row}"))) < 0.005


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[AnnuityRecords, int, Basis, int]:
    """A reviewed compulsory worker whose insured sum does not last, on a flat rate and a contract index."""
    seed = 900
    plain = corner_bases(seed)[0] | {
        "interest": {"flat": 0.1},
        "indexation": {"choice": "contract_rate", "rate": 0.08},
    }
    plain["mortality"] = plain["mortality"] | {"improvement": 0.01}
    basis = basis_of(plain, tmp_path_factory.mktemp("basis"))
    rows = people(seed, basis, 300)
    records = records_of(rows)
    placed = project(records, basis, valuation_date_of(seed), PayoutLaw())
    for i, row in enumerate(rows):
        if (
            row["product"] != "compulsory"
            or not placed.reviewed[i]
            or row.get("remaining_insured_sum") is None
        ):
            continue
        e = explanation(records, i, basis, valuation_date_of(seed))
        crossed = (e.expected.covered < 1.0).any() and not e.ends_at_limit
        if len(e.reviews) > 1 and crossed and len(e.expected) < 90:
            return records, i, basis, seed
    raise AssertionError("no such person")


CHANGES: list[tuple[dict[str, float], dict[str, Any]]] = [
    ({"interest": 0.12}, {"interest": {"flat": 0.12}}),
    ({"index_rate": 0.03}, {"indexation": {"choice": "contract_rate", "rate": 0.03}}),
    ({"improvement": 0.03}, {"mortality": {"improvement": 0.03}}),
    ({"of_payment": 0.07}, {"expenses": {"of_payment": 0.07}}),
    (
        {"multiplier_A": 0.9, "multiplier_B": 1.7, "multiplier_C": 2.5, "multiplier_D": 6.0},
        {"mortality": {"multiplier": {"A": 0.9, "B": 1.7, "C": 2.5, "D": 6.0}}},
    ),
    (
        {"degree_B": 0.5, "degree_C": 0.8},
        {"certification": {"representative_degree": {"B": 50.0, "C": 80.0}}},
    ),
]


def merged(values: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    result = dict(values)
    for key, new in change.items():
        old = result.get(key)
        result[key] = merged(old, new) if isinstance(old, dict) and isinstance(new, dict) else new
    return result


@pytest.mark.parametrize(("cells", "change"), CHANGES, ids=lambda value: next(iter(value)))
def test_a_changed_input_gives_what_the_engine_gives(
    case: tuple[AnnuityRecords, int, Basis, int],
    cells: dict[str, float],
    change: dict[str, Any],
    tmp_path: Path,
) -> None:
    records, i, basis, seed = case
    book = Workbook(write_explanation(tmp_path / "x.xlsx", claim(records, i, basis, seed)))
    before = figures(book)
    for name, number in cells.items():
        book.set(name, number)
    changed = changed_basis(basis, merged(basis.assumptions.model_dump(), change), "test")
    after, wanted = figures(book), claim(records, i, changed, seed)
    for name, amount in unrounded(wanted).items():
        assert after[name] == pytest.approx(amount, rel=1e-9, abs=1e-7), name
    figure = wanted.explanation.figures["expense_reserve_expected"] / 100
    assert after["expense_reserve_expected"] == pytest.approx(figure, abs=0.006)
    assert before != after


def test_a_changed_matrix_moves_the_expected_measure(
    case: tuple[AnnuityRecords, int, Basis, int], tmp_path: Path
) -> None:
    records, i, basis, seed = case
    path = write_explanation(tmp_path / "x.xlsx", claim(records, i, basis, seed))
    book = Workbook(path)
    plain = basis.assumptions.model_dump()
    for m, matrix in enumerate(plain["certification"]["matrices"]):
        for b, band in enumerate("ABCD"):
            row = [0.1, 0.2, 0.3, 0.25, 0.15]
            matrix[band] = row
            for column, chance in zip("CDEFG", row, strict=True):
                assert ("matrix", f"{column}{2 + 4 * m + b}") in book.cells
                book.cells["matrix", f"{column}{2 + 4 * m + b}"] = chance
    wanted = unrounded(claim(records, i, changed_basis(basis, plain, "test"), seed))
    found = figures(book)
    for name, amount in wanted.items():
        assert found[name] == pytest.approx(amount, rel=1e-9, abs=1e-7), name


def test_texts_of_the_user_never_become_formulas(
    case: tuple[AnnuityRecords, int, Basis, int], tmp_path: Path
) -> None:
    records, i, basis, seed = case
    name = '=HYPERLINK("http://x","y")'
    shown = dataclasses.replace(claim(records, i, basis, seed, name), place="+cmd|' /C calc'!A0, row 2")
    path = write_explanation(tmp_path / "x.xlsx", shown)
    book = openpyxl.load_workbook(path)
    for sheet in book:
        for row in sheet:
            for cell in row:
                if cell.data_type == "f":
                    assert "HYPERLINK" not in str(cell.value)
                    assert "cmd" not in str(cell.value)
    texts = [str(cell.value) for row in book["figures"] for cell in row if cell.data_type == "s"]
    assert any(text.startswith(name) for text in texts)


def test_the_same_claim_gives_the_same_bytes(
    case: tuple[AnnuityRecords, int, Basis, int], tmp_path: Path
) -> None:
    records, i, basis, seed = case
    one, two = (
        write_explanation(tmp_path / name, claim(records, i, basis, seed)).read_bytes()
        for name in ("a.xlsx", "b.xlsx")
    )
    assert one == two
