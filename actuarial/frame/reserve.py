"""The reserve of a portfolio, and the payments behind one claim's figures, as frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from actuarial.basis import Basis
from actuarial.error import ActuarialError
from actuarial.explanation import Explanation, explanation
from actuarial.frame.column import (
    chosen,
    dates,
    days,
    exact_series,
    law_frame,
    names,
    rows_frame,
    table_frame,
    tenge,
)
from actuarial.frame.portfolio import Portfolio, portfolio_of
from actuarial.language import joined, text
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.finding import masked
from actuarial.record import BANDS, BENEFICIARIES, PRODUCTS
from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.explain_text import review_table, story
from actuarial.report.run_folder import RESULT_COLUMNS, cash_flow_rows
from actuarial.reserve import AMOUNTS, Flow, Valuation, annuity_reserve, totals_by_group

STATES = ("own", *BANDS)
"""Own degree held without a break, then the representative degree of each band."""
FLOW_COLUMNS = ("month", "product", "class", "certified", "expected")


@dataclass(frozen=True, repr=False)
class PortfolioReserve:
    """Reserves of a portfolio; see `portfolio_reserve`.

    Attributes
    ----------
    portfolio : Portfolio
    basis : Basis
    valuation : actuarial.reserve.Valuation
        The arrays behind the frames, whole tiyn.
    """

    portfolio: Portfolio
    basis: Basis
    valuation: Valuation
    _law: PayoutLaw = field(repr=False)

    @property
    def totals(self) -> pd.Series:
        """Total of each amount [KZT], exact `decimal.Decimal`: the ``totals`` of the run's record."""
        return exact_series(self.valuation.totals())

    @property
    def records(self) -> pd.DataFrame:
        """One row a record, in the order of the portfolio.

        Columns of ``results.parquet`` and ``product``, ``beneficiary``; amounts [KZT], ``pension_date``
        datetime64, ``band`` A-D or empty.
        """
        value, records = self.valuation, self.portfolio.records
        columns: dict[str, Any] = {
            "claim_id": pd.Series(names(records.claim_id), dtype=object),
            "band": chosen(value.band, BANDS),
            "pension_date": days(value.pension_date),
            **{name: tenge(column) for name, column in value.amounts.items()},
        }
        frame = pd.DataFrame({name: columns[name] for name in RESULT_COLUMNS})
        frame.insert(1, "product", chosen(records.product, PRODUCTS))
        frame.insert(2, "beneficiary", chosen(records.beneficiary, BENEFICIARIES))
        return frame

    @property
    def groups(self) -> pd.DataFrame:
        """Totals by product, beneficiary and band [KZT], with the number of ``records``."""
        rows = [
            (product, beneficiary, band or None, count, *amounts.values())
            for product, beneficiary, band, count, amounts in totals_by_group(
                self.valuation, self.portfolio.records
            )
        ]
        return rows_frame(("product", "beneficiary", "band", "records", *AMOUNTS), rows, AMOUNTS)

    @property
    def cash_flows(self) -> pd.DataFrame:
        """Expected nominal payments by calendar month, product and class [KZT]; sums count nothing twice."""
        return flow_frame(self.valuation.flow)

    @property
    def law(self) -> pd.DataFrame:
        """Entries of the law that the figures rest on."""
        return law_frame(self._law.used())

    @property
    def projected(self) -> dict[str, str]:
        """Parameters of the law projected with the basis' growth, with the span of years."""
        return self._law.projected()

    def __repr__(self) -> str:
        totals = self.totals
        return (
            f"<PortfolioReserve of {len(self.portfolio)} rows on {self.portfolio.valuation_date}, basis "
            f"{self.basis.name}: certified {totals['total_certified']}, expected {totals['total_expected']}>"
        )


def portfolio_reserve(portfolio: Portfolio, basis: Basis, *, threads: int | None = None) -> PortfolioReserve:
    """Reserve a portfolio of annuities, in the certified and the expected measure.

    docs/method-reserve.md has the formulas. The figures are those of ``actuarial reserve``, to the tiyn.

    Parameters
    ----------
    portfolio : Portfolio
    basis : Basis
    threads : int, optional
        Default one a processor. Results do not depend on it.

    Returns
    -------
    PortfolioReserve
        Frames with amounts [KZT], each figure rounded once.

    Raises
    ------
    FindingsError
        E8602 the portfolio has errors, or ages outside the basis' tables.
    ActuarialError
        E40xx the basis, E90xx amounts too large; E8609 another type.
    tariffs.LawError
        A value of the law that is not on record for a date the records need.

    Examples
    --------
    >>> import actuarial
    >>> portfolio = actuarial.read_portfolio("docs/example/one-worker.csv", "2026-01-01")
    >>> reserve = actuarial.portfolio_reserve(portfolio, actuarial.load_basis("illustrative-2026"))
    >>> reserve.totals["certified_reserve"], reserve.totals["expected_reserve"]
    (Decimal('377374.47'), Decimal('11175144.13'))
    >>> reserve.records.loc[0, "certified_reserve"].item()
    377374.47
    """
    law = PayoutLaw()
    records = portfolio_of(portfolio).records_on(basis)
    valuation = annuity_reserve(records, basis, portfolio.valuation_date, threads=threads, law=law)
    return PortfolioReserve(portfolio, basis, valuation, law)


