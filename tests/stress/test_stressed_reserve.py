"""Each scenario's reserve is the reserve of a basis, a portfolio or a law changed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import naive
import numpy as np
import pytest
from adaptor import basis_of, records_of
from change_by_hand import BY_HAND
from figures import LAW, load_tables
from people import corner_bases, corner_people

from actuarial.basis import Basis
from actuarial.error import SafetyLimitError
from actuarial.payout_law import PayoutLaw
from actuarial.projection import Projection, outside_table, project
from actuarial.record import AnnuityRecords
from actuarial.reserve import AMOUNTS, annuity_reserve, totals_by_group
from actuarial.stress import valuation
from actuarial.stress.scenario import Change, Scenario, load_scenarios
from actuarial.stress.situation import Part, Situation, situation
from actuarial.stress.stressed_basis import NotApplicableError
from actuarial.stress.valuation import Outcome, StressedPortfolio

V = date(2026, 1, 1)
PRESETS = {scenario.name: scenario for file in load_scenarios("all") for scenario in file.scenarios}


def people_of(seed: int, n: int, basis: Basis) -> list[dict[str, Any]]:
    rows = corner_people(seed, n, V)
    outside = outside_table(records_of(rows), basis)
    return [row for row, out in zip(rows, outside, strict=True) if not out]


def situation_of(scenario: Scenario, basis: Basis) -> Situation | None:
    try:
        return situation(scenario, basis, PayoutLaw(), V)
    except NotApplicableError:
        return None


def assert_is_valuation(outcome: Outcome, records: AnnuityRecords, basis: Basis, law: PayoutLaw) -> None:
    """Sums by group and cash-flow, to the tiyn, of a reserve run of its own."""
    whole = annuity_reserve(records, basis, V, law=law, threads=1)
    assert outcome.totals() == whole.totals()
    np.testing.assert_array_equal(outcome.flow.certified, whole.flow.certified)
    np.testing.assert_array_equal(outcome.flow.expected, whole.flow.expected)
    assert outcome.groups() == totals_by_group(whole, records)


@pytest.mark.parametrize("number", [0, 1, 3, 6, 9])
def test_a_scenario_is_a_reserve_run_with_a_file_changed_by_hand(number: int, tmp_path: Path) -> None:
    plain = corner_bases(40 + number)[number]
    basis = basis_of(plain, tmp_path)
    rows = people_of(40 + number, 50, basis)
    records = records_of(rows)
    portfolio = StressedPortfolio(records, basis, V, threads=1)
    assert_is_valuation(portfolio.base(), records, basis, PayoutLaw())
    for name, by_hand in BY_HAND.items():
        given = situation_of(PRESETS[name], basis)
        if given is None:
            assert plain["indexation"]["choice"] == "none", name
            continue
        changed, changed_rows = by_hand(plain, rows)
        (outcome,) = portfolio.outcomes([given])
        assert_is_valuation(outcome, records_of(changed_rows), basis_of(changed, tmp_path), PayoutLaw())


def added_force(monkeypatch: pytest.MonkeyPatch, share: Decimal, months: int) -> None:
    """Let the reference kill a further share of people a year, for some months from V."""
    life = naive.Life
    first, month = life.to_first, life.month

    def upto(self: Any, k: int) -> Fraction:
        return min(Fraction(self.first_days, 365) + Fraction(k, 12), Fraction(months, 12))

    def factor(years: Fraction) -> Decimal:
        return naive.growth_to(-share, years)

    monkeypatch.setattr(life, "to_first", lambda self, band: first(self, band) * factor(upto(self, 0)))
    monkeypatch.setattr(
        life,
        "month",
        lambda self, k, band: month(self, k, band) * factor(upto(self, k + 1) - upto(self, k)),
    )


def double_voluntary_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = naive.additional_expenses

    def doubled(row: Any, basis: Any, law: Any, valuation_date: date) -> Fraction:
        if row["product"] != "voluntary":
            return plain(row, basis, law, valuation_date)
        # 500 of an index is 250 of one twice as large
        twice = {**law, "mci": [(day, 2 * figure) for day, figure in law["mci"]]}
        return plain(row, basis, twice, valuation_date)

    monkeypatch.setattr(naive, "additional_expenses", doubled)


def pay_light_degrees(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = naive.state_benefits

    def with_band_a(row: Any, basis: Any, law: Any) -> Any:
        amounts = plain(row, basis, law)
        if row["beneficiary"] == "worker" and row["product"] == "compulsory":
            factor = naive.current_factor(row, basis, law)
            degree = basis["certification"]["representative_degree"]["A"]
            amounts["A", False] = naive.worker_benefit(row, basis, law, degree) * factor
            if naive.degree_band(row["degree_of_loss"]) == "A":
                amounts["A", True] = naive.worker_benefit(row, basis, law) * factor
        return amounts

    monkeypatch.setattr(naive, "state_benefits", with_band_a)


PATCHES = {
    "life_catastrophe": lambda patch: added_force(patch, Decimal("0.0015"), 12),
    "cap_250_doubled": double_voluntary_cap,
    "light_degrees_to_insurers": pay_light_degrees,
}


@pytest.mark.parametrize(
    ("number", "name"),
    [*((n, name) for n in (0, 4) for name in PATCHES), (0, "offset_withdrawn"), (4, "disability_inception")],
)
def test_a_scenario_against_the_reference(
    number: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fractions, decimals of 40 digits and dates, one person and one month at a time."""
    plain = corner_bases(60)[number]
    basis = basis_of(plain, tmp_path)
    rows = people_of(60, 25, basis)
    given = situation_of(PRESETS[name], basis)
    assert given is not None
    (outcome,) = StressedPortfolio(records_of(rows), basis, V).outcomes([given])
    if name in PATCHES:
        PATCHES[name](monkeypatch)
    else:
        plain, rows = BY_HAND[name](plain, rows)
    tables = load_tables()
    answers = [naive.value(row, plain, LAW, tables, V) for row in rows]
    for amount in AMOUNTS:
        by_hand = sum(int(answer[amount] * 100) for answer in answers)
        assert abs(outcome.totals()[amount] - by_hand) <= 3 * len(rows), amount
    for measure in ("certified", "expected"):
        flow = sum(amount for answer in answers for _, amount in answer[f"cashflows_{measure}"])
        assert int(getattr(outcome.flow, measure).sum()) == pytest.approx(float(flow) * 100, rel=1e-9)


