"""Findings on the screen, in checks.xlsx, and added later by the engine."""

import openpyxl
import pandas as pd
import pytest

from actuarial.portfolio import checks_workbook
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.claim_rule import CLAIM_RULES
from actuarial.portfolio.column import COLUMNS, HEADER_INDEX, normalised, value_index
from actuarial.portfolio.contract_rule import CONTRACT_RULES
from actuarial.portfolio.finding import CATALOGUE, column_letters, format_findings, masked
from actuarial.portfolio.history_rule import HISTORY_RULES
from actuarial.portfolio.read import read_annuities
from actuarial.portfolio.risk_rule import RISK_RULES


@pytest.fixture
def reading(build, tmp_path):
    rows = [
        build.row(claim_id="050101300123", birth_date="=1+1"),
        build.row(claim_id="050101300123", birth_date="@SUM(A1)"),
        *(build.row(claim_id=str(i), degree_of_loss="0.45") for i in range(5)),
    ]
    return read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date)


def test_screen(reading):
    assert format_findings(reading.findings, examples=2) == (
        "checks: 9 errors, 0 warnings\n"
        "\n"
        "E2101 error ×2: birth_date is not a date\n"
        "    annuities.csv line 2, column F: =1+1\n"
        "    annuities.csv line 3, column F: @SUM(A1)\n"
        "  fix: write dates as 2026-01-31 or 31.01.2026\n"
        "\n"
        "E2302 error ×5: degree_of_loss is a fraction, percent is expected\n"
        "    annuities.csv line 4, column K: 0.45\n"
        "    annuities.csv line 5, column K: 0.45\n"
        "    … and 3 more\n"
        "  fix: write 45 for 0.45\n"
        "\n"
        "E3001 error ×2: claim_id is not unique\n"
        "    annuities.csv line 2, column A: **********23\n"
        "    annuities.csv line 3, column A: **********23\n"
        "  fix: give each record its own claim_id"
    )


def test_workbook(reading, tmp_path):
    path = tmp_path / "checks.xlsx"
    write_checks(reading.findings, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["summary", "findings"]
    page = book["findings"]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:J10"
    rows = list(page.iter_rows(min_row=2))
    assert len(rows) == 9
    first = dict(zip([c.value for c in page[1]], rows[0], strict=True))
    assert {k: c.value for k, c in first.items()} == {
        "code": "E2101",
        "error or warning": "error",
        "file": "annuities.csv",
        "sheet": None,
        "row": 2,
        "cell": "line 2, column F",
        "column": "birth_date",
        "value found": "=1+1",
        "rule": "birth_date is not a date",
        "how to fix": "write dates as 2026-01-31 or 31.01.2026",
    }
    assert first["value found"].data_type == "s"
    summary = [[c.value for c in row][:4] for row in book["summary"].iter_rows(min_row=2)]
    assert summary == [
        ["E2101", "error", "birth_date", 2],
        ["E2302", "error", "degree_of_loss", 5],
        ["E3001", "error", "claim_id", 2],
    ]
    assert "050101300123" not in str(rows)
    assert [p.name for p in tmp_path.glob("*.tmp")] == []


def test_workbook_that_is_full_says_so(reading, tmp_path, monkeypatch):
    monkeypatch.setattr(checks_workbook, "MAX_ROWS", 6)
    path = tmp_path / "checks.xlsx"
    write_checks(reading.findings, path)
    column = [row[0].value for row in openpyxl.load_workbook(path)["findings"].iter_rows()]
    assert len(column) == 6
    assert column[-1] == "… and 5 more than a worksheet can hold; see `summary`"


def test_failed_workbook_leaves_nothing(reading, tmp_path):
    with pytest.raises(FileNotFoundError, match="checks"):
        write_checks(reading.findings, tmp_path / "none" / "checks.xlsx")
    assert not list(tmp_path.rglob("*.tmp"))


def test_findings_of_the_engine(build, tmp_path):
    path = build.csv(tmp_path, build.everyone())
    reading = read_annuities(path, valuation_date=build.valuation_date)
    reading.findings.add_rows("E3501", [0, 3], "birth_date", detail="kz-x (last age 100)")
    reading.findings.add_rows("E3501", [], "birth_date", detail="-")
    reading.findings.add_rows("W3506", [i == 1 for i in range(9)], "share", ["own words"])
    found = list(reading.findings)
    assert [(f.code, f.row, f.value) for f in found] == [
        ("E3501", 2, "1980-05-14"),
        ("E3501", 5, "2005-03-01"),
        ("W3506", 3, "own words"),
    ]
    assert found[0].rule == "the age on the valuation date is beyond the mortality table kz-x (last age 100)"
    assert reading.findings.has_errors
    assert (reading.findings.n_errors, reading.findings.n_warnings) == (2, 1)


def test_unknown_code(build, tmp_path):
    reading = read_annuities(build.csv(tmp_path, [build.row()]), valuation_date=build.valuation_date)
    with pytest.raises(KeyError, match="E9999 is not a code"):
        reading.findings.add_rows("E9999", [0], "share")


def test_nothing_found(build, tmp_path):
    reading = read_annuities(build.csv(tmp_path, [build.row()]), valuation_date=build.valuation_date)
    assert format_findings(reading.findings) == "checks: nothing found"


def test_shown_values_are_safe():
    assert masked("ИИН 050101300123.") == "ИИН **********23."
    assert masked("0501013001234") == "0501013001234"
    assert masked("a\x1b[31mb\nc") == "a [31mb c"
    assert len(masked("x" * 5000)) == 300


@pytest.mark.parametrize(
    "number",
    [
        "990101300123",
        "990101 300 123",
        "990101-300-123",
        "990101\u2013300\u2013123",
        "990101_300123",
        "990101\xa0300\u202f123",
        "990101\n300123",
        "9 9 0 1 0 1 3 0 0 1 2 3",
        "990101 - 300123",
        r"990101\xa0300123",
    ],
)
def test_personal_numbers_are_masked(number):
    assert masked(number) == "**********23"
    assert masked(f"ИИН{number}, тел") == "ИИН**********23, тел"
    assert masked(f"{number} {number}") == "**********23 **********23"


@pytest.mark.parametrize("number", ["50101300123", "50101 300 123", "50101-300-123"])
def test_number_that_lost_its_zero_is_masked(number):
    assert masked(number) == "*********23"
    assert masked(f"{number}.0") == "*********23.0"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31 2026-02-01",
        "2026-01-31 08:30:00",
        "2026-01-05; accident_date 2022-07-15",
        "14.05.1980 01.02.2022",
        "350 000,50",
        "1 234 567 890,50",
        "1000000000",
        "0501013001234",
        "R306-00003",
        "annuities!F1048576",
        "KZ86125KZT5004100100",
    ],
)
def test_what_is_no_personal_number_is_shown(text):
    assert masked(text) == text


