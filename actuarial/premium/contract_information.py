"""Information on contracts for the labour authority: the eleven fields of order No 14 of 26.01.2024, "
"clause 6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from actuarial.language import text

BIN_LENGTH = 12
_MODULUS = 11
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)

FIELDS: tuple[tuple[str, str], ...] = (
    ("insurer_name", "Наименование страховщика"),
    ("contract_number", "Номер и серия договора"),
    ("policyholder_name", "Наименование страхователя"),
    ("contract_date", "Дата заключения договора"),
    ("start_date", "Начало действия договора"),
    ("end_date", "Окончание действия договора"),
    ("termination_reason", "Причина прекращения/расторжения договора"),
    ("termination_date", "Дата прекращения/расторжения договора"),
    ("annual_payroll", "Общий годовой фонд оплаты труда"),
    ("premium", "Страховая премия"),
    ("n_workers", "Общее количество работников"),
)
"""Names of the fields and their headings, in the order of clause 6."""


@dataclass(frozen=True, slots=True)
class ContractInformation:
    """What is told of one contract: these fields and no others.

    Attributes
    ----------
    insurer_name, contract_number, policyholder_name : str
        ``contract_number`` holds number and series.
    contract_date, start_date, end_date : date
    termination_reason : str
        Empty while the contract is in force.
    termination_date : date or None
    annual_payroll, premium : int [tiyn]
    n_workers : int
    """

    insurer_name: str
    contract_number: str
    policyholder_name: str
    contract_date: date
    start_date: date
    end_date: date
    termination_reason: str
    termination_date: date | None
    annual_payroll: int
    premium: int
    n_workers: int


def contract_number(number: str, series: str) -> str:
    """Number and series as one field: ``"0001 серия А"``; the number alone where there is no series."""
    return f"{number} серия {series}" if series else number


def bin_problem(number: str) -> str:
    """Return what is wrong with a БИН (or an ИИН), empty where nothing is.

    The last digit is ``Σ weight · digit mod 11`` with weights 1-11; where that is 10, with weights 3-11, 1,
    2; where it is 10 again, no such number is given out.

    Examples
    --------
    >>> bin_problem("111111111110")
    ''
    >>> bin_problem("111111111112")
    'the check digit is 2, it should be 0'
    """
    if len(number) != BIN_LENGTH or not (number.isascii() and number.isdigit()):
        return text("{n} digits are expected", n=BIN_LENGTH)
    digits = [int(digit) for digit in number]
    check = 10
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        check = sum(w * d for w, d in zip(weights, digits[:-1], strict=True)) % _MODULUS
        if check < 10:
            break
    if check == 10:
        return text("no number with these first eleven digits is given out")
    return (
        ""
        if check == digits[-1]
        else text("the check digit is {last}, it should be {check}", last=digits[-1], check=check)
    )
