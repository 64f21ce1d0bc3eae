"""Files of the user: what is read, and what is refused with which words."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortality import Table, TableError, load_table, read_table

MODEL = Path(__file__).parent / "data" / "standard_select_ultimate.xml"

CSV = """# id: mine
# title: My table, "the old one"
# sex: female
# period: 2001-2003
# period_middle: 2002-07-01
# source: A book
# licence: CC0
# attribution: The author
# note: Two years: enough.
# any other remark: is not read
age,qx,lx
60,0.1,1000
61,0.25,900
62,1,675
"""

XML = """<?xml version="1.0" encoding="utf-8"?>
<XTbML>
  <ContentClassification><TableName>Short</TableName></ContentClassification>
  <Table>
    <MetaData>
      <ScalingFactor>0</ScalingFactor>
      <AxisDef id="Age"><Increment>1</Increment></AxisDef>
    </MetaData>
    <Values><Axis><Y t="60">0.1</Y><Y t="61">1.0</Y></Axis></Values>
  </Table>
</XTbML>
"""
SELECT_TABLE = """<Table>
    <MetaData><AxisDef id="Age"/><AxisDef id="Duration"/></MetaData>
    <Values>
      <Axis t="59"><Axis><Y t="1">0.05</Y><Y t="2">0.08</Y></Axis></Axis>
      <Axis t="60"><Axis><Y t="1">0.06</Y><Y t="2"></Y></Axis></Axis>
    </Values>
  </Table>
  <Table>"""
SELECT_XML = XML.replace("<Table>", SELECT_TABLE, 1)


def test_a_csv_with_its_provenance():
    table = read_table(CSV.encode(), "somewhere/mine.csv")
    assert (table.id, table.title, table.sex) == ("mine", 'My table, "the old one"', "female")
    assert (table.period, table.period_middle) == ("2001-2003", date(2002, 7, 1))
    assert (table.source, table.licence, table.attribution) == ("A book", "CC0", "The author")
    assert table.note == "Two years: enough."
    assert (table.first_age, table.last_age, table.qx.tolist()) == (60, 62, [0.1, 0.25, 1.0])
    assert table.select is None


SEMICOLONS = CSV.replace("60,0.1,", "60;0,1;").replace("61,0.25,", "61;0,25;").replace("62,1,", "62;1;")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + CSV.encode(),
        CSV.replace("\n", "\r\n").encode(),
        SEMICOLONS.replace("age,qx,lx", "age;qx;lx").encode(),
        CSV.replace("age,qx,lx", "Возраст,Qx,lx").encode("cp1251"),
        CSV.replace("age,qx,lx", "\n ЖАС , q_x ,lx").encode(),
        CSV.replace(",", "\t").encode(),
        CSV.replace("1000\n", "1000\n\n,,\n# a remark between\n").encode(),
        CSV.replace("0.25", " 2.5e-1\u00a0").encode(),
    ],
    ids=["bom", "crlf", "decimal-comma", "cp1251", "kazakh", "tab", "blank-lines", "exponent"],
)
def test_the_same_table_in_other_clothes(content):
    table = read_table(content, "mine.csv")
    assert (table.first_age, table.qx.tolist(), table.sex) == (60, [0.1, 0.25, 1.0], "female")


def test_comments_as_a_spreadsheet_saves_them():
    text = '"# title: One, ""two"" and three";;\n# sex: male;;\nage;qx;\n5;1;\n'
    table = read_table(text.encode(), "t.csv")
    assert (table.title, table.sex, table.first_age) == ('One, "two" and three', "male", 5)


def test_a_file_without_provenance_says_so():
    table = read_table(b"age,qx\n0,0.5\n1,1\n", "folder/plain.csv")
    assert (table.id, table.title, table.sex) == ("plain", "plain", "unisex")
    assert table.note == "The file does not state a sex; read as unisex."
    assert str(table).splitlines()[4:8] == [
        "  period       not stated",
        "  source       not stated",
        "  licence      not stated",
        "  attribution  not stated",
    ]


def test_a_select_and_ultimate_csv():
    """The ultimate of a row is the rate of the row's own attained age; empty select cells are allowed."""
    text = "age,q0,q1,ultimate\n60,0.05,0.08,0.1\n61,0.06,,0.2\n62,,,0.3\n63,,,1\n"
    table = read_table(text.encode(), "select.csv")
    assert (table.select_first_age, table.select_years, table.select.shape) == (60, 2, (2, 2))
    assert table.along(60).tolist() == [0.05, 0.08, 0.3, 1.0]
    assert (table.at(60, 0), table.at(61, 1), table.at(61, 0), table.at(61, 2)) == (0.05, 0.08, 0.06, 0.2)
    assert table.at(61) == 0.2
    with pytest.raises(TableError, match="no probability for select age 61 at duration 1") as error:
        table.along(61)
    assert error.value.code == "E6021"


