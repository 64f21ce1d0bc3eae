"""Workbooks: types of cells, addresses, sheets, and workbooks that would harm."""

import io
import re
import struct
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from actuarial.error import SafetyLimitError
from actuarial.portfolio import preflight
from actuarial.portfolio.read import read_annuities


def read(build, path):
    return read_annuities(path, valuation_date=build.valuation_date)


def sheet_of(build, *rows, columns=None):
    columns = list(columns or build.columns)
    return [columns, *([build.typed(row).get(c) for c in columns] for row in rows)]


def changed(build, cells, row, column, value):
    cells[row][build.columns.index(column)] = value
    return cells


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("birth_date", date(1980, 5, 14), 3786),
        ("birth_date", datetime(1980, 5, 14), 3786),
        ("birth_date", "14.05.1980", 3786),
        ("birth_date", "1980-05-14", 3786),
        ("average_monthly_earnings", 250000.1, 25_000_010),
        ("average_monthly_earnings", 0.1 + 0.2 + 300_000, 30_000_030),
        ("average_monthly_earnings", 1234567.89, 123_456_789),
        ("average_monthly_earnings", 350000, 35_000_000),
        ("average_monthly_earnings", "350 000,5", 35_000_050),
        ("degree_of_loss", 45, 45),
        ("degree_of_loss", 45.0, 45),
        ("degree_of_loss", "45", 45),
        ("degree_of_loss", "45%", 45),
        ("pension_contribution_exempt", True, 1),
        ("pension_contribution_exempt", 0, 0),
        ("pension_contribution_exempt", "да", 1),
        ("sex", "Ж", 1),
    ],
)
def test_cell_types(build, tmp_path, column, value, expected):
    cells = changed(build, sheet_of(build, build.row()), 1, column, value)
    reading = read(build, build.xlsx(tmp_path, cells))
    assert reading.findings.codes() == {}
    assert getattr(reading.records, column).tolist() == [expected]


@pytest.mark.parametrize(
    ("column", "value", "code", "shown"),
    [
        ("birth_date", 29355, "E2106", "29355"),
        ("birth_date", 29355.5, "E2106", "29355.5"),
        ("birth_date", datetime(1980, 5, 14, 8, 30), "E2105", "1980-05-14 08:30:00"),
        ("birth_date", True, "E2003", "true"),
        ("average_monthly_earnings", 250000.123, "E2202", "250000.123"),
        ("average_monthly_earnings", 0.001, "E2202", "0.001"),
        ("average_monthly_earnings", -5.0, "E2204", "-5"),
        ("average_monthly_earnings", 1e20, "E2207", "1e+20"),
        ("average_monthly_earnings", date(2024, 1, 1), "E2003", "2024-01-01"),
        ("degree_of_loss", 0.45, "E2302", "0.45"),
        ("degree_of_loss", 45.5, "E2303", "45.5"),
        ("degree_of_loss", -45, "E2301", "-45"),
        ("sex", 3, "E2501", "3"),
        ("claim_id", 1.5, "E2003", "1.5"),
    ],
)
def test_cell_that_cannot_be_taken(build, tmp_path, column, value, code, shown):
    cells = changed(
        build, sheet_of(build, build.row(claim_id="A"), build.row(claim_id="B")), 2, column, value
    )
    found = list(read(build, build.xlsx(tmp_path, cells)).findings)
    letter = chr(ord("A") + build.columns.index(column))
    assert [(f.code, f.cell, f.value) for f in found] == [(code, f"annuities!{letter}3", shown)]


def test_fraction_of_a_percent_format_suggests_the_percent(build, tmp_path):
    cells = changed(build, sheet_of(build, build.row()), 1, "degree_of_loss", 0.45)
    (finding,) = read(build, build.xlsx(tmp_path, cells)).findings
    assert finding.fix == "write 45 for 0.45"


def test_numbers_as_claim_ids(build, tmp_path):
    cells = sheet_of(build, build.row(claim_id=""), build.row(claim_id=""))
    cells[1][0], cells[2][0] = 1001, 1002
    assert read(build, build.xlsx(tmp_path, cells)).records.claim_id.to_pylist() == ["1001", "1002"]


