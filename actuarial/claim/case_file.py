"""Reading the file of one benefit case: YAML to a checked case, or every problem at once with its key.

Scalars are read as their text, so that an amount stays exact and ``010`` is not another number. Each key
has a kind; unknown keys are refused with the nearest known one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import tariffs
from actuarial.basis import Growth, Indexation
from actuarial.claim.case import CASE_PRODUCTS, Case, CaseError, DegreeChange
from actuarial.claim.choice import CHOICES, Choices
from actuarial.claim.choice import problem as choice_problem
from actuarial.claim.deadline import LatePayment
from actuarial.claim.dependant import RELATIONS, Dependant
from actuarial.claim.earnings import MONTHS, MonthPay, month_index
from actuarial.claim.expense_ledger import COVERS, KINDS, Bill
from actuarial.claim.insured_sum import Payout
from actuarial.claim.monthly_benefit import PERCENT
from actuarial.language import Text, counted, joined, text, texts
from actuarial.model_file import value_problem, yaml_problem
from actuarial.money import may_be_thousands
from actuarial.portfolio.column import COLUMN, normalised, value_index
from actuarial.record import BENEFICIARIES, SEXES

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d\d)\.(\d\d)\.(\d{4})")
_MONTH = re.compile(r"(\d{4})-(\d\d)|(\d\d)\.(\d{4})")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_BLANKS = str.maketrans("", "", " _\u00a0\u202f")
_TIYN = Decimal("0.01")
HIGHEST_AMOUNT = Decimal(10) ** 13


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a case file: code, key, what was found, how to fix it."""

    code: str
    key: str
    found: Text
    fix: Text

    @property
    def message(self) -> Text:
        """The problem in one line."""
        return text(
            "{code} {key}: {found}; {fix}", code=self.code, key=self.key, found=self.found, fix=self.fix
        )

    def __str__(self) -> str:
        return str(self.message)


class CaseFileError(CaseError):
    """A case file with problems, all of them named (E5401); or one that cannot be read (E5400)."""

    def __init__(self, code: str, message: str, problems: tuple[Problem, ...] = (), /, **values: Any) -> None:
        super().__init__(code, message, **values)
        self.problems = problems


@dataclass(frozen=True)
class Key:
    """One key: how its text becomes a value, or the keys of a mapping or of a list of mappings."""

    kind: str
    choices: tuple[str, ...] = ()
    fields: Mapping[str, Key] = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True)
class CaseFile:
    """What a case file holds: the person, and the parts of the case around it.

    Attributes
    ----------
    case : Case
    bills : tuple of Bill
    dependants : tuple of Dependant
    death_date : date or None
    funeral_date : date or None
        Day of payment of the funeral.
    late : tuple of LatePayment
    documents_date, contract_signed_date : date or None
        From which the deadlines run.
    payouts : tuple of Payout
        Of the contract, in any order.
    insured_sum : Decimal or None
        Of the contract.
    projection_years : int
        Years of the replacement rate to project.
    projection_growth : dict
        Yearly growth by name: social_payment, earnings.
    """

    case: Case
    bills: tuple[Bill, ...] = ()
    dependants: tuple[Dependant, ...] = ()
    death_date: date | None = None
    funeral_date: date | None = None
    late: tuple[LatePayment, ...] = ()
    documents_date: date | None = None
    contract_signed_date: date | None = None
    payouts: tuple[Payout, ...] = ()
    insured_sum: Decimal | None = None
    projection_years: int = 0
    projection_growth: Mapping[str, Decimal] = field(default_factory=dict)


def _keys(kind: str, *names: str, required: bool = False) -> dict[str, Key]:
    return {name: Key(kind, required=required) for name in names}


