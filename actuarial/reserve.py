"""The annuity reserve: both measures of every record, additional expenses, insurer's expenses, cash-flows.

The model is docs/method-reserve.md. Each record's figure is rounded once to the tiyn and totals add
integers, so that they do not depend on the order of rows or on the number of threads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.additional_expense import additional_expenses_reserve
from actuarial.basis import Basis
from actuarial.benefit import first_payment_tiyn
from actuarial.entitlement import PRODUCT_COMPULSORY
from actuarial.error import SafetyLimitError
from actuarial.kernels import total
from actuarial.money import TIYN, rounded_tiyn, total_tiyn
from actuarial.payout_law import PayoutLaw
from actuarial.projection import FLOW_GRID, LARGEST_FLOW, Projection, Values, project
from actuarial.record import BANDS, BENEFICIARIES, NO_AMOUNT, PRODUCTS, AnnuityRecords
from actuarial.survival import MONTHS
from actuarial.thread import even_slices, in_threads

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]

ROWS_AT_ONCE = 131_072
"""Rows valued together: enough to share factors between lives, few enough to spread over threads."""
MEASURES = ("certified", "expected")
N_GROUPS = len(PRODUCTS) * len(BENEFICIARIES) * (len(BANDS) + 1)
AMOUNTS = (
    "monthly_payment",
    "certified_reserve",
    "expected_reserve",
    "additional_expenses_reserve",
    "expense_reserve_certified",
    "expense_reserve_expected",
    "recovery_certified",
    "recovery_expected",
    "total_certified",
    "total_expected",
)
"""Amount columns of the results, in order."""


@dataclass(frozen=True)
class Flow:
    """Cash-flow of both measures by segment and calendar month.

    Attributes
    ----------
    first_month : int
        Calendar month index (12·year + month - 1) of column 0.
    certified, expected : int64 (segments, months) [tiyn]
        Expected nominal payments: index and survival in, discount and expenses out. Segment
        ``product · 6 + class`` (`PRODUCTS`, `survival.CLASSES`).
    """

    first_month: int
    certified: Int64
    expected: Int64


@dataclass(frozen=True)
class Valuation:
    """Result of a valuation, one element a record.

    Attributes
    ----------
    amounts : dict of str to int64 (n,) [tiyn]
        The columns `AMOUNTS`, rounded half-up once.
    band : int8 (n,)
        Band of a worker's degree (0 A … 3 D), -1 for others.
    pension_date : int32 (n,)
        Days since 1970-01-01.
    flow : Flow
    """

    amounts: dict[str, Int64]
    band: NDArray[np.int8]
    pension_date: Int32
    flow: Flow

    def totals(self) -> dict[str, int]:
        """Sum of each amount column [tiyn]."""
        return {name: total_tiyn(column) for name, column in self.amounts.items()}


def annuity_reserve(
    records: AnnuityRecords,
    basis: Basis,
    valuation_date: date,
    *,
    threads: int | None = None,
    law: PayoutLaw | None = None,
) -> Valuation:
    """Value checked annuity records in the certified and the expected measure.

    Parameters
    ----------
    records : AnnuityRecords
        As a reader has checked them.
    basis : Basis
    valuation_date : date
    threads : int, optional
        Worker threads; default one a processor. The result does not depend on it.
    law : PayoutLaw, optional
        Notes the entries of the law that are used.

    Returns
    -------
    Valuation
        Amounts in whole tiyn, each rounded once.

    Raises
    ------
    BasisError
        E4010 an age outside the mortality tables; E4006 a year without an indexation rate.
    SafetyLimitError
        E9001 amounts too large for exact integer cash-flows, E9002 for a reported figure.
    tariffs.LawError
        A value of the law that is not on record for a date the records need.
    """
    law = law or PayoutLaw()
    threads = threads or os.cpu_count() or 1

    def value(start: int, stop: int) -> _Part:
        try:
            return _valued(records.rows(start, stop), basis, valuation_date, law)
        except SafetyLimitError as error:
            raise error.counted_from(start) from None

    n = len(records)
    parts = in_threads(value, even_slices(n, -(-n // ROWS_AT_ONCE)), threads)
    amounts = {name: np.concatenate([part.amounts[name] for part in parts]) for name in AMOUNTS}
    first_month = valuation_date.year * MONTHS + valuation_date.month - 1
    flows = [grid_to_tiyn(added_flows([part.flows[m] for part in parts])) for m in range(len(MEASURES))]
    return Valuation(
        amounts,
        np.concatenate([part.band for part in parts]),
        np.concatenate([part.pension_date for part in parts]),
        Flow(first_month, *flows),
    )


@dataclass(frozen=True)
class _Part:
    """Results of some rows; ``flows`` of both measures on the grid."""

    amounts: dict[str, Int64]
    band: NDArray[np.int8]
    pension_date: Int32
    flows: tuple[Int64, Int64]


def _valued(records: AnnuityRecords, basis: Basis, valuation_date: date, law: PayoutLaw) -> _Part:
    """Value some rows on one thread."""
    projection = project(records, basis, valuation_date, law)
    certified, expected = projection.measures()
    amounts = reported_amounts(
        projection,
        certified,
        expected,
        first_payments(projection),
        additional_expenses_reserve(records, basis, valuation_date, law),
    )
    return _Part(amounts, projection.band, projection.pension_date, (certified.flow, expected.flow))


def reported_amounts(
    projection: Projection, certified: Values, expected: Values, first: Int64, additional: Int64
) -> dict[str, Int64]:
    """The columns `AMOUNTS` [tiyn], each figure rounded once; ``first`` and ``additional`` are rounded."""
    basis = projection.basis
    amounts = {
        "monthly_payment": first,
        "certified_reserve": rounded_tiyn(certified.value),
        "expected_reserve": rounded_tiyn(expected.value),
        "additional_expenses_reserve": additional,
        "expense_reserve_certified": _expenses(basis, certified),
        "expense_reserve_expected": _expenses(basis, expected),
        "recovery_certified": rounded_tiyn(certified.recovery),
        "recovery_expected": rounded_tiyn(expected.recovery),
    }
    for measure in MEASURES:
        parts = f"{measure}_reserve", "additional_expenses_reserve", f"expense_reserve_{measure}"
        amounts[f"total_{measure}"] = amounts[parts[0]] + amounts[parts[1]] + amounts[parts[2]]
    return amounts


def added_flows(flows: list[Int64]) -> Int64:
    """Sum of flows whose last months differ."""
    if sum(float(flow.max(initial=0)) for flow in flows) >= LARGEST_FLOW:
        raise SafetyLimitError("E9001", "the cash-flow is beyond exact integers: split the portfolio")
    months = max(flow.shape[1] for flow in flows)
    total = np.zeros((flows[0].shape[0], months), dtype=np.int64)
    for flow in flows:
        total[:, : flow.shape[1]] += flow
    return total


def _expenses(basis: Basis, values: Values) -> Int64:
    """Insurer's expenses: a share of each payment and an amount with each payment made [tiyn]."""
    expenses = basis.assumptions.expenses
    return rounded_tiyn(expenses.of_payment * values.value + expenses.per_month * values.count)


