"""The basis under a scenario: its keys changed, checked again like a file."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mortality
from actuarial.basis import Basis, changed_basis
from actuarial.curve import Curve, SpotCurve
from actuarial.error import BasisError
from actuarial.language import Text, digits, message_of, text
from actuarial.record import BANDS
from actuarial.stress.error import StressError
from actuarial.stress.scenario import Change, Scenario, place_of

INTEREST = "interest"
INDEXATION = "indexation"
RECOVERY = "certification.recovery"
NOT_NUMBERS = ("name", "note", "simulation", "certification.matrices")
"""Keys that multiply and add do not reach; ``set`` replaces matrices, the others are not for scenarios."""
_RECOVERED = len(BANDS)
_DIGITS = 12


class NotApplicableError(StressError):
    """A scenario that means nothing on this basis: its line says so, the others are computed (E4604)."""


def stressed_basis(basis: Basis, scenario: Scenario) -> Basis:
    """The basis with the changes of the kind ``basis``; the basis itself where there are none.

    ``basis.interest`` moves the whole curve, of whichever kind; ``basis.indexation`` the rate of the basis'
    own choice; ``basis.certification.recovery`` multiplies column R of the matrices, the rest of a row being
    scaled to sum to 1.

    Raises
    ------
    NotApplicableError
        E4604 a change of the indexation where the basis has none.
    StressError
        E4604 a key that is not in the basis or holds no number; E4605 a basis that is not valid any more.
    """
    changes = scenario.of_kind("basis")
    if not changes:
        return basis
    values = basis.assumptions.model_dump()
    curve: Curve | None = None
    for change in changes:
        where = place_of(change, scenario.name)
        if change.path == INTEREST and change.operation != "set":
            curve = _moved_interest(basis, values, change, curve)
        elif change.path == INDEXATION and change.operation != "set":
            _move_indexation(values, change, where)
        elif change.path == RECOVERY:
            _scale_recovery(values, change, where)
        else:
            _change_key(values, change, where)
    try:
        return changed_basis(basis, values, text("scenario {scenario}", scenario=scenario.name), curve)
    except (BasisError, mortality.TableError) as error:
        raise StressError(
            "E4605",
            "scenario {scenario}: the basis is not valid with it: {error}",
            scenario=scenario.name,
            error=message_of(error),
        ) from None


def index_rate(basis: Basis, first_year: int) -> float:
    """Rate of the next indexation under the basis' own choice [1]; 0 where payments are not indexed."""
    indexation = basis.assumptions.indexation
    if indexation.choice == "contract_rate":
        return indexation.rate or 0.0
    if indexation.choice == "rate_by_year":
        return float(indexation.year_rate(first_year))
    return basis.assumptions.growth.mci if indexation.choice == "mci" else 0.0


def resolved_index(scenario: Scenario, basis: Basis, first_year: int) -> Scenario:
    """The scenario with ``annuity.index_once`` as the factor on payments that it is on this basis.

    One indexation by the rate given instead of the basis' own: (1 + rate) / (1 + own rate).
    """
    if not any(change.parameter == "annuity.index_once" for change in scenario.changes):
        return scenario
    own = 1 + Fraction(repr(index_rate(basis, first_year)))
    changes = [
        change
        if change.parameter != "annuity.index_once"
        else Change(
            parameter="annuity.payment",
            multiply=float(f"{float((1 + Fraction(repr(change.set))) / own):.{_DIGITS}g}"),
        )
        for change in scenario.changes
    ]
    return scenario.model_copy(update={"changes": changes})


def _moved_interest(
    basis: Basis, values: dict[str, Any], change: Change, curve: Curve | None
) -> Curve | None:
    """Move the curve: every annual effective rate of it by the same operation."""
    interest = values[INTEREST]
    if interest["flat"] is not None:
        interest["flat"] = _number(change, interest["flat"])
    elif interest["nelson_siegel_svensson"] is not None:
        betas = interest["nelson_siegel_svensson"]
        moved = ("beta0",) if change.operation == "add" else ("beta0", "beta1", "beta2", "beta3")
        betas.update({name: _number(change, betas[name]) for name in moved})
    else:
        spot = curve or basis.curve
        assert isinstance(spot, SpotCurve)
        return replace(spot, rates=tuple(_number(change, rate) for rate in spot.rates))
    return None


def _move_indexation(values: dict[str, Any], change: Change, where: Text) -> None:
    indexation = values[INDEXATION]
    choice = indexation["choice"]
    if choice == "contract_rate":
        indexation["rate"] = _number(change, indexation["rate"])
    elif choice == "rate_by_year":
        by_year = indexation["rate_by_year"]
        by_year.update({year: _number(change, rate) for year, rate in by_year.items()})
    elif choice == "mci":
        values["growth"]["mci"] = _number(change, values["growth"]["mci"])
    else:
        raise NotApplicableError("E4604", "{where}: the basis does not index payments", where=where)


def _scale_recovery(values: dict[str, Any], change: Change, where: Text) -> None:
    """Multiply column R; the other chances of a row keep their proportions."""
    if change.operation != "multiply":
        raise StressError("E4604", "{where}: knows multiply only", where=where)
    factor = Fraction(repr(change.multiply))
    for matrix in values["certification"]["matrices"]:
        for own, band in enumerate(BANDS):
            row = [Fraction(repr(p)) for p in matrix[band]]
            recovered = row[_RECOVERED] * factor
            if recovered > 1:
                raise StressError(
                    "E4604",
                    "{where}: a chance of recovery would be {chance}",
                    where=where,
                    chance=digits(float(recovered), ".4g"),
                )
            staying = 1 - row[_RECOVERED]
            if staying:
                scaled = [p * (1 - recovered) / staying for p in row[:_RECOVERED]]
            else:
                scaled = [1 - recovered if b == own else Fraction(0) for b in range(_RECOVERED)]
            matrix[band] = [float(p) for p in (*scaled, recovered)]


def _change_key(values: dict[str, Any], change: Change, where: Text) -> None:
    """Change what stands under a key, every number of it."""
    *parents, last = change.path.split(".")
    if change.path.startswith(NOT_NUMBERS) and not (
        change.operation == "set" and change.path == "certification.matrices"
    ):
        raise StressError(
            "E4604", "{where}: cannot be changed by {operation}", where=where, operation=change.operation
        )
    holder: Any = values
    for part in parents:
        holder = holder[_key(holder, part, where)]
    key = _key(holder, last, where)
    if change.operation == "set":
        holder[key] = change.set
        return
    found = list(_numbers(holder[key]))
    if not found:
        raise StressError("E4604", "{where}: holds no number ({value!r})", where=where, value=holder[key])
    holder[key] = _with_numbers(holder[key], change)


def _key(holder: Any, part: str, where: Text) -> Any:
    known = {str(key): key for key in holder} if isinstance(holder, dict) else {}
    if part in known:
        return known[part]
    near = difflib.get_close_matches(part, known, n=1)
    hint = (
        text("did you mean {near}?", near=near[0])
        if near
        else text("there are {keys}", keys=", ".join(known) or text("no keys"))
    )
    raise StressError(
        "E4604", "{where}: no key {key!r} in the basis ({hint})", where=where, key=part, hint=hint
    )


def _numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _numbers(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _with_numbers(value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        return {key: _with_numbers(part, change) for key, part in value.items()}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return _number(change, value)


def _number(change: Change, value: int | float) -> int | float:
    """The number after the change: what one would write by hand, not a product of binary neighbours."""
    changed = change.applied(Decimal(repr(value)))
    if isinstance(value, int) and changed == changed.to_integral_value():
        return int(changed)
    return float(changed)