# ---------------------------------------------------------------- what is reused


SEVERAL = Scenario(
    name="several",
    title="several changes at once",
    source="test",
    changes=[
        Change(parameter="basis.interest", add=-0.01),
        Change(parameter="basis.mortality.multiplier", multiply=1.3),
        Change(parameter="basis.certification.next_term_months", set={"A": 6, "B": 6, "C": 12, "D": 12}),
        Change(parameter="basis.certification.representative_degree.B", set=35),
        Change(parameter="basis.expenses.per_month", add=500.0),
        Change(parameter="annuity.payment", multiply=1.05),
        Change(parameter="annuity.social_payment", multiply=0.5),
        Change(parameter="law.mci", multiply=1.1, since="valuation_date"),
        Change(parameter="law.payout_edition.insurer_pays_band_a", set=True),
    ],
)
EVERYTHING = Scenario(
    name="everything",
    title="later pensions, children to 21",
    source="test",
    changes=[
        Change(parameter="law.pension_age_women", add=1, since=date(2027, 1, 1)),
        Change(parameter="law.entitlement_age_child", set=21),
        Change(parameter="basis.mortality.improvement", set=0.01),
        Change(parameter="annuity.added_mortality", add=0.01, months=6),
    ],
)
DEGREES = [
    Scenario(
        name=f"degrees_{terms}_{degree:g}",
        title="terms that are no multiple of the base's, and another degree",
        source="test",
        changes=[
            Change(parameter="basis.certification.next_term_months.B", set=terms),
            Change(parameter="basis.certification.representative_degree.C", set=degree),
        ],
    )
    for terms, degree in ((7, 65.0), (7, 80.0), (9, 80.0))
]

NEW_MATRICES = Scenario(
    name="matrices",
    title="matrices by other durations",
    source="test",
    changes=[
        Change(
            parameter="basis.certification.matrices",
            set=[
                {
                    "duration_from": years,
                    "A": [0.8, 0.1, 0.0, 0.0, 0.1],
                    "B": [0.1, 0.7, 0.1, 0.0, 0.1],
                    "C": [0.0, 0.1 + years / 100, 0.8 - years / 100, 0.1, 0.0],
                    "D": [0.0, 0.0, 0.1, 0.9, 0.0],
                }
                for years in (0, 2, 4, 7, 11)
            ],
        )
    ],
)


def in_full(records: AnnuityRecords, given: Situation) -> Projection:
    """The projection of a situation from its records, basis and law, nothing of the base kept."""
    anew = project(given.records(records), given.basis, V, given.law)
    days = np.unique(records.next_payment_date - 20454)
    return replace(anew, further_survival=given.further_survival(days, anew.discount.shape[1]))


