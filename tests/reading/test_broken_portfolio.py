"""Broken portfolios: each with its code, its words, its cell, and no records."""

from datetime import date

import pytest

from actuarial.portfolio.finding import format_findings
from actuarial.portfolio.read import read_annuities

# kind of row, what is changed in it, code, words of the message, column, value shown
CELLS = [
    ("worker", {"claim_id": ""}, "E2001", "claim_id is empty and required in every row", "claim_id", ""),
    ("worker", {"product": " "}, "E2001", "product is empty and required in every row", "product", ""),
    ("worker", {"sex": ""}, "E2001", "sex is empty and required in every row", "sex", ""),
    (
        "worker",
        {"birth_date": ""},
        "E2001",
        "birth_date is empty and required in every row",
        "birth_date",
        "",
    ),
    (
        "worker",
        {"next_payment_date": ""},
        "E2001",
        "next_payment_date is empty and required in every row",
        "next_payment_date",
        "",
    ),
    (
        "worker",
        {"contract_date": ""},
        "E2001",
        "contract_date is empty and required in the compulsory product",
        "contract_date",
        "",
    ),
    (
        "worker",
        {"accident_date": ""},
        "E2001",
        "accident_date is empty and required for all but pre-retirement annuities",
        "accident_date",
        "",
    ),
    (
        "worker",
        {"first_certificate_date": ""},
        "E2001",
        "first_certificate_date is empty and required for a worker",
        "first_certificate_date",
        "",
    ),
    (
        "worker",
        {"degree_of_loss": ""},
        "E2001",
        "degree_of_loss is empty and required for a worker",
        "degree_of_loss",
        "",
    ),
    (
        "voluntary",
        {"average_monthly_earnings": ""},
        "E2001",
        "average_monthly_earnings is empty and required for all but pre-retirement annuities",
        "average_monthly_earnings",
        "",
    ),
    (
        "worker",
        {"social_payment": ""},
        "E2001",
        "social_payment is empty and required for a worker in the compulsory product",
        "social_payment",
        "",
    ),
    ("child", {"share": ""}, "E2001", "share is empty and required for a survivor", "share", ""),
    (
        "worker",
        {"birth_date": "#N/A"},
        "E2002",
        "birth_date holds an error value of Excel",
        "birth_date",
        "#N/A",
    ),
    ("worker", {"birth_date": "in May"}, "E2101", "birth_date is not a date", "birth_date", "in May"),
    ("worker", {"birth_date": "20240131"}, "E2101", "birth_date is not a date", "birth_date", "20240131"),
    (
        "worker",
        {"birth_date": "31.02.1980"},
        "E2102",
        "birth_date is a day the calendar does not have",
        "birth_date",
        "31.02.1980",
    ),
    (
        "worker",
        {"birth_date": "2023-02-29"},
        "E2102",
        "birth_date is a day the calendar does not have",
        "birth_date",
        "2023-02-29",
    ),
    ("worker", {"birth_date": "14.05.80"}, "E2103", "a year of two digits", "birth_date", "14.05.80"),
    ("worker", {"birth_date": "05/14/1980"}, "E2104", "written with slashes", "birth_date", "05/14/1980"),
    ("worker", {"birth_date": "1980-05-14 10:30:00"}, "E2105", "a time of day", "birth_date", "10:30"),
    ("worker", {"birth_date": "29355"}, "E2106", "perhaps the day count of Excel", "birth_date", "29355"),
    ("worker", {"birth_date": "29355.0"}, "E2106", "perhaps the day count of Excel", "birth_date", "29355.0"),
    (
        "worker",
        {"birth_date": "1880-05-14"},
        "E2107",
        "before 1900 or after 2199",
        "birth_date",
        "1880-05-14",
    ),
    (
        "worker",
        {"average_monthly_earnings": "about 5"},
        "E2201",
        "average_monthly_earnings is not an amount",
        "average_monthly_earnings",
        "about 5",
    ),
    (
        "worker",
        {"social_payment": "60 00"},
        "E2201",
        "social_payment is not an amount",
        "social_payment",
        "60 00",
    ),
    (
        "worker",
        {"average_monthly_earnings": "350000.505"},
        "E2202",
        "average_monthly_earnings is finer than a tiyn",
        "average_monthly_earnings",
        "350000.505",
    ),
    (
        "worker",
        {"average_monthly_earnings": "350,000.50"},
        "E2203",
        "thousands apart by commas",
        "average_monthly_earnings",
        "350,000.50",
    ),
    (
        "worker",
        {"average_monthly_earnings": "350,000"},
        "E2203",
        "thousands apart by commas",
        "average_monthly_earnings",
        "350,000",
    ),
    ("worker", {"social_payment": "-5"}, "E2204", "social_payment is negative", "social_payment", "-5"),
    (
        "worker",
        {"social_payment": "\u22125"},
        "E2204",
        "social_payment is negative",
        "social_payment",
        "\u22125",
    ),
    ("worker", {"social_payment": "NaN"}, "E2205", "not a finite number", "social_payment", "NaN"),
    ("worker", {"social_payment": "-inf"}, "E2205", "not a finite number", "social_payment", "-inf"),
    ("worker", {"social_payment": "6E+04"}, "E2206", "written with an exponent", "social_payment", "6E+04"),
    (
        "worker",
        {"expenses_paid": "10000000000000"},
        "E2207",
        "expenses_paid is ten trillion tenge or more",
        "expenses_paid",
        "10000000000000",
    ),
    ("worker", {"degree_of_loss": "forty"}, "E2301", "not a whole percent", "degree_of_loss", "forty"),
    (
        "worker",
        {"degree_of_loss": "0,45"},
        "E2302",
        "is a fraction, percent is expected",
        "degree_of_loss",
        "0,45",
    ),
    ("worker", {"degree_of_loss": "45.5"}, "E2303", "a part of a percent", "degree_of_loss", "45.5"),
    (
        "worker",
        {"degree_of_loss": "101"},
        "E2304",
        "degree_of_loss must be 5-100 percent",
        "degree_of_loss",
        "101",
    ),
    (
        "worker",
        {"first_degree_of_loss": "4"},
        "E2304",
        "first_degree_of_loss must be 5-100 percent",
        "first_degree_of_loss",
        "4",
    ),
    ("child", {"share": "1/3"}, "E2401", "share is not a share", "share", "1/3"),
    ("child", {"share": "0"}, "E2402", "share must be above 0 and at most 1", "share", "0"),
    ("child", {"share": "1.01"}, "E2402", "share must be above 0 and at most 1", "share", "1.01"),
    ("worker", {"product": "both"}, "E2501", "product is none of the values it can have", "product", "both"),
    ("worker", {"sex": "муж/жен"}, "E2501", "sex is none of the values", "sex", "муж/жен"),
    (
        "worker",
        {"pension_contribution_exempt": "maybe"},
        "E2501",
        "pension_contribution_exempt is none of the values",
        "pension_contribution_exempt",
        "maybe",
    ),
    (
        "voluntary",
        {"degree_of_loss": "30"},
        "E3101",
        "the degree must be 5-29 percent in the voluntary product",
        "degree_of_loss",
        "30; product voluntary",
    ),
    (
        "worker",
        {"degree_of_loss": "29"},
        "E3102",
        "the degree must be 30-100 percent in the compulsory product",
        "degree_of_loss",
        "29; product compulsory; accident_date 2022-07-15",
    ),
    (
        "worker",
        {"contract_date": "2006-12-01", "accident_date": "2007-05-06"},
        "E3201",
        "the law of payouts before 2007-05-07 is not on record",
        "accident_date",
        "2007-05-06",
    ),
    (
        "worker",
        {"contract_date": "2008-08-01"},
        "E3202",
        "the earnings cap has no minimum wage",
        "contract_date",
        "2008-08-01",
    ),
    (
        "pre_retirement",
        {"annuity_start_date": "2023-12-31"},
        "E3203",
        "pre-retirement annuities exist since 2024-01-01",
        "annuity_start_date",
        "2023-12-31; beneficiary pre_retirement",
    ),
    (
        "worker",
        {"birth_date": "2022-07-15"},
        "E3301",
        "a worker must be born before the accident",
        "birth_date",
        "2022-07-15; accident_date 2022-07-15",
    ),
    (
        "child",
        {"birth_date": "2026-01-02"},
        "E3302",
        "must be born on or before the valuation date 2026-01-01",
        "birth_date",
        "2026-01-02",
    ),
    (
        "worker",
        {"first_certificate_date": "2022-07-14"},
        "E3303",
        "the first certificate must not be before the accident",
        "first_certificate_date",
        "2022-07-14; accident_date 2022-07-15",
    ),
    (
        "worker",
        {"contract_date": "2022-07-16"},
        "E3304",
        "the contract must be concluded on or before the day of the accident",
        "contract_date",
        "2022-07-16; accident_date 2022-07-15",
    ),
    (
        "worker",
        {"first_certificate_date": "2026-01-02"},
        "E3305",
        "the first certificate must be on or before the valuation date",
        "first_certificate_date",
        "2026-01-02",
    ),
    (
        "carer",
        {"accident_date": "2026-01-02", "annuity_start_date": "2026-01-05"},
        "E3306",
        "the accident must be on or before the valuation date",
        "accident_date",
        "2026-01-02",
    ),
    (
        "worker",
        {"next_payment_date": "2025-12-31"},
        "E3307",
        "the next payment must be on or after the valuation date 2026-01-01",
        "next_payment_date",
        "2025-12-31",
    ),
    (
        "worker",
        {"next_payment_date": "2036-01-02"},
        "E3308",
        "at most 10 years after the valuation date 2026-01-01",
        "next_payment_date",
        "2036-01-02",
    ),
    (
        "worker",
        {"annuity_start_date": "2026-01-06"},
        "E3309",
        "the annuity must start on or before its next payment",
        "annuity_start_date",
        "2026-01-06; next_payment_date 2026-01-05",
    ),
    (
        "worker",
        {"annuity_start_date": "2022-07-14"},
        "E3310",
        "the annuity must not start before the accident",
        "annuity_start_date",
        "2022-07-14; accident_date 2022-07-15",
    ),
    (
        "worker",
        {"certificate_end": "2022-09-01"},
        "E3311",
        "the certificate must end after the first certificate",
        "certificate_end",
        "2022-09-01; first_certificate_date 2022-09-01",
    ),
    (
        "spouse",
        {"entitlement_end": "2022-07-15"},
        "E3312",
        "the entitlement must end after the accident",
        "entitlement_end",
        "2022-07-15; accident_date 2022-07-15",
    ),
    (
        "worker",
        {"pension_date": "1980-05-14"},
        "E3313",
        "pension_date must be after the birth",
        "pension_date",
        "1980-05-14; birth_date 1980-05-14",
    ),
    (
        "child",
        {"product": "voluntary"},
        "E3401",
        "survivors are paid by the compulsory product only",
        "beneficiary",
        "child; product voluntary",
    ),
    (
        "pre_retirement",
        {"product": "voluntary"},
        "E3402",
        "pre-retirement annuities are paid by the compulsory product only",
        "beneficiary",
        "pre_retirement; product voluntary",
    ),
    (
        "worker",
        {"pension_stop": "no"},
        "E3403",
        "holds only for accidents before 2015-05-10",
        "pension_stop",
        "no; accident_date 2022-07-15",
    ),
    (
        "carer",
        {"entitlement_end": ""},
        "E3404",
        "entitlement_end is required for a carer",
        "entitlement_end",
        "",
    ),
    (
        "spouse",
        {"entitlement_end": ""},
        "E3405",
        "a spouse or parent who is not of pension age on 2026-01-01",
        "entitlement_end",
        "empty; beneficiary spouse; birth_date 1982-03-01",
    ),
    (
        "worker",
        {"social_payment": "400000", "current_monthly_payment": "1000"},
        "E3407",
        "current_monthly_payment is above 0, the payment by the law is 0",
        "current_monthly_payment",
        "1000.00; degree_of_loss 45; average_monthly_earnings 350000.50; social_payment 400000.00",
    ),
]


