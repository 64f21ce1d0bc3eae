"""Scenarios: named lists of changes, read from YAML, shipped or the user's own.

A change names a parameter of the basis, of the law, of the annuities or of the contracts, and multiplies it,
adds to it or sets it (docs/stress.md). A scenario can be scaled: reverse stress asks how much of it a company
can bear.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from actuarial.language import Text, counted, digits, joined, text
from actuarial.model_file import key_problem, value_problem, yaml_fault
from actuarial.stress.error import StressError

_SHIPPED = "scenarios"
BASE = "base"
"""Name of the valuation without a scenario."""
ALL = "all"
PREFIXES = ("basis", "law", "annuity", "contract")
RISKS = ("mortality", "longevity", "disability", "lapse", "expense", "revision", "catastrophe", "market")
"""Risks that are aggregated; a scenario names at most one."""
RISK_NAMES: Mapping[str, Text] = {
    "mortality": text("mortality"),
    "longevity": text("longevity"),
    "disability": text("disability"),
    "lapse": text("lapse"),
    "expense": text("expense"),
    "revision": text("revision"),
    "catastrophe": text("catastrophe"),
    "market": text("market"),
}
"""The same as a reader calls them."""
OPERATIONS = ("multiply", "add", "set")
_NOTHING = 1e-12
ANNUITY_PARAMETERS = {
    "annuity.payment": ("multiply",),
    "annuity.index_once": ("set",),
    "annuity.social_payment": ("multiply",),
    "annuity.added_mortality": ("add",),
}
CONTRACT_PARAMETERS = {
    "contract.payroll": ("multiply",),
    "contract.claims": ("multiply",),
    "contract.lapse": ("multiply",),
    "contract.site_deaths": ("set",),
    "contract.site_disabilities": ("set",),
    "contract.site_medical": ("set",),
}
SITE = {
    "contract.site_deaths": "death",
    "contract.site_disabilities": "disability",
    "contract.site_medical": "medical",
}
"""Kinds of case in an accident at the largest site, by the parameter with the share of workers."""


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=True
    )


class Change(_Part):
    """One change of one parameter: exactly one of ``multiply``, ``add`` and ``set``.

    Attributes
    ----------
    parameter : str
        ``basis.…``, ``law.…``, ``annuity.…`` or ``contract.…``.
    multiply, add : float, optional
    set : any, optional
        May be null, where the basis' key may be.
    since : date or 'valuation_date', optional
        Key ``from``: first day of a change of the law; without it the whole record changes.
    months : int, optional
        How long ``annuity.added_mortality`` acts.
    """

    parameter: str
    multiply: float | None = None
    add: float | None = None
    set: Any = None
    since: date | Literal["valuation_date"] | None = Field(default=None, alias="from")
    months: int | None = Field(default=None, gt=0, le=1200)

    @model_validator(mode="after")
    def _sensible(self) -> Change:
        given = [name for name in OPERATIONS if name in self.model_fields_set]
        if len(given) != 1 or (given[0] != "set" and self.amount is None):
            raise ValueError(text("give exactly one of multiply, add, set"))
        kind, _, rest = self.parameter.partition(".")
        if kind not in PREFIXES or not rest:
            raise ValueError(
                text(
                    "parameter {parameter!r} must begin with one of {prefixes}",
                    parameter=self.parameter,
                    prefixes=", ".join(PREFIXES),
                )
            )
        known = {"annuity": ANNUITY_PARAMETERS, "contract": CONTRACT_PARAMETERS}.get(kind)
        if known is not None:
            if self.parameter not in known:
                near = difflib.get_close_matches(self.parameter, known, n=1)
                hint = (
                    text("did you mean {near}?", near=near[0])
                    if near
                    else text("known are {known}", known=", ".join(known))
                )
                raise ValueError(
                    text("no parameter {parameter!r} ({hint})", parameter=self.parameter, hint=hint)
                )
            if self.operation not in known[self.parameter]:
                (operation,) = known[self.parameter]
                raise ValueError(
                    text("{parameter} knows {operation} only", parameter=self.parameter, operation=operation)
                )
            self._check_size()
        if self.since is not None and kind != "law":
            raise ValueError(text("from belongs to changes of the law only"))
        if (self.months is not None) != (self.parameter == "annuity.added_mortality"):
            raise ValueError(text("months belongs to annuity.added_mortality, and to it always"))
        return self

    def _check_size(self) -> None:
        if self.operation == "set" and (isinstance(self.set, bool) or not isinstance(self.set, int | float)):
            raise ValueError(text("{parameter} needs a number", parameter=self.parameter))
        amount = self.amount
        least = -1 if self.parameter == "annuity.index_once" else 0
        if amount < least or (amount == 0 and self.parameter == "contract.payroll"):
            raise ValueError(
                text("{parameter} cannot be {amount}", parameter=self.parameter, amount=digits(amount, "g"))
            )
        if (self.parameter in SITE or self.parameter == "annuity.added_mortality") and amount >= 1:
            if self.parameter in SITE and amount == 1:
                return
            raise ValueError(text("{parameter} is a share of people, at most 1", parameter=self.parameter))
        if self.parameter == "annuity.social_payment" and amount > 1:
            raise ValueError(text("annuity.social_payment is the share still deducted: between 0 and 1"))

    @property
    def kind(self) -> str:
        """What the parameter belongs to: one of `PREFIXES`."""
        return self.parameter.partition(".")[0]

    @property
    def path(self) -> str:
        """Parameter without its kind."""
        return self.parameter.partition(".")[2]

    @property
    def operation(self) -> str:
        """The one of `OPERATIONS` that is given."""
        return next(name for name in OPERATIONS if name in self.model_fields_set)

    @property
    def amount(self) -> Any:
        """Value of the operation."""
        return getattr(self, self.operation)

    def applied(self, value: Decimal) -> Decimal:
        """The value after the change, exact in decimals."""
        amount = Decimal(repr(self.amount))
        return {"multiply": value * amount, "add": value + amount, "set": amount}[self.operation]

    @property
    def message(self) -> Text:
        """The change in a line."""
        amount = self.amount
        if self.operation == "add":
            sign, amount = "−" if amount < 0 else "+", abs(amount)
        else:
            sign = {"multiply": "×", "set": "="}[self.operation]
        shown = digits(amount, ".10g") if isinstance(amount, float) else str(amount)
        line = text("{parameter} {sign} {amount}", parameter=self.parameter, sign=sign, amount=shown)
        if self.since == "valuation_date":
            line = text("{change} from valuation date", change=line)
        elif self.since:
            line = text("{change} from {day}", change=line, day=self.since)
        if self.months:
            line = counted("{change} for {n} months", "{change} for {n} months", n=self.months, change=line)
        return line

    def __str__(self) -> str:
        """The change in a line, in English."""
        return str(self.message)


def place_of(change: Change, scenario: str) -> Text:
    """Where a change stands, at the head of what is wrong with it."""
    return text("scenario {scenario}: {parameter}", scenario=scenario, parameter=change.parameter)


class Scenario(_Part):
    """A named list of changes.

    Title, source and note of a shipped scenario are messages.

    Attributes
    ----------
    name : str
        Letters, digits and underscores.
    title : str
    source : str
        Where the size of the shock comes from.
    risk : str, optional
        The one of `RISKS` it stands for in the aggregation.
    note : str
    changes : list of Change
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    risk: Literal[RISKS] | None = None  # type: ignore[valid-type]
    note: str = ""
    changes: list[Change] = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name in (BASE, ALL):
            raise ValueError(text("the name {name!r} is taken", name=name))
        return name

    def of_kind(self, *kinds: str) -> list[Change]:
        """Changes of parameters of some kinds."""
        return [change for change in self.changes if change.kind in kinds]

    def as_json(self) -> dict[str, Any]:
        """Plain values, changes as text."""
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "risk": self.risk,
            "note": self.note,
            "changes": [str(change) for change in self.changes],
        }