def test_table_away_from_the_corner(build, tmp_path):
    cells = sheet_of(build, build.row(claim_id="A"), build.row(claim_id="B", sex="?"))
    cells[2:2] = [[], []]
    path = build.xlsx(tmp_path, cells, first_row=4, first_column=3)
    reading = read(build, path)
    (finding,) = reading.findings
    assert (finding.sheet, finding.row, finding.cell, finding.value) == ("annuities", 8, "annuities!G8", "?")
    assert reading.location(0) == ("annuities.xlsx", "annuities", 5)


def with_error_cells(path, cells):
    """Put error values in cells, as Excel writes them after a formula failed."""
    book = openpyxl.load_workbook(path)
    for address, text in cells.items():
        cell = book.active[address]
        cell.value = text
        cell.data_type = "e"
    book.save(path)
    return path


def test_error_values_have_their_address(build, tmp_path):
    cells = sheet_of(build, *(build.row(claim_id=c) for c in "ABC"))
    path = build.xlsx(tmp_path, cells)
    with_error_cells(path, {"F2": "#N/A", "F4": "#REF!", "M3": "#DIV/0!", "C4": "#VALUE!", "A2": "#NAME?"})
    found = list(read(build, path).findings)
    assert {(f.code, f.cell, f.value) for f in found if f.code == "E2002"} == {
        ("E2002", "annuities!F2", "#N/A"),
        ("E2002", "annuities!F4", "#REF!"),
        ("E2002", "annuities!M3", "#DIV/0!"),
        ("E2002", "annuities!C4", "#VALUE!"),
        ("E2002", "annuities!A2", "#NAME?"),
    }
    assert {f.code for f in found} == {"E2002"}


def test_formulas_without_a_result_have_their_address(build, tmp_path):
    """As openpyxl writes them, also in rows that hold nothing else and end the sheet."""
    cells = sheet_of(build, *(build.row(claim_id=c) for c in "ABC"))
    path = build.xlsx(tmp_path, cells)
    book = openpyxl.load_workbook(path)
    for address in ("A3", "E3", "J2", "K3", "M4", "O2", "A6", "F6"):
        book.active[address] = "=1+1"
    book.save(path)
    reading = read(build, path)
    assert reading.records is None
    assert reading.n_rows == 4
    found = [f for f in reading.findings if f.code == "E2004"]
    assert {(f.cell, f.value) for f in found} == {
        (f"annuities!{a}", "a formula") for a in ("A3", "E3", "J2", "K3", "M4", "O2", "A6", "F6")
    }
    assert found[-1].rule == "sex holds a formula without a computed value"
    assert found[-1].fix == "open the file in Excel, let it calculate, and save"
    assert {(f.code, f.row) for f in reading.findings if f.code != "E2004"} == {("E2001", 6)}


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        (b"<c r='O2'><f>1+1</f></c>", {"E2004": 1}),
        (b"<c r='O2'><f>1+1</f><v/></c>", {"E2004": 1}),
        (b"<c r='O2'><f>1+1</f><v></v></c>", {"E2004": 1}),
        (b"<c r='O2'><f t='shared' si='0'/><v></v></c>", {"E2004": 1}),
        (b"<c r='O2' t='str'><f>1+1</f></c>", {"E2004": 1}),
        (b"<x:c r='O2'><x:f>1+1</x:f><x:v/></x:c>", {"E2004": 1}),
        (b"<c r='O2' t='e'><f>1/0</f><v>#DIV/0!</v></c>", {"E2002": 1}),
        (b"<c r='O2' t='str'><f>IF(A1=1,1,\"\")</f><v></v></c>", {}),
        (b"<c r='O2' t='str'><f>IF(A1=1,1,\"\")</f><v/></c>", {}),
        (b"<c r='O2'><f>400000*2</f><v>50000</v></c>", {}),
        (b"<c r='O2'><f t='shared' si='0'/><v>50000</v></c>", {}),
        (b"<c r='O2'><v/></c>", {}),
        (b"<c r='O2'></c>", {}),
    ],
)
@pytest.mark.parametrize("piece", [1 << 20, 1])
def test_formula_and_its_result(build, tmp_path, monkeypatch, cell, codes, piece):
    monkeypatch.setattr(preflight, "PIECE", piece)
    path = build.xlsx(tmp_path, sheet_of(build, build.row()))
    in_sheet(path, rb'<c r="R2"', cell + b'<c r="R2"')
    assert read(build, path).findings.codes() == codes