@pytest.mark.parametrize(
    ("kind", "change", "code", "words", "column", "value"),
    CELLS,
    ids=[f"{c[2]}-{c[0]}-{'-'.join(c[1])}-{n}" for n, c in enumerate(CELLS)],
)
def test_broken_cell(build, tmp_path, kind, change, code, words, column, value):
    good = build.row("worker", claim_id="G1", contract_id="CG")
    bad = [build.row(kind, claim_id=f"B{i}", contract_id=f"CB{i}") | change for i in (1, 2)]
    if kind == "child":
        bad = [{**b, "contract_id": f"D{i}"} for i, b in enumerate(bad)]
    reading = read_annuities(build.csv(tmp_path, [bad[0], good, bad[1]]), valuation_date=build.valuation_date)
    assert reading.records is None
    found = [f for f in reading.findings if f.code == code and f.column == column]
    assert [f.row for f in found] == [2, 4]
    letter = chr(ord("A") + build.columns.index(column))
    assert [f.cell for f in found] == [f"line 2, column {letter}", f"line 4, column {letter}"]
    assert words in found[0].rule
    assert value in found[0].value if code == "E2105" else found[0].value == value
    assert found[0].severity == "error"
    assert found[0].fix
    assert {f.code for f in reading.findings if f.severity == "error"} == {code}
    assert f"{code} error ×2: " in format_findings(reading.findings)


