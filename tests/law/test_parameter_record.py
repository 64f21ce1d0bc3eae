"""Every parameter on record: days resolve or are declared gaps, citations parse, values are the law's.

Expected figures are written out here from the law page the project was given (budget laws 2005-2026,
OSNS Law No 30-III, Social Code, Civil Code), not read from the parameter files.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

import tariffs
from tariffs.law import PARAMETERS

DAY = timedelta(days=1)
NAMES = tariffs.parameter_names()

# from, mci, mci for benefits, minimum wage, subsistence minimum: KZT (budget law of each year)
INDICATORS = """
2005-01-01 971 971 7000 -
2005-07-01 971 971 9200 -
2006-01-01 1030 1030 9200 7945
2007-01-01 1092 1092 9752 8861
2008-01-01 1168 1168 10515 10515
2009-01-01 1273 1273 13470 13470
2009-07-01 1296 1296 13717 13717
2010-01-01 1413 1413 14952 14952
2011-01-01 1512 1512 15999 15999
2012-01-01 1618 1618 17439 17439
2013-01-01 1731 1731 18660 18660
2014-01-01 1852 1852 19966 19966
2015-01-01 1982 1982 21364 21364
2016-01-01 2121 2121 22859 22859
2017-01-01 2269 2269 24459 24459
2018-01-01 2405 2405 28284 28284
2019-01-01 2525 2525 42500 29698
2020-01-01 2651 2651 42500 31183
2020-04-01 2778 2778 42500 32668
2021-01-01 2917 2917 42500 34302
2022-01-01 3063 3063 60000 36018
2022-04-01 3063 3180 60000 37389
2023-01-01 3450 3450 70000 40567
2024-01-01 3692 3692 85000 43407
2025-01-01 3932 3932 85000 46228
2026-01-01 4325 4325 85000 50851
""".strip().splitlines()
COLUMNS = ("mci", "mci_benefits", "minimum_wage", "subsistence_minimum")
# July to December 2008: the minimum wage and the subsistence minimum changed to values not seen
UNSEEN = (date(2008, 7, 1), date(2008, 12, 31))


@pytest.mark.parametrize("column", range(4), ids=COLUMNS)
def test_indicators_day_by_day(column: int) -> None:
    rows = [line.split() for line in INDICATORS]
    starts = [date.fromisoformat(row[0]) for row in rows]
    parameter = tariffs.parameter(COLUMNS[column])
    for row, start, following in zip(rows, starts, [*starts[1:], date(2027, 1, 1)], strict=True):
        for offset in range((following - start).days):
            day = start + offset * DAY
            if row[column + 1] == "-" or (column > 1 and UNSEEN[0] <= day <= UNSEEN[1]):
                with pytest.raises(tariffs.NotOnRecord):
                    parameter.on(day)
            else:
                assert parameter.on(day).value == Decimal(row[column + 1]), day


@pytest.mark.parametrize("name", COLUMNS)
def test_annual_figures_end_with_their_year(name: str) -> None:
    with pytest.raises(
        tariffs.NotOnRecord,
        match=rf"{name} has no value on 2027-01-01: the record in tariffs/parameters/{name}\.yaml ends on "
        r"2026-12-31\. Add an entry with 'from: 2027-01-01', value, act, article and evidence to that file\.",
    ) as raised:
        tariffs.parameter(name).on(date(2027, 1, 1))
    assert raised.value.code == "E1102"


def test_the_figure_known_from_memory_is_refused_and_named() -> None:
    with pytest.raises(
        tariffs.NotOnRecord,
        match=r"minimum_wage has no value on 2008-08-01: tariffs/parameters/minimum_wage\.yaml declares "
        r"a gap from 2008-07-01 to 2008-12-31: .* a value known from memory \(mark M\) is not shipped\.",
    ):
        tariffs.parameter("minimum_wage").on(date(2008, 8, 1))


@pytest.mark.parametrize("name", NAMES)
def test_every_boundary_resolves_or_is_a_declared_gap(name: str) -> None:
    parameter = tariffs.parameter(name)
    assert parameter.name == name
    assert set(parameter.title) == {"en", "ru", "kk"}
    periods = sorted([*parameter.entries, *parameter.gaps], key=lambda period: period.start)
    for period in periods:
        last = period.start + 400 * DAY if period.end is None else period.end - DAY
        for day in (period.start, last):
            if isinstance(period, tariffs.Gap):
                assert period.reason
                with pytest.raises(tariffs.NotOnRecord, match="declares a gap"):
                    parameter.on(day)
            else:
                assert parameter.on(day) is period
        if period.end is not None and period is not periods[-1]:
            assert any(other.start == period.end for other in periods), f"{name}: hole after {last}"
    with pytest.raises(tariffs.NotOnRecord, match=f"starts on {parameter.entries[0].start}"):
        parameter.on(parameter.entries[0].start - DAY)
    if parameter.entries[-1].end is not None:
        with pytest.raises(tariffs.NotOnRecord, match=f"ends on {parameter.entries[-1].last_day}"):
            parameter.on(parameter.entries[-1].end)


@pytest.mark.parametrize("name", NAMES)
def test_citations_parse(name: str) -> None:
    for entry in tariffs.parameter(name).entries:
        assert entry.status == "enacted"
        assert entry.evidence in "VCSD"
        for source in (entry.source, *entry.further_sources):
            assert len(source.act) > 5
            assert re.match(r"\d+(-\d+)?(\(|,|$| \()", source.article) or len(source.article) > 3
            if source.number is None or source.adopted is None:
                assert entry.note, f"{name}: a source without number or date needs a note"
            else:
                assert re.fullmatch(r"\d+(-[IVX]+)?", source.number)
                assert date(1990, 1, 1) < source.adopted < date(2027, 1, 1)
                assert source.adopted <= entry.start or entry.note, f"{name}: adopted after {entry.start}"
        if entry.checked_on is not None:
            assert date(2023, 1, 1) <= entry.checked_on <= date(2026, 12, 31)


def test_no_parameter_file_is_left_out() -> None:
    assert {path.stem for path in PARAMETERS.iterdir()} == set(NAMES)


ON_2026 = {
    "additional_expenses_cap": {"A": 250, "B": 500, "C": 750, "D": 1000},
    "annuity_contract_working_days": 5,
    "annuity_minimum_term_months": 12,
    "average_earnings_months": 12,
    "certification_term_months": (6, 12, 24, 60),
    "compulsory_degrees": (30, 100),
    "contract_term_months": 12,
    "correction_coefficient_history_years": 3,
    "degree_bands": {"A": (5, 29), "B": (30, 59), "C": (60, 89), "D": (90, 100)},
    "earnings_cap_minimum_wages": 10,
    "employer_expenses_cap": 250,
    "entitlement_age_carer_child": 14,
    "entitlement_age_child": 18,
    "entitlement_age_student": 23,
    "first_payout_working_days": 7,
    "funeral_payment": 100,
    "incapacity_after_death_years": 5,
    "late_payment_penalty": Decimal("0.015"),
    "minimum_premium_minimum_wages": 1,
    "no_event_discount": {"allowed": True, "maximum": Decimal("0.1"), "years_without_events": 3},
    "occupational_risk_weights": {
        "conditions": Decimal("0.7"),
        "protection": Decimal("0.2"),
        "morbidity": Decimal("0.1"),
    },
    "payroll_cap_minimum_wages": 10,
    "pension_age_men": 63,
    "pension_age_women": 61,
    "pension_contribution_base_cap": 50,
    "pension_contribution_rate": Decimal("0.1"),
    "pre_retirement_age": 55,
    "pre_retirement_annuity": 1,
    "pre_retirement_contribution_months": 84,
    "prevention_ceiling": Decimal("0.06"),
    "prevention_payment_working_days": 7,
    "rehabilitation_ceiling": Decimal("0.06"),
    "sanatorium_cap": 100,
    "social_payment_average_months": 24,
    "social_payment_base_cap_minimum_wages": 7,
    "social_payment_base_floor_minimum_wages": 1,
    "social_payment_income_replacement": Decimal("0.6"),
    "social_payment_indexation": Decimal("0.1"),
    "social_payment_subtrahend": Decimal("0.50"),
    "state_disability_benefit": {"I": Decimal("2.20"), "II": Decimal("1.76"), "III": Decimal("1.20")},
    "voluntary_degrees": (5, 29),
    "without_review_observation_years": {"A": 6, "B": 6, "C": 5, "D": 4},
}


@pytest.mark.parametrize("name", ON_2026)
def test_values_on_2026_06_01(name: str) -> None:
    assert tariffs.parameter(name).on(date(2026, 6, 1)).value == ON_2026[name]


@pytest.mark.parametrize(
    ("name", "day", "value"),
    [
        ("social_payment_subtrahend", date(2019, 12, 31), Decimal("0.80")),
        ("social_payment_subtrahend", date(2020, 1, 1), Decimal("0.55")),
        ("social_payment_subtrahend", date(2023, 6, 30), Decimal("0.55")),
        ("social_payment_base_cap_minimum_wages", date(2019, 12, 31), Decimal(10)),
        ("social_payment_indexation", date(2013, 5, 1), Decimal("0.16")),
        ("social_payment_indexation", date(2022, 3, 31), Decimal("0.05")),
        ("social_payment_indexation", date(2022, 4, 1), Decimal("0.04")),
        ("social_payment_indexation", date(2023, 6, 30), Decimal("0.085")),
        ("social_payment_indexation", date(2023, 7, 1), Decimal("0.145")),
        ("social_payment_indexation", date(2025, 1, 1), Decimal("0.065")),
        ("correction_coefficient_history_years", date(2023, 12, 31), 5),
        ("compulsory_degrees", date(2015, 5, 9), (5, 100)),
        (
            "additional_expenses_lump_sum",
            date(2015, 5, 9),
            {"A": 500, "B": 1000, "C": 1500, "D": 2000},
        ),
        ("gross_negligence_reduction", date(2023, 12, 31), True),
        ("gross_negligence_reduction", date(2024, 1, 1), False),
        ("survivor_old_age", date(2015, 1, 1), {"men": Decimal(63), "women": Decimal(58)}),
    ],
)
def test_values_of_other_periods(name: str, day: date, value: object) -> None:
    assert tariffs.parameter(name).on(day).value == value


def test_degree_coefficient_of_the_social_payment() -> None:
    before = tariffs.parameter("social_payment_degree_coefficient").on(date(2019, 1, 1)).value
    assert [(s["lowest"], s["highest"], s["coefficient"]) for s in before["steps"]] == [
        (30, 59, Decimal("0.3")),
        (60, 79, Decimal("0.5")),
        (80, 100, Decimal("0.7")),
    ]
    now = tariffs.parameter("social_payment_degree_coefficient").on(date(2024, 1, 1)).value
    assert (now["rule"], now["steps"], now["lowest_degree"]) == ("own_degree", None, 30)


@pytest.mark.parametrize(
    ("months", "coefficient"),
    [(71, "1.00"), (72, "1.02"), (84, "1.04"), (240, "1.30"), (5, "0.1"), (6, "0.7")],
)
def test_service_coefficient_of_order_238(months: int, coefficient: str) -> None:
    """Order of 22.06.2023 No 238: 71 months -> 1.00, 72 -> 1.02, 84 -> 1.04, 240 -> 1.30."""
    rule = tariffs.parameter("social_payment_service_coefficient").on(date(2024, 1, 1)).value
    k = max((s for s in rule["steps"] if s["months"] <= months), key=lambda s: s["months"])["coefficient"]
    growth = rule["growth"]
    if months > growth["above_months"]:
        k += growth["increment"] * ((months - growth["above_months"]) // growth["per_months"])
    assert min(k, rule["maximum"]) == Decimal(coefficient)


def test_payout_editions() -> None:
    editions = tariffs.parameter("payout_edition")
    assert [entry.start.isoformat() for entry in editions.entries] == [
        "2007-05-07",
        "2010-03-19",
        "2015-05-10",
        "2024-01-01",
    ]
    expenses = [entry.value["additional_expenses"] for entry in editions.entries]
    assert expenses == ["actual_up_to_insured_sum", "lump_sum", "capped", "capped"]
    for rule in ("earnings_cap", "social_payment_deducted", "pension_age_stop"):
        assert [entry.value[rule] for entry in editions.entries] == [False, False, True, True]
    assert [entry.value["insurer_pays_band_a"] for entry in editions.entries] == [True, True, False, False]
    assert [entry.value["sanatorium"] for entry in editions.entries] == [False, False, False, True]
    with pytest.raises(
        tariffs.NotOnRecord, match=r"payout_edition has no value on 2007-05-06: .* starts on 2007-05-07"
    ):
        editions.on(date(2007, 5, 6))


def test_series_marks_what_is_not_on_record() -> None:
    steps = tariffs.parameter("minimum_wage").series()
    assert steps[0] == (date(2005, 1, 1), Decimal(7000))
    assert steps[-1] == (date(2027, 1, 1), None)
    assert (date(2008, 7, 1), None) in steps
    assert [start for start, _ in steps] == sorted(start for start, _ in steps)
    women = tariffs.parameter("pension_age_women").series()
    assert women[-1] == (date(2031, 1, 1), Decimal(63))
    assert " ".join(str(age) for _, age in women) == "58 58.5 59 59.5 60 60.5 61 61.5 62 62.5 63"


def test_law_remembers_what_was_used() -> None:
    law = tariffs.law_on(date(2026, 1, 1))
    assert law.used == ()
    assert law["minimum_wage"].value == 85000
    assert law["mci"].value == 4325
    assert law["minimum_wage"] is law["minimum_wage"]
    assert law.used == ("minimum_wage", "mci")
    assert [entry.act for entry in law.used_entries] == ["Budget law for 2026-2028"] * 2


def test_unknown_name_brings_the_nearest_ones() -> None:
    with pytest.raises(
        tariffs.LawError, match=r"there is no parameter 'minimum_wages' .* the nearest names are minimum_wage"
    ) as raised:
        tariffs.parameter("minimum_wages")
    assert raised.value.code == "E1101"
    assert isinstance(raised.value, LookupError)
    with pytest.raises(tariffs.LawError, match="no name is near it"):
        tariffs.parameter("zzzzqqqq")


def test_entry_as_json_is_exact() -> None:
    answer = tariffs.parameter("pension_age_women").on(date(2018, 5, 1)).as_json()
    assert answer["value"] == "58.5"
    assert (answer["from"], answer["to"], answer["checked_on"]) == ("2018-01-01", "2018-12-31", None)
    assert tariffs.parameter("degree_bands").on(date(2026, 1, 1)).as_json()["value"]["A"] == [5, 29]