def flow_frame(flow: Flow) -> pd.DataFrame:
    """Cash-flow by month and segment, columns `FLOW_COLUMNS` [KZT]."""
    rows = [
        (pd.Timestamp(year, int(month), 1), product, kind, certified, expected)
        for period, year, month, product, kind, certified, expected in cash_flow_rows(flow)
        if period == "month" and product != "all"
    ]
    return rows_frame(FLOW_COLUMNS, rows, FLOW_COLUMNS[3:])


@dataclass(frozen=True, repr=False)
class ClaimExplanation:
    """How one claim's figures come about; see `claim_explanation`.

    Attributes
    ----------
    claim_id : str
    explanation : actuarial.explanation.Explanation
        Everything behind the frames.
    """

    claim_id: str
    explanation: Explanation
    _place: str

    @property
    def figures(self) -> pd.Series:
        """The claim's row of the results [KZT], exact `decimal.Decimal`."""
        return exact_series(self.explanation.figures)

    @property
    def payments(self) -> pd.DataFrame:
        """Every payment of both measures, one row a payment and measure, not rounded.

        Columns: ``measure``, ``payment`` (from 0), ``date``, ``age_months``, ``part`` of a month, ``index``
        since the valuation date, ``years``, ``discount``, ``alive`` (chance to be alive and certified),
        ``paid`` (expected amount [KZT]), ``present_value`` [KZT].
        """
        e = self.explanation
        frames = []
        for name, m in (("certified", e.certified), ("expected", e.expected)):
            n = len(m)
            frames.append(
                pd.DataFrame(
                    {
                        "measure": name,
                        "payment": np.arange(n),
                        "date": dates(e.dates[:n]),
                        "age_months": e.age[:n],
                        "part": m.part,
                        "index": e.index[:n],
                        "years": e.years[:n],
                        "discount": e.discount[:n],
                        "alive": m.occupancy.sum(axis=0),
                        "paid": m.paid,
                        "present_value": m.present_value,
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    @property
    def states(self) -> pd.DataFrame:
        """Chance to be alive in each state at each payment of the expected measure: own degree, A-D."""
        e = self.explanation
        n = len(e.expected)
        chances = {state: e.expected.occupancy[s] for s, state in enumerate(STATES)}
        return pd.DataFrame({"date": dates(e.dates[:n]), **chances})

    @property
    def reviews(self) -> pd.DataFrame:
        """Certifications of the expected measure: when a matrix acts, and on whom."""
        return table_frame(review_table(self.explanation))

    @property
    def story(self) -> list[str]:
        """The record in sentences, in the order in which its figures come about."""
        claim = ExplainedClaim(masked(self.claim_id), self._place, "", self.explanation)
        return [str(line) for line in story(claim)]

    @property
    def law(self) -> pd.DataFrame:
        """Entries of the law that this record uses."""
        return law_frame(self.explanation.law.used())

    def __repr__(self) -> str:
        totals = self.explanation.figures
        return (
            f"<ClaimExplanation of {masked(self.claim_id)}: certified {totals['total_certified'] / 100:.2f}, "
            f"expected {totals['total_expected'] / 100:.2f}>"
        )


def claim_explanation(portfolio: Portfolio, claim_id: str, basis: Basis) -> ClaimExplanation:
    """Explain the figures of one claim, payment by payment.

    Parameters
    ----------
    portfolio : Portfolio
    claim_id : str
        As it stands in the data.
    basis : Basis

    Returns
    -------
    ClaimExplanation
        Payments and present values [KZT], not rounded; their sums are the figures of the reserve.

    Raises
    ------
    ActuarialError
        E8603 no such claim; E8609 another type.
    FindingsError
        E8602.

    Examples
    --------
    >>> import actuarial
    >>> portfolio = actuarial.read_portfolio("docs/example/one-worker.csv", "2026-01-01")
    >>> claim = actuarial.claim_explanation(portfolio, "A-1", actuarial.load_basis("illustrative-2026"))
    >>> payments = claim.payments
    >>> payments[payments.measure == "certified"].present_value.sum().round(2).item()
    377374.47
    """
    records = portfolio_of(portfolio).records_on(basis)
    known = names(records.claim_id)
    if claim_id not in known:
        near = get_close_matches(str(claim_id), known, n=3)
        hint = text("; near ones: {near}", near=", ".join(map(masked, near))) if near else ""
        raise ActuarialError(
            "E8603",
            "no claim {claim} among {n} records{hint}: give the claim_id as it stands in the data",
            claim=repr(masked(str(claim_id))),
            n=len(known),
            hint=hint,
        )
    position = known.index(claim_id)
    file, sheet, row = portfolio.reading.location(position)
    place = joined(part for part in (masked(file), masked(sheet), text("row {row}", row=row)) if part)
    return ClaimExplanation(claim_id, explanation(records, position, basis, portfolio.valuation_date), place)
