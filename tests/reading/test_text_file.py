"""Text files as they come: encodings, separators, quotes, blank lines, ragged rows."""

import hashlib

import pytest

from actuarial.portfolio import delimited
from actuarial.portfolio.read import PortfolioFileError, read_annuities


def read(build, path, **options):
    return read_annuities(path, valuation_date=build.valuation_date, **options)


def write(tmp_path, content, name="annuities.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_separators(build, tmp_path, delimiter, encoding, newline):
    rows = [build.row(claim_id="Дело 1"), build.row("child", claim_id="Дело 2")]
    path = build.csv(tmp_path, rows, encoding=encoding, delimiter=delimiter, newline=newline)
    reading = read(build, path)
    assert reading.findings.codes() == {}
    assert reading.records.claim_id.to_pylist() == ["Дело 1", "Дело 2"]
    (source,) = reading.sources
    assert source.encoding == encoding
    assert source.delimiter == ("tab" if delimiter == "\t" else delimiter)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.size == path.stat().st_size
    assert (source.format, source.path) == ("csv", str(path))


def test_russian_excel(build, tmp_path):
    """Semicolons, decimal commas, blanks between thousands, dd.mm.yyyy, Russian words, cp1251."""
    header = (
        "Номер убытка;Вид страхования;Получатель;Пол;Дата рождения;Дата договора;Дата несчастного случая;"
        "Дата первого освидетельствования;Степень утраты, %;Среднемесячный заработок (тенге);Выплата ГФСС;"
        "Дата следующей выплаты;Освобожден от ОПВ"
    )
    row = (
        "7;обязательное;Работник;М;14.05.1980;01.02.2022;15.07.2022;01.09.2022;45%;"
        "350 000,50;60\xa0000;5.1.2026;нет"
    )
    reading = read(build, write(tmp_path, f"{header}\r\n{row}\r\n".encode("cp1251")))
    assert reading.findings.codes() == {}
    records = reading.records
    assert records.average_monthly_earnings.tolist() == [35_000_050]
    assert records.social_payment.tolist() == [6_000_000]
    assert records.degree_of_loss.tolist() == [45]
    assert records.pension_contribution_exempt.tolist() == [0]
    assert (records.annuity_start_date == records.next_payment_date).all()


def test_kazakh_headers_and_values(build, tmp_path):
    header = (
        "талап нөмірі;өнім;алушы;жынысы;туған күні;шарт күні;жазатайым оқиға күні;алғашқы куәландыру күні;"
        "айырылу дәрежесі;орташа айлық табыс;МӘСҚ төлемі;келесі төлем күні;МЗЖ-дан босатылған"
    )
    row = "7;міндетті;қызметкер;әйел;14.05.1980;01.02.2022;15.07.2022;01.09.2022;45;350000;0;05.01.2026;иә"
    reading = read(build, write(tmp_path, f"{header}\n{row}\n".encode()))
    assert reading.findings.codes() == {}
    assert reading.records.sex.tolist() == [1]
    assert reading.records.pension_contribution_exempt.tolist() == [1]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "E1004", "the file is empty"),
        (b"\n\n \n", "E1013", "required column"),
        ("claim_id;x\n".encode("utf-16"), "E1005", "text in UTF-16"),
        ("claim_id;x\n".encode("utf-16-le"), "E1005", "text in UTF-16"),
        (b"claim_id,product\n\x98\xff\xfe", "E1006", "neither UTF-8 nor cp1251: byte 17"),
        (b"claim_id,product\na" + b"b" * 5000 + b"\0\n", "E1006", "a zero byte at position 5018"),
        (b"PK\x03\x04rest", "E1003", "a workbook or Parquet file with the name of a text file"),
        (b'claim_id,"product\nA,b\n', "E1017", "a quote is opened here and never closed"),
        (b",".join(b"c%d" % i for i in range(5000)) + b"\n1\n", "E1020", "more than 4096 columns"),
    ],
)
def test_unreadable(build, tmp_path, content, code, words):
    reading = read(build, write(tmp_path, content))
    assert reading.records is None
    finding = next(iter(reading.findings))
    assert finding.code == code
    assert words in finding.rule
    assert finding.file == "annuities.csv"


def test_row_numbers_with_blank_lines_and_quoted_newlines(build, tmp_path):
    rows = [
        build.row(claim_id="A", contract_id="two\nlines"),
        build.row(claim_id="B", sex="?"),
        build.row(claim_id="C"),
        build.row(claim_id="D", sex="!"),
    ]
    lines = build.text(rows).split("\n")
    # header 1, A on 2-3, blank 4, B on 5, blank in every cell 6, C 7, blank 8, D 9
    lines[4:4] = [",".join([""] * len(build.columns))]
    lines[3:3] = [""]
    lines[7:7] = [""]
    path = write(tmp_path, "\n".join(lines).encode())
    reading = read(build, path)
    assert [(f.code, f.row, f.value) for f in reading.findings] == [("E2501", 5, "?"), ("E2501", 9, "!")]
    assert [reading.location(i)[2] for i in range(4)] == [2, 5, 7, 9]