class _File(_Part):
    scenarios: list[Scenario] = Field(min_length=1)


@dataclass(frozen=True)
class ScenarioFile:
    """A file of scenarios, and its bytes as read.

    Attributes
    ----------
    name : str
        Shipped name or path.
    scenarios : tuple of Scenario
    data : bytes
    is_shipped : bool
    """

    name: str
    scenarios: tuple[Scenario, ...]
    data: bytes
    is_shipped: bool = True


def preset_names() -> tuple[str, ...]:
    """Names of the shipped files of scenarios."""
    folder = resources.files("actuarial") / _SHIPPED
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


@cache
def preset(name: str) -> ScenarioFile:
    """A shipped file of scenarios."""
    data = (resources.files("actuarial") / _SHIPPED / f"{name}.yaml").read_bytes()
    found = _scenarios(data, text("preset {name}", name=name))
    return ScenarioFile(name, tuple(map(_as_messages, found)), data)


def _as_messages(scenario: Scenario) -> Scenario:
    """A shipped scenario, whose wording has translations."""
    wording = {key: text(getattr(scenario, key)) for key in ("title", "source", "note")}
    return scenario.model_copy(update=wording)


def load_scenarios(selection: str) -> list[ScenarioFile]:
    """Scenarios by name: ``all``, shipped files or scenarios, or YAML files, separated by commas.

    Returns
    -------
    list of ScenarioFile
        In the order asked for; a shipped scenario asked for alone is a file of one.

    Raises
    ------
    StressError
        E4601 no such scenario or file; E4602 not readable YAML; E4603 wrong keys or values, all of them
        named with their lines, or a name given twice.
    """
    words = [word.strip() for word in selection.split(",") if word.strip()]
    if not words:
        raise StressError("E4601", "no scenario is named; write {all}, a preset or a YAML file", all=ALL)
    files = [file for word in words for file in _named(word)]
    names = [scenario.name for file in files for scenario in file.scenarios]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise StressError(
            "E4603",
            "scenario names are given twice: {names}; each may stand once",
            names=", ".join(double),
        )
    return files