_PAY = {
    **_keys("month", "month", required=True),
    **_keys("amount", "pay"),
    **_keys("amounts", "items"),
    **_keys("flag", "incomplete"),
}
_INCOME = {**_keys("month", "month", required=True), **_keys("amount", "income", required=True)}
_CHANGE = {
    **_keys("date", "date", required=True),
    **_keys("percent", "degree_of_loss", required=True),
    **_keys("date", "certificate_end"),
    **_keys("amount", "social_payment"),
    **_keys("percent", "general_degree"),
}
_EXPENSE = {
    **_keys("date", "date", required=True),
    **_keys("amount", "amount", required=True),
    "kind": Key("choice", KINDS),
    "covered_by": Key("choice", COVERS),
    **_keys("flag", "documents"),
    **_keys("text", "note"),
}
_DEPENDANT = {
    **_keys("text", "name", required=True),
    "relation": Key("choice", RELATIONS, required=True),
    **_keys("date", "birth_date", required=True),
    "sex": Key("choice", SEXES),
    **_keys("date", "study_end", "disabled_from", "disabled_until", "care_start", "care_end"),
    **_keys("date", "cared_child_birth_date"),
    **_keys("flag", "disabled_for_life"),
    **_keys("fraction", "share"),
}
_LATE = {
    **_keys("date", "due_date", "paid_date", required=True),
    **_keys("amount", "amount", required=True),
}
_PAYOUT = {
    **_keys("date", "date", required=True),
    **_keys("text", "claim_id", required=True),
    **_keys("amount", "amount", required=True),
    **_keys("date", "accident_date"),
}
KEYS: Mapping[str, Key] = {
    "product": Key("choice", CASE_PRODUCTS, required=True),
    "beneficiary": Key("choice", BENEFICIARIES),
    "sex": Key("choice", SEXES, required=True),
    **_keys("date", "birth_date", required=True),
    **_keys("text", "claim_id", "contract_id"),
    **_keys("date", "contract_date", "accident_date", "first_certificate_date", "certificate_end"),
    **_keys("date", "entitlement_end", "annuity_start_date", "next_payment_date", "pension_date"),
    **_keys("date", "entitlement_date", "documents_date", "contract_signed_date", "death_date"),
    **_keys("percent", "degree_of_loss", "first_degree_of_loss", "general_degree", "fault_percent"),
    **_keys("amount", "average_monthly_earnings", "deceased_pension", "social_payment"),
    **_keys("amount", "social_average_income", "current_monthly_payment", "remaining_insured_sum"),
    **_keys("amount", "expenses_paid"),
    **_keys("fraction", "share"),
    **_keys("integer", "social_months"),
    **_keys("flag", "pension_contribution_exempt", "pension_stop"),
    **_keys("month", "stable_rise_month"),
    "disability_group": Key("choice", ("I", "II", "III")),
    "monthly_pay": Key("pay_list", fields=_PAY),
    "social_income": Key("list", fields=_INCOME),
    "degree_changes": Key("list", fields=_CHANGE),
    "expenses": Key("list", fields=_EXPENSE),
    "dependants": Key("list", fields=_DEPENDANT),
    "funeral": Key("mapping", fields=_keys("date", "payment_date", required=True)),
    "late_payments": Key("list", fields=_LATE),
    "insured_sum": Key(
        "mapping",
        fields={
            **_keys("amount", "sum", required=True),
            "payouts": Key("list", fields=_PAYOUT, required=True),
        },
    ),
    "projection": Key(
        "mapping",
        fields={
            **_keys("integer", "years", required=True),
            **_keys("rate", "social_payment_growth", "earnings_growth"),
        },
    ),
    **_keys("model", "indexation", "growth"),
    **_keys("choices", "choices"),
}
"""Every key of a case file."""