@pytest.mark.parametrize(
    ("kind", "change", "code", "words", "column"),
    [
        (
            "worker",
            {"entitlement_end": "2030-01-01"},
            "W3501",
            "entitlement_end is not used",
            "entitlement_end",
        ),
        ("child", {"degree_of_loss": "45"}, "W3501", "degree_of_loss is not used", "degree_of_loss"),
        ("worker", {"share": "0.5"}, "W3501", "share is not used", "share"),
        (
            "child",
            {"certificate_end": "2030-01-01"},
            "W3501",
            "certificate_end is not used",
            "certificate_end",
        ),
        ("child", {"social_payment": "5"}, "W3501", "social_payment is not used", "social_payment"),
        ("voluntary", {"social_payment": "5"}, "W3502", "it is taken as 0", "social_payment"),
        (
            "worker",
            {
                "contract_date": "2014-01-01",
                "accident_date": "2014-07-15",
                "degree_of_loss": "20",
                "pension_stop": "no",
            },
            "W3503",
            "before 2015-05-10 no social_payment is deducted",
            "social_payment",
        ),
        ("worker", {"birth_date": "2010-01-01"}, "W3504", "outside 14-100 years", "birth_date"),
        ("worker", {"certificate_end": "2026-01-05"}, "W3505", "the certified value is 0", "certificate_end"),
        ("child", {"birth_date": "2008-01-05"}, "W3505", "the certified value is 0", "birth_date"),
        ("carer", {"entitlement_end": "2026-01-05"}, "W3505", "the certified value is 0", "entitlement_end"),
        ("worker", {"pension_date": "2026-01-05"}, "W3505", "the certified value is 0", "pension_date"),
        (
            "voluntary",
            {"average_monthly_earnings": "0"},
            "W3506",
            "average_monthly_earnings is 0",
            "average_monthly_earnings",
        ),
        ("worker", {"current_monthly_payment": "0"}, "W3507", "is valued at 0", "current_monthly_payment"),
    ],
)
def test_warning_leaves_records(build, tmp_path, kind, change, code, words, column):
    path = build.csv(tmp_path, [build.row("worker", claim_id="G1"), build.row(kind) | change])
    reading = read_annuities(path, valuation_date=build.valuation_date)
    assert [(f.code, f.column, f.row, f.severity) for f in reading.findings] == [(code, column, 3, "warning")]
    assert words in next(iter(reading.findings)).rule
    assert len(reading.records) == 2


