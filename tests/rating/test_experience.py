"""The modification of a small book by hand, in fractions; nothing that became known later enters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from rated_employers import CLAIMS, HOLDERS, YEARS, write_assumptions, write_book

import tariffs
from actuarial.claim_record import ClaimRecords
from actuarial.credibility import CredibilityError
from actuarial.experience_rating.assumption import (
    CredibilityChoice,
    ExpectedLosses,
    RatingAssumptions,
    RatingBasis,
    load_rating_assumptions,
)
from actuarial.experience_rating.experience import RatingBook, YearExperience, experience, rating_book
from actuarial.experience_rating.modification import RatingError
from actuarial.portfolio.claim_check import read_experience

NAMES = sorted(HOLDERS)
EXPERIENCE_YEARS = (2021, 2022, 2023)
SPLIT = 1_000_000
# what was known of the losses on 2023-12-31, by policyholder and year of the event
KNOWN: dict[str, list[list[int]]] = {
    "Alpha": [[2_000_000], [], [300_000]],
    "Beta": [[], [850_000], [2_500_000]],
    "Gamma": [[800_000], [5_000_000], []],
}


def book_of(folder: Path, **options: object) -> RatingBook:
    found = read_experience(write_book(folder, **options), None, date(2025, 1, 1)).experience  # type: ignore[arg-type]
    assert found is not None
    return rating_book(found, found.records.contract_id.to_pylist())  # type: ignore[attr-defined]


def rated(
    folder: Path, year: int = 2024, assumptions: dict[str, str] | None = None, **options: object
) -> YearExperience:
    basis = load_rating_assumptions(write_assumptions(folder / "a.yaml", **(assumptions or {})))
    return experience(book_of(folder / "book", **options), basis, year)


def tariff_premium(name: str) -> Fraction:
    risk_class, payroll = HOLDERS[name]
    rate = tariffs.parameter("tariff_rate").on(date(2022, 1, 1)).value[risk_class]
    assert isinstance(rate, Decimal)
    return Fraction(rate) * payroll


def split(losses: list[int]) -> tuple[int, int]:
    primary = sum(min(loss, SPLIT) for loss in losses)
    return primary, sum(losses) - primary


def slow_buhlmann_straub(
    ratio: list[list[Fraction]], weight: list[list[Fraction]]
) -> tuple[Fraction, Fraction]:
    """s² and a of Bühlmann and Straub in fractions."""
    total = [sum(row) for row in weight]
    mean = [
        sum(w * x for w, x in zip(ws, xs, strict=True)) / sum(ws)
        for ws, xs in zip(weight, ratio, strict=True)
    ]
    everything = sum(total)
    overall = sum(w * m for w, m in zip(total, mean, strict=True)) / everything
    n, r = len(ratio[0]), len(ratio)
    within = sum(
        w * (x - m) ** 2
        for ws, xs, m in zip(weight, ratio, mean, strict=True)
        for w, x in zip(ws, xs, strict=True)
    ) / (r * (n - 1))
    spread = sum(w * (m - overall) ** 2 for w, m in zip(total, mean, strict=True)) - (r - 1) * within
    return within, spread / (everything - sum(w * w for w in total) / everything)


def by_hand() -> tuple[dict[str, Fraction], Fraction, Fraction]:
    """Modification by policyholder, K of both parts."""
    premium = {name: tariff_premium(name) for name in NAMES}
    parts = {name: [split(year) for year in KNOWN[name]] for name in NAMES}
    primary = sum(p for rows in parts.values() for p, _ in rows)
    excess = sum(e for rows in parts.values() for _, e in rows)
    level = Fraction(primary + excess) / (3 * sum(premium.values()))
    share = Fraction(primary, primary + excess)
    expected = {name: level * premium[name] for name in NAMES}
    constants = []
    for layer, portion in ((0, share), (1, 1 - share)):
        weight = [[portion * expected[name]] * 3 for name in NAMES]
        ratio = [[parts[name][y][layer] / weight[k][y] for y in range(3)] for k, name in enumerate(NAMES)]
        within, between = slow_buhlmann_straub(ratio, weight)
        constants.append(within / between if between > 0 else None)
    found = {}
    for name in NAMES:
        whole = 3 * expected[name]
        blended = Fraction(0)
        for layer, portion, constant in ((0, share, constants[0]), (1, 1 - share, constants[1])):
            volume = portion * whole
            z = Fraction(0) if constant is None else volume / (volume + constant)
            blended += z * sum(parts[name][y][layer] for y in range(3)) + (1 - z) * volume
        found[name] = blended / whole
    return found, constants[0], constants[1]  # type: ignore[return-value]


def test_modification_by_hand(tmp_path: Path) -> None:
    found = rated(tmp_path)
    expected, primary, excess = by_hand()
    for name, m in zip(NAMES, found.modification.tolist(), strict=True):
        assert m == pytest.approx(float(expected[name]), rel=1e-12)
    for constant, own in ((primary, found.primary_constant), (excess, found.excess_constant)):
        assert own == (float("inf") if constant is None else pytest.approx(float(constant), rel=1e-10))
    assert found.actual == found.expected == pytest.approx(11_450_000)
    assert found.has_experience.all()


def test_constants_by_hand(tmp_path: Path) -> None:
    """Z_p = E_p / (E_p + 2 m), Z_e = E_e / (E_e + 50 m)."""
    found = rated(
        tmp_path,
        assumptions={"credibility": "{choice: constants, primary: 2000000.0, excess: 50000000.0}"},
    )
    premium = {name: tariff_premium(name) for name in NAMES}
    parts = {name: [split(year) for year in KNOWN[name]] for name in NAMES}
    primary, excess = (sum(row[k] for rows in parts.values() for row in rows) for k in (0, 1))
    for k, name in enumerate(NAMES):
        expected = Fraction(primary + excess) * premium[name] / sum(premium.values())
        e_p = expected * Fraction(primary, primary + excess)
        e_e = expected - e_p
        z_p, z_e = e_p / (e_p + 2_000_000), e_e / (e_e + 50_000_000)
        a_p, a_e = (sum(row[j] for row in parts[name]) for j in (0, 1))
        m = (a_p * z_p + e_p * (1 - z_p) + a_e * z_e + e_e * (1 - z_e)) / expected
        assert found.modification[k] == pytest.approx(float(m), rel=1e-12)


def test_known_constant_is_found() -> None:
    """Claims of 100 000 each, Poisson with a gamma mean of variance ¼: s² = 100 000, a = ¼, K = 400 000."""
    rng = np.random.default_rng(3)
    n, cost, days = 8000, 100_000, [(date(y, 1, 1) - date(1970, 1, 1)).days for y in (*YEARS, 2025)]
    payroll = rng.gamma(2.0, 200_000_000, n)
    # a tariff of 0.1 %, of which all are losses
    mean = payroll * 0.001 / cost * rng.gamma(4.0, 0.25, n)
    holder = np.repeat(np.arange(n), len(YEARS))
    year = np.tile(np.arange(len(YEARS)), n)
    counts = rng.poisson(mean[holder])
    contract = np.repeat(np.arange(holder.size), counts)
    starts = np.array(days[:-1], dtype=np.int32)[year]
    known = (starts[contract] + 40).astype(np.int32)
    k = contract.size
    zeros = np.zeros(k, dtype=np.int64)
    claims = ClaimRecords(
        claim_id=range(k),
        contract=contract,
        part=contract,
        risk_class=zeros + 5,
        kind=zeros.astype(np.int8),
        event_date=known,
        report_date=known,
        movement_claim=np.arange(k),
        movement_date=known,
        paid=zeros + cost * 100,
        case_estimate_change=zeros,
    )
    book = RatingBook(
        contract_id=tuple(map(str, range(holder.size))),
        policyholder=holder,
        n_policyholders=n,
        contract_date=starts,
        start_date=starts,
        cover_end=np.array(days[1:], dtype=np.int32)[year],
        position=np.arange(holder.size),
        part_contract=np.arange(holder.size),
        part_class=np.full(holder.size, 5),
        part_payroll=payroll[holder],
        part_tariff=payroll[holder] * 0.001,
        claim_contract=contract,
        claims=claims,
    )
    assumptions = RatingAssumptions(
        name="known", experience_years=3, test_years=[2024], valuation_date=date(2025, 1, 1),
        split_point=1_000_000, expected_losses=ExpectedLosses(choice="tariff"),
        credibility=CredibilityChoice(choice="book"),
    )  # fmt: skip
    found = experience(book, RatingBasis(assumptions, {}, {}, {}), 2024)
    assert found.primary_constant == pytest.approx(400_000, rel=0.1)
    assert found.excess_constant == float("inf")
    # the best linear forecast of each mean: slope 1 against the truth
    truth = mean * cost / (payroll * 0.001)
    covariance = np.cov(truth, found.modification, aweights=payroll)
    assert covariance[0, 1] / covariance[1, 1] == pytest.approx(1.0, abs=0.05)


def test_what_became_known_later_does_not_matter(tmp_path: Path) -> None:
    """Beta's claim of 2023 rises by 4 m in February 2024; events of 2024 belong to the test."""
    known = [
        (contract, event, report, [row for row in rows if row[0] < "2024-01-01"])
        for contract, event, report, rows in CLAIMS
        if report < "2024-01-01"
    ]
    found, fewer = rated(tmp_path / "a"), rated(tmp_path / "b", claims=known)
    np.testing.assert_array_equal(found.modification, fewer.modification)


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    found = [rated(tmp_path / str(seed), shuffled=seed) for seed in (1, 2, 3)]
    for other in found[1:]:
        assert other.modification.tobytes() == found[0].modification.tobytes()
        assert (other.primary_constant, other.excess_constant) == (
            found[0].primary_constant,
            found[0].excess_constant,
        )


