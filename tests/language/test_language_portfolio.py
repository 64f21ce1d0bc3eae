"""Findings and refusals of files in Russian and Kazakh: no English left, data masked, machines English."""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from actuarial.error import ActuarialError, SafetyLimitError
from actuarial.language import counted, joined, said, spoken, text
from actuarial.occupational_risk import Scale
from actuarial.portfolio import preflight
from actuarial.portfolio.check import REQUIRED
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.claim_check import read_experience
from actuarial.portfolio.contract_check import read_contracts
from actuarial.portfolio.contract_column import SCHEMAS
from actuarial.portfolio.finding import CATALOGUE, Findings, Place, format_findings, masked
from actuarial.portfolio.history_check import read_history
from actuarial.portfolio.information_check import read_contract_information
from actuarial.portfolio.mapping import MappingError, read_mapping, read_mappings
from actuarial.portfolio.read import read_annuities
from actuarial.portfolio.risk_read import read_assessment
from actuarial.portfolio.sample import SampleError, synthetic_annuities
from actuarial.portfolio.sample_file import check_target
from actuarial.report.check_run import CheckRequest, run_check

VALUATION_DATE = date(2026, 1, 1)
LANGUAGES = "ru", "kk"
HEADER = (
    "claim_id,product,beneficiary,sex,birth_date,contract_date,accident_date,first_certificate_date,"
    "degree_of_loss,average_monthly_earnings,next_payment_date,share,pension_stop,certificate_end"
)
ROWS = (
    "1,compulsory,worker,male,1980-01-01,2022-01-01,2022-03-01,2022-05-01,0.45,\"250,000\",2026-01-05,,,",
    "1,compulsory,wrker,male,1980-02-31,2022-01-01,2032-03-01,2022-05-01,45,250000.555,05/01/2026,,,",
    "2,compulsory,worker,male,80-01-01,2022-01-01,1999-03-01,1999-05-01,3,,2026-01-05,,,",
    "3,compulsory,child,f,2010-01-01,2022-01-01,2022-03-01,,,250000,2026-01-05,0.75,no,2027-01-01",
    "4,compulsory,child,f,2011-01-01,2022-01-01,2022-03-01,,,250000,2026-01-05,0.75,,",
    "5,voluntary,spouse,f,1981-01-01,2022-01-01,2022-03-01,,,-5,2045-01-05,7,,",
    "6,voluntary,worker,f,2020-01-01,2022-01-01,2022-03-01,2022-02-01,#N/A,1e9,2025-01-05,,,\"x\"y",
)  # fmt: skip


ENGLISH = re.compile(r"(?<![\w.`'/-])[a-z]{3,} [a-z]{3,}(?![\w.`'/-])")
"""Two neighbouring words; what stands in quotes is data or a name."""


def english_left(shown: str) -> list[str]:
    """English words of a text; data in quotes and a column with its value beside another's stand aside."""
    return ENGLISH.findall(re.sub(r"`[^`]*`|'[^']*'|; (?:product|beneficiary|sex) \w+", "", shown))


def file_of(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Findings]:
    """Findings of files of all kinds."""
    folder = tmp_path_factory.mktemp("files")
    empty = folder / "empty"
    empty.mkdir()
    (folder / "utf16.csv").write_text(HEADER, encoding="utf-16")
    with zipfile.ZipFile(folder / "damaged.xlsx", "w") as archive:
        archive.writestr("a.xml", "<a/>")
    book = openpyxl.Workbook()
    book.create_sheet("other")
    book.save(folder / "sheets.xlsx")
    files = [
        file_of(folder, "annuities.csv", HEADER, *ROWS),
        file_of(folder, "columns.csv", "claim_id,brith_date,sex,sex,,Заметка", "1,2,3,4,5,6"),
        file_of(folder, "title.csv", "Портфель за 2026 год,x", "1,2"),
        file_of(folder, "quote.csv", HEADER, '1,"x'),
        file_of(folder, "strange.txt2", "x"),
        *(folder / name for name in ("utf16.csv", "damaged.xlsx", "sheets.xlsx")),
        empty,
    ]
    found = [read_annuities(path, valuation_date=VALUATION_DATE).findings for path in files]
    book_folder = folder / "book"
    book_folder.mkdir()
    file_of(
        book_folder,
        "contracts.csv",
        "contract_id,product,contract_date,start_date,end_date,n_workers,discount,bin",
        "K1,compulsory,2025-01-01,2025-01-01,2027-06-01,10,7.123,123",
        "K1,compulsory,1999-01-01,1999-01-01,1999-12-31,x,5,",
        "K2,voluntary,2025-01-01,,,1.5,,",
        "K3,compulsory,2025-01-01,2024-01-01,2024-06-01,,50,",
    )
    file_of(
        book_folder,
        "contract_parts.csv",
        "contract_id,part,oked_code,risk_class,annual_payroll",
        "K1,a,99999,,1000000",
        "K3,a,,99,0",
        "K9,a,62011,,1000000",
    )
    file_of(
        book_folder, "accidents.csv", "contract_id,year,n_injured,at_fault", "K3,2024,1,", "K3,1990,1,yes"
    )
    file_of(
        book_folder,
        "claims.csv",
        "claim_id,contract_id,kind,accident_date,report_date,payment_date,paid",
        "U1,K3,injury,2024-05-01,2024-04-01,,100",
        "U2,K8,occupational_disease,2024-05-01,2026-04-01,2026-05-01,100",
    )
    found += [read_contracts(book_folder).findings, read_contracts(empty).findings]
    found.append(read_experience(book_folder, None, VALUATION_DATE).findings)
    history = file_of(
        folder,
        "history.csv",
        "claim_id,sex,birth_date,entry_date,exit_date,exit_reason,degree_from,degree_to",
        "H1,male,1980-01-01,2020-01-01,2019-01-01,degree_changed,45,",
        "H2,male,2020-01-01,2021-01-01,2022-01-01,dead,3,40",
    )
    found.append(read_history(history).findings)
    found.append(read_contract_information(book_folder).findings)
    positions = file_of(
        folder,
        "positions.csv",
        "department,position,n_workers,harmfulness,injury_hazard,equipment,protective_equipment,morbidity",
        "Цех,Слесарь,0,1,2,9,x,1.234",
        "Цех,Слесарь,5,1,2,,1,1",
        "Цех,слесарь,5,1,2,1,1,1",
    )
    found += [
        read_assessment(path, Scale(Decimal(1), Decimal(5))).findings for path in (positions, book_folder)
    ]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(CATALOGUE))