def test_payment_far_above_the_law(build, tmp_path):
    """0.45 × 350 000.50 - 60 000 = 97 500.225 a month, five times it 487 501.125."""
    change = {"average_monthly_earnings": "350000.50", "degree_of_loss": "45", "social_payment": "60000"}
    rows = [
        build.row(claim_id="1", current_monthly_payment="487501.12", **change),
        build.row(claim_id="2", current_monthly_payment="487501.13", **change),
        build.row("voluntary", claim_id="3", current_monthly_payment="262500.37"),
        build.row("voluntary", claim_id="4", current_monthly_payment="262500.38"),
        build.row("child", claim_id="5", current_monthly_payment="900000"),
        build.row("worker", claim_id="6"),
    ]
    reading = read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date)
    found = list(reading.findings)
    assert [(f.code, f.row, f.column) for f in found] == [
        ("W3508", row, "current_monthly_payment") for row in (3, 5)
    ]
    assert found[0].rule == "current_monthly_payment is more than 5 times the payment by the law"
    assert found[0].value == (
        "487501.13; degree_of_loss 45; average_monthly_earnings 350000.50; social_payment 60000.00"
    )
    assert found[0].fix == (
        "check current_monthly_payment, social_payment or the degree: every other degree is scaled by the "
        "same factor"
    )
    assert len(reading.records) == 6