def test_a_single_xtbml_table():
    table = read_table(XML.encode(), "short.xml")
    assert (table.id, table.title, table.sex) == ("short", "Short", "unisex")
    assert (table.first_age, table.qx.tolist(), table.select) == (60, [0.1, 1.0], None)


def test_a_select_xtbml_pair_keeps_empty_cells_empty():
    table = read_table(SELECT_XML.encode(), "pair.xml")
    assert table.select_first_age == 59
    np.testing.assert_array_equal(table.select, [[0.05, 0.08], [0.06, np.nan]])
    assert table.along(59).tolist() == [0.05, 0.08, 1.0]
    assert table.at(61, 1) == 1  # the last age, though its cell is empty


def test_a_path_is_a_file_even_with_the_name_of_a_shipped_table(tmp_path):
    path = tmp_path / "kz-wpp2024-2020-2025-male"
    path.write_text("age,qx\n7,1\n", encoding="utf-8")
    assert load_table(path).first_age == 7
    assert load_table(str(path)).first_age == 7


def rows(*lines, header="age,qx"):
    return "\n".join([header, *lines]) + "\n"


BROKEN_CSV = {
    "empty": ("", "E6004", "t.csv: the file is empty; give a header line and one row for each age"),
    "comments-only": (
        "# id: x\n",
        "E6004",
        "t.csv: the file is empty; give a header line and one row for each age",
    ),
    "no-rows": (
        rows(),
        "E6004",
        "t.csv: there is no row under the header; give one row for each year of age",
    ),
    "no-header": (
        "0,0.1\n1,1\n",
        "E6005",
        "t.csv: line 1: found the columns 0, 0.1; there is no column age",
    ),
    "no-rate": (
        rows("0,1", header="age,mx"),
        "E6005",
        "t.csv: line 1: found the columns age, mx; there is no column qx (yearly probability of death)",
    ),
    "twice": (
        rows("0,1,1", header="age,qx,QX"),
        "E6005",
        "t.csv: line 1: column QX is there twice; keep one",
    ),
    "both-kinds": (
        rows("0,1,1,1", header="age,qx,q0,ultimate"),
        "E6005",
        "t.csv: line 1: found the columns age, qx, q0, ultimate; give either age and qx, or age, q0, q1, "
        "... and ultimate",
    ),
    "no-ultimate": (
        rows("0,1,1", header="age,q0,q1"),
        "E6005",
        "t.csv: line 1: found the columns age, q0, q1; there is no column ultimate beside the select columns",
    ),
    "select-gap": (
        rows("0,1,1,1", header="age,q0,q2,ultimate"),
        "E6005",
        "t.csv: line 1: found the columns age, q0, q2, ultimate; the select columns must be q0, q1, ... "
        "without a gap",
    ),
    "select-empty": (
        rows("0,,1", header="age,q0,ultimate"),
        "E6005",
        "t.csv: the select columns are empty; fill them, or leave only age and qx",
    ),
    "decimal-comma-and-comma": (
        rows("60,0,1", "61,1"),
        "E6006",
        "t.csv: line 2: 3 cells, the header has 2; with a decimal comma the separator must be a semicolon",
    ),
    "text": (
        rows("60,0.1", "61,n/a", "62,1"),
        "E6007",
        "t.csv: line 3, column qx: 'n/a' is not a number; write a fraction such as 0.00123",
    ),
    "nan": (
        "# id: x\n" + rows("60,nan", "61,1"),
        "E6007",
        "t.csv: line 3, column qx: 'nan' is not a number; write a fraction such as 0.00123",
    ),
    "percent": (
        rows("60,1.5%", "61,1"),
        "E6007",
        "t.csv: line 2, column qx: '1.5%' is not a number; write a fraction such as 0.00123",
    ),
    "empty-cell": (
        rows("60,", "61,1"),
        "E6007",
        "t.csv: line 2, column qx: '' is not a number; write a fraction such as 0.00123",
    ),
    "per-mille": (
        rows("60,12.5", "61,1"),
        "E6008",
        "t.csv: line 2, column qx: q = 12.5 is outside [0, 1]; give probabilities as fractions of one",
    ),
    "negative": (
        rows("60,-0.1", "61,1"),
        "E6008",
        "t.csv: line 2, column qx: q = -0.1 is outside [0, 1]; give probabilities as fractions of one",
    ),
    "infinite": (
        rows("60,1e999", "61,1"),
        "E6008",
        "t.csv: line 2, column qx: q = inf is outside [0, 1]; give probabilities as fractions of one",
    ),
    "select-outside": (
        rows("60,2,0.1", "61,,1", header="age,q0,ultimate"),
        "E6008",
        "t.csv: line 2, column q0: q = 2 is outside [0, 1]; give probabilities as fractions of one",
    ),
    "age-gap": (
        rows("60,0.1", "62,1"),
        "E6009",
        "t.csv: line 3, column age: age 62 follows 60; give every year of age once, in order",
    ),
    "age-repeated": (
        rows("60,0.1", "60,1"),
        "E6009",
        "t.csv: line 3, column age: age 60 follows 60; give every year of age once, in order",
    ),
    "age-half": (
        rows("60.5,0.1", "61.5,1"),
        "E6009",
        "t.csv: 2 problems\n"
        "  E6009 line 2, column age: age 60.5 is not a whole number of years\n"
        "  E6009 line 3, column age: age 61.5 is not a whole number of years",
    ),
    "open": (
        rows("60,0.1", "61,0.6687"),
        "E6010",
        "t.csv: line 3, column qx: the last age 61 has q = 0.6687, not 1; close the table with a further "
        "row of q = 1 and say in the note that it is yours",
    ),
    "closed-early": (
        rows("60,0.1", "61,1", "62,1"),
        "E6011",
        "t.csv: line 3, column qx: q = 1 at age 61, before the last age 62; end the table at the first age "
        "with q = 1",
    ),
    "select-closed-early": (
        rows("60,1,0.1", "61,,0.1", "62,,1", header="age,q0,ultimate"),
        "E6011",
        "t.csv: select age 60, duration 0: q = 1 at attained age 60, before the last age 62; a select life "
        "cannot end before the table does",
    ),
    "select-open": (
        rows("60,0.1,0.1", "61,0.1,1", header="age,q0,ultimate"),
        "E6010",
        "t.csv: select age 61, duration 0: q = 0.1 at attained age 61, but the table ends with q = 1 at "
        "age 61; leave the cell empty or give 1",
    ),
    "sex": (
        "# sex: men\n" + rows("0,1"),
        "E6012",
        "t.csv: sex is 'men'; write male, female or unisex",
    ),
    "period-middle": (
        "# period_middle: mid-2023\n" + rows("0,1"),
        "E6012",
        "t.csv: period_middle is 'mid-2023'; write a date as 2023-01-01",
    ),
    "metadata-twice": (
        "# sex: male\n# sex: female\n" + rows("0,1"),
        "E6012",
        "t.csv: line 2: sex is given twice; keep one",
    ),
}


