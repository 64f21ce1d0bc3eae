"""What the law leaves open in payouts: named choices, each with its default and the reason for it.

A case states a choice under ``choices``; what it does not state takes the default, and every answer lists
both. A choice without a default is a required input: there the law's reading is unknown.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from actuarial.error import ActuarialError
from actuarial.language import Text, joined, text, texts


class ChoiceError(ActuarialError):
    """An unknown choice, an unknown option, or a required choice not made (E5410, E5411)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One question the law leaves open.

    Attributes
    ----------
    name : str
    question : str
    options : tuple of str
    default : str or None
        None: the user must choose.
    reason : str
        Why this default, or why there is none.
    article : str
        Where the question stands.
    """

    name: str
    question: str
    options: tuple[str, ...]
    default: str | None
    reason: str
    article: str


_CHOICES = texts(
    (
        Choice(
            "edition_date",
            "Which date decides on the edition of the payout rules?",
            ("accident_date", "contract_date", "first_certificate_date"),
            "accident_date",
            "the loss belongs to the day of the accident; the transition of Law No 311-V was not read",
            "OSNS Law art 13(2), 19; Law No 311-V",
        ),
        Choice(
            "incomplete_months",
            "Incomplete months of pay: replaced by earlier full months, or dropped?",
            ("replace", "drop"),
            "replace",
            "the Code names replacement first; a month without a full one before it is dropped",
            "Civil Code art 938",
        ),
        Choice(
            "social_payment_deduction",
            "Is the payment of the Fund deducted before or after its own pension contribution?",
            ("gross", "net"),
            "gross",
            "the law deducts the payment itself, and the contribution is paid out of it",
            "OSNS Law art 19(1); Social Code art 248",
        ),
        Choice(
            "social_payment_rounding",
            "Which way is the payment of the Fund rounded to a whole tenge?",
            ("half_up", "down", "up", "none"),
            "half_up",
            "the order rounds to 1 tenge and does not say which way",
            "Order No 238 of 22.06.2023",
        ),
        Choice(
            "negligence_reduces",
            "Does the victim's gross negligence reduce the lost earnings before or after the deduction?",
            ("gross", "net"),
            "gross",
            "the Code reduces the compensation of the harm, which is the degree of the earnings",
            "Civil Code art 935",
        ),
        Choice(
            "social_payment_on_change",
            "What happens to the deduction when the degree changes?",
            ("rerate", "keep", "proportional"),
            "rerate",
            "the Fund re-rates its payment with the degree; the new amount or the data for it are needed",
            "Social Code art 181(4)",
        ),
        Choice(
            "pension_contribution",
            "Is the pension contribution withheld from payouts of the voluntary product and the employer?",
            ("withheld", "not_withheld"),
            "withheld",
            "the Social Code speaks of payouts for lost earnings without naming the product",
            "Social Code art 248-249",
        ),
        Choice(
            "expense_index_date",
            "Of which day is the monthly index in the cap of additional expenses?",
            ("payment_date", "accident_date", "first_certificate_date"),
            "payment_date",
            "the law says the index of the year; the money is spent at its index. The voluntary rules fix "
            "the day of the first certificate, the Labour Code the moment of payment",
            "OSNS Law art 19(2), 19(2-1)",
        ),
        Choice(
            "lump_sum_index_date",
            "Of which day is the monthly index of the lump sum (accidents of 2010-03-19 to 2015-05-09)?",
            ("accident_date", "first_certificate_date", "payment_date"),
            None,
            "the year of the index is unknown, and it moves the whole sum",
            "OSNS Law art 19 (edition of 2010-03-19)",
        ),
        Choice(
            "funeral_index_date",
            "Of which day is the monthly index of the funeral payment?",
            ("payment_date", "death_date"),
            "payment_date",
            "the law says the index of the year; the money is spent at its index",
            "OSNS Law art 19(3)",
        ),
        Choice(
            "survivor_share",
            "How are the earnings of the deceased shared?",
            ("equal_split", "equal_split_without_deceased", "given"),
            "equal_split",
            "the Code gives no figure; the usual reading splits the earnings over the deceased and all "
            "dependants",
            "Civil Code art 941",
        ),
        Choice(
            "survivor_recount",
            "Who counts when shares are set anew for a posthumous child or a carer?",
            ("entitled_on_day", "all_so_far"),
            "entitled_on_day",
            "who no longer has the right takes no part of the earnings",
            "Civil Code art 941(3)",
        ),
        Choice(
            "old_age_after_death",
            "Does reaching pension age within the years after the death give the right?",
            ("entitled", "not_entitled"),
            "entitled",
            "the Code counts people of pension age among those unable to work",
            "Civil Code art 940",
        ),
        Choice(
            "exhaustion_order",
            "In which order do several claims use up one insured sum?",
            ("payment_order", "claim_order", "pro_rata"),
            "payment_order",
            "each payment reduces the sum on the day it is made",
            "OSNS Law art 16, 19(4)",
        ),
    )
)
CHOICES: dict[str, Choice] = {choice.name: choice for choice in _CHOICES}
"""All choices of payouts by name; questions, reasons and articles are messages."""


class Choices:
    """The choices of one case: what it states, and the defaults; remembers which were asked.

    Parameters
    ----------
    stated : mapping of str to str

    Raises
    ------
    ChoiceError
        E5410 an unknown name or option; all of them are named.
    """

    def __init__(self, stated: Mapping[str, str] | None = None) -> None:
        self.stated = dict(stated or {})
        problems = [found for name, option in self.stated.items() if (found := problem(name, option))]
        if problems:
            raise ChoiceError("E5410", "{problems}", problems=joined(problems, "; "))
        self._asked: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        choice = CHOICES[name]
        option = self.stated.get(name, choice.default)
        if option is None:
            raise ChoiceError(
                "E5411",
                "choices.{name} is required: {question} {reason} ({article}). Choose {options}",
                name=name,
                question=text(choice.question),
                reason=text(choice.reason),
                article=text(choice.article),
                options=", ".join(choice.options),
            )
        self._asked[name] = option
        return option

    def asked(self) -> list[dict[str, str | bool]]:
        """Choices that made a difference to the path taken: option, whether by default, reason, article."""
        return [
            {
                "choice": name,
                "option": option,
                "is_default": name not in self.stated,
                "options": ", ".join(CHOICES[name].options),
                "question": text(CHOICES[name].question),
                "reason": text(CHOICES[name].reason),
                "article": text(CHOICES[name].article),
            }
            for name, option in self._asked.items()
        ]


def problem(name: str, option: object) -> Text | None:
    """What is wrong with a stated choice; None when nothing is."""
    if name not in CHOICES:
        near = difflib.get_close_matches(str(name), CHOICES, n=1)
        hint = (
            text(" (did you mean {near}?)", near=near[0])
            if near
            else text("; known: {choices}", choices=", ".join(CHOICES))
        )
        return text("unknown choice {name!r}{hint}", name=name, hint=hint)
    if option not in CHOICES[name].options:
        return text(
            "choices.{name} is {option!r}; choose {options}",
            name=name,
            option=option,
            options=", ".join(CHOICES[name].options),
        )
    return None