@pytest.mark.parametrize("number", [0, 5, 8])
def test_reuse_is_full_recomputation_byte_for_byte(number: int, tmp_path: Path) -> None:
    basis = basis_of(corner_bases(70)[number], tmp_path)
    records = records_of(people_of(70, 150, basis))
    scenarios = [*PRESETS.values(), SEVERAL, EVERYTHING, *DEGREES, NEW_MATRICES]
    situations = [given for scenario in scenarios if (given := situation_of(scenario, basis)) is not None]
    portfolio = StressedPortfolio(records, basis, V, threads=1)
    outcomes = portfolio.outcomes(situations)
    anew = [replace(given, touched=frozenset({Part.EVERYTHING})) for given in situations]
    for given, outcome, full in zip(situations, outcomes, portfolio.outcomes(anew), strict=True):
        np.testing.assert_array_equal(outcome.sums, full.sums, err_msg=given.name)
        np.testing.assert_array_equal(outcome.flow.certified, full.flow.certified, err_msg=given.name)
        np.testing.assert_array_equal(outcome.flow.expected, full.flow.expected, err_msg=given.name)
        certified, expected = in_full(records, given).measures()
        for measure, values in (("certified", certified), ("expected", expected)):
            column = AMOUNTS.index(f"{measure}_reserve")
            assert abs(int(outcome.sums[:, column].sum()) - values.value.sum() * 100) <= len(records)


def test_alone_or_together_in_any_order_on_any_threads(tmp_path: Path) -> None:
    basis = basis_of(corner_bases(71)[0], tmp_path)
    rows = people_of(71, 150, basis)
    records = records_of(rows)
    order = np.random.default_rng(1).permutation(len(rows))
    shuffled = records_of([rows[k] for k in order])
    situations = [given for s in PRESETS.values() if (given := situation_of(s, basis)) is not None]
    one = StressedPortfolio(records, basis, V, threads=1).outcomes(situations)
    two = StressedPortfolio(shuffled, basis, V, threads=2).outcomes(situations[::-1])[::-1]
    for given, a, b in zip(situations, one, two, strict=True):
        (alone,) = StressedPortfolio(records, basis, V).outcomes([given])
        for other in (b, alone):
            np.testing.assert_array_equal(a.sums, other.sums)
            np.testing.assert_array_equal(a.flow.expected, other.flow.expected)


# ---------------------------------------------------------------- published figures

WORKER = {
    "claim_id": "1", "product": "compulsory", "beneficiary": "worker", "sex": "male",
    "birth_date": date(1980, 1, 1),
    "contract_date": date(2024, 3, 1), "accident_date": date(2024, 5, 1), "degree_of_loss": 60,
    "first_certificate_date": date(2024, 6, 1), "average_monthly_earnings": Decimal(500_000),
    "social_payment": Decimal(0), "next_payment_date": V, "annuity_start_date": V,
}  # fmt: skip


@pytest.mark.parametrize(
    ("interest", "indexation", "factor", "doubled"),
    [(0.06, 0.0, 11.81982, 11.04995), (0.12, 0.08, 13.89703, None)],
)
def test_published_annuity_under_longevity(
    interest: float, indexation: float, factor: float, doubled: float | None, tmp_path: Path
) -> None:
    """A man of 40 to 63 at the mortality of the table; −20 % adds only 1.4-1.6 %."""
    plain = corner_bases(1)[0]
    plain["interest"] = {"flat": interest}
    plain["indexation"] = {"choice": "contract_rate", "rate": indexation}
    plain["mortality"] = {
        "male": "kz-wpp2024-2020-2025-male",
        "female": "kz-wpp2024-2020-2025-female",
        "multiplier": dict.fromkeys(("A", "B", "C", "D", "dependant"), 1.0),
        "improvement": 0.0,
        "fractional_age": "constant_force",
    }
    basis = basis_of(plain, tmp_path)
    portfolio = StressedPortfolio(records_of([{**WORKER, "birth_date": date(1986, 1, 1)}]), basis, V)
    double = Scenario(
        name="double",
        title="x",
        source="x",
        changes=[Change(parameter="basis.mortality.multiplier", multiply=2)],
    )
    found = [situation_of(PRESETS["longevity"], basis), situation_of(double, basis)]
    longer, heavier = portfolio.outcomes([given for given in found if given is not None])
    yearly = 12 * 300_000 * 100
    base = portfolio.base().totals()["certified_reserve"]
    assert base / yearly == pytest.approx(factor, abs=5e-6)
    assert 0.014 <= longer.totals()["certified_reserve"] / base - 1 <= 0.016
    if doubled is not None:
        assert heavier.totals()["certified_reserve"] / yearly == pytest.approx(doubled, abs=5e-6)


