"""What one person or family is owed, as frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from actuarial.claim.answer import Answer, answer_of
from actuarial.claim.case_file import case_of, read_case_file
from actuarial.frame.column import exact, law_frame, plain_number

AMOUNTS = (
    "average_monthly_earnings", "capped_earnings", "gross_benefit", "social_payment", "monthly_benefit",
    "pension_contribution", "net_payment", "payment_in_force",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class ClaimBenefit:
    """The answer to a case; see `claim_benefit`.

    Attributes
    ----------
    case : actuarial.claim.answer.Answer
        Everything behind the frames.
    """

    case: Answer

    @property
    def amounts(self) -> pd.Series:
        """Earnings, benefit, deduction, contribution and payment [KZT/month], exact `decimal.Decimal`."""
        found = self.answer
        return pd.Series({name: Decimal(found[name]) for name in AMOUNTS}, dtype=object, name="tenge")

    @property
    def net_payment(self) -> Decimal:
        """Monthly payment to the person, contribution withheld [KZT/month]."""
        return exact(self.case.benefit.net_payment)

    @property
    def payable_until(self) -> date | None:
        """First day not paid; None for life."""
        return self.case.benefit.payable_until

    @property
    def pension_date(self) -> date:
        """First day of pension age."""
        return self.case.benefit.pension_date

    @property
    def steps(self) -> pd.DataFrame:
        """How the benefit comes about: ``step``, ``values`` (pairs as text) and ``article``."""
        rows = [
            (
                step["step"],
                ", ".join(f"{k} {v}" for k, v in step.items() if k not in ("step", "article")),
                step["article"],
            )
            for step in self.answer["steps"]
        ]
        return pd.DataFrame(rows, columns=["step", "values", "article"])

    @property
    def months(self) -> pd.DataFrame:
        """Months of the average earnings: pay counted and left out [KZT]; empty where it was given."""
        heads = ("month", "counted", "excluded", "is_used", "why")
        return _frame(self.answer.get("months", ()), heads, ("counted", "excluded"))

    @property
    def degree_history(self) -> pd.DataFrame:
        """Benefit by period of the degree [KZT/month]; ``until`` is the first day not covered."""
        money = ("social_payment", "monthly_benefit", "pension_contribution", "net_payment")
        heads = ("from", "until", "degree_of_loss", *money, "is_payer_owing")
        frame = _frame(self.answer.get("degree_history", ()), heads, money)
        for name in ("from", "until"):
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d")
        return frame

    @property
    def answer(self) -> dict[str, Any]:
        """Everything, as ``actuarial benefit --json`` writes it: amounts as text, dates in ISO form.

        Survivors, expenses, insured sum, deadlines and penalties are here where the case asks for them.
        """
        return self.case.as_json()

    @property
    def law(self) -> pd.DataFrame:
        """Entries of the law used."""
        return law_frame(self.case.law.used())

    def __repr__(self) -> str:
        return f"<ClaimBenefit: net payment {self.net_payment} a month, until {self.payable_until}>"


def claim_benefit(case: str | Path | Mapping[str, Any]) -> ClaimBenefit:
    """Compute what one person or family is owed, by the law on each date.

    Parameters
    ----------
    case : str, Path or mapping
        A YAML file, or its keys (docs/benefit.md): amounts [KZT], degrees [percent], dates as
        `datetime.date` or text.

    Returns
    -------
    ClaimBenefit
        Amounts [KZT/month], each rounded once.

    Raises
    ------
    ActuarialError
        E54xx with every problem of the case.
    tariffs.LawError
        A value of the law that is not on record on a day.

    Examples
    --------
    >>> import actuarial
    >>> benefit = actuarial.claim_benefit({
    ...     "sex": "male", "birth_date": "1985-06-15", "product": "compulsory",
    ...     "contract_date": "2025-01-10", "accident_date": "2025-03-01",
    ...     "first_certificate_date": "2025-06-01", "certificate_end": "2026-06-01", "degree_of_loss": 60,
    ...     "average_monthly_earnings": 300_000, "social_payment": 98_262, "next_payment_date": "2026-01-10",
    ... })
    >>> benefit.amounts["monthly_benefit"], benefit.payable_until
    (Decimal('81738.00'), datetime.date(2026, 6, 1))
    """
    file = read_case_file(Path(case)) if isinstance(case, str | Path) else case_of(_plain(case))
    return ClaimBenefit(answer_of(file))


def _plain(value: Any) -> Any:
    """Keys of a case as a file would have them: exact amounts and dates as text."""
    value = plain_number(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat()[:10] if isinstance(value, date) else value


def _frame(rows: Iterable[Mapping[str, Any]], heads: tuple[str, ...], money: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(heads))
    for name in money:
        frame[name] = frame[name].astype("float64")
    return frame