def test_ragged_rows(build, tmp_path):
    lines = build.text([build.row(claim_id=c) for c in "ABCDE"]).strip().split("\n")
    lines[1] += ",extra"
    lines[2] += ",,,"
    lines[3] = "C,C1,compulsory"
    reading = read(build, write(tmp_path, "\n".join(lines).encode()))
    found = list(reading.findings)
    assert [(f.code, f.row, f.cell) for f in found] == [("E1016", n, f"line {n}") for n in (2, 3, 4)]
    assert f"another number of cells than the header ({len(build.columns)})" in found[0].rule
    assert reading.n_rows == 5


SHIFTED = (
    "claim_id,product,beneficiary,sex,birth_date,contract_date,accident_date,first_certificate_date,"
    "certificate_end,degree_of_loss,next_payment_date,average_monthly_earnings,social_payment,"
    "current_monthly_payment,remaining_insured_sum,expenses_paid",
    "C1,compulsory,worker,male,1980-05-05,2024-01-10,2024-05-01,2024-07-01,2026-07-01,45,2026-01-15,"
    "300000,10000,,,",
    "C2,compulsory,worker,male,1980-05-05,2024-01-10,2024-05-01,2024-07-01,2026-07-01,45,2026-01-15,"
    "300000,50,10000,,,",
)


@pytest.mark.parametrize(("lines", "row"), [(SHIFTED, 3), (SHIFTED[::2], 2)])
def test_decimal_comma_without_quotes_shifts_no_row(build, tmp_path, lines, row):
    """300000,50 in a file of commas: in one row among others, and in every row there is."""
    reading = read(build, write(tmp_path, "\n".join(lines).encode()))
    assert reading.records is None
    found = list(reading.findings)
    assert [(f.code, f.cell) for f in found] == [("E1016", f"line {row}")]
    assert found[0].rule == "the row has another number of cells than the header (16)"
    assert found[0].fix == (
        "look for a missing or extra separator, or a text or a decimal comma that needs quotes"
    )


@pytest.mark.parametrize(
    ("delimiter", "header_end", "row_ends", "bad"),
    [
        (",", ",,", ["", ",", ",,"], []),
        (",", ",,", ["", ",", ",,,"], [4]),
        (",", "", [",", ",", ","], [2, 3, 4]),
        (";", "", [";;", ";;", ";;"], []),
        ("\t", "", ["\t", "\t", "\t"], []),
        (";", "", [";", ";", ";;"], [2, 3, 4]),
        (";", "", ["", "", ";"], [4]),
        (";", ";", ["", ";", ";;"], [4]),
    ],
)
def test_empty_cells_at_the_end(build, tmp_path, delimiter, header_end, row_ends, bad):
    lines = build.text([build.row(claim_id=c) for c in "ABC"], delimiter=delimiter).strip("\n").split("\n")
    lines = [line + end for line, end in zip(lines, [header_end, *row_ends], strict=True)]
    reading = read(build, write(tmp_path, "\n".join(lines).encode()))
    errors = [f for f in reading.findings if f.severity == "error"]
    assert [(f.code, f.row) for f in errors] == [("E1016", n) for n in bad]
    assert (reading.records is None) == bool(bad)


def test_quotes(build, tmp_path):
    text = build.text([build.row(claim_id='ТОО "Ромашка", 1', contract_id=" C ")])
    reading = read(build, write(tmp_path, text.encode()))
    assert reading.records.claim_id.to_pylist() == ['ТОО "Ромашка", 1']


def test_quote_inside_an_unquoted_cell_is_a_letter(build, tmp_path):
    text = build.text([build.row(claim_id="ZZZ"), build.row(claim_id="B")]).replace("ZZZ", 'ТОО "Р')
    assert read(build, write(tmp_path, text.encode())).records.claim_id.to_pylist() == ['ТОО "Р', "B"]


def test_text_after_a_quote(build, tmp_path):
    text = build.text([build.row(claim_id="ZZZ"), build.row(claim_id="B")]).replace("ZZZ", '"A"1')
    found = list(read(build, write(tmp_path, text.encode())).findings)
    assert [(f.code, f.row) for f in found] == [("E1018", 2)]
    assert "text follows a closing quote" in found[0].rule