def _named(word: str) -> list[ScenarioFile]:
    presets = preset_names()
    if word == ALL:
        return [preset(name) for name in presets]
    if word in presets:
        return [preset(word)]
    for name in presets:
        for scenario in preset(name).scenarios:
            if scenario.name == word:
                return [ScenarioFile(word, (scenario,), preset(name).data)]
    path = Path(word)
    if path.is_file():
        data = path.read_bytes()
        found = _scenarios(data, text("scenarios {file}", file=word))
        return [ScenarioFile(word, found, data, is_shipped=False)]
    known = [*presets, *(s.name for name in presets for s in preset(name).scenarios)]
    near = difflib.get_close_matches(word, known, n=1)
    hint = (
        text("did you mean {near}?", near=near[0])
        if near
        else text("shipped are {names}", names=", ".join(presets))
    )
    raise StressError(
        "E4601",
        "no scenario {name!r}: it is neither a file nor a shipped scenario ({hint})",
        name=word,
        hint=hint,
    )


def _scenarios(data: bytes, where: Text) -> tuple[Scenario, ...]:
    raw, root = yaml_content(data, where)
    try:
        return tuple(_File.model_validate(raw).scenarios)
    except ValidationError as error:
        found = joined(problems(error, root, _KEYS), "; ")
        raise StressError("E4603", "{where}: {problems}", where=where, problems=found) from None


def yaml_content(data: bytes, where: Text) -> tuple[Any, Node | None]:
    """Value and nodes of a YAML text: the nodes know their lines.

    Raises
    ------
    StressError
        E4602.
    """
    try:
        content = data.decode("utf-8-sig")
        return YAML(typ="safe", pure=True).load(content), YAML(pure=True).compose(content)
    except UnicodeDecodeError as error:
        reason = text("not UTF-8 text ({reason} at byte {start})", reason=error.reason, start=error.start)
    except (YAMLError, ValueError, RecursionError) as error:
        reason = text("not readable YAML: {error}", error=yaml_fault(error))
    raise StressError("E4602", "{where}: {problem}", where=where, problem=reason)


def problems(error: ValidationError, root: Node | None, keys: Iterable[str]) -> list[Text]:
    """Each problem with its line and key; an unknown key with the nearest known one."""
    found: list[Text] = []
    for problem in error.errors():
        about = key_problem(problem, keys)
        if about is None:
            place = ".".join(str(part) for part in problem["loc"]) or text("the file")
            about = text("{place}: {problem}", place=place, problem=value_problem(problem))
            if not isinstance(problem["input"], dict | list):
                about = text("{problem}, found {value!r}", problem=about, value=problem["input"])
        line = _line(root, problem["loc"])
        found.append(text("line {line}: {problem}", line=line, problem=about) if line else about)
    return found


def _line(node: Node | None, place: tuple[int | str, ...]) -> int | None:
    """Line of a place in the file, or of the nearest thing around it."""
    if node is None:
        return None
    for part in place:
        if isinstance(node, MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                break
            node = found[0][1]
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            break
    return int(node.start_mark.line) + 1


_KEYS = sorted(
    {field.alias or name for model in (_File, Scenario, Change) for name, field in model.model_fields.items()}
)


def scaled(scenario: Scenario, multiple: float) -> Scenario:
    """The scenario with shocks ``multiple`` times as large.

    A factor f becomes 1 + multiple · (f - 1), an addition multiple times itself, a share of people
    multiple times itself and at most 1.

    Raises
    ------
    StressError
        E4609 a scenario that cannot be scaled: it sets a value, or the multiple leaves what is possible.
    """
    changes = []
    m = Decimal(repr(float(multiple)))
    for change in scenario.changes:
        amount = change.amount
        if change.operation == "multiply":
            amount = float(1 + m * (Decimal(repr(amount)) - 1))
            # the multiple at which a factor is 0 is seldom a float
            amount = 0.0 if abs(amount) < _NOTHING else amount
        elif change.operation == "add":
            amount = float(m * Decimal(repr(amount)))
        elif change.parameter in SITE:
            amount = min(float(m * Decimal(repr(amount))), 1.0)
        else:
            raise StressError(
                "E4609",
                "{place} is set to a value, of which there is no multiple; say multiply or add, or leave the "
                "scenario out of the reverse stress",
                place=place_of(change, scenario.name),
            )
        if change.operation == "multiply" and amount < 0:
            raise StressError(
                "E4609",
                "{place} would be multiplied by {amount}",
                place=place_of(change, scenario.name),
                amount=digits(amount, "g"),
            )
        try:
            plain = change.model_dump(exclude_unset=True) | {change.operation: amount}
            changes.append(Change.model_validate(plain))
        except ValidationError as error:
            raise StressError(
                "E4609",
                "scenario {scenario} × {multiple}: {problems}",
                scenario=scenario.name,
                multiple=digits(multiple, "g"),
                problems=joined(problems(error, None, ()), "; "),
            ) from None
    return scenario.model_copy(update={"changes": changes})