def test_added_mortality_is_a_higher_yield_while_it_lasts(tmp_path: Path) -> None:
    """Payments of one year: a force of −ln(1 − q) beside the tables discounts like a yield."""
    plain = corner_bases(2)[0]
    plain["interest"] = {"flat": 0.1}
    basis = basis_of(plain, tmp_path)
    day = date(2026, 12, 1)
    rows = [
        {**row, "certificate_end": day, "entitlement_end": day, "remaining_insured_sum": None}
        for row in people_of(80, 120, basis)
        if row["beneficiary"] == "worker"
    ]
    records = records_of(rows)
    given = situation_of(PRESETS["life_catastrophe"], basis)
    assert given is not None
    (outcome,) = StressedPortfolio(records, basis, V).outcomes([given])
    plain["interest"] = {"flat": 1.1 / (1 - 0.0015) - 1}
    by_yield = annuity_reserve(records, basis_of(plain, tmp_path), V).totals()["certified_reserve"]
    assert abs(outcome.totals()["certified_reserve"] - by_yield) <= 1


@pytest.mark.parametrize(
    ("social", "current", "payment"),
    [
        (400_000, None, "300000.00"),
        (400_000, 0, "300000.00"),
        (100_000, None, "300000.00"),
        (100_000, 220_000, "330000.00"),
        (0, 330_000, "330000.00"),
    ],
)
def test_payments_when_nothing_is_deducted_any_more(
    social: int, current: int | None, payment: str, tmp_path: Path
) -> None:
    """60 % of 500 000, times what a payment in force of the past was indexed by: 220 000 / 200 000 = 1.1."""
    basis = basis_of(corner_bases(3)[0], tmp_path)
    row = {
        **WORKER,
        "social_payment": Decimal(social),
        "current_monthly_payment": None if current is None else Decimal(current),
    }
    given = situation_of(PRESETS["offset_withdrawn"], basis)
    assert given is not None
    (outcome,) = StressedPortfolio(records_of([row]), basis, V).outcomes([given])
    assert Decimal(outcome.totals()["monthly_payment"]) / 100 == Decimal(payment)


@pytest.mark.parametrize("number", [0, 2])
def test_a_record_has_its_value_whoever_is_valued_with_it(number: int, tmp_path: Path) -> None:
    """To the last bit: the rows of survival must not begin at the youngest of the part."""
    basis = basis_of(corner_bases(72)[number], tmp_path)
    rows = people_of(72, 200, basis)
    whole = project(records_of(rows), basis, V, PayoutLaw()).measures()
    picked = [
        k for k, row in enumerate(rows) if row["beneficiary"] == "worker" and row["birth_date"].year < 1990
    ]
    alone = project(records_of([rows[k] for k in picked]), basis, V, PayoutLaw()).measures()
    for many, few in zip(whole, alone, strict=True):
        np.testing.assert_array_equal(many.value[picked], few.value)


def test_in_parts_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large portfolios are sorted and valued in parts."""
    basis = basis_of(corner_bases(73)[0], tmp_path)
    records = records_of(people_of(73, 150, basis))
    situations = [given for s in PRESETS.values() if (given := situation_of(s, basis)) is not None]
    whole = StressedPortfolio(records, basis, V, threads=1).outcomes(situations)
    monkeypatch.setattr(valuation, "ROWS_AT_ONCE", 16)
    parts = StressedPortfolio(records, basis, V, threads=2)
    for one, other in zip(whole, parts.outcomes(situations), strict=True):
        np.testing.assert_array_equal(one.sums, other.sums)
        np.testing.assert_array_equal(one.flow.certified, other.flow.certified)
        np.testing.assert_array_equal(one.flow.expected, other.flow.expected)


def test_the_record_at_fault_is_the_portfolios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    basis = basis_of(corner_bases(73)[0], tmp_path)
    rows = people_of(73, 60, basis)
    worst = max(k for k, row in enumerate(rows) if row["beneficiary"] == "worker")
    rows[worst] = {
        **WORKER,
        "product": "voluntary",
        "degree_of_loss": 20,
        "average_monthly_earnings": Decimal(10**15),
    }
    monkeypatch.setattr(valuation, "ROWS_AT_ONCE", 16)
    with pytest.raises(SafetyLimitError, match=f"record {worst + 1} alone") as caught:
        StressedPortfolio(records_of(rows), basis, V, threads=1)
    assert caught.value.code == "E9001"
