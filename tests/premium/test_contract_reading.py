"""Books from files: every kind of file gives the same premiums, and every fault is named with its cell."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from book import ACCIDENT, CONTRACT, PART, Row, Tables, write_folder, write_workbook
from oracle import Case, answer, random_case

from actuarial.money import tenge_text
from actuarial.portfolio.contract_check import Book, read_contracts
from actuarial.portfolio.contract_column import SCHEMAS
from actuarial.portfolio.contract_rule import CONTRACT_RULES
from actuarial.portfolio.finding import format_findings
from actuarial.portfolio.mapping import MappingError
from actuarial.portfolio.source import PortfolioFileError
from actuarial.premium.book import book_premiums


def tables_of(cases: Sequence[Case]) -> Tables:
    """The same contracts as tables of text."""
    contracts: list[Row] = []
    parts: list[Row] = []
    accidents: list[Row] = []
    for i, case in enumerate(cases):
        name = f"C{i:04d}"
        contracts.append(
            {
                "contract_id": name,
                "contract_date": case.contract_date.isoformat(),
                "start_date": case.start.isoformat(),
                "end_date": case.end.isoformat(),
                "n_workers": str(case.n_workers),
                "discount": "" if case.discount is None else str(case.discount),
            }
        )
        for k, number in enumerate(case.classes):
            parts.append(
                {
                    "contract_id": name,
                    "part": f"part {k}",
                    "risk_class": str(number),
                    "annual_payroll": str(case.payrolls[k]),
                    "insured_sum": "" if case.sums[k] is None else str(case.sums[k]),
                }
            )
        for year, injured, deaths, fault in case.accidents or []:
            accidents.append(
                {
                    "contract_id": name,
                    "year": str(year),
                    "n_injured": str(injured),
                    "n_deaths": str(deaths),
                    "at_fault": "да" if fault else "нет",
                }
            )
    return {"contracts": contracts, "contract_parts": parts, "accidents": accidents}


def priced(book: Book) -> Any:
    assert book.records is not None, format_findings(book.findings)
    return book_premiums(book.records, book.choices, law=book.law)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_random_book_from_each_kind_of_file(tmp_path: Path, kind: str) -> None:
    rng = random.Random(11)
    drawn = [random_case(rng) for _ in range(300)]
    pairs = [(c, a) for c in drawn if (a := answer(c)).coefficient is not None]
    tables = tables_of([c for c, _ in pairs])
    if kind == "xlsx":
        path = write_workbook(tmp_path / "book.xlsx", tables)
    else:
        path = write_folder(tmp_path / "book", tables, f".{kind}")
    found = priced(read_contracts(path))
    assert [tenge_text(p) for p in found.premium] == [str(a.premium) for _, a in pairs]
    assert [tenge_text(p) for p in found.insured_sum] == [str(a.insured_sum) for _, a in pairs]


def test_rows_in_any_order(tmp_path: Path) -> None:
    rng = random.Random(12)
    cases = [c for c in (random_case(rng) for _ in range(60)) if answer(c).coefficient is not None]
    tables = tables_of(cases)
    straight = read_contracts(write_folder(tmp_path / "a", tables))
    shuffled = {name: rng.sample(rows, len(rows)) for name, rows in tables.items()}
    mixed = read_contracts(write_folder(tmp_path / "b", shuffled))
    assert straight.records is not None
    assert mixed.records is not None
    found = []
    for book in (straight, mixed):
        ids: Any = book.records.contract_id if book.records is not None else None
        found.append(dict(zip(ids.to_pylist(), priced(book).premium.tolist(), strict=True)))
    assert found[0] == found[1]


def test_codes_staff_and_receiving_class(tmp_path: Path) -> None:
    tables = {
        "contracts": [CONTRACT, {**CONTRACT, "contract_id": "C2", "n_workers": "", "premium": ""}],
        "contract_parts": [
            PART,
            {"contract_id": "C2", "part": "shop", "oked_code": "62.01.1", "receiving_class": "9"},
            {"contract_id": "C2", "part": "mine", "oked_code": "05102", "annual_payroll": "5 000 000,50"},
        ],
        "staff": [
            {"contract_id": "C2", "part": "shop", "n_workers": "3", "monthly_income": "900000"},
            {"contract_id": "C2", "part": "shop", "n_workers": "1", "monthly_income": "100000.01"},
        ],
    }
    book = read_contracts(write_folder(tmp_path / "book", tables))
    found = priced(book)
    assert book.records is not None
    assert book.records.part_class.tolist() == [1, 9, 21]
    # 12 × (3 × 850 000 + 100 000.01): incomes are capped at ten minimum wages
    assert book.records.part_payroll.tolist() == [10**9, 31_800_000_12, 5_000_000_50]
    assert found.premium.tolist()[0] == 85_000_00
    # 0.56 % × 31 800 000.12 + 2.54 % × 5 000 000.50 = 178 080.000672 + 127 000.0127
    assert found.premium.tolist()[1] == 305_080_01
    assert book.records.n_workers.tolist() == [5, 4]


def test_one_flat_file_has_a_row_a_part(tmp_path: Path) -> None:
    rows = [
        {**CONTRACT, **PART},
        {**CONTRACT, **PART, "part": "mine", "oked_code": "05101", "n_workers": "10"},
        {**CONTRACT, **PART, "contract_id": "C2", "insured_sum": "200000000"},
    ]
    folder = write_folder(tmp_path / "flat", {"register": rows})
    for path in (folder, folder / "register.csv", write_workbook(tmp_path / "flat.xlsx", {"Лист1": rows})):
        book = read_contracts(path)
        found = priced(book)
        assert found.premium.tolist() == [133_000_00, 240_000_00]
        assert book.records is not None
        assert book.records.n_workers.tolist() == [15, 5]


def test_russian_headers_and_values(tmp_path: Path) -> None:
    row = {
        "Номер договора": "1",
        "Дата заключения": "01.03.2024",
        "ОКЭД": "62011",
        "ГФОТ, тенге": "100 000 000",
        "Численность": "20",
        "Страховая премия": "120000",
        "Вид страхования": "обязательное",
    }
    found = priced(read_contracts(write_folder(tmp_path / "book", {"договоры": [row]})))
    assert found.premium.tolist() == [120_000_00]


def test_a_mapping_by_table(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "book",
        {
            "contracts": [CONTRACT],
            "contract_parts": [{"contract_id": "C1", "вид": "62011", "annual_payroll": "9"}],
        },
    )
    mapping = tmp_path / "map.yaml"
    mapping.write_text("contract_parts: {columns: {oked_code: вид}}\n", encoding="utf-8")
    assert read_contracts(folder, mapping=mapping).records is not None
    mapping.write_text("parts: {}\n", encoding="utf-8")
    with pytest.raises(MappingError, match="unknown key 'parts'; known keys: contracts, contract_parts") as e:
        read_contracts(folder, mapping=mapping)
    assert e.value.code == "E1603"
    mapping.write_text("contracts: {columns: {oked: вид}}\n", encoding="utf-8")
    with pytest.raises(MappingError, match="unknown column 'oked'"):
        read_contracts(folder, mapping=mapping)


def test_voluntary_contracts_are_left_out(tmp_path: Path) -> None:
    tables = {
        "contracts": [CONTRACT, {**CONTRACT, "contract_id": "V", "product": "добровольное"}],
        "contract_parts": [PART, {"contract_id": "V", "part": "head"}],
    }
    book = read_contracts(write_folder(tmp_path / "book", tables))
    assert book.findings.codes() == {"W3605": 1}
    assert priced(book).premium.tolist() == [85_000_00]


def broken(tables: dict[str, Any], **changes: Any) -> Tables:
    """The good book with rows of its tables changed: ``contracts={...}`` changes the first row."""
    good: dict[str, list[Row]] = {"contracts": [CONTRACT], "contract_parts": [PART]}
    for table, change in {**tables, **changes}.items():
        if isinstance(change, dict):
            good[table] = [{**good.get(table, [ACCIDENT])[0], **change}]
        else:
            good[table] = change
    return good


TWICE = [PART, PART]
CASES: list[tuple[str, Tables, str, str]] = [
    ("E2201", broken({"contract_parts": {"annual_payroll": "много"}}), "contract_parts!D2", "много"),
    ("E2204", broken({"contract_parts": {"annual_payroll": "-5"}}), "contract_parts!D2", "-5"),
    ("E2101", broken({"contracts": {"contract_date": "вчера"}}), "contracts!B2", "вчера"),
    ("E2601", broken({"contracts": {"n_workers": "двадцать"}}), "contracts!F2", "двадцать"),
    ("E2602", broken({"contracts": {"n_workers": "20.5"}}), "contracts!F2", "20.5"),
    ("E2605", broken({"contracts": {"n_workers": "-3"}}), "contracts!F2", "-3"),
    ("E2603", broken({"contracts": {"discount": "x"}}), "contracts!G2", "x"),
    ("E2604", broken({"contracts": {"discount": "5.0012"}}), "contracts!G2", "5.0012"),
    ("E2001", broken({"contracts": {"contract_id": ""}}), "contracts!A2", ""),
    ("E3601", broken({"contracts": [CONTRACT, CONTRACT]}), "contracts!A2", "C1"),
    ("E3602", broken({"contracts": [CONTRACT, {**CONTRACT, "contract_id": "C2"}]}), "contracts!A3", "C2"),
    ("E3603", broken({"contract_parts": [PART, {**PART, "contract_id": "C9"}]}), "contract_parts!A3", "C9"),
    ("E3604", broken({"contract_parts": TWICE}), "contract_parts!B2", "head"),
    ("E3611", broken({"contracts": {"contract_date": "2015-05-09"}}), "contracts!B2", "2015-05-09"),
    (
        "E3612",
        broken({"contracts": {"contract_date": "2027-01-01", "start_date": "", "end_date": ""}}),
        "contracts!B2",
        "2027-01-01",
    ),
    ("E3613", broken({"contract_parts": {"oked_code": "62999"}}), "contract_parts!C2", "62999"),
    ("E3613", broken({"contract_parts": {"oked_code": "1111"}}), "contract_parts!C2", "1111"),
    ("E3613", broken({"contracts": {"contract_date": "2021-03-01"}}), "contract_parts!C2", "62011"),
    ("E3614", broken({"contract_parts": {"risk_class": "23"}}), "contract_parts!E2", "23"),
    ("E3615", broken({"contract_parts": {"oked_code": ""}}), "contract_parts!C2", ""),
    (
        "E3616",
        broken({"contracts": {"end_date": "2024-02-28"}}),
        "contracts!D2",
        "2024-02-28; start_date 2024-03-01",
    ),
    (
        "E3617",
        broken({"contracts": {"end_date": "2025-03-02"}}),
        "contracts!D2",
        "2025-03-02; start_date 2024-03-01",
    ),
    (
        "E3618",
        broken(
            {
                "contracts": {"contract_date": "2021-01-01"},
                "contract_parts": {"risk_class": "1", "receiving_class": "5"},
            }
        ),
        "contract_parts!F2",
        "5",
    ),
    ("E3621", broken({"contract_parts": {"annual_payroll": "0"}}), "contract_parts!D2", "0.00"),
    ("E3621", broken({"contracts": {"n_workers": "0"}}), "contracts!F2", "0"),
    ("E3622", broken({"contract_parts": {"annual_payroll": ""}}), "contract_parts!D2", ""),
    (
        "E3623",
        broken({"staff": [{"contract_id": "C1", "part": "head", "n_workers": "5", "monthly_income": "5"}]}),
        "contract_parts!D2",
        "10000000.00",
    ),
    (
        "E3606",
        broken({"staff": [{"contract_id": "C1", "part": "x", "n_workers": "5", "monthly_income": "5"}]}),
        "staff!B2",
        "x",
    ),
    (
        "E3624",
        broken({"contract_parts": {"insured_sum": "9999999.99"}}),
        "contract_parts!E2",
        "9999999.99; annual_payroll 10000000.00",
    ),
    ("E3624", broken({"contracts": {"insured_sum": "9999999.99"}}), "contracts!G2", "9999999.99"),
    (
        "E3625",
        broken(
            {
                "contract_parts": [
                    {**PART, "part": str(k), "annual_payroll": "6000000000000"} for k in range(2)
                ]
            }
        ),
        "contracts!A2",
        "C1",
    ),
    ("E3626", broken({"contract_parts": {"n_workers": "61"}}), "contracts!F2", "5"),
    ("E3631", broken({"accidents": {"at_fault": ""}}), "accidents!E2", ""),
    ("E3632", broken({"contracts": {"n_workers": ""}, "accidents": {"n_injured": "6"}}), "contracts!F2", ""),
    ("E3633", broken({"accidents": {"n_injured": "600"}}), "contracts!A2", "C1"),
    (
        "E3641",
        broken(
            {
                "contracts": {
                    "contract_date": "2018-01-01",
                    "start_date": "2018-01-01",
                    "end_date": "",
                    "discount": "5",
                },
                "contract_parts": {"risk_class": "1"},
                "accidents": {"year": "2017", "n_injured": "0"},
            }
        ),
        "contracts!G2",
        "5.00",
    ),
    (
        "E3642",
        broken({"contracts": {"discount": "10.01"}, "accidents": {"n_injured": "0"}}),
        "contracts!G2",
        "10.01",
    ),
    (
        "E3643",
        broken({"contracts": {"discount": "5"}, "accidents": {"n_injured": "1", "at_fault": "no"}}),
        "contracts!G2",
        "5.00",
    ),
    (
        "E3644",
        broken(
            {
                "contracts": {
                    "contract_date": "2018-07-10",
                    "start_date": "2018-07-10",
                    "end_date": "",
                    "discount": "5",
                },
                "contract_parts": {"risk_class": "1"},
                "accidents": {"n_injured": "0"},
            }
        ),
        "contracts!G2",
        "5.00",
    ),
    ("W3601", broken({"contract_parts": {"risk_class": "2"}}), "contract_parts!E2", "2; oked_code 62011"),
    ("W3602", broken({"contracts": {"n_workers": "600"}}), "contracts!A2", "C1"),
    ("W3603", broken({"contracts": {"discount": "5"}}), "contracts!G2", "5.00"),
    ("W3604", broken({"accidents": {}}), "contracts!A2", "C1"),
    (
        "W3606",
        broken({"contracts": {"start_date": "2024-02-29"}}),
        "contracts!C2",
        "2024-02-29; contract_date 2024-03-01",
    ),
    (
        "W3607",
        broken({"contracts": {"end_date": "2024-12-31"}}),
        "contracts!D2",
        "2024-12-31; start_date 2024-03-01",
    ),
    ("W3608", broken({"accidents": {"year": "2020"}}), "accidents!B2", "2020"),
]


@pytest.mark.parametrize(
    ("code", "tables", "cell", "value"), CASES, ids=[f"{c[0]}-{k}" for k, c in enumerate(CASES)]
)
def test_each_fault_with_its_cell(tmp_path: Path, code: str, tables: Tables, cell: str, value: str) -> None:
    book = read_contracts(write_workbook(tmp_path / "book.xlsx", tables))
    found = [finding for finding in book.findings if finding.code == code]
    assert found, format_findings(book.findings)
    assert (found[0].cell, found[0].value) == (cell, value)
    assert found[0].file == "book.xlsx"
    assert (book.records is None) == any(c.startswith("E") for c in book.findings.codes())


def test_unknown_codes_name_the_nearest(tmp_path: Path) -> None:
    rows = [{**PART, "part": str(k), "oked_code": f"{k:05d}"} for k in range(60)]
    book = read_contracts(write_folder(tmp_path / "book", broken({"contract_parts": rows})))
    messages = [group.message for group in book.findings.ordered() if group.code == "E3613"]
    assert any("The nearest codes are 01111" in message for message in messages)
    assert any("unknown OKED code" in message for message in messages)
    assert sum(book.findings.codes().values()) >= 60


def test_accidents_by_choice_need_their_number(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "book", broken({"accidents": {}}))
    assert "E3634" in read_contracts(folder, {"victims": "accidents"}).findings.codes()
    rows = [{**ACCIDENT, "year": str(year), "n_accidents": "1"} for year in (2021, 2022, 2023)]
    folder = write_folder(tmp_path / "more", broken({"accidents": rows}))
    assert priced(read_contracts(folder)).correction_coefficient.tolist() == [30_000]
    assert priced(read_contracts(folder, {"victims": "accidents"})).correction_coefficient.tolist() == [
        10_000
    ]


def test_flat_rows_of_one_contract_must_agree(tmp_path: Path) -> None:
    rows = [{**CONTRACT, **PART}, {**CONTRACT, **PART, "part": "b", "premium": "90000"}]
    book = read_contracts(write_folder(tmp_path / "book", {"contracts": rows}) / "contracts.csv")
    (finding,) = [f for f in book.findings if f.code == "E3605"]
    assert (finding.column, finding.row) == ("premium", 3)


def test_missing_and_doubled_tables(tmp_path: Path) -> None:
    book = read_contracts(write_folder(tmp_path / "a", {"contract_parts": [PART], "accidents": [ACCIDENT]}))
    assert "E1022" in book.findings.codes()
    book = read_contracts(write_folder(tmp_path / "b", {"contracts": [CONTRACT], "договоры": [CONTRACT]}))
    assert "E1023" in book.findings.codes()
    book = read_contracts(
        write_folder(
            tmp_path / "c", {"contracts": [{"contract_id": "1"}], "contract_parts": [PART], "xyz": [PART]}
        )
    )
    assert {"E1013", "W1502"} <= set(book.findings.codes())
    with pytest.raises(PortfolioFileError, match="no such file or folder; check the path of the contracts"):
        read_contracts(tmp_path / "nothing")


def test_an_unknown_column_is_told_by_name(tmp_path: Path) -> None:
    tables = broken({"contract_parts": {"payrol": "5"}})
    book = read_contracts(write_folder(tmp_path / "book", tables))
    (finding,) = book.findings
    assert (finding.code, finding.cell) == ("W1501", "line 1, column E")
    assert book.records is not None


@pytest.mark.parametrize("name", ["contract-file.md", "contract-file.ru.md"])
def test_every_code_and_column_of_contracts_is_documented(request: pytest.FixtureRequest, name: str) -> None:
    page = (request.config.rootpath / "docs" / name).read_text(encoding="utf-8")
    assert [code for code, *_ in CONTRACT_RULES if f"| {code} |" not in page] == []
    for schema in SCHEMAS:
        assert [column.name for column in schema.columns if f"| `{column.name}` |" not in page] == []
        assert [alias for column in schema.columns for alias in column.aliases if alias not in page] == []