@pytest.mark.parametrize(("text", "code", "message"), BROKEN_CSV.values(), ids=BROKEN_CSV)
def test_a_broken_csv_is_refused(text, code, message):
    with pytest.raises(TableError) as error:
        read_table(text.encode(), "t.csv")
    assert str(error.value) == message
    assert error.value.code == code


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "age,qx\n0,1\n".encode("utf-16"),
            "t.csv: not UTF-8 text (UTF-16 or binary); save the table as CSV UTF-8",
        ),
        (b"PK\x03\x04\0\0", "t.csv: not UTF-8 text (UTF-16 or binary); save the table as CSV UTF-8"),
        (b"age,qx \x98\n", "t.csv: byte 8 is neither UTF-8 nor cp1251; save the table as CSV UTF-8"),
    ],
    ids=["utf-16", "binary", "no-encoding"],
)
def test_bytes_that_are_no_text_are_refused(content, message):
    with pytest.raises(TableError) as error:
        read_table(content, "t.csv")
    assert str(error.value) == message
    assert error.value.code == "E6003"


def test_many_problems_are_told_at_once_and_the_rest_counted():
    with pytest.raises(TableError) as error:
        read_table(rows(*(f"{age},x" for age in range(13))).encode(), "t.csv")
    lines = str(error.value).splitlines()
    assert lines[0] == "t.csv: 13 problems"
    assert lines[1] == "  E6007 line 2, column qx: 'x' is not a number; write a fraction such as 0.00123"
    assert lines[-1] == "  and 3 more"
    assert len(error.value.problems) == 13


