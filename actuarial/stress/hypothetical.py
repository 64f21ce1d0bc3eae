"""A law that is not: entries of the record changed by a scenario, each marked hypothetical.

What a scenario changes never passes for law: its entries have the status ``hypothetical``, no act, and the
name of the scenario as their source.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import tariffs
from actuarial.language import Text, digits, text
from actuarial.payout_law import PayoutLaw, StepSeries
from actuarial.stress.error import StressError
from actuarial.stress.scenario import Change, place_of
from tariffs.dated import ENACTED

HYPOTHETICAL = "hypothetical"
ANNUITY_LAW = (
    "additional_expenses_cap", "earnings_cap_minimum_wages", "entitlement_age_child",
    "entitlement_age_student", "mci", "minimum_wage", "payout_edition", "pension_age_men",
    "pension_age_women", "subsistence_minimum",
)  # fmt: skip
"""Parameters of the law that annuities in payment depend on."""
CONTRACT_LAW = (
    "minimum_premium_minimum_wages", "minimum_wage", "payroll_cap_minimum_wages", "tariff_rate",
)  # fmt: skip
"""Parameters of the law that premiums depend on."""
_TIYN = Decimal("0.01")
_RATE = Decimal("0.00001")
"""Hypothetical tariffs are rounded to 0.001 %: with more digits premiums could leave exact integers."""
_WHOLE = {"years": 12}
_WHOLE_TEXT = {12: text("whole number of months"), 0: text("whole number")}


class HypotheticalLaw(PayoutLaw):
    """The law with the changes of one scenario.

    Parameters
    ----------
    changes : sequence of Change
        Those of the kind ``law``.
    scenario : str
        Its name, the source of the entries.
    valuation_date : date
        What ``from: valuation_date`` means.
    everywhere : bool
        Whether the changes hold on every day, whatever their ``from``: contracts are priced as if they were
        concluded under them.

    Raises
    ------
    StressError
        E4606 a parameter that is not on record, that nothing here depends on, or that cannot be changed so.
    """

    def __init__(
        self, changes: Sequence[Change], scenario: str, valuation_date: date, *, everywhere: bool = False
    ) -> None:
        super().__init__()
        self._scenario = scenario
        self._entries: dict[str, list[tariffs.Entry]] = {}
        for change in changes:
            name = checked_name(change, scenario)
            since = None
            if not everywhere:
                since = valuation_date if change.since == "valuation_date" else change.since
            entries = self._entries.get(name)
            if entries is None:
                entries = [e for e in tariffs.parameter(name).entries if e.status in ENACTED]
            assert since is None or isinstance(since, date)
            self._entries[name] = self._changed(name, entries, change, since)

    def series(self, name: str) -> StepSeries:
        """Step series of a parameter, with hypothetical entries where the scenario has them."""
        if name in self._entries and name not in self._series:
            self._series[name] = StepSeries(self, name, self._entries[name])
        return super().series(name)

    def _changed(
        self, name: str, entries: Sequence[tariffs.Entry], change: Change, since: date | None
    ) -> list[tariffs.Entry]:
        key = change.path.partition(".")[2]
        result: list[tariffs.Entry] = []
        for entry in entries:
            if since is not None and entry.end is not None and entry.end <= since:
                result.append(entry)
                continue
            start = entry.start
            if since is not None and entry.start < since:
                result.append(replace(entry, end=since))
                start = since
            result.append(self._hypothetical(name, entry, key, change, start, entry.end))
        last = entries[-1]
        if since is not None and last.end is not None and last.end <= since:
            if change.operation != "set":
                raise StressError(
                    "E4606",
                    "scenario {scenario}: {parameter} has no value on {since} to change (the record ends on "
                    "{last_day}); set a value, or change it from an earlier day",
                    scenario=self._scenario,
                    parameter=change.parameter,
                    since=since,
                    last_day=last.last_day,
                )
            result.append(self._hypothetical(name, last, key, change, since, None))
        return result

    def _hypothetical(
        self, name: str, entry: tariffs.Entry, key: str, change: Change, start: date, end: date | None
    ) -> tariffs.Entry:
        where = place_of(change, self._scenario)
        parameter = tariffs.parameter(name)
        value = _new_value(entry.value, key, change, where)
        if parameter.unit.startswith("KZT"):
            value = value.quantize(_TIYN, rounding=ROUND_HALF_UP)
        if name == "tariff_rate":
            value = {number: rate.quantize(_RATE, rounding=ROUND_HALF_UP) for number, rate in value.items()}
            if min(value.values()) <= 0:
                raise StressError("E4606", "{where}: no tariff would be left", where=where)
        unit = _WHOLE.get(parameter.unit, 0 if name.endswith("_minimum_wages") else None)
        if unit is not None and value * (unit or 1) % 1:
            raise StressError(
                "E4606",
                "{where}: {value} {unit} is no {whole}",
                where=where,
                value=value,
                unit=text(parameter.unit),
                whole=_WHOLE_TEXT[unit],
            )
        _check(value, parameter.domain, where)
        if value == entry.value and entry.end == end:
            return replace(entry, start=start)
        return replace(
            entry,
            value=value,
            start=start,
            end=end,
            checked_on=None,
            status=HYPOTHETICAL,
            evidence="",
            source=tariffs.Citation(
                text("none: stress scenario {scenario}", scenario=self._scenario), None, None, HYPOTHETICAL
            ),
            further_sources=(),
            note=text("{change}; not law", change=change.message),
        )


def checked_name(change: Change, scenario: str) -> str:
    """Name of the parameter of the law that a change means."""
    name = change.path.partition(".")[0]
    known = sorted({*ANNUITY_LAW, *CONTRACT_LAW})
    if name not in known:
        if name in tariffs.parameter_names():
            raise StressError(
                "E4606",
                "scenario {scenario}: law.{name} is on record, but nothing in a stress test depends on it; "
                "these can be changed: {known}",
                scenario=scenario,
                name=name,
                known=", ".join(known),
            )
        near = difflib.get_close_matches(name, known, n=1)
        hint = (
            text("did you mean {near}?", near=f"law.{near[0]}")
            if near
            else text("these can be changed: {known}", known=", ".join(known))
        )
        raise StressError(
            "E4606",
            "scenario {scenario}: no parameter law.{name} on record ({hint})",
            scenario=scenario,
            name=name,
            hint=hint,
        )
    if change.path == "payout_edition.social_payment_deducted":
        raise StressError(
            "E4606",
            "scenario {scenario}: payments in force already hold the deduction; write {change}, which takes "
            "it out of them too",
            scenario=scenario,
            change="{parameter: annuity.social_payment, multiply: 0}",
        )
    return name


def _new_value(value: Any, key: str, change: Change, where: Text) -> Any:
    """The value, or what stands under a key of it, after the change."""
    if key:
        if not isinstance(value, Mapping):
            raise StressError(
                "E4606", "{where}: the value has no parts; leave out .{key}", where=where, key=key
            )
        by_text = {str(name): name for name in value}
        if key not in by_text:
            raise StressError(
                "E4606",
                "{where}: no part {key!r}; there are {parts}",
                where=where,
                key=key,
                parts=", ".join(by_text),
            )
        return {**value, by_text[key]: _new_value(value[by_text[key]], "", change, where)}
    if isinstance(value, Mapping):
        if change.operation == "set" and isinstance(change.set, Mapping):
            raise StressError(
                "E4606",
                "{where}: set one part at a time, as {parameter}.NAME",
                where=where,
                parameter=change.parameter,
            )
        return {name: _new_value(part, "", change, where) for name, part in value.items()}
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        if change.operation != "set":
            raise StressError(
                "E4606",
                "{where}: {value!r} is not a number; only set can change it",
                where=where,
                value=value,
            )
        return change.set
    is_number = isinstance(change.amount, int | float) and not isinstance(change.amount, bool)
    if not is_number:
        raise StressError("E4606", "{where}: {value!r} is not a number", where=where, value=change.amount)
    changed = change.applied(Decimal(value))
    if isinstance(value, int):
        if changed != changed.to_integral_value():
            raise StressError(
                "E4606",
                "{where}: {value} would become {changed}, which must be whole",
                where=where,
                value=value,
                changed=digits(float(changed), ".10g"),
            )
        return int(changed)
    return changed


def _check(value: Any, domain: Mapping[str, Any], where: Text) -> None:
    """Refuse what the parameter's own domain refuses."""
    kind = domain["type"]
    if kind in ("mapping", "record", "table"):
        for name, part in value.items():
            of_part = _part_domain(domain, str(name))
            _check(part, of_part, text("{where}.{name}", where=where, name=name))
        return
    if kind == "flag" and not isinstance(value, bool):
        raise StressError("E4606", "{where}: {value!r} is neither true nor false", where=where, value=value)
    if kind == "choice" and value not in domain["choices"]:
        raise StressError(
            "E4606",
            "{where}: {value!r} is not one of {choices}",
            where=where,
            value=value,
            choices=", ".join(domain["choices"]),
        )
    if kind in ("number", "integer", "percent"):
        scale = 100 if kind == "percent" else 1
        number = Decimal(value) * scale
        low, high = (Decimal(str(domain.get(bound, number))) for bound in ("minimum", "maximum"))
        if not low <= number <= high:
            raise StressError(
                "E4606",
                "{where}: {value} is outside the record's domain, {low} to {high}",
                where=where,
                value=value,
                low=low,
                high=high,
            )


def _part_domain(domain: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if domain["type"] == "mapping":
        part: Mapping[str, Any] = domain["values"]
    elif domain["type"] == "record":
        part = domain["fields"][name]
    else:
        (part,) = (column for key, column in domain["columns"].items() if key != domain["key"])
    return part