def test_names_of_files_and_sheets_are_masked(build, tmp_path):
    row = build.typed(build.row()) | {"50101300123": "x"}
    row["birth_date"] = "?"
    path = build.xlsx(
        tmp_path, [list(row), list(row.values())], name="990101 300 123.xlsx", sheet="050101300123"
    )
    reading = read_annuities(path, valuation_date=build.valuation_date)
    found = list(reading.findings)
    assert [(f.code, f.file, f.sheet, f.cell) for f in found] == [
        ("E2101", "**********23.xlsx", "**********23", "**********23!F2"),
        ("W1501", "**********23.xlsx", "**********23", "**********23!Y1"),
    ]
    assert found[1].rule == "unknown column '*********23'"
    shown = format_findings(reading.findings)
    write_checks(reading.findings, tmp_path / "checks.xlsx")
    pages = openpyxl.load_workbook(tmp_path / "checks.xlsx")
    written = " ".join(str(c.value) for page in pages for line in page.iter_rows() for c in line)
    for text in (shown, written):
        assert "**********23" in text
        assert "0101300123" not in text
        assert "990101 300" not in text


def test_numbers_of_people_in_parquet_are_masked(build, tmp_path):
    rows = [build.typed(build.row()) | {"claim_id": 50101300123} for _ in range(2)]
    path = tmp_path / "annuities.parquet"
    pd.DataFrame(rows).to_parquet(path)
    found = list(read_annuities(path, valuation_date=build.valuation_date).findings)
    assert [(f.code, f.value) for f in found] == [("E3001", "*********23")] * 2


def test_column_letters():
    assert [column_letters(i) for i in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


@pytest.mark.parametrize("code", list(CATALOGUE))
def test_texts_of_a_code(code):
    rule = CATALOGUE[code]
    texts = dict.fromkeys(
        (
            "column",
            "detail",
            "hint",
            "need",
            "choices",
            "low",
            "high",
            "date",
            "years",
            "valuation_date",
            "reason",
            "table",
            "months",
            "maximum",
        ),
        "x",
    )
    assert rule.rule.format_map(texts)
    assert rule.fix.format_map(texts)
    assert rule.severity == ("error" if code[0] == "E" else "warning")


def test_aliases_are_their_own():
    assert len({normalised(c.name) for c in COLUMNS} & set(HEADER_INDEX)) == len(COLUMNS)
    for column in COLUMNS:
        if column.choices:
            assert set(value_index(column).values()) == set(range(len(column.choices)))


@pytest.mark.parametrize("name", ["portfolio-file.md", "portfolio-file.ru.md"])
def test_every_code_and_column_is_documented(request, name):
    page = (request.config.rootpath / "docs" / name).read_text(encoding="utf-8")
    of_others = (CONTRACT_RULES, CLAIM_RULES, HISTORY_RULES, RISK_RULES)
    of_contracts = {code for rules in of_others for code, *_ in rules}
    assert [code for code in CATALOGUE if code not in of_contracts and f"| {code} |" not in page] == []
    assert [column.name for column in COLUMNS if f"| `{column.name}` |" not in page] == []
    assert [alias for column in COLUMNS for alias in column.aliases if alias not in page] == []


def test_a_column_of_another_name_is_shown_with_the_name_in_the_file(build, tmp_path):
    own = {
        "birth_date": "Дата рождения",
        "beneficiary": "Вид получателя",
        "entitlement_end": "Первый день без права",
    }
    row = build.row(
        beneficiary="spouse", birth_date="1982-03-01", entitlement_end="", share="0.25", degree_of_loss=""
    )
    path = build.csv(tmp_path, [{own.get(name, name): value for name, value in row.items()}])
    findings = read_annuities(path, valuation_date=build.valuation_date).findings
    (group,) = (group for group in findings.ordered() if group.code == "E3405")
    # the column itself, those shown beside it; names that are ours are not repeated
    assert dict(findings.headings(group)) == {
        "entitlement_end": "Первый день без права",
        "beneficiary": "Вид получателя",
        "birth_date": "Дата рождения",
    }
    assert "  in your file: entitlement_end = 'Первый день без права'; " in format_findings(findings)
    checks = tmp_path / "checks.xlsx"
    write_checks(findings, checks)
    columns = {row[6].value for row in openpyxl.load_workbook(checks)["findings"].iter_rows(min_row=2)}
    assert "entitlement_end (Первый день без права)" in columns