def test_expected_losses_of_a_table(tmp_path: Path) -> None:
    table = tmp_path / "rates.csv"
    table.write_text(
        "risk_class,expected_loss_percent,primary_share_percent\n5,0.2,40\n12,0.5,25\n", encoding="utf-8"
    )
    found = rated(tmp_path, assumptions={"expected_losses": "{choice: table, table: rates.csv}"})
    # three years of payroll × percent
    assert found.losses.expected == pytest.approx([3 * 1_800_000, 3 * 2_500_000, 3 * 6_000_000])
    assert found.losses.expected_primary == pytest.approx(
        [0.4 * 5_400_000, 0.25 * 7_500_000, 0.25 * 18_000_000]
    )
    assert found.actual == pytest.approx(11_450_000)


def test_expected_losses_of_classes_add_up_and_lie_between(tmp_path: Path) -> None:
    """The class estimate lies between the class's own ratio and that of the book."""
    amounts = {
        "Alpha": (900_000, 800_000, 950_000),
        "Beta": (90_000, 100_000, 80_000),
        "Gamma": (300_000, 200_000, 250_000),
    }
    claims = [
        (f"{name}-{year}", f"{year}-05-05", f"{year}-05-15", [(f"{year}-06-01", amount, 0)])
        for name, own_amounts in amounts.items()
        for year, amount in zip(EXPERIENCE_YEARS, own_amounts, strict=True)
    ]
    found = rated(tmp_path, assumptions={"expected_losses": "{choice: class}"}, claims=claims)
    assert found.expected == pytest.approx(found.actual)
    losses = {5: 2_650_000, 12: 1_020_000}
    tariff = {5: tariff_premium("Alpha") * 3, 12: (tariff_premium("Beta") + tariff_premium("Gamma")) * 3}
    own = {c: losses[c] / float(tariff[c]) for c in losses}
    for c, other in ((5, 12), (12, 5)):
        assert min(own[c], own[other]) < found.class_factor[c] < max(own[c], own[other])
        assert abs(found.class_factor[c] / own[c] - 1) < 0.2