def first_payments(projection: Projection) -> Int64:
    """Payment 0 of the certified measure [tiyn], exact; the voluntary one at most what is left."""
    records, line, index = projection.records, projection.line, projection.index
    part = np.where((line.n_certified == 1)[:, None], line.part_days, 1)
    tiyn = first_payment_tiyn(
        records, projection.monthly, index.at_first, index.at_first_position, part, line.n_certified > 0
    )
    capped = (records.product != PRODUCT_COMPULSORY) & (records.remaining_insured_sum != NO_AMOUNT)
    return np.where(capped, np.minimum(tiyn, records.remaining_insured_sum), tiyn)


def grid_to_tiyn(flow: Int64) -> Int64:
    """Grid units to tiyn, half-up, exact: quotient and rest apart, so that nothing overflows."""
    grid = int(FLOW_GRID)
    whole, rest = flow // grid, flow % grid
    return np.asarray(whole * TIYN + (2 * rest * TIYN + grid) // (2 * grid))


def totals_by_group(
    valuation: Valuation, records: AnnuityRecords
) -> list[tuple[str, str, str, int, dict[str, int]]]:
    """Totals by product, beneficiary and band: rows add up to the totals.

    Returns
    -------
    list of (product, beneficiary, band or "", count, amounts [tiyn])
        Only groups that have records, in the order of the enumerations.
    """
    key = group_of(records, valuation.band)
    counts = np.bincount(key, minlength=N_GROUPS)
    sums = {}
    for name, column in valuation.amounts.items():
        sums[name] = np.zeros(N_GROUPS, dtype=np.int64)
        total.add_by_group(key, column, sums[name])
    result = []
    for g in np.flatnonzero(counts):
        amounts = {name: int(column[g]) for name, column in sums.items()}
        result.append((*group_name(int(g)), int(counts[g]), amounts))
    return result


def group_of(records: AnnuityRecords, band: NDArray[np.int8]) -> NDArray[np.int16]:
    """Group of each record by product, beneficiary and band, shape (n,), below `N_GROUPS`."""
    key = (records.product.astype(np.int16) * len(BENEFICIARIES) + records.beneficiary) * (len(BANDS) + 1)
    return (key + band + 1).astype(np.int16)


def group_name(group: int) -> tuple[str, str, str]:
    """Product, beneficiary and band (empty for who is no worker) of a group."""
    product, rest = divmod(group, len(BENEFICIARIES) * (len(BANDS) + 1))
    kind, band = divmod(rest, len(BANDS) + 1)
    return PRODUCTS[product], BENEFICIARIES[kind], BANDS[band - 1] if band else ""