def test_sheets(build, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Аннуитеты"
    for row in sheet_of(build, build.row()):
        book.active.append(row)
    book.create_sheet("contracts").append(["contract_id"])
    book.create_sheet("Лист2")
    book.create_sheet("Свод").append(["итого", 5])
    book.create_sheet("README").append(["about"])
    book.save(tmp_path / "all.xlsx")
    reading = read(build, tmp_path / "all.xlsx")
    assert len(reading.records) == 1
    assert [(f.code, f.sheet, f.severity) for f in reading.findings] == [("W1502", "Свод", "warning")]
    assert reading.sources[0].table == "Аннуитеты"


@pytest.mark.parametrize(
    ("names", "code"), [(("Лист1", "Лист2"), "E1012"), (("annuities", "Аннуитеты"), "E1012")]
)
def test_two_candidates(build, tmp_path, names, code):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in names:
        page = book.create_sheet(name)
        for row in sheet_of(build, build.row()):
            page.append(row)
    book.save(tmp_path / "two.xlsx")
    (finding,) = read(build, tmp_path / "two.xlsx").findings
    assert finding.code == code
    assert finding.rule == f"more than one table `annuities`: sheet {names[0]}, sheet {names[1]}"


def test_no_candidate(build, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.create_sheet("other").append(["c"])
    book.save(tmp_path / "none.xlsx")
    (finding,) = read(build, tmp_path / "none.xlsx").findings
    assert finding.code == "E1011"
    assert "no table `annuities`: found sheet Sheet, sheet other" in finding.rule


def test_values_under_no_header(build, tmp_path):
    cells = sheet_of(build, build.row())
    cells[1] += [None, "stray"]
    (finding,) = read(build, build.xlsx(tmp_path, cells)).findings
    assert (finding.code, finding.cell) == ("W1503", "annuities!Z1")


# --- workbooks that would harm -------------------------------------------------------------------------


def rewritten(path, change):
    """A workbook whose parts went through ``change(name, content) -> content``."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return path


def in_sheet(path, old, new):
    def change(name, content):
        if name == "xl/worksheets/sheet1.xml":
            assert re.search(old, content)
            return re.sub(old, new, content, count=1)
        return content

    return rewritten(path, change)


@pytest.fixture
def good(build, tmp_path):
    return build.xlsx(tmp_path, sheet_of(build, build.row()))


def refused(build, path, code, words):
    with pytest.raises(SafetyLimitError, match=words) as caught:
        read(build, path)
    assert caught.value.code == code


def damaged(build, path, words):
    (finding,) = read(build, path).findings
    assert finding.code == "E1009"
    assert words in finding.rule


def test_far_cell(build, tmp_path):
    path = build.xlsx(tmp_path, [["claim_id"]])
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = 1
    book.save(path)
    assert path.stat().st_size < 8000
    refused(build, path, "E1904", "uses the area A1:XFD1048576")


def test_far_cell_after_an_implicit_one(build, good):
    in_sheet(
        good,
        rb"</row></sheetData>",
        b"</row><row r=\"1048000\"><c/><x:c r='XFD9'><v>1</v></x:c></row></sheetData>",
    )
    refused(build, good, "E1904", "at most 2000 columns")


def test_empty_formatted_cell_far_away_is_harmless(build, good):
    in_sheet(
        good, rb"</row></sheetData>", b'</row><row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    )
    assert len(read(build, good).records) == 1


@pytest.mark.parametrize(
    "reference", [b"XFE1", b"A1048577", b"A0", b"AAAAAAAAAA1", b"1A", b"A", b"&#65;1", b""]
)
def test_reference_that_does_not_exist(build, good, reference):
    in_sheet(good, rb'<c r="A2"', b'<c r="' + reference + b'"')
    damaged(build, good, "a cell reference that does not exist")


def test_comment_and_cdata_are_not_cells(build, good):
    in_sheet(good, rb"<sheetData>", b'<!-- " <c r="XFD1048576"><v>1</v></c> --><sheetData>')
    assert len(read(build, good).records) == 1


def test_document_type(build, good):
    in_sheet(good, rb"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet')
    refused(build, good, "E1905", "declares a document type")


def test_utf16_part(build, good):
    rewritten(good, lambda n, c: c.decode().encode("utf-16") if n.endswith("sheet1.xml") else c)
    damaged(build, good, "is not UTF-8")


def test_external_link(build, good):
    with zipfile.ZipFile(good, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    (finding,) = read(build, good).findings
    assert finding.code == "E1021"
    assert "refers to other workbooks: xl/externalLinks/externalLink1.xml" in finding.rule
    assert "Break Link" in finding.fix


def test_too_many_parts(build, good):
    with zipfile.ZipFile(good, "a") as archive:
        for i in range(preflight.MAX_ENTRIES):
            archive.writestr(f"x/{i}", "")
    refused(build, good, "E1901", "parts in the archive, at most 4000")


def test_compressed_beyond_reason(build, good):
    with zipfile.ZipFile(good, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.xml", b"\0" * (32 << 20))
    refused(build, good, "E1903", "times larger unzipped, at most 400")


def test_too_large(build, good, monkeypatch):
    monkeypatch.setattr(preflight, "MAX_UNZIPPED", 1000)
    refused(build, good, "E1902", "unzipped .part")


def test_same_part_twice(build, good):
    with zipfile.ZipFile(good, "a") as archive:
        archive.writestr("xl/Worksheets/sheet1.xml", "<x/>")
    refused(build, good, "E1906", "two parts xl/Worksheets/sheet1.xml")


def forged(path, name, size):
    """Declare another unzipped size in the archive's directory."""
    raw = bytearray(path.read_bytes())
    at = raw.rfind(name.encode()) - 46
    assert raw[at : at + 4] == b"PK\x01\x02"
    raw[at + 24 : at + 28] = struct.pack("<I", size)
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("size", "words"), [(10, "unzips to more than its directory says"), (10**6, "its directory says")]
)
def test_forged_size(build, good, size, words):
    forged(good, "xl/worksheets/sheet1.xml", size)
    refused(build, good, "E1906", words)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"PK\x03\x04" + b"x" * 100, "E1009", "the workbook is damaged"),
        (b"hello", "E1009", "does not begin as a workbook does"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "E1007", "Excel 97-2003"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "E1008",
            "protected by a password",
        ),
        (b"", "E1004", "the file is empty"),
    ],
)
def test_not_a_workbook(build, tmp_path, content, code, words):
    path = tmp_path / "annuities.xlsx"
    path.write_bytes(content)
    (finding,) = read(build, path).findings
    assert finding.code == code
    assert words in finding.rule


def test_xls_by_its_name(build, tmp_path):
    path = tmp_path / "annuities.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert read(build, path).findings.codes() == {"E1007": 1}


def test_zip_that_is_no_workbook(build, tmp_path):
    path = tmp_path / "annuities.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "b")
    damaged(build, path, "it has no xl/workbook.xml")


def test_broken_xml(build, good):
    rewritten(good, lambda n, c: b"<workbook><sheets>" if n == "xl/workbook.xml" else c)
    damaged(build, good, "the workbook is damaged")


@pytest.mark.parametrize("cut", [100, 1000, 3000])
def test_cut_off(build, good, cut):
    good.write_bytes(good.read_bytes()[:-cut])
    damaged(build, good, "the workbook is damaged")