def test_a_giant_row_is_a_finding_and_not_a_crash():
    with pytest.raises(
        TableError, match=r"t\.csv: line 2: not a row of a table \(field larger than"
    ) as error:
        read_table(b"age,qx\n" + b"1" * 200_000, "t.csv")
    assert error.value.code == "E6006"


BROKEN_XML = {
    "not-well-formed": (
        XML.replace("</Axis>", "", 1),
        "E6013",
        "t.xml: line 9, column 55: not well-formed XML (mismatched tag); download the table again",
    ),
    "entities": (
        XML.replace("<XTbML>", '<!DOCTYPE a [<!ENTITY b "0.1">]><XTbML>', 1),
        "E6014",
        "t.xml: the file declares a document type or entities, which a table does not need and a hostile "
        "file would; remove the declaration",
    ),
    "external-entity": (
        XML.replace("<XTbML>", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><XTbML>', 1).replace(
            "Short", "&b;"
        ),
        "E6014",
        "t.xml: the file declares a document type or entities, which a table does not need and a hostile "
        "file would; remove the declaration",
    ),
    "unknown-encoding": (
        XML.replace("utf-8", "klingon", 1),
        "E6003",
        "t.xml: the text cannot be decoded (unknown encoding: klingon); save it as UTF-8",
    ),
    "html": (
        "<html><body>404</body></html>",
        "E6015",
        "t.xml: the root element is <html>, not <XTbML>; give a table in the XTbML format of the Society of "
        "Actuaries, or CSV",
    ),
    "no-table": (
        "<XTbML/>",
        "E6015",
        "t.xml: found 0 table(s); give one table by age, or one select table (age and duration) and one "
        "ultimate table (age): split a file that holds more",
    ),
    "two-ultimates": (
        XML.replace("<Table>", XML[XML.index("<Table>") : XML.index("</XTbML>")] + "<Table>", 1),
        "E6015",
        "t.xml: found 2 table(s); give one table by age, or one select table (age and duration) and one "
        "ultimate table (age): split a file that holds more",
    ),
    "select-only": (
        XML.replace('<AxisDef id="Age">', '<AxisDef id="Duration"/><AxisDef id="Age">'),
        "E6015",
        "t.xml: found 1 table(s); give one table by age, or one select table (age and duration) and one "
        "ultimate table (age): split a file that holds more",
    ),
    "scaled": (
        XML.replace("<ScalingFactor>0", "<ScalingFactor>3"),
        "E6016",
        "t.xml: table 1: ScalingFactor is 3; only 0 (plain fractions) is read, rescale the values",
    ),
    "grouped-ages": (
        XML.replace("<Increment>1", "<Increment>5"),
        "E6016",
        "t.xml: table 1: Increment of Age is 5; only single years are read",
    ),
    "no-values": (
        XML.replace('<Y t="60">0.1</Y><Y t="61">1.0</Y>', ""),
        "E6004",
        "t.xml: table 1: there is no value; the file holds no table",
    ),
    "empty-cell": (XML.replace(">0.1<", "><"), "E6007", "t.xml: table 1, age 60: '' is not a number"),
    "text-cell": (XML.replace(">0.1<", ">0,1<"), "E6007", "t.xml: table 1, age 60: '0,1' is not a number"),
    "outside": (
        XML.replace(">0.1<", ">1.1<"),
        "E6008",
        "t.xml: table 1, age 60: q = 1.1 is outside [0, 1]; give probabilities as fractions of one",
    ),
    "age-gap": (
        XML.replace('t="61"', 't="65"'),
        "E6009",
        "t.xml: table 1: age '65' after 60; give every age once, in order",
    ),
    "age-text": (
        XML.replace('t="60"', ""),
        "E6009",
        "t.xml: table 1: age None; give every age once, in order",
    ),
    "open": (
        XML.replace(">1.0<", ">0.9<"),
        "E6010",
        "t.xml: table 1, age 61: the last age 61 has q = 0.9, not 1; close the table with a further row of "
        "q = 1 and say in the note that it is yours",
    ),
    "select-outside": (
        SELECT_XML.replace("0.08", "8"),
        "E6008",
        "t.xml: table 1, select age 59, duration 2: q = 8 is outside [0, 1]; give probabilities as "
        "fractions of one",
    ),
    "select-age-gap": (
        SELECT_XML.replace('<Axis t="60">', '<Axis t="62">'),
        "E6009",
        "t.xml: table 1: select age '62' after 59; give every select age once, in order",
    ),
    "select-ragged": (
        SELECT_XML.replace('<Y t="2"></Y>', ""),
        "E6015",
        "t.xml: table 1, select age 60: every select age must hold the same durations, from 1",
    ),
    "select-duration-0": (
        SELECT_XML.replace('<Y t="1">0.05</Y><Y t="2">', '<Y t="0">0.05</Y><Y t="1">'),
        "E6015",
        "t.xml: table 1, select age 59: every select age must hold the same durations, from 1",
    ),
    "select-no-values": (
        re.sub(r'<Axis t="\d\d">.*</Axis></Axis>', "", SELECT_XML),
        "E6004",
        "t.xml: table 1: the select table holds no value",
    ),
}