def test_open_quote_names_its_line(build, tmp_path):
    text = build.text([build.row(claim_id=c) for c in ("A", "B", "ZZZ", "C")]).replace("ZZZ", '"Z')
    found = list(read(build, write(tmp_path, text.encode())).findings)
    assert [(f.code, f.row, f.cell) for f in found] == [("E1017", 4, "line 4")]


@pytest.mark.parametrize("with_quotes", [False, True])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_slices_give_what_one_pass_gives(build, tmp_path, with_quotes, threads, monkeypatch):
    """Many slices and chunks, blank lines, quoted newlines: the same rows and line numbers."""
    monkeypatch.setattr(delimited, "CHUNK_ROWS", 64)
    rows = [
        build.row(
            claim_id=f"N{i}",
            contract_id="a\nb" if with_quotes and i % 7 == 0 else f"C{i}",
            degree_of_loss=str(30 + i % 70),
            sex="?" if i % 1000 == 999 else "m",
        )
        for i in range(3000)
    ]
    text = build.text(rows).split("\n")
    blank_after = [k for k in range(1, len(text) - 1) if k % 50 == 0 and text[k].startswith("N")]
    for k in reversed(blank_after):
        text.insert(k, "")
    path = write(tmp_path, "\n".join(text).encode())
    assert path.stat().st_size > 4 << 16
    reading = read(build, path, threads=threads)
    starts = {line.split(",")[0]: number for number, line in enumerate(text, start=1)}
    assert [reading.location(i)[2] for i in range(3000)] == [starts[f"N{i}"] for i in range(3000)]
    assert [f.row for f in reading.findings] == [starts[f"N{i}"] for i in (999, 1999, 2999)]


def test_values_do_not_depend_on_slices(build, tmp_path):
    rows = [build.row(claim_id=f"N{i}", degree_of_loss=str(30 + i % 70)) for i in range(3000)]
    path = build.csv(tmp_path, rows)
    one, many = read(build, path, threads=1).records, read(build, path, threads=3).records
    assert one.claim_id.to_pylist() == many.claim_id.to_pylist() == [f"N{i}" for i in range(3000)]
    assert (one.degree_of_loss == many.degree_of_loss).all()
    assert one.degree_of_loss.tolist() == [30 + i % 70 for i in range(3000)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("told", "delimiter"), [("sep=;", ";"), ("SEP=,", ","), ('"sep=\t"', "\t"), ("sep=|", "|")]
)
def test_separator_told_on_the_first_line(build, tmp_path, told, delimiter, newline, encoding):
    rows = [build.row(claim_id="Дело 1"), build.row(claim_id="Дело 2", sex="?")]
    text = told + newline + newline + build.text(rows, delimiter=delimiter, newline=newline)
    reading = read(build, write(tmp_path, text.encode(encoding)))
    assert [(f.code, f.row, f.cell) for f in reading.findings] == [("E2501", 5, "line 5, column E")]
    assert [reading.location(i)[2] for i in range(2)] == [4, 5]
    assert reading.sources[0].delimiter == ("tab" if delimiter == "\t" else delimiter)


def test_header_under_a_separator_line(build, tmp_path):
    found = list(read(build, write(tmp_path, b"sep=;\nclaim_id;hair\nA;grey\n")).findings)
    assert [(f.code, f.cell) for f in found if f.code == "W1501"] == [("W1501", "line 2, column B")]
    assert found[0].rule == (
        "required column beneficiary is missing: the header was read from line 2, "
        "2 columns: 'claim_id', 'hair'"
    )


def test_separator_line_and_nothing_more(build, tmp_path):
    assert read(build, write(tmp_path, b"sep=;\n")).findings.codes() == {"E1004": 1}
    found = list(read(build, write(tmp_path, b'sep=;\n"claim_id;product\n')).findings)
    assert [(f.code, f.row) for f in found] == [("E1017", 2)]


def test_title_above_the_header(build, tmp_path):
    text = "Портфель на 01.01.2026 990101300123\n" + build.text([build.row()])
    found = [f for f in read(build, write(tmp_path, text.encode())).findings if f.code == "E1013"]
    assert len(found) == 6
    assert found[0].rule == (
        "required column beneficiary is missing: the header was read from line 1, "
        "1 column: 'Портфель на 01.01.2026 **********23'"
    )
    assert found[0].fix == (
        "add the column, or name the header it has in a column-mapping file; "
        "if that is a title, delete what stands above the header"
    )


def test_missing_file(build, tmp_path):
    with pytest.raises(PortfolioFileError, match="no such file or folder") as caught:
        read(build, tmp_path / "none.csv")
    assert caught.value.code == "E1001"


def test_unknown_format(build, tmp_path):
    found = list(read(build, write(tmp_path, b"<html>", "annuities.html")).findings)
    assert [(f.code, f.rule) for f in found] == [
        ("E1003", "not a table this program reads: the name ends in .html")
    ]