def test_claims_as_they_stood_on_the_first_day_of_the_year(tmp_path: Path) -> None:
    """On 2023-01-01 Beta's claim of 2022 is still an estimate of 900 000."""
    found = rated(tmp_path, 2023, {"experience_years": "2", "test_years": "[2023]"})
    assert found.actual == pytest.approx(2_000_000 + 900_000 + 800_000 + 5_000_000)


def test_part_of_a_year_counts_its_days(tmp_path: Path) -> None:
    """Contracts from July to June: 184 + 365 + 365 days of 2021-2023."""
    (tmp_path / "rates.csv").write_text("risk_class,expected_loss_percent\n5,0.2\n12,0.5\n", encoding="utf-8")
    table = {"expected_losses": "{choice: table, table: rates.csv}"}
    claims = [("Alpha-2021", "2021-08-08", "2021-08-18", [("2021-09-01", 100_000, 0)])]
    found = rated(tmp_path, assumptions=table, claims=claims, half_years=True)
    assert found.losses.expected[0] == pytest.approx(900_000_000 * 0.002 * 914 / 365, rel=1e-12)


def test_claim_limit(tmp_path: Path) -> None:
    found = rated(tmp_path, assumptions={"claim_limit": "2000000"})
    assert found.actual == pytest.approx(2_000_000 + 300_000 + 850_000 + 2_000_000 + 800_000 + 2_000_000)


def test_period_without_losses_or_exposure(tmp_path: Path) -> None:
    late = [row for row in CLAIMS if "2024" in row[0]]
    with pytest.raises(RatingError, match="2021-2023 holds no losses: a rating of 2024 needs both") as caught:
        rated(tmp_path / "a", claims=late)
    assert caught.value.code == "E4815"
    with pytest.raises(RatingError, match="2018-2020 holds no losses") as caught:
        rated(tmp_path / "b", 2021, {"test_years": "[2021]"})


def test_one_year_shows_no_variance_inside(tmp_path: Path) -> None:
    with pytest.raises(CredibilityError, match="no risk has experience of two periods") as caught:
        rated(tmp_path, assumptions={"experience_years": "1"})
    assert caught.value.code == "E4702"


def test_one_policyholder_cannot_be_compared(tmp_path: Path) -> None:
    only = {"Alpha": HOLDERS["Alpha"]}
    with pytest.raises(CredibilityError, match="credibility compares risks") as caught:
        rated(tmp_path, holders=only, claims=[row for row in CLAIMS if row[0].startswith("Alpha")])
    assert caught.value.code == "E4701"


def test_class_without_expected_losses(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("risk_class,expected_loss_percent\n5,0.2\n", encoding="utf-8")
    with pytest.raises(RatingError, match="the book has classes 12 and the table has not") as caught:
        rated(tmp_path, assumptions={"expected_losses": "{choice: table, table: rates.csv}"})
    assert caught.value.code == "E4814"