@pytest.mark.parametrize(("text", "code", "message"), BROKEN_XML.values(), ids=BROKEN_XML)
def test_a_broken_xtbml_is_refused(text, code, message):
    with pytest.raises(TableError) as error:
        read_table(text.encode(), "t.xml")
    assert str(error.value) == message
    assert error.value.code == code


SEEDS = (CSV.encode(), b"age;q0;q1;ultimate\n7;0,1;;0,2\n8;;;1\n", XML.encode(), SELECT_XML.encode())


@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_file_is_read_or_refused_with_a_code(content, data):
    """Whatever happens to the bytes, the answer is a table or a `TableError`, never another exception."""
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    try:
        assert isinstance(read_table(bytes(damaged), data.draw(st.sampled_from(["t.csv", "t.xml"]))), Table)
    except TableError as error:
        assert error.code.startswith("E60")


def test_an_unknown_id_is_told_the_nearest_ones():
    with pytest.raises(TableError) as error:
        load_table("kz-wpp2024-2020-2025-men")
    assert str(error.value) == (
        "no mortality table and no file is named 'kz-wpp2024-2020-2025-men'; the nearest ids are "
        "kz-wpp2024-2020-2025-male, kz-wpp2024-2020-2025-female, kz-wpp2024-2010-2015-male; `actuarial "
        "table list` shows the shipped tables, a table of your own is given by its path"
    )
    assert error.value.code == "E6001"