def read_case_file(path: Path) -> CaseFile:
    """Read and check a case file.

    Parameters
    ----------
    path : Path
        YAML in UTF-8; keys in docs/benefit.md.

    Returns
    -------
    CaseFile

    Raises
    ------
    CaseFileError
        E5400 the file is missing or not readable YAML; E5401 problems, all of them named by key.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.is_file():
        raise CaseFileError(
            "E5400", "no case file {path}: give the path of a YAML file (docs/benefit.md)", path=path
        )
    try:
        # the loader that leaves every scalar as its text and refuses duplicate keys
        raw = YAML(typ="base", pure=True, plug_ins=[]).load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CaseFileError(
            "E5400",
            "{path} is not UTF-8 text ({reason} at byte {start}): save it as UTF-8",
            path=path,
            reason=error.reason,
            start=error.start,
        ) from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = str(path) if mark is None else text("{path}, line {line},", path=path, line=mark.line + 1)
        raise CaseFileError(
            "E5400", "{place} is not readable YAML: {problem}", place=place, problem=yaml_problem(error)
        ) from None
    return case_of(raw, str(path))


def case_of(raw: Any, where: str = text("the case")) -> CaseFile:
    """Check a case given as plain values (texts, numbers, dates, lists, mappings).

    Raises
    ------
    CaseFileError
        E5401 with every problem.
    """
    reader = _Reader()
    values = reader.section(raw, KEYS, "")
    if not reader.problems:
        reader.contradictions(values)
    if reader.problems:
        listed = joined((text("  {problem}", problem=found.message) for found in reader.problems), "\n")
        raise CaseFileError(
            "E5401",
            counted(
                "{where} has {n} problem:\n{listed}",
                "{where} has {n} problems:\n{listed}",
                n=len(reader.problems),
                where=where,
                listed=listed,
            ),
            tuple(reader.problems),
        )
    return _assembled(values)


class _Reader:
    """Reads values by their keys and gathers the problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def bad(self, code: str, key: str, found: Text, fix: Text) -> None:
        self.problems.append(Problem(code, key, found, fix))

    def section(self, raw: Any, keys: Mapping[str, Key], prefix: str) -> dict[str, Any]:
        """Read a mapping; problems are noted, never raised."""
        if not isinstance(raw, Mapping):
            place = prefix.rstrip(".") or text("the file")
            self.bad(
                "E5404",
                place,
                text("found {value}", value=_shown(raw)),
                text("write keys and values; known: {keys}", keys=", ".join(keys)),
            )
            return {}
        values: dict[str, Any] = {}
        for name, value in raw.items():
            key = keys.get(str(name))
            if key is None:
                self.bad("E5402", f"{prefix}{name}", text("unknown key"), _nearest(str(name), keys))
            elif value is not None and value != "":
                read = self.value(value, key, f"{prefix}{name}")
                if read is not None:
                    values[str(name)] = read
        for name, key in keys.items():
            if key.required and raw.get(name) in (None, ""):
                self.bad("E5403", f"{prefix}{name}", text("is empty and required"), _fix(key))
        return values

    def value(self, raw: Any, key: Key, where: str) -> Any:
        """Read one value, None where there is a problem."""
        if key.kind == "mapping":
            return self.section(raw, key.fields, f"{where}.")
        if key.kind in ("list", "pay_list"):
            if not isinstance(raw, list) or not raw:
                self.bad("E5404", where, text("found {value}", value=_shown(raw)), _fix(key))
                return None
            return [self._item(item, key, f"{where}[{i}]") for i, item in enumerate(raw, start=1)]
        if key.kind in ("amounts", "choices"):
            if not isinstance(raw, Mapping):
                self.bad("E5404", where, text("found {value}", value=_shown(raw)), _fix(key))
                return None
            if key.kind == "choices":
                return self._choices(raw, where)
            amount = Key("amount")
            return {str(name): self._scalar(item, amount, f"{where}.{name}") for name, item in raw.items()}
        if key.kind == "model":
            return self._model(raw, where)
        return self._scalar(raw, key, where)

    def _item(self, item: Any, key: Key, where: str) -> Any:
        if key.kind == "pay_list" and not isinstance(item, Mapping):
            return self._scalar(item, Key("amount"), where)
        return self.section(item, key.fields, f"{where}.")

    def _scalar(self, raw: Any, key: Key, where: str) -> Any:
        if isinstance(raw, (Mapping, list)):
            self.bad("E5404", where, text("found {value}", value=_shown(raw)), _fix(key))
            return None
        written = _written(raw)
        try:
            return _chosen(written, key, where) if key.kind == "choice" else _PARSERS[key.kind](written)
        except ValueError:
            self.bad("E5404", where, text("found {value}", value=repr(written)), _fix(key))
            return None

    def _model(self, raw: Any, where: str) -> Any:
        model: type[Indexation] | type[Growth] = Indexation if where == "indexation" else Growth
        try:
            return model.model_validate(_typed(raw))
        except ValidationError as error:
            for found in error.errors():
                key = ".".join([where, *(str(part) for part in found["loc"])])
                if found["type"] == "extra_forbidden":
                    nearest = _nearest(str(found["loc"][-1]), model.model_fields)
                    self.bad("E5402", key, text("unknown key"), nearest)
                else:
                    fix = text("rates are fractions, as in a basis: 0.08 is 8 %")
                    self.bad("E5404", key, _value_problem(found), fix)
            return None

    def _choices(self, raw: Mapping[Any, Any], where: str) -> dict[str, str]:
        for name, option in raw.items():
            found = choice_problem(str(name), option)
            if found:
                fix = text("the choices are in docs/benefit.md")
                self.bad("E5410", f"{where}.{name}", found, fix)
        return {str(name): str(option) for name, option in raw.items() if name in CHOICES}

    def contradictions(self, v: Mapping[str, Any]) -> None:
        """Note values that do not go together."""
        for one, other in _EITHER:
            if one in v and other in v:
                self.bad(
                    "E5405", one, text("stands beside {other}", other=other), text("give one of the two")
                )
        for earlier, later, strictly in _ORDER:
            a, b = v.get(earlier), v.get(later)
            if a is not None and b is not None and (a >= b if strictly else a > b):
                values = {"day": a, "other": later, "other_day": b}
                found = (
                    text("{day} is not before {other} ({other_day})", **values)
                    if strictly
                    else text("{day} is after {other} ({other_day})", **values)
                )
                self.bad("E5405", earlier, found, text("correct one of the two dates"))
        kind = v.get("beneficiary", "worker")
        if kind not in ("worker", "pre_retirement"):
            if "share" not in v:
                self.bad("E5403", "share", text("is empty"), text(_FIXES["fraction"]))
            if v["product"] != "compulsory":
                fix = text("survivors are paid by the compulsory insurer")
                self.bad(
                    "E5405",
                    "beneficiary",
                    text("{kind} under product {product}", kind=kind, product=v["product"]),
                    fix,
                )
        elif kind == "pre_retirement" and v["product"] != "compulsory":
            fix = text("the pre-retirement annuity belongs to the compulsory product (OSNS Law 23-1)")
            self.bad(
                "E5405",
                "beneficiary",
                text("{kind} under product {product}", kind=kind, product=v["product"]),
                fix,
            )
        if kind != "pre_retirement" and "accident_date" not in v:
            self.bad("E5403", "accident_date", text("is empty and required"), text(_FIXES["date"]))
        if v.get("pension_stop") is False and "accident_date" in v:
            self._pension_stop(v["accident_date"])
        if "dependants" in v and "death_date" not in v:
            fix = text("give the day of death: rights begin with it")
            self.bad("E5403", "death_date", text("is empty"), fix)
        changes = [change["date"] for change in v.get("degree_changes", [])]
        if changes != sorted(set(changes)):
            fix = text("put the earliest first, one a day")
            self.bad("E5405", "degree_changes", text("not in order of time"), fix)
        self._pay(v.get("monthly_pay", []))

    def _pay(self, pay: list[Any]) -> None:
        plain = [item for item in pay if not isinstance(item, Mapping)]
        if plain and len(plain) != len(pay):
            fix = text("write all months one way")
            self.bad("E5405", "monthly_pay", text("mixes amounts and dated months"), fix)
        if plain and len(plain) > MONTHS:
            fix = text("give at most {n} amounts, or write month and pay", n=MONTHS)
            self.bad("E5405", "monthly_pay", text("{n} amounts without months", n=len(plain)), fix)
        for i, item in enumerate(pay, start=1):
            if isinstance(item, Mapping) and ("pay" in item) == ("items" in item):
                fix = text("give one of the two")
                self.bad("E5405", f"monthly_pay[{i}]", text("needs pay or items"), fix)

    def _pension_stop(self, accident: date) -> None:
        for entry in tariffs.parameter("payout_edition").entries:
            if entry.value["pension_age_stop"]:
                if accident >= entry.start:
                    fix = text(
                        "for accidents from {day} payments end at pension age: leave it empty",
                        day=entry.start,
                    )
                    self.bad(
                        "E5405",
                        "pension_stop",
                        text("no, for an accident of {day}", day=accident),
                        fix,
                    )
                return


