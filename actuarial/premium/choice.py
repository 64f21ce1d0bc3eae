"""What the law of premiums leaves open: named choices, each with its default and the reason for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from actuarial.error import ActuarialError
from actuarial.language import text


@dataclass(frozen=True, slots=True)
class Choice:
    """One open point.

    Attributes
    ----------
    name : str
    values : tuple of str
        The first is the default.
    article : str
        The article that leaves it open.
    reason : str
        Why the default is the default.
    """

    name: str
    values: tuple[str, ...]
    article: str
    reason: str

    @property
    def default(self) -> str:
        """Value taken when nothing is said."""
        return self.values[0]


CHOICES: Mapping[str, Choice] = MappingProxyType(
    {
        choice.name: choice
        for choice in (
            Choice(
                "minimum_test",
                ("before_coefficient", "after_coefficient"),
                "17(2-1)",
                text(
                    "the text tests the premium of 17(1)-(2), which has no coefficient yet; one insurer "
                    "tests after it"
                ),
            ),
            Choice(
                "minimum_wage_date",
                ("contract_date", "start_date"),
                "16, 17",
                text(
                    "the insured sum and the payroll are those of the day of the contract; the law says "
                    "'of the year'"
                ),
            ),
            Choice(
                "short_term",
                ("full_tariff", "pro_rata"),
                "12, 17(2)",
                text(
                    "the text has one tariff on the insured sum, whatever the term; pro_rata takes days / "
                    "days of 12 months of the premium of 17(1)-(2)"
                ),
            ),
            Choice(
                "evenly_spread",
                ("higher_class", "higher_tariff"),
                "17(3)",
                text(
                    "the text says the higher class; one insurer takes the highest tariff among all "
                    "activities"
                ),
            ),
            Choice(
                "mean_rounding",
                ("half_up", "down"),
                "17-1(2)",
                text("the table has whole numbers only; insurers' software rounds the mean half-up"),
            ),
            Choice(
                "victims",
                ("persons", "accidents"),
                "17-1(2)",
                text(
                    "the table is headed by the number of injured workers; several victims of one "
                    "accident are counted each"
                ),
            ),
            Choice(
                "fault",
                ("only_by_fault", "all"),
                "17-1(1)",
                text(
                    "the coefficient is there for events by the policyholder's fault, so only these are "
                    "counted; 'all' counts every case once one of them is by fault"
                ),
            ),
            Choice(
                "discount_floor",
                ("minimum", "drop", "none"),
                "17-1(2-1)",
                text(
                    "17(2-1) knows no premium below 1 minimum wage; 'drop' gives no discount where it "
                    "would go below (one insurer), 'none' lets it"
                ),
            ),
            Choice(
                "change_payroll",
                ("payroll", "insured_sum"),
                "17(1)",
                text(
                    "the text charges the change of the payroll; 'insured_sum' charges only what the insured "
                    "sum in force (grown where the minimum premium applied) does not cover yet"
                ),
            ),
            Choice(
                "change_factor",
                ("contract", "none"),
                "17(1), 17-1",
                text(
                    "one coefficient and one discount hold for the whole contract; 'none' takes the "
                    "tariff alone"
                ),
            ),
        )
    }
)


class PremiumError(ActuarialError):
    """A contract whose premium cannot be computed (E42xx)."""


def resolved_choices(given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every choice: the given one or the default.

    Raises
    ------
    PremiumError
        E4201: unknown choice or value.
    """
    for name, value in given.items():
        if name not in CHOICES:
            raise PremiumError(
                "E4201",
                "there is no choice {name!r}; the choices are {choices}",
                name=name,
                choices=", ".join(CHOICES),
            )
        if value not in CHOICES[name].values:
            values = ", ".join(CHOICES[name].values)
            raise PremiumError(
                "E4201",
                "the choice {name} is {value!r}; it can be {values}",
                name=name,
                value=value,
                values=values,
            )
    return {name: given.get(name, choice.default) for name, choice in CHOICES.items()}
