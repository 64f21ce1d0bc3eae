"""A synthetic portfolio of annuities: no real person, but the shape of a real insurer's file.

It lets the engine be tried, shown and timed without anyone's personal data. The law comes from `tariffs` by
date; every other constant, with its source or the word ``assumption``, from ``sample_calibration.yaml``.

Each quantity has its own counter-based random stream (Philox keyed by the seed and the quantity's name),
and element ``i`` of a stream belongs to claim or row ``i``. The first ``m`` rows of a larger portfolio are
therefore the portfolio of ``m`` rows. Nothing is drawn again: ranges are narrowed beforehand, so that every
row satisfies the rules of the table by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources
from statistics import NormalDist
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from actuarial.error import ActuarialError
from actuarial.money import TIYN
from actuarial.payout_law import MONTHS_IN_YEAR, day
from actuarial.portfolio.sample_law import SampleLaw
from actuarial.record import BANDS, BENEFICIARIES, NO_AMOUNT, NO_DATE, PRODUCTS, SEXES

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

SYNTHETIC = "synthetic, no real person"
"""The label that every written sample carries."""
MAX_ROWS = 9_999_999
"""Claim ids have seven digits."""

DAYS_IN_YEAR = 365.25
LONGEST_WAIT = 31
"""Days from the valuation date to the next payment at most."""

COMPULSORY, VOLUNTARY = (PRODUCTS.index(name) for name in ("compulsory", "voluntary"))
FEMALE = SEXES.index("female")
WORKER, CHILD, STUDENT, CARER, PRE_RETIREMENT, DISABLED_DEPENDANT = (
    BENEFICIARIES.index(name)
    for name in ("worker", "child", "student", "carer", "pre_retirement", "disabled_dependant")
)

DATE_COLUMNS = (
    "birth_date",
    "contract_date",
    "accident_date",
    "first_certificate_date",
    "certificate_end",
    "entitlement_end",
    "annuity_start_date",
    "next_payment_date",
    "pension_date",
)
AMOUNT_COLUMNS = (
    "average_monthly_earnings",
    "social_payment",
    "current_monthly_payment",
    "remaining_insured_sum",
    "expenses_paid",
)
COLUMNS = (
    "claim_id",
    "contract_id",
    "product",
    "beneficiary",
    "sex",
    "birth_date",
    "contract_date",
    "accident_date",
    "first_certificate_date",
    "certificate_end",
    "degree_of_loss",
    "first_degree_of_loss",
    "average_monthly_earnings",
    "social_payment",
    "current_monthly_payment",
    "share",
    "entitlement_end",
    "annuity_start_date",
    "next_payment_date",
    "remaining_insured_sum",
    "pension_contribution_exempt",
    "pension_date",
    "expenses_paid",
    "pension_stop",
)


class SampleError(ActuarialError):
    """A sample that cannot be made as asked (E17xx)."""


@lru_cache(maxsize=1)
def calibration() -> Mapping[str, Mapping[str, Any]]:
    """Constants of the generator by group and name, read from ``sample_calibration.yaml``.

    Returns
    -------
    Mapping
        ``calibration()["mix"]["male_share_of_workers"]`` → the value; units in the file.

    Raises
    ------
    SampleError
        E1701: a constant has no value or no source.
    """
    from ruamel.yaml import YAML

    text = (resources.files("actuarial.portfolio") / "sample_calibration.yaml").read_text(encoding="utf-8")
    groups: dict[str, dict[str, Any]] = YAML(typ="safe").load(text)
    for group, constants in groups.items():
        for name, constant in constants.items():
            if set(constant) != {"value", "source"} or not constant["source"]:
                raise SampleError(
                    "E1701",
                    "sample_calibration.yaml: {name} needs exactly a value and a source",
                    name=f"{group}.{name}",
                )
    return {g: {name: constant["value"] for name, constant in c.items()} for g, c in groups.items()}


class Draws:
    """Independent uniform streams, one a quantity, keyed by the seed and the quantity's name."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, stream: str, n: int) -> Reals:
        """First ``n`` numbers in [0, 1) of a stream; a longer request begins with the same numbers."""
        key = np.array([self.seed, crc32(stream.encode())], dtype=np.uint64)
        words = np.random.Philox(key=key).random_raw(n)
        return np.asarray(words >> np.uint64(11), dtype=np.float64) * 2.0**-53


