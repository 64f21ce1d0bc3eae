"""Reverse stress: the smallest multiple of a scenario whose loss exhausts own funds.

The loss is valued in full at each multiple. Whether it grows with the multiple is looked at, not assumed:
first a scan over a grid, then the interval of the first crossing is narrowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from actuarial.error import ActuarialError
from actuarial.language import Text, digits, joined, message_of, text
from actuarial.stress.contract_stress import StressedContracts
from actuarial.stress.error import StressError
from actuarial.stress.scenario import Scenario, scaled
from actuarial.stress.situation import Situation, bears_on_contracts, situation
from actuarial.stress.stressed_basis import resolved_index
from actuarial.stress.valuation import StressedPortfolio

GRID = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 20.0)
"""Multiples of the scan."""
WIDTH = 1e-4
"""Width of the interval in which the multiple is found."""
CONTRACTS = text("contracts")
_TOGETHER = 4
"""Multiples valued together in the scan: a scan that has crossed stops."""
_INSIDE = 3
"""Multiples inside the interval at each step."""


@dataclass(frozen=True)
class Reverse:
    """How much of a scenario an insurer can bear.

    Attributes
    ----------
    scenario : str
    insurer : str
    own_funds : int [tiyn]
    multiple : float or None
        A multiple whose loss is at least own funds; None where none was found.
    below : float
        A multiple whose loss is less, at most `WIDTH` below; without a multiple, the largest one valued.
    losses : tuple of (float, int [tiyn])
        Multiples valued and their losses, ascending.
    is_monotone : bool
        Whether the loss never fell from one of them to the next.
    reason : str
        Why there is no multiple; empty where there is one.
    """

    scenario: str
    insurer: str
    own_funds: int
    multiple: float | None
    below: float
    losses: tuple[tuple[float, int], ...]
    is_monotone: bool
    reason: str = ""


def reversed_scenario(
    scenario: Scenario,
    insurer: str,
    own_funds: int,
    portfolio: StressedPortfolio,
    contracts: StressedContracts | None = None,
) -> Reverse:
    """Find the smallest multiple m ≥ 0 of a scenario whose loss is at least own funds.

    Parameters
    ----------
    scenario : Scenario
    insurer : str
    own_funds : int [tiyn]
    portfolio : StressedPortfolio
        Of the insurer; more expected reserve is a loss.
    contracts : StressedContracts, optional

    Returns
    -------
    Reverse
        Between two multiples of the scan the loss is taken to cross once.

    Raises
    ------
    StressError
        E4609 a scenario that sets a value: of it there is no multiple.
    """
    losses = _Losses(scenario, portfolio, contracts)
    if own_funds <= 0:
        return Reverse(scenario.name, insurer, own_funds, 0.0, 0.0, (), True)
    if losses.unknown_reason is not None:
        return Reverse(scenario.name, insurer, own_funds, None, 0.0, (), True, losses.unknown_reason)
    low, high = 0.0, None
    grid = _grid(scenario)
    for start in range(0, len(grid), _TOGETHER):
        for multiple, loss in losses.at(grid[start : start + _TOGETHER]):
            if high is None and loss >= own_funds:
                high = multiple
            elif high is None:
                low = multiple
        if high is not None or losses.end_reason:
            break
    while high is not None and high - low > WIDTH:
        step = (high - low) / (_INSIDE + 1)
        inside = losses.at([low + step * (k + 1) for k in range(_INSIDE)])
        if not inside:
            break
        for multiple, loss in inside:
            if loss >= own_funds:
                high = multiple
                break
            low = multiple
    found = tuple(sorted(losses.known.items()))
    amounts = [0, *(loss for _, loss in found)]
    is_monotone = all(a <= b for a, b in pairwise(amounts))
    reason = ""
    if high is None:
        times = digits(low, "g")
        if losses.end_reason:
            reason = text(
                "not reached up to {times} times the scenario; more is not possible: {reason}",
                times=times,
                reason=losses.end_reason,
            )
        elif low < GRID[-1]:
            reason = text(
                "not reached up to {times} times the scenario, where a factor is 0; more is not possible",
                times=times,
            )
        else:
            reason = text("not reached up to {times} times the scenario", times=times)
    return Reverse(scenario.name, insurer, own_funds, high, low, found, is_monotone, reason)


def _grid(scenario: Scenario) -> list[float]:
    """Multiples of the scan, ended by the one at which a factor below 1 reaches 0."""
    factors = [c.amount for c in scenario.changes if c.operation == "multiply" and c.amount < 1]
    largest = min((1 / (1 - factor) for factor in factors), default=GRID[-1])
    return sorted({multiple for multiple in GRID if multiple < largest} | {min(largest, GRID[-1])})


class _Losses:
    """Losses of multiples of a scenario, each valued once."""

    def __init__(
        self, scenario: Scenario, portfolio: StressedPortfolio, contracts: StressedContracts | None
    ) -> None:
        self._portfolio = portfolio
        self._contracts = contracts
        first_year = portfolio.valuation_date.year + 1
        self._scenario = resolved_index(scenario, portfolio.basis, first_year)
        self._base = portfolio.base().totals()["total_expected"]
        scaled(self._scenario, 1.0)  # refuses a scenario without multiples
        self.known: dict[float, int] = {}
        self.end_reason: Text | None = None
        self.unknown_reason: Text | None = None
        if bears_on_contracts(scenario):
            missing = (CONTRACTS,) if contracts is None else contracts.outcome(scenario).missing
            if missing:
                self.unknown_reason = text("the loss on contracts needs {missing}", missing=joined(missing))

    def at(self, multiples: list[float] | tuple[float, ...]) -> list[tuple[float, int]]:
        """Losses of ascending multiples, up to the first that is not possible."""
        possible = []
        for multiple in multiples:
            try:
                shock = scaled(self._scenario, multiple)
                given = situation(
                    shock, self._portfolio.basis, self._portfolio.law, self._portfolio.valuation_date
                )
            except StressError as error:
                self.end_reason = message_of(error)
                break
            possible.append((multiple, shock, given))
        if not possible:
            return []
        try:
            annuities = self._annuity_losses([given for _, _, given in possible])
            contracts = [self._contract_loss(shock) for _, shock, _ in possible]
        except ActuarialError as error:
            if len(possible) == 1:
                self.end_reason = message_of(error)
                return []
            # one of them is beyond what can be valued: find out which
            result: list[tuple[float, int]] = []
            for multiple, _, _ in possible:
                found = self.at([multiple])
                if not found:
                    break
                result += found
            return result
        for (multiple, _, _), loss, on_contracts in zip(possible, annuities, contracts, strict=True):
            self.known[multiple] = loss + on_contracts
        return [(multiple, self.known[multiple]) for multiple, _, _ in possible]

    def _contract_loss(self, scenario: Scenario) -> int:
        return (self._contracts.outcome(scenario).loss or 0) if self._contracts else 0

    def _annuity_losses(self, situations: list[Situation | None]) -> list[int]:
        wanted = [given for given in situations if given is not None]
        outcomes = iter(self._portfolio.outcomes(wanted)) if wanted else iter(())
        return [
            0 if given is None else next(outcomes).totals()["total_expected"] - self._base
            for given in situations
        ]