def test_every_rule_is_translated(code: str, language: str) -> None:
    rule = CATALOGUE[code]
    with spoken(language):
        shown = [said(rule.rule), said(rule.fix), said(rule.severity)]
    assert shown[0] != rule.rule
    assert english_left(re.sub(r"\{\w+\}", "", "\n".join(shown))) == []


def test_the_files_have_findings_of_many_kinds(findings: list[Findings]) -> None:
    assert len({code for found in findings for code in found.codes()}) > 45


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screen(findings: list[Findings], language: str) -> None:
    for found in findings:
        english = format_findings(found)
        with spoken(language):
            shown = format_findings(found)
        assert shown != english
        assert english_left(shown) == []
        assert format_findings(found) == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook(findings: list[Findings], language: str, tmp_path: Path) -> None:
    path = tmp_path / "checks.xlsx"
    for found in findings:
        with spoken(language):
            write_checks(found, path)
        book = openpyxl.load_workbook(path)
        assert len(book.sheetnames) == 2
        for sheet in book:
            cells = [
                str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
            ]
            assert english_left("\n".join([sheet.title, *cells])) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_workbook(
    findings: list[Findings], language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuarial.portfolio.checks_workbook.MAX_ROWS", 4)
    with spoken(language):
        write_checks(findings[0], tmp_path / "checks.xlsx")
    last = list(openpyxl.load_workbook(tmp_path / "checks.xlsx").worksheets[1].values)[-1]
    assert str(len(findings[0]) - 2) in str(last[0])
    assert english_left(str(last[0])) == []


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "a: b",
        "columns: {claim_id: [1]}",
        "columns: {claim_idd: x}",
        "columns: {zzz: x}",
        "columns: {claim_id: x, sex: X}",
        "columns: 5",
        "values: {sex: {a: b}}",
        "values: {claim_id: {a: b}}",
        "values: {sex: [a]}",
        "columns: {[1, 2]: x}",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mapping(content: str, language: str, tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(file_of(tmp_path, "mapping.yaml", content))
    with spoken(language):
        assert english_left(said(caught.value)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_that_cannot_be_made(language: str, tmp_path: Path) -> None:
    annuities = file_of(tmp_path, "annuities.csv", HEADER)
    other = tmp_path / "other"
    other.mkdir()
    file_of(other, "census.csv", "x")
    requests = [
        CheckRequest(tmp_path / "none.csv"),
        CheckRequest(annuities),
        CheckRequest(other),
        CheckRequest(other, table="claims"),
    ]
    for request in requests:
        with pytest.raises(ActuarialError) as caught:
            run_check(request)
        with spoken(language):
            assert english_left(said(caught.value)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_ENTRIES", 1), ("MAX_PART", 10), ("MAX_COLUMNS", 1), ("MAX_RATIO", 0)]
)
def test_a_workbook_that_is_not_safe_to_open(
    limit: str, value: int, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["x", "y"])
    book.save(tmp_path / "annuities.xlsx")
    monkeypatch.setattr(preflight, "RATIO_MATTERS_FROM", 0)
    monkeypatch.setattr(preflight, limit, value)
    with pytest.raises(SafetyLimitError) as caught:
        read_annuities(tmp_path / "annuities.xlsx", valuation_date=VALUATION_DATE)
    with spoken(language):
        assert said(caught.value) != str(caught.value)
        assert english_left(said(caught.value)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_that_cannot_be_made(language: str, tmp_path: Path) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: synthetic_annuities(0, seed=1),
        lambda: synthetic_annuities(1, seed=-1),
        lambda: synthetic_annuities(1, seed=1, valuation_date=date(1999, 1, 1)),
        lambda: check_target(tmp_path / "a", force=False),
        lambda: check_target(tmp_path / "a.pdf", force=False),
        lambda: check_target(tmp_path / "none" / "a.csv", force=False),
        lambda: check_target(file_of(tmp_path, "a.csv", ""), force=False),
    ]
    for attempt in attempts:
        with pytest.raises(SampleError) as caught:
            attempt()
        with spoken(language):
            assert said(caught.value) != str(caught.value)
            assert english_left(said(caught.value)) == []


def test_what_machines_read_stays_english(tmp_path: Path) -> None:
    path = file_of(tmp_path, "annuities.csv", HEADER, *ROWS)
    english = run_check(CheckRequest(path, VALUATION_DATE))
    with spoken("ru"):
        russian = run_check(CheckRequest(path, VALUATION_DATE))
        assert json.dumps(russian.as_json()) == json.dumps(english.as_json())
        assert [str(group.message) for group in russian.findings.ordered()] == [
            str(group.message) for group in english.findings.ordered()
        ]
        assert [said(note) for note in russian.notes] != english.notes


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_must_fill_a_column(language: str) -> None:
    with spoken(language):
        assert english_left("\n".join(said(who) for _, who, _ in REQUIRED)) == []


class TestMasking:
    def test_values_are_masked_and_words_are_kept(self) -> None:
        shown = masked(text("sheet {name}", name="050101300123"))
        assert shown == "sheet **********23"
        with spoken("ru"):
            assert said(shown) == "лист **********23"

    def test_in_messages_of_messages(self) -> None:
        inner = counted("{columns} and {n} more", "{columns} and {n} more", n=2, columns="990101300123")
        shown = masked(joined([text("sheet {name}", name=inner), "990101300123"]))
        assert shown == "sheet **********23 and 2 more, **********23"
        with spoken("ru"):
            assert said(shown) == "лист **********23 и ещё 2, **********23"

    def test_a_number_in_the_words_is_masked_too(self) -> None:
        assert masked(text("990101300123")) == "**********23"

    def test_long_messages_are_cut_in_every_language(self) -> None:
        shown = masked(joined(text("sheet {name}", name=f"n{i}") for i in range(100)))
        assert len(shown) == 300
        assert shown.endswith("…")
        with spoken("ru"):
            cut = said(pickle.loads(pickle.dumps(shown)))
        assert cut.startswith("лист n0, лист n1, ")
        assert len(cut) == 300

    def test_a_message_with_a_number_of_a_person(self, tmp_path: Path) -> None:
        path = file_of(tmp_path, "annuities.csv", HEADER + ",990101300123", ROWS[0] + ",")
        found = read_annuities(path, valuation_date=VALUATION_DATE).findings
        with spoken("kk"):
            shown = format_findings(found)
        assert "**********23" in shown
        assert "990101300123" not in shown


def test_cells_without_a_text_of_their_own() -> None:
    findings = Findings(place=Place("a.xlsx", "annuities", "sheet", np.array([2]), {"sex": 4}))
    findings.add_rows("E2004", [0], "sex", [preflight.NO_RESULT])
    findings.add_rows("E2002", [0], "sex", ["an error value"])
    assert [finding.value for finding in findings] == ["an error value", "a formula"]
    with spoken("ru"):
        shown = format_findings(findings)
    assert "annuities!E2: значение ошибки" in shown
    assert "annuities!E2: формула" in shown


def test_a_value_beside_others(tmp_path: Path) -> None:
    findings = Findings()
    findings.add_rows("E3304", [0], "contract_date", ["2022-01-01"], also=("accident_date",))
    findings.show = lambda column, rows: [""] * len(rows)
    path = file_of(tmp_path, "annuities.csv", HEADER, ROWS[0])
    findings.place = read_annuities(path, valuation_date=VALUATION_DATE).findings.place
    assert next(iter(findings)).value == "2022-01-01; accident_date empty"
    with spoken("ru"):
        assert "2022-01-01; accident_date – пусто" in format_findings(findings)


def test_mapping_of_several_tables(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        read_mappings(file_of(tmp_path, "m.yaml", "[]"), SCHEMAS)
    with spoken("ru"):
        assert english_left(said(caught.value)) == []