@dataclass(frozen=True)
class _Setting:
    """What every part of the generator looks up."""

    constants: Mapping[str, Mapping[str, Any]]
    law: SampleLaw
    draws: Draws
    valuation: int


@dataclass(frozen=True)
class _Claims:
    """One element a claim; ``size`` rows each."""

    is_pre_retirement: Flags
    is_death: Flags
    is_voluntary: Flags
    is_disease: Flags
    family: Ints
    size: Ints
    accident: Ints
    contract: Ints


@dataclass
class _Rows:
    """Columns under construction: day numbers, tiyn, whole percent, positions in the enumerations."""

    n: int
    claim: Ints
    slot: Ints
    column: dict[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("product", "beneficiary", "sex"):
            self.column[name] = np.zeros(self.n, dtype=np.int8)
        for name in DATE_COLUMNS:
            self.column[name] = np.full(self.n, NO_DATE, dtype=np.int64)
        for name in AMOUNT_COLUMNS:
            self.column[name] = np.full(self.n, NO_AMOUNT, dtype=np.int64)
        for name in ("degree_of_loss", "first_degree_of_loss", "pension_contribution_exempt", "pension_stop"):
            self.column[name] = np.full(self.n, -1, dtype=np.int64)
        self.column["share"] = np.full(self.n, np.nan)

    def put(self, at: Ints, **values: NDArray[Any] | int) -> None:
        """Set columns at some rows."""
        for name, value in values.items():
            self.column[name][at] = value


def synthetic_annuities(
    n_rows: int, *, seed: int, valuation_date: date | None = None, law: SampleLaw | None = None
) -> pa.Table:
    """Synthetic table ``annuities``, one row a beneficiary.

    Parameters
    ----------
    n_rows : int
        1 to 9 999 999.
    seed : int
        0 to 2**64 - 1. The same seed, date, law and version give the same table, and a shorter table is the
        beginning of a longer one.
    valuation_date : date, optional
        Default and range by the calibration (2025-01-01 to 2026-12-31, default 2026-01-01).
    law : SampleLaw, optional
        Law figures; default those of `tariffs`.

    Returns
    -------
    pyarrow.Table
        Columns of the portfolio's contract; dates ``date32``, amounts ``decimal128(18, 2)`` [KZT], degrees
        whole percent, share [1], yes/no as text; the schema's metadata say that it is synthetic.

    Raises
    ------
    SampleError
        E1702 number of rows, E1703 seed, E1704 valuation date out of range.

    Examples
    --------
    >>> table = synthetic_annuities(3, seed=1)
    >>> table.column("claim_id").to_pylist()
    ['SYN-0000001', 'SYN-0000002', 'SYN-0000003']
    """
    constants = calibration()
    bounds = constants["valuation_date"]
    valuation_date = valuation_date or bounds["default"]
    if not 1 <= n_rows <= MAX_ROWS:
        raise SampleError(
            "E1702", "a sample of {n} rows was asked for; give 1 to {most} rows", n=n_rows, most=MAX_ROWS
        )
    if not 0 <= seed < 2**64:
        raise SampleError(
            "E1703", "seed {seed} was given; give a whole number from 0 to 2**64 - 1", seed=seed
        )
    if not bounds["earliest"] <= valuation_date <= bounds["latest"]:
        raise SampleError(
            "E1704",
            "valuation date {day} was asked for; the sample is calibrated for {earliest} to {latest} "
            "(sample_calibration.yaml): choose a date in it",
            day=valuation_date,
            earliest=bounds["earliest"],
            latest=bounds["latest"],
        )
    setting = _Setting(constants, law or SampleLaw.on_record(), Draws(seed), day(valuation_date))
    claims = _claims(setting, n_rows)
    claim = np.repeat(np.arange(claims.size.size), claims.size)
    first_row = np.cumsum(claims.size) - claims.size
    rows = _Rows(claim.size, claim, np.arange(claim.size) - first_row[claim])
    _fill_workers(setting, claims, rows)
    _fill_survivors(setting, claims, rows)
    _fill_pre_retirement(setting, claims, rows)
    metadata = {
        "synthetic": SYNTHETIC,
        "generator": "actuarial sample",
        "seed": str(seed),
        "valuation_date": valuation_date.isoformat(),
    }
    return _table(rows, n_rows).replace_schema_metadata(metadata)


def _claims(setting: _Setting, n_rows: int) -> _Claims:
    """Claims that together have at least ``n_rows`` rows, the last one possibly more than needed."""
    mix, family_law, accident = (setting.constants[name] for name in ("mix", "family", "accident"))
    u = {
        name: setting.draws.uniform(f"claim: {name}", n_rows)
        for name in ("pre-retirement", "death", "voluntary", "disease", "family", "size", "edition")
    }
    is_pre = u["pre-retirement"] < mix["pre_retirement_share_of_claims"]
    is_death = ~is_pre & (u["death"] < mix["death_share_of_accident_claims"])
    is_voluntary = ~is_pre & ~is_death & (u["voluntary"] < mix["voluntary_share_of_worker_claims"])
    family = _choice(u["family"], family_law["weight"])
    size_limits = np.cumsum(np.array(family_law["size_weight"]), axis=1)
    size = 1 + (u["size"][:, None] >= size_limits[family, :-1]).sum(axis=1)
    size = np.where(is_death, size, 1)
    # a carer's child was born before the death and is under 14 now: not after so long a time
    has_carer = is_death & (family == family_law["kind"].index("carer"))
    is_old = ~is_pre & ~is_voluntary & ~has_carer & (u["edition"] < accident["before_2015_edition_share"])

    v, edition = setting.valuation, setting.law.edition_start
    youngest = max(accident["youngest_elapsed_days"], v - day(accident["newest_is_before"]) + 1)
    low = np.where(is_old, v - edition + 1, youngest)
    high = np.where(is_voluntary, v - setting.law.voluntary_start, v - edition)
    high = np.where(is_old, v - day(accident["earliest"]), high)
    decay = accident["decay_per_year"] / DAYS_IN_YEAR
    fall = 1.0 - np.exp(-decay * (high + 1 - low))
    passed = -np.log1p(-setting.draws.uniform("claim: accident date", n_rows) * fall) / decay
    accident_day = v - np.minimum(low + np.floor(passed).astype(np.int64), high)
    contract = accident_day - _whole(setting.draws.uniform("claim: contract date", n_rows), 0, 364)

    kept = slice(0, int(np.searchsorted(np.cumsum(size), n_rows)) + 1)
    return _Claims(
        is_pre[kept],
        is_death[kept],
        is_voluntary[kept],
        (u["disease"] < mix["occupational_disease_share"])[kept],
        family[kept],
        size[kept],
        accident_day[kept],
        contract[kept],
    )


def _fill_workers(setting: _Setting, claims: _Claims, rows: _Rows) -> None:
    """Injured workers of both products, and of both editions of the law."""
    at = np.flatnonzero(~(claims.is_pre_retirement | claims.is_death)[rows.claim])
    claim = rows.claim[at]
    law, v, constants = setting.law, setting.valuation, setting.constants
    worker, mix = constants["worker"], constants["mix"]

    def u(name: str) -> Reals:
        return setting.draws.uniform(f"worker: {name}", rows.n)[at]

    accident, contract = claims.accident[claim], claims.contract[claim]
    is_voluntary, is_disease = claims.is_voluntary[claim], claims.is_disease[claim]
    is_old = accident < law.edition_start
    sex = (u("sex") >= mix["male_share_of_workers"]).astype(np.int64)

    elapsed_years = (v - accident) / DAYS_IN_YEAR
    pension_age = law.pension_age_years(v)[sex]
    # who reaches the pension age before the next payment has left the portfolio; an old case stays
    margin = (LONGEST_WAIT + 10) / DAYS_IN_YEAR
    oldest = np.where(is_old, worker["oldest_age_before_2015_edition"], pension_age - margin) - elapsed_years
    age = np.where(
        is_disease,
        _truncated(u("age"), worker["disease_ages"], worker["disease_ages_below"], oldest),
        _truncated(u("age"), worker["accident_ages"], worker["accident_ages_below"], oldest),
    )
    birth = accident - np.ceil(age * DAYS_IN_YEAR).astype(np.int64)

    lag_u = u("certificate lag")
    lag = np.where(
        is_disease,
        _whole(lag_u, *worker["disease_certificate_lag_days"]),
        _whole(lag_u, *worker["injury_certificate_lag_days"]),
    )
    certified = accident + np.minimum(lag, v - accident - 1)
    start = certified + _whole(u("annuity start"), *worker["annuity_start_lag_days"])
    next_payment = _next_payment(start, v)

    degree, first_degree = _degrees(setting, u, is_voluntary, is_old, certified)
    band, first_band = law.band_of(degree), law.band_of(first_degree)
    certificate_end = _certificate_ends(setting, u, band, certified, next_payment)

    earnings = _earnings(setting, u("earnings"), accident, contract)
    social = _social_payments(setting, u, birth, certified, earnings, degree, band)
    social = np.where(is_voluntary | is_old, 0, social)
    counted = np.where(is_voluntary | is_old, earnings, np.minimum(earnings, law.earnings_cap(contract)))
    # exact: earnings are whole tenge, so a whole percent of them is whole tiyn
    payment = np.maximum(0, degree * counted // 100 - social)
    current = _current_payments(setting, payment, start)

    expenses = constants["expenses"]
    spent = np.floor(law.expenses_cap(first_band, certified) / TIYN * u("expenses") ** expenses["power"])
    spends = (u("spends") < expenses["used_share"]) & ~is_old
    is_heavy = band >= BANDS.index("C")
    preferential = constants["preferential_pension"]
    early = _add_months(birth, np.int64(preferential["age"] * MONTHS_IN_YEAR))
    is_early = (
        (sex == FEMALE) & ~is_old & (early > v + LONGEST_WAIT) & (u("early") < preferential["share_of_women"])
    )
    rows.put(
        at,
        product=np.where(is_voluntary, VOLUNTARY, COMPULSORY),
        beneficiary=WORKER,
        sex=sex,
        birth_date=birth,
        contract_date=contract,
        accident_date=accident,
        first_certificate_date=certified,
        certificate_end=certificate_end,
        degree_of_loss=degree,
        first_degree_of_loss=first_degree,
        average_monthly_earnings=earnings,
        social_payment=np.where(is_voluntary, NO_AMOUNT, social),
        current_monthly_payment=current,
        annuity_start_date=start,
        next_payment_date=next_payment,
        remaining_insured_sum=_remaining_sums(setting, u, earnings, payment, start, is_voluntary),
        pension_contribution_exempt=(is_heavy & (certificate_end == NO_DATE)).astype(np.int64),
        pension_date=np.where(is_early, early, NO_DATE),
        expenses_paid=np.where(spends, spent.astype(np.int64) * TIYN, 0),
        pension_stop=np.where(is_old & (u("pension stop") < worker["pension_stop_given_share"]), 0, -1),
    )


def _fill_survivors(setting: _Setting, claims: _Claims, rows: _Rows) -> None:
    """Dependants of the killed: a carer with children, children, a spouse, parents, a disabled dependant."""
    at = np.flatnonzero(claims.is_death[rows.claim])
    claim, slot = rows.claim[at], rows.slot[at]
    law, v, family_law = setting.law, setting.valuation, setting.constants["family"]

    def u(name: str) -> Reals:
        return setting.draws.uniform(f"survivor: {name}", rows.n)[at]

    def shared(name: str) -> Reals:
        """One number a claim, the same for all its rows."""
        return setting.draws.uniform(f"family: {name}", claims.size.size)[claim]

    accident, contract = claims.accident[claim], claims.contract[claim]
    head = np.array([BENEFICIARIES.index(name) for name in family_law["kind"]])[claims.family[claim]]
    # the first row is who the family is named for; a second parent follows a parent, a carer's child a carer
    parent = BENEFICIARIES.index("parent")
    is_student = u("student") < family_law["student_share_of_children"]
    kind = np.where(is_student, STUDENT, CHILD)
    kind = np.where((slot == 0) & (head != CHILD), head, kind)
    kind = np.where(head == parent, parent, kind)
    is_cared_for = (head == CARER) & (slot == 1)
    kind = np.where(is_cared_for, CHILD, kind)
    female = {BENEFICIARIES.index(name): share for name, share in family_law["female_share"].items()}
    female_share = np.array([female.get(position, 0.0) for position in range(len(BENEFICIARIES))])[kind]
    sex = (u("sex") < female_share).astype(np.int64)

    start = accident + _whole(shared("annuity start"), *family_law["annuity_start_lag_days"])
    next_payment = _next_payment(start, v)
    elapsed = v - accident
    wait = LONGEST_WAIT + 10

    def ends_of(years: int) -> float:
        """Oldest age in days whose birthday ``years`` is still after the next payment."""
        return years * DAYS_IN_YEAR - wait

    is_for_life, for_life_share = np.zeros(at.size, dtype=bool), family_law["for_life_share"]
    for name, share in for_life_share.items():
        is_for_life |= (kind == BENEFICIARIES.index(name)) & (u("for life") < share)
    pension_days = law.pension_age_years(v)[sex] * DAYS_IN_YEAR
    past_low, past_high = (years * DAYS_IN_YEAR for years in family_law["years_past_pension_age"])
    young_low, young_high = (years * DAYS_IN_YEAR for years in family_law["disabled_spouse_or_parent_ages"])
    ill_low, ill_high = (years * DAYS_IN_YEAR for years in family_law["disabled_dependant_ages"])
    born_before, adult = elapsed + 1.0, law.child_age * DAYS_IN_YEAR + 2
    age_low = np.select(
        [kind == CHILD, kind == STUDENT, is_for_life, kind == DISABLED_DEPENDANT],
        [born_before, adult, pension_days + past_low, np.maximum(ill_low, born_before)],
        young_low,
    )
    age_high = np.select(
        [is_cared_for, kind == CHILD, kind == STUDENT, is_for_life, kind == DISABLED_DEPENDANT],
        [
            ends_of(law.cared_for_age),
            ends_of(law.child_age),
            ends_of(law.student_age),
            pension_days + past_high,
            np.maximum(ill_high, born_before + 1),
        ],
        young_high,
    )
    birth = v - np.floor(age_low + u("age") * (age_high - age_low)).astype(np.int64)

    left = v + wait + _whole(u("term left"), *family_law["term_left_days"])
    no_review = u("no review") < family_law["disabled_without_review_share"]
    is_termed = ~is_for_life & ((kind == parent) | (kind == BENEFICIARIES.index("spouse")))
    entitlement_end = np.where(is_termed, left, NO_DATE)
    # a carer's right ends on the 14th birthday of the child in the next row
    carer = np.flatnonzero(kind == CARER)
    months = np.int64(law.cared_for_age * MONTHS_IN_YEAR)
    entitlement_end[carer] = _add_months(birth[carer + 1], months)

    former = _choice(shared("former dependants"), family_law["no_longer_entitled_weight"])
    share = np.floor(1e4 / (claims.size[claim] + former + 1)) / 1e4
    earnings = _earnings(setting, shared("earnings"), accident, contract)
    is_old = accident < law.edition_start
    counted = np.where(is_old, earnings, np.minimum(earnings, law.earnings_cap(contract)))
    payment = np.floor(share * counted + 0.5).astype(np.int64)
    remaining = _remaining_sums(setting, shared, earnings, payment, start, np.zeros(at.size, dtype=bool))
    rows.put(
        at,
        product=COMPULSORY,
        beneficiary=kind,
        sex=sex,
        birth_date=birth,
        contract_date=contract,
        accident_date=accident,
        certificate_end=np.where((kind == DISABLED_DEPENDANT) & ~no_review, left, NO_DATE),
        average_monthly_earnings=earnings,
        current_monthly_payment=_current_payments(setting, payment, start),
        share=share,
        entitlement_end=entitlement_end,
        annuity_start_date=start,
        next_payment_date=next_payment,
        remaining_insured_sum=np.where(
            remaining == NO_AMOUNT, NO_AMOUNT, np.floor(remaining / claims.size[claim]).astype(np.int64)
        ),
    )


def _fill_pre_retirement(setting: _Setting, claims: _Claims, rows: _Rows) -> None:
    """People who left hazardous work before the pension age (annuity of one subsistence minimum)."""
    at = np.flatnonzero(claims.is_pre_retirement[rows.claim])
    law, v = setting.law, setting.valuation

    def u(name: str) -> Reals:
        return setting.draws.uniform(f"pre-retirement: {name}", rows.n)[at]

    sex = (u("sex") >= setting.constants["mix"]["male_share_of_pre_retirement"]).astype(np.int64)
    start = v - _whole(u("start"), 0, v - law.pre_retirement_start)
    low = law.pre_retirement_age * DAYS_IN_YEAR + 1 + (v - start)
    high = setting.law.pension_age_years(v)[sex] * DAYS_IN_YEAR - LONGEST_WAIT - 10
    birth = v - np.floor(low + u("age") * (high - low)).astype(np.int64)
    rows.put(
        at,
        product=COMPULSORY,
        beneficiary=PRE_RETIREMENT,
        sex=sex,
        birth_date=birth,
        annuity_start_date=start,
        next_payment_date=_next_payment(start, v),
    )


def _degrees(
    setting: _Setting, u: Any, is_voluntary: Flags, is_old: Flags, certified: Ints
) -> tuple[Ints, Ints]:
    """Present and first degrees in whole percent, inside the range of the product and edition."""
    constants = setting.constants["degree"]
    percent = np.array(constants["percent"], dtype=np.int64)
    below = np.concatenate([[0.0], np.cumsum(constants["weight"])])
    firsts, last = setting.law.band_firsts, setting.law.last_percent
    lowest = np.where(is_voluntary | is_old, firsts[0], firsts[1])
    highest = np.where(is_voluntary, firsts[1] - 1, last)
    # the law of all victims, cut to the degrees that this product pays for
    low = below[np.searchsorted(percent, lowest)]
    high = below[np.searchsorted(percent, highest, side="right")]
    position = np.searchsorted(below, low + u("degree") * (high - low), side="right") - 1
    degree = percent[np.minimum(position, percent.size - 1)]
    step = np.array(constants["change_percent"], dtype=np.int64)
    changed = u("changed") < constants["changed_since_first_share"]
    changed &= (setting.valuation - certified) / DAYS_IN_YEAR >= constants["change_after_years"]
    moved = degree + step[_choice(u("change"), constants["change_weight"])]
    first = np.where(changed & (moved >= lowest) & (moved <= highest), moved, degree)
    return degree, first


def _certificate_ends(setting: _Setting, u: Any, band: Ints, certified: Ints, next_payment: Ints) -> Ints:
    """First day after the certificate in force, after the next payment; `NO_DATE` without review."""
    constants = setting.constants["certificate"]
    needed = setting.law.observation_years[band]
    observed = (setting.valuation - certified) / DAYS_IN_YEAR >= needed
    after, earlier = constants["without_review_after_observation"], constants["without_review_earlier"]
    chance = np.where(observed, after, earlier)
    term = np.array(setting.law.term_months)[_choice(u("term"), constants["term_weight"])]
    # certificates follow each other without a gap from the first one
    passed = np.maximum(_months_between(certified, next_payment) // term, 0)
    end = _add_months(certified, (passed + 1) * term)
    end = np.where(end > next_payment, end, _add_months(certified, (passed + 2) * term))
    return np.asarray(np.where(u("review") < chance, NO_DATE, end), dtype=np.int64)


def _earnings(setting: _Setting, u: Reals, accident: Ints, contract: Ints) -> Ints:
    """Average monthly earnings of the 12 months before the accident [tiyn], whole tenge, lognormal."""
    constants = setting.constants["earnings"]
    sigma = constants["log_standard_deviation"]
    years = accident.astype("datetime64[D]").astype("datetime64[Y]")
    year_start = years.astype("datetime64[D]").astype(np.int64)
    when = years.astype(np.int64) + 1970 + (accident - year_start) / DAYS_IN_YEAR
    # the mean wage of a year stands at its middle; the 12 months have theirs half a year before the accident
    mean = np.interp(when - 0.5, np.array(constants["wage_years"]) + 0.5, constants["mean_monthly_wage"])
    amount = mean * constants["victims_to_mean_wage"] * np.exp(sigma * _normal(u) - sigma * sigma / 2)
    unit = constants["rounded_to_tenge"]
    rounded = np.floor(amount / unit + 0.5).astype(np.int64) * unit * TIYN
    return np.asarray(np.maximum(rounded, setting.law.minimum_wage(contract)), dtype=np.int64)


def _social_payments(
    setting: _Setting, u: Any, birth: Ints, certified: Ints, earnings: Ints, degree: Ints, band: Ints
) -> Ints:
    """Social payments for loss of work capacity as at the certificate [tiyn], whole tenge; 0 = not due."""
    constants, law = setting.constants["social_payment"], setting.law
    of_age = _add_months(birth, np.int64(law.child_age * MONTHS_IN_YEAR))
    since = np.maximum(of_age, day(constants["participation_starts"]))
    low, high = constants["worked_share"]
    worked = low + u("worked share") * (high - low)
    months = np.floor(np.maximum(_months_between(since, certified), 0) * worked).astype(np.int64)
    income = earnings / TIYN * constants["income_to_earnings"]
    payment = law.social_payment(certified, income, degree, months)
    is_refused = u("refused") < np.array(constants["refused_share"])[band]
    return np.where(is_refused, 0, np.floor(payment + 0.5).astype(np.int64) * TIYN)


def _current_payments(setting: _Setting, payment: Ints, start: Ints) -> Ints:
    """Payments in force after past indexation [tiyn]; `NO_AMOUNT` before the first anniversary."""
    constants = setting.constants["payment"]
    begins = np.array([day(first) for first in constants["indexation_from"]])
    rate = np.array(constants["indexation_rate"])[np.searchsorted(begins, start, side="right") - 1]
    v = np.full_like(start, setting.valuation)
    anniversaries = np.maximum(_months_between(start, v), 0) // MONTHS_IN_YEAR
    current = np.floor(payment * (1.0 + rate) ** anniversaries + 0.5).astype(np.int64)
    return np.where((anniversaries > 0) & (payment > 0), current, NO_AMOUNT)


def _remaining_sums(
    setting: _Setting, u: Any, earnings: Ints, payment: Ints, start: Ints, is_voluntary: Flags
) -> Ints:
    """What is left of the insured sum to a claim [tiyn]; `NO_AMOUNT` = unlimited."""
    constants = setting.constants["insured_sum"]
    annual = earnings * MONTHS_IN_YEAR
    spread = constants["headcount_log_standard_deviation"]
    headcount = np.floor(constants["median_headcount"] * np.exp(spread * _normal(u("headcount"))))
    headcount = np.maximum(headcount, 1.0)
    low, high = constants["voluntary_years_of_earnings"]
    multiple = np.where(is_voluntary, low + u("insured sum") * (high - low), headcount)
    insured = annual * multiple
    paid = payment * np.maximum(_months_between(start, np.full_like(start, setting.valuation)), 0)
    left = np.maximum(insured - paid, insured * constants["smallest_share_left"])
    is_unlimited = ~is_voluntary & (u("unlimited") < constants["unlimited_share"])
    return np.where(is_unlimited, NO_AMOUNT, np.floor(left / TIYN).astype(np.int64) * TIYN)


def _choice(u: Reals, weight: list[float]) -> Ints:
    """Positions drawn by weights from uniform numbers."""
    limits = np.cumsum(weight)[:-1]
    return np.searchsorted(limits, u, side="right")


def _whole(u: Reals, low: int, high: int) -> Ints:
    """Whole numbers from ``low`` to ``high``, both included."""
    return low + np.floor(u * (high - low + 1)).astype(np.int64)


def _truncated(u: Reals, points: list[float], below: list[float], highest: Reals) -> Reals:
    """Quantiles of a piecewise linear distribution cut at ``highest``."""
    return np.interp(u * np.interp(highest, points, below), below, points)


@lru_cache(maxsize=1)
def _normal_grid() -> tuple[Reals, Reals]:
    grid = (np.arange(4096) + 0.5) / 4096
    return grid, np.array([NormalDist().inv_cdf(p) for p in grid.tolist()])


def _normal(u: Reals) -> Reals:
    """Standard normal quantiles from a grid: within ±3.7, the same on every machine."""
    return np.interp(u, *_normal_grid())


def _add_months(days: Ints, months: Ints | np.int64) -> Ints:
    """The same day some months later; a day that the month lacks is its last day."""
    month = days.astype("datetime64[D]").astype("datetime64[M]")
    offset = days - month.astype("datetime64[D]").astype(np.int64)
    target = month + months.astype("timedelta64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    following = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    return np.asarray(np.minimum(first + offset, following - 1), dtype=np.int64)


def _months_between(start: Ints, end: Ints) -> Ints:
    """Completed months from ``start`` to ``end`` (negative when ``end`` comes first)."""
    months = end.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    months = months - start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months - (_add_months(start, months) > end), dtype=np.int64)


def _next_payment(start: Ints, valuation: int) -> Ints:
    """First monthly payment on or after the valuation date, counted from the start of the annuity."""
    passed = np.maximum(_months_between(start, np.full_like(start, valuation)), 0)
    due = _add_months(start, passed)
    return np.where(due >= valuation, due, _add_months(start, passed + 1))


def _numbered(prefix: str, numbers: Ints) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=7, padding="0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _table(rows: _Rows, n_rows: int) -> pa.Table:
    """The first ``n_rows`` rows as an Arrow table of the contract's columns."""
    column = {name: values[:n_rows] for name, values in rows.column.items()}

    def spelt(name: str, words: tuple[str, ...]) -> pa.Array:
        position = column[name].astype(np.int64)
        return pa.array(words).take(pa.array(position, mask=position < 0))

    arrays: dict[str, pa.Array] = {
        "claim_id": _numbered("SYN-", np.arange(1, n_rows + 1)),
        "contract_id": _numbered("SYN-C-", rows.claim[:n_rows] + 1),
        "product": spelt("product", PRODUCTS),
        "beneficiary": spelt("beneficiary", BENEFICIARIES),
        "sex": spelt("sex", SEXES),
        "share": pa.array(column["share"], mask=np.isnan(column["share"])),
        "pension_contribution_exempt": spelt("pension_contribution_exempt", ("no", "yes")),
        "pension_stop": spelt("pension_stop", ("no", "yes")),
    }
    for name in DATE_COLUMNS:
        days = column[name]
        arrays[name] = pa.array(days.astype(np.int32), mask=days == NO_DATE).cast(pa.date32())
    for name in AMOUNT_COLUMNS:
        arrays[name] = _decimals(column[name])
    for name in ("degree_of_loss", "first_degree_of_loss"):
        arrays[name] = pa.array(column[name].astype(np.int16), mask=column[name] < 0)
    return pa.table({name: arrays[name] for name in COLUMNS})


def _decimals(tiyn: Ints) -> pa.Array:
    """Whole tiyn as decimal(18, 2) tenge without a detour through text or floats."""
    words = np.empty((tiyn.size, 2), dtype="<i8")
    words[:, 0] = tiyn
    words[:, 1] = tiyn >> 63
    is_given = pa.array(tiyn != NO_AMOUNT)
    validity = is_given.buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(18, 2), tiyn.size, [validity, pa.py_buffer(words)])