_EITHER = (
    ("average_monthly_earnings", "monthly_pay"),
    ("social_payment", "social_average_income"),
    ("social_payment", "social_income"),
    ("social_average_income", "social_income"),
    ("share", "dependants"),
)
_ORDER = (
    ("birth_date", "accident_date", True),
    ("contract_date", "accident_date", False),
    ("accident_date", "first_certificate_date", False),
    ("first_certificate_date", "certificate_end", True),
    ("accident_date", "death_date", False),
    ("accident_date", "annuity_start_date", False),
    ("annuity_start_date", "next_payment_date", False),
    ("documents_date", "contract_signed_date", False),
)
"""Pairs of dates: the first is before the second, strictly or not."""


def _assembled(v: dict[str, Any]) -> CaseFile:
    own = {name: v[name] for name in Case.__dataclass_fields__ if name in v}
    if "monthly_pay" in own:
        own["monthly_pay"] = _months(v["monthly_pay"], v["accident_date"])
    own["social_income"] = tuple((_first_day(i["month"]), i["income"]) for i in v.get("social_income", []))
    own["degree_changes"] = tuple(DegreeChange(**change) for change in v.get("degree_changes", []))
    own["choices"] = Choices(v.get("choices"))
    case = Case(**own)
    if case.annuity_start_date is None and case.next_payment_date is not None:
        case = replace(case, annuity_start_date=case.next_payment_date)
    contract = v.get("insured_sum", {})
    projection = v.get("projection", {})
    return CaseFile(
        case=case,
        bills=tuple(Bill(number=i, **bill) for i, bill in enumerate(v.get("expenses", []), start=1)),
        dependants=tuple(Dependant(**person) for person in v.get("dependants", [])),
        death_date=v.get("death_date"),
        funeral_date=v.get("funeral", {}).get("payment_date"),
        late=tuple(LatePayment(**late) for late in v.get("late_payments", [])),
        documents_date=v.get("documents_date"),
        contract_signed_date=v.get("contract_signed_date"),
        payouts=tuple(Payout(number=i, **p) for i, p in enumerate(contract.get("payouts", []), start=1)),
        insured_sum=contract.get("sum"),
        projection_years=projection.get("years", 0),
        projection_growth={
            name.removesuffix("_growth"): rate
            for name, rate in projection.items()
            if name.endswith("_growth")
        },
    )