def test_a_folder_is_not_a_table(tmp_path):
    with pytest.raises(TableError, match="is a folder, not a table; give the file in it") as error:
        load_table(tmp_path)
    assert error.value.code == "E6001"


def test_a_file_too_large_for_a_table_is_not_read(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(16_000_001)
    with pytest.raises(
        TableError, match="more than 16000000 bytes, too large for a mortality table"
    ) as error:
        load_table(path)
    assert error.value.code == "E6002"


def test_a_file_that_cannot_be_read_is_an_error_with_a_code(tmp_path, monkeypatch):
    path = tmp_path / "locked.csv"
    path.write_text("age,qx\n0,1\n", encoding="utf-8")

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(TableError, match=r"locked\.csv: cannot be read \(Permission denied\)") as error:
        load_table(path)
    assert error.value.code == "E6002"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"qx": []}, "E6004", "table 't': there is no age in the table; give one row for each year of age"),
        (
            {"qx": [0.1, 1.2, 1]},
            "E6008",
            "table 't': age 61: q = 1.2 is outside [0, 1]; give probabilities as fractions of one",
        ),
        ({"sex": "x"}, "E6012", "table 't': sex is 'x'; it must be male, female or unisex"),
        ({"first_age": -1}, "E6012", "table 't': the first age is -1; ages start at 0 or later"),
        ({"qx": [[1.0]]}, "E6015", "table 't': qx has shape (1, 1); give one value for each age"),
        (
            {"select": [0.1]},
            "E6015",
            "table 't': select has shape (1,); give a row for each select age and a column for each year "
            "since selection",
        ),
    ],
)
def test_a_table_made_in_memory_is_checked_as_well(changes, code, message):
    given = {"id": "t", "title": "", "sex": "male", "first_age": 60, "qx": [0.1, 0.25, 1.0]}
    with pytest.raises(TableError) as error:
        Table(**given | changes)
    assert str(error.value) == message
    assert error.value.code == code


@pytest.mark.parametrize(
    ("age", "duration", "code", "message"),
    [
        (
            63,
            None,
            "E6020",
            "table 'pair': asked for age 63, the table has ages 60-61; ask inside them or load a longer "
            "table",
        ),
        (
            59,
            None,
            "E6020",
            "table 'pair': asked for age 59, the table has ages 60-61; ask inside them or load a longer "
            "table",
        ),
        (60, -1, "E6021", "table 'pair': duration -1 is negative; it counts years since selection"),
        (
            58,
            0,
            "E6021",
            "table 'pair': no probability for select age 58 at duration 0; the table selects at ages "
            "59-60; ask for such an age, or for the ultimate without a duration",
        ),
    ],
)
def test_a_rate_the_table_does_not_have_is_refused(age, duration, code, message):
    table = read_table(SELECT_XML.replace("<TableName>Short", "<TableName>").encode(), "pair.xml")
    with pytest.raises(TableError) as error:
        table.at(age, duration)
    assert str(error.value) == message
    assert error.value.code == code


def test_a_life_selected_after_the_table_ends_is_refused():
    with pytest.raises(TableError, match=r"asked for age 131, the table has ages 20-130") as error:
        load_table(MODEL).along(131)
    assert error.value.code == "E6020"
