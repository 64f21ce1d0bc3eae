"""Explanations, verifications and refusals in Russian and Kazakh: no English word is left in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from actuarial.language import LANGUAGES, said, spoken
from actuarial.report.explain_run import ExplainedClaim, ExplainRequest, run_explain
from actuarial.report.explain_text import (
    payment_table,
    review_table,
    story,
    totals,
    year_table,
)
from actuarial.report.explain_workbook import write_explanation
from actuarial.report.finished_run import FinishedRunError, read_run
from actuarial.report.name import parameter_name
from actuarial.report.reserve_run import ReserveRequest, run_reserve
from actuarial.report.run_folder import OutputError, refuse_taken
from actuarial.report.table import Column, Table, cell_message, cell_text
from actuarial.report.verify_run import run_verify

SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.csv"
V = date(2026, 1, 1)
CLAIMS = ("SYN-0000001", "SYN-0000006", "SYN-0000041", "SYN-0000151", "SYN-0000291")
"""A carer, a worker under the cap of earnings, a child, the voluntary product, an insured sum."""
ENGLISH = re.compile(r"(?<![\w./\-])[a-z]{3,}(?:[ ,:;]+[a-z]{3,})+(?![\w/\-])")
OURS = {"capped", "sanatorium"}
"""Values of the law that stand as its file names them."""


def english(texts: list[str]) -> list[str]:
    """Neighbouring words of small Latin letters."""
    found = [match for text in texts for match in ENGLISH.findall(re.sub(r"`[^`]*`", "", text))]
    return [words for words in found if not set(re.findall("[a-z]+", words)) <= OURS]


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portfolio") / "annuities.csv"
    rows = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(rows[:301]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def claims(portfolio: Path) -> list[ExplainedClaim]:
    found = [
        run_explain(ExplainRequest(name, portfolio=portfolio, valuation_date=V, basis="illustrative-2026"))
        for name in CLAIMS
    ]
    return [claim for claim in found if isinstance(claim, ExplainedClaim)]


def words_of(table: Table) -> Iterator[str]:
    yield said(table.title)
    for position, column in enumerate(table.columns):
        yield said(column.title)
        yield from (cell_text(row[position], column) for row in table.rows)


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_an_explanation_speaks(claims: list[ExplainedClaim], code: str) -> None:
    assert len(claims) == len(CLAIMS)
    with spoken(code):
        lines = [said(line) for claim in claims for line in (*story(claim), *totals(claim))]
        for claim in claims:
            e = claim.explanation
            tables = (
                year_table(e),
                payment_table(e, "certified"),
                payment_table(e, "expected"),
                review_table(e),
            )
            lines += [line for table in tables for line in words_of(table)]
    assert english(lines) == []
    assert not [line for line in lines if re.search(r"\d\.\d", re.sub(r"\d\d\.\d\d\.\d{4}", "", line))]


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_a_rebuilt_workbook_speaks_and_refers_to_its_own_sheets(
    claims: list[ExplainedClaim], code: str, tmp_path: Path
) -> None:
    with spoken(code):
        path = write_explanation(tmp_path / "claim.xlsx", claims[-1])
    english_path = write_explanation(tmp_path / "english.xlsx", claims[-1])
    book, source = load_workbook(path), load_workbook(english_path)
    cells = [c.value for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    formulas = [value for value in cells if value.startswith("=")]
    assert english([*book.sheetnames, *(value for value in cells if not value.startswith("="))]) == []
    renamed = dict(zip(source.sheetnames, book.sheetnames, strict=True))
    asked = [
        c.value for sheet in source for row in sheet.iter_rows() for c in row if isinstance(c.value, str)
    ]
    assert len(formulas) > 1000
    assert [of_sheets(value, {}) for value in formulas] == [
        of_sheets(value, renamed) for value in asked if value.startswith("=")
    ]
    assert {name.attr_text.split("!")[0].strip("'") for name in book.defined_names.values()} == {
        renamed["inputs"]
    }


def of_sheets(formula: str, renamed: dict[str, str]) -> str:
    """A formula with its sheets renamed, none of them quoted."""
    plain = re.sub(r"'([^']+)'!", r"\1!", formula)
    for before, after in sorted(renamed.items(), key=lambda pair: -len(pair[0])):
        plain = re.sub(rf"(?<!\w){re.escape(before)}!", f"{after}!", plain)
    return plain


def test_a_run_writes_the_same_but_for_the_words(portfolio: Path, tmp_path: Path) -> None:
    for code in LANGUAGES:
        with spoken(code):
            run_reserve(ReserveRequest(portfolio, V, "illustrative-2026", tmp_path / code))
    records = [json.loads((tmp_path / code / "run.json").read_text(encoding="utf-8")) for code in LANGUAGES]
    for record in records:
        del record["seconds"]
        record["outputs"] = {
            name: v for name, v in record["outputs"].items() if not name.startswith("report")
        }
    assert records[0] == records[1] == records[2]
    assert records[0]["warnings"][0].startswith("The basis illustrative-2026 is illustrative: Illustrative.")
    found = run_verify(tmp_path / "ru")
    assert found.is_recomputed and not [d for d in found.differences if not d.what.startswith("report")]


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_faults_of_a_run_speak(portfolio: Path, tmp_path: Path, code: str) -> None:
    run_reserve(ReserveRequest(portfolio, V, "illustrative-2026", tmp_path / "run", with_report=False))
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    record["totals"]["total_expected"] = "1.00"
    (tmp_path / "run" / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "run" / "cashflows.csv").write_text("period\n", encoding="utf-8")
    (tmp_path / "run" / "results.parquet").unlink()
    found = run_verify(tmp_path / "run")
    assert len(found.differences) >= 3
    errors = []
    for call in (
        lambda: refuse_taken(tmp_path / "run", replace=False),
        lambda: read_run(tmp_path / "none"),
        lambda: read_run(tmp_path),
    ):
        with pytest.raises((OutputError, FinishedRunError)) as caught:
            call()
        errors.append(caught.value)
    with spoken(code):
        lines = [said(d.message) for d in found.differences] + [said(error) for error in errors]
    assert english(lines) == []


def test_a_cell_and_a_parameter_are_messages() -> None:
    amount = cell_message(123456, Column("", "money"))
    name = parameter_name("minimum_wage", "minimum wage")
    assert (amount, name) == ("1\u00a0234.56", "minimum wage")
    with spoken("ru"):
        assert said(amount) == "1\u00a0234,56"
        assert said(name) == "Минимальный размер заработной платы (МЗП)"
        assert said(parameter_name("not_on_record")) == "not_on_record"
    assert amount.changed(str.upper) is amount and name.changed(str.upper) is name