def _months(pay: list[Any], accident_date: date) -> tuple[MonthPay, ...]:
    """Monthly pay; amounts without months are the last months before the accident, oldest first."""
    if not isinstance(pay[0], Mapping):
        first = month_index(accident_date) - len(pay)
        return tuple(MonthPay.plain(first + i, amount) for i, amount in enumerate(pay))
    return tuple(
        MonthPay(
            item["month"],
            (("pay", item["pay"]),) if "pay" in item else tuple(item["items"].items()),
            not item.get("incomplete", False),
        )
        for item in pay
    )


def _first_day(month: int) -> date:
    return date(month // MONTHS, month % MONTHS + 1, 1)


def _parsed_date(text: str) -> date:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError
    year, month, day, day2, month2, year2 = found.groups()
    return date(int(year or year2), int(month or month2), int(day or day2))


def _parsed_month(text: str) -> int:
    found = _MONTH.fullmatch(text)
    if not found:
        raise ValueError
    year, month, month2, year2 = found.groups()
    return month_index(date(int(year or year2), int(month or month2), 1))


def _written(raw: Any) -> str:
    """A value as a file would have it."""
    if isinstance(raw, Decimal) and raw.is_finite():
        return f"{raw.normalize():f}"
    return raw.isoformat() if isinstance(raw, date) else str(raw).strip()


def _parsed_number(text: str) -> Decimal:
    text = text.translate(_BLANKS)
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _parsed_amount(text: str) -> Decimal:
    amount = _parsed_number(text)
    if may_be_thousands(text):
        raise ValueError
    if not 0 <= amount < HIGHEST_AMOUNT or amount != amount.quantize(_TIYN):
        raise ValueError
    return amount


def _parsed_percent(text: str) -> int:
    number = _parsed_number(text.removesuffix("%").strip())
    if not 0 <= number <= PERCENT or number != int(number):
        raise ValueError
    return int(number)


def _parsed_fraction(text: str) -> Decimal:
    number = _parsed_number(text)
    if not 0 < number <= 1:
        raise ValueError
    return number


def _parsed_integer(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError
    return int(text)


def _parsed_rate(text: str) -> Decimal:
    number = _parsed_number(text)
    if not Decimal("-0.5") < number < 1:
        raise ValueError
    return number


def _parsed_flag(text: str) -> bool:
    position = value_index(COLUMN["pension_stop"]).get(normalised(text))
    if position is None:
        raise ValueError
    return bool(position)


def _chosen(text: str, key: Key, where: str) -> str:
    """The option a text means; columns of the portfolio know its other spellings."""
    if text in key.choices:
        return text
    column = COLUMN.get(where.rsplit(".", 1)[-1])
    if column is None or not column.choices:
        raise ValueError
    position = value_index(column).get(normalised(text))
    if position is None or column.choices[position] not in key.choices:
        raise ValueError
    return column.choices[position]


def _typed(raw: Any) -> Any:
    """Texts of a nested model as the numbers it takes."""
    if isinstance(raw, Mapping):
        return {int(k) if str(k).isdecimal() else k: _typed(value) for k, value in raw.items()}
    if isinstance(raw, str) and _NUMBER.fullmatch(raw):
        return float(raw)
    return raw


def _nearest(name: str, known: Mapping[str, Any]) -> Text:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return (
        text("did you mean {near}?", near=near[0])
        if near
        else text("known keys: {known}", known=", ".join(known))
    )


def _shown(raw: Any) -> str:
    if isinstance(raw, Mapping):
        return text("a mapping")
    if isinstance(raw, list):
        return text("a list") if raw else text("an empty list")
    return text("nothing") if raw is None else repr(str(raw))


def _value_problem(problem: Any) -> Text:
    """As `value_problem`; that a check of ours refused the value is said before its words."""
    found = value_problem(problem)
    return text("Value error, {problem}", problem=found) if problem["type"] == "value_error" else found


def _fix(key: Key) -> Text:
    return text(_FIXES[key.kind], choices=", ".join(key.choices)) if key.choices else text(_FIXES[key.kind])


_PARSERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "date": _parsed_date,
    "month": _parsed_month,
    "amount": _parsed_amount,
    "percent": _parsed_percent,
    "fraction": _parsed_fraction,
    "integer": _parsed_integer,
    "rate": _parsed_rate,
    "flag": _parsed_flag,
}
_FIXES: Mapping[str, str] = texts(
    {
        "text": "write a text",
        "date": "write a day of the calendar as 2026-01-31 or 31.01.2026",
        "month": "write a month as 2025-03",
        "amount": (
            "write an amount in tenge, 0 or more, thousands together or after blanks, at most two decimals, "
            "as 250000.50"
        ),
        "percent": "write whole percent from 0 to 100, as 60",
        "fraction": "write a fraction above 0 and at most 1, as 0.25",
        "integer": "write a whole number, 0 or more",
        "rate": "write a yearly rate as a fraction, as 0.08",
        "flag": "write yes or no",
        "choice": "choose {choices}",
        "mapping": "write its keys",
        "list": "write a list of mappings, each after '- '",
        "pay_list": "write a list of monthly amounts, or of month and pay",
        "amounts": "write kinds of pay and their amounts",
        "model": "write its keys as in a basis",
        "choices": "write choices and their options",
    }
)
