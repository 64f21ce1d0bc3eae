"""The column-mapping file."""

import pytest

from actuarial.portfolio.mapping import MappingError, read_mapping
from actuarial.portfolio.read import read_annuities


def write(tmp_path, text):
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_headers_and_values(build, tmp_path):
    rows = [
        {
            {"claim_id": "Лицевой счёт", "product": "Код", "sex": "П"}.get(k, k): v
            for k, v in build.row(product="17", sex="2").items()
        }
    ]
    mapping = write(
        tmp_path,
        "columns: {claim_id: Лицевой счёт, product: КОД, sex: П}\n"
        "values:\n  product: {17: compulsory, 18: voluntary}\n  sex: {1: male, 2: female}\n",
    )
    path = build.csv(tmp_path, rows, encoding="cp1251", delimiter=";")
    reading = read_annuities(path, valuation_date=build.valuation_date, mapping=mapping)
    assert reading.findings.codes() == {}
    assert reading.records.product.tolist() == [0]
    assert reading.records.sex.tolist() == [1]


def test_mapped_column_wins_over_the_one_of_our_name(build, tmp_path):
    rows = [build.row(claim_id="old") | {"new id": "N"}]
    reading = read_annuities(
        build.csv(tmp_path, rows),
        valuation_date=build.valuation_date,
        mapping=write(tmp_path, "columns: {claim_id: New ID}"),
    )
    assert reading.records.claim_id.to_pylist() == ["N"]
    assert reading.findings.codes() == {"W1501": 1}


def test_header_that_the_file_has_not(build, tmp_path):
    reading = read_annuities(
        build.csv(tmp_path, [build.row()]),
        valuation_date=build.valuation_date,
        mapping=write(tmp_path, "columns: {share: Доля наследника}"),
    )
    (finding,) = [f for f in reading.findings if f.severity == "error"]
    assert finding.code == "E1015"
    assert "names the header 'Доля наследника' for share" in finding.rule


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("column: {}", "E1603", "unknown key 'column'; known keys: columns, values"),
        ("- a", "E1602", "expected the keys `columns` and `values`, found a list"),
        ("", "E1602", "found nothing"),
        ("columns: [a]", "E1602", "columns: expected pairs, found a list"),
        ("columns: {claim: x}", "E1604", "unknown column 'claim'; did you mean claim_id"),
        ("columns: {claim_id: [x]}", "E1602", "columns.claim_id: expected the header"),
        ("values: {zzz: {}}", "E1604", "values: unknown column 'zzz'"),
        ("values: {birth_date: {a: b}}", "E1605", "the column has no list of values"),
        ("values: {sex: [a]}", "E1602", "values.sex: expected pairs"),
        ("values: {sex: {1: boy}}", "E1605", "'boy' is not a value of sex; values: male, female"),
        ("columns: {claim_id: a}\ncolumns: {}", "E1602", "duplicate key"),
        (
            "columns: {\n",
            "E1602",
            "UTF-8: expected the node content, but found '<stream end>' at line 2, column 1",
        ),
        ("columns: {claim_id: 2026-13-45}", "E1602", "not a YAML file in UTF-8: month must be in 1..12"),
        ("columns: {claim_id: !!timestamp x}", "E1602", "not a YAML file in UTF-8: "),
        ("[" * 5000, "E1602", "not a YAML file in UTF-8: nested too deeply"),
        ("columns: {claim_id: " + "9" * 6000 + "}", "E1602", "not a YAML file in UTF-8: Exceeds the limit"),
        (
            "columns: {claim_id: 0x" + "F" * 6000 + "}",
            "E1602",
            "columns.claim_id: not a text: Exceeds the limit",
        ),
        ("values: {sex: {? 0x" + "F" * 6000 + " : male}}", "E1602", "values.sex: not a text: Exceeds"),
        ("? 0x" + "F" * 6000 + "\n: {}", "E1602", "keys: not a text: Exceeds the limit"),
        ("values: {? 0x" + "F" * 6000 + " : {}}", "E1602", "values: not a text: Exceeds the limit"),
        ("values: {sex: {1: [male]}}", "E1602", "values.sex: expected a text, found a list"),
        ("columns: 2026-01-31", "E1602", "columns: expected pairs, found a value of type date"),
        (
            "columns: {claim_id: Номер, contract_id: ' НОМЕР '}",
            "E1606",
            "columns: the header ' НОМЕР ' is given to claim_id and to contract_id; "
            "a column of the file can be one of ours only",
        ),
    ],
    ids=lambda value: value[:40],
)
def test_refused(tmp_path, text, code, words):
    with pytest.raises(MappingError, match=r"mapping\.yaml") as caught:
        read_mapping(write(tmp_path, text))
    assert caught.value.code == code
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_not_utf8(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_bytes("columns: {claim_id: Номер}".encode("cp1251"))
    with pytest.raises(MappingError, match=r"not a YAML file in UTF-8: 'utf-8' codec can't decode") as caught:
        read_mapping(path)
    assert caught.value.code == "E1602"


def test_missing_mapping(tmp_path):
    with pytest.raises(MappingError, match="cannot be read") as caught:
        read_mapping(tmp_path / "none.yaml")
    assert caught.value.code == "E1601"


def test_yes_and_no_as_yaml_has_them(tmp_path):
    mapping = read_mapping(write(tmp_path, "values: {pension_stop: {Y: true, N: no}}"))
    assert mapping.values == {"pension_stop": {"y": 1, "n": 0}}