def test_everyone_is_right(build, tmp_path):
    reading = read_annuities(build.csv(tmp_path, build.everyone()), valuation_date=build.valuation_date)
    assert list(reading.findings) == []
    assert len(reading.records) == reading.n_rows == len(build.kinds)
    assert reading.location(3) == ("annuities.csv", "", 5)


def test_edition_of_2010_allows_low_degrees_and_no_pension_stop(build, tmp_path):
    old = {"contract_date": "2015-01-01", "accident_date": "2015-05-09", "social_payment": "0"}
    rows = [
        build.row(claim_id="1", **old, degree_of_loss="5", pension_stop="no"),
        build.row(claim_id="2", **old, degree_of_loss="4"),
    ]
    reading = read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date)
    assert [(f.code, f.row) for f in reading.findings] == [("E2304", 3)]


def test_day_of_the_2015_edition(build, tmp_path):
    rows = [
        build.row(
            claim_id="1",
            contract_date="2015-01-01",
            accident_date="2015-05-10",
            degree_of_loss="29",
            pension_stop="no",
        )
    ]
    reading = read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date)
    assert [f.code for f in reading.findings] == ["E3102", "E3403"]


def test_repeated_claim_reports_all_its_rows(build, tmp_path):
    rows = [build.row(claim_id=c) for c in ("A", "B", "A", "C", "A")]
    reading = read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date)
    found = list(reading.findings)
    assert [(f.code, f.row, f.value) for f in found] == [("E3001", r, "A") for r in (2, 4, 6)]
    assert "claim_id is not unique" in found[0].rule


class TestShares:
    def rows(self, build, shares, **changes):
        return [
            build.row("child", claim_id=f"S{i}", share=s, **{k: v[i] for k, v in changes.items()})
            for i, s in enumerate(shares)
        ]

    def read(self, build, tmp_path, rows):
        return read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date)

    def test_sum_of_one(self, build, tmp_path):
        third = "0.3333333333333333"
        reading = self.read(build, tmp_path, self.rows(build, [third, third, "0.3333333333333334"]))
        assert reading.records is not None

    def test_sum_above_one(self, build, tmp_path):
        rows = [build.row(claim_id="W"), *self.rows(build, ["0.5", "0.4", "0.2"])]
        found = list(self.read(build, tmp_path, rows).findings)
        assert [(f.code, f.row, f.value) for f in found] == [
            ("E3406", 3, "0.5; sum 1.1"),
            ("E3406", 4, "0.4; sum 1.1"),
            ("E3406", 5, "0.2; sum 1.1"),
        ]
        assert "of one death add up to more than 1" in found[0].rule
        assert "deceased_id" in found[0].fix

    def test_other_earnings_are_another_death(self, build, tmp_path):
        rows = self.rows(build, ["0.6", "0.6"], average_monthly_earnings=["300000", "300001"])
        assert self.read(build, tmp_path, rows).records is not None

    def test_deceased_id_parts_and_joins(self, build, tmp_path):
        parted = self.rows(build, ["0.6", "0.6"], deceased_id=["X", "Y"])
        assert self.read(build, tmp_path, parted).records is not None
        joined = self.rows(build, ["0.6", "0.6"], deceased_id=["X", "X"], contract_id=["C1", "C2"])
        assert self.read(build, tmp_path, joined).findings.codes() == {"E3406": 2}

    def test_named_and_unnamed_do_not_mix(self, build, tmp_path):
        rows = self.rows(build, ["0.6", "0.6", "0.4"], deceased_id=["", "X", ""])
        assert self.read(build, tmp_path, rows).records is not None


def test_spouse_of_pension_age_needs_no_end(build, tmp_path):
    # women born 1964-07-01 are 61 on 2025-07-01, when the pension age is 61 (Social Code art 207)
    rows = [
        build.row("spouse", claim_id="1", contract_id="1", entitlement_end="", birth_date="1965-01-01"),
        build.row("spouse", claim_id="2", contract_id="2", entitlement_end="", birth_date="1965-01-02"),
        build.row("spouse", claim_id="3", contract_id="3", entitlement_end="", birth_date="1975-01-02")
        | {"pension_date": "2025-01-02"},
    ]
    reading = read_annuities(build.csv(tmp_path, rows), valuation_date=date(2026, 1, 1))
    assert [(f.code, f.row) for f in reading.findings] == [("E3405", 3)]


def test_bad_rows_do_not_hide_the_checks_of_others(build, tmp_path):
    rows = [
        build.row(claim_id="1", birth_date="?"),
        build.row(claim_id="2", social_payment="400000", current_monthly_payment="1"),
        build.row(claim_id="3", certificate_end="2025-01-01"),
    ]
    reading = read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date)
    assert [(f.code, f.row) for f in reading.findings] == [("E2101", 2), ("E3407", 3), ("W3505", 4)]


def test_column_missing_is_one_finding(build, tmp_path):
    rows = [{k: v for k, v in build.row(claim_id=str(i)).items() if k != "contract_date"} for i in range(3)]
    found = list(read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date).findings)
    assert [(f.code, f.column) for f in found] == [("E1013", "contract_date")]
    assert "required in the compulsory product (3 rows)" in found[0].rule


def test_conditional_column_may_be_missing(build, tmp_path):
    columns = ("contract_date", "social_payment", "share", "certificate_end", "contract_id")
    row = {k: v for k, v in build.row("voluntary").items() if k not in columns}
    reading = read_annuities(build.csv(tmp_path, [row]), valuation_date=build.valuation_date)
    assert reading.findings.codes() == {}
    assert reading.records.expenses_paid.tolist() == [0]
    assert reading.records.first_degree_of_loss.tolist() == [15]


def test_misspelt_required_column(build, tmp_path):
    rows = [{("brith_date" if k == "birth_date" else k): v for k, v in build.row().items()}]
    found = {
        f.code: f
        for f in read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date).findings
    }
    assert set(found) == {"E1013", "W1501"}
    assert found["E1013"].rule == (
        "required column birth_date is missing: the header was read from line 1, 24 columns: "
        "'claim_id', 'contract_id', 'product', 'beneficiary', 'sex' and 19 more"
    )
    assert "perhaps it is 'brith_date'" in found["E1013"].fix
    assert found["W1501"].cell == "line 1, column F"
    assert "did you mean birth_date?" in found["W1501"].fix


def test_unknown_column_is_a_warning(build, tmp_path):
    reading = read_annuities(
        build.csv(tmp_path, [build.row() | {"hair": "grey"}]), valuation_date=build.valuation_date
    )
    assert [(f.code, f.cell, f.rule) for f in reading.findings] == [
        ("W1501", "line 1, column Y", "unknown column 'hair'")
    ]
    assert reading.records is not None


def test_two_columns_for_one(build, tmp_path):
    rows = [build.row() | {"Дата рождения": "1980-05-14"}]
    found = list(read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date).findings)
    assert [(f.code, f.cell) for f in found] == [("E1014", "line 1, column Y")]
    assert "two columns for birth_date: line 1, column F 'birth_date', line 1, column Y" in found[0].rule


def test_header_without_rows(build, tmp_path):
    path = tmp_path / "annuities.csv"
    path.write_text(",".join(build.columns) + "\n\n")
    reading = read_annuities(path, valuation_date=build.valuation_date)
    assert [f.code for f in reading.findings] == ["E1019"]
    assert reading.records is None


def test_not_a_table_of_annuities(build, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    codes = read_annuities(path, valuation_date=build.valuation_date).findings.codes()
    assert codes == {"E1013": 6, "W1501": 2}


def test_million_findings_are_arrays(build, tmp_path):
    rows = [build.row(claim_id=str(i), birth_date="?") for i in range(20_000)]
    findings = read_annuities(build.csv(tmp_path, rows), valuation_date=build.valuation_date).findings
    assert len(findings.groups) == 1
    assert len(findings) == 20_000
    assert [f.row for f in findings] == list(range(2, 20_002))
