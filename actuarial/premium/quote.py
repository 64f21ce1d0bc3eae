"""One quote: from the keys of a case to premium, instalments, changes and refunds, and to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import tariffs
from actuarial.language import text
from actuarial.money import tenge_text
from actuarial.premium.category import StaffCategory, category_premium
from actuarial.premium.change import (
    Adjustment,
    Instalment,
    change_of_contract,
    equal_dates,
    instalments,
    termination_return,
)
from actuarial.premium.compulsory import (
    AccidentYear,
    Contract,
    Part,
    Premium,
    StaffGroup,
    Step,
    compulsory_premium,
    explained_choices,
)
from actuarial.premium.quote_file import (
    Fields,
    QuoteFileError,
    amount,
    answer,
    calendar_day,
    count,
    decimal_number,
    percent,
)
from actuarial.premium.refund import Refund, late_payment_penalty, prevention_refund, rehabilitation_refund
from actuarial.premium.voluntary import (
    ExposureYear,
    LoadTerms,
    VoluntaryPremium,
    load_tariff,
    voluntary_premium,
)

SCHEMA_VERSION = 1
PRODUCTS = ("compulsory", "voluntary")


@dataclass
class Quote:
    """Everything one case asked for.

    Attributes
    ----------
    premium : Premium or VoluntaryPremium
    risk_class : int or None
        Of the voluntary contract.
    payments : list of Instalment
    adjustments : dict of str to Adjustment
        ``change``, ``termination``.
    refunds : dict of str to Refund
        ``prevention``, ``rehabilitation``.
    penalty : tuple of (int [tiyn], Step, Entry), or None
    """

    premium: Premium | VoluntaryPremium
    risk_class: int | None = None
    payments: list[Instalment] = field(default_factory=list)
    adjustments: dict[str, Adjustment] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    penalty: tuple[int, Step, tariffs.Entry] | None = None

    def steps(self) -> list[tuple[str, tuple[Step, ...]]]:
        """Steps by section, in order."""
        sections = [("premium", self.premium.steps)]
        sections += [(name, item.steps) for name, item in self.adjustments.items()]
        sections += [(name, item.steps) for name, item in self.refunds.items()]
        if self.penalty is not None:
            sections.append(("penalty", (self.penalty[1],)))
        return sections

    def entries(self) -> list[tariffs.Entry]:
        """Entries of the law used, each once."""
        found = list(self.premium.entries)
        used = [item.entries for item in self.adjustments.values()]
        used += [item.entries for item in self.refunds.values()]
        for entries in used:
            found += [entry for entry in entries if entry not in found]
        if self.penalty is not None:
            found.append(self.penalty[2])
        return found

    def notes(self) -> list[str]:
        """Notes and warnings."""
        return [*self.premium.notes, *(note for item in self.adjustments.values() for note in item.notes)]

    def as_json(self, *, explain: bool = False) -> dict[str, Any]:
        """Answer of ``--json``: amounts as text with two decimals, rates as fractions."""
        found: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        if isinstance(self.premium, Premium):
            found |= _compulsory_json(self.premium)
        else:
            found |= _voluntary_json(self.premium, self.risk_class)
        found["law"] = [entry.as_json() for entry in self.entries()]
        found["notes"] = self.notes()
        if self.payments:
            found["instalments"] = [
                {"date": p.due_date.isoformat(), "amount": tenge_text(p.amount)} for p in self.payments
            ]
        for name, item in self.adjustments.items():
            found[name] = {"amount": tenge_text(item.amount)}
        for name, refund in self.refunds.items():
            found[name] = _refund_json(refund)
        if self.penalty is not None:
            found["penalty"] = {"amount": tenge_text(self.penalty[0])}
        if explain:
            found["steps"] = [
                {
                    "section": section,
                    "step": s.name,
                    "formula": s.formula,
                    "value": s.value,
                    "article": s.article,
                }
                for section, steps in self.steps()
                for s in steps
            ]
            choices = self.premium.choices if isinstance(self.premium, Premium) else {}
            found["choices"] = explained_choices(choices)
        return found


def _compulsory_json(premium: Premium) -> dict[str, Any]:
    classes = {part.risk_class for part in premium.parts}
    rates = {part.tariff_rate for part in premium.parts}
    coefficient = premium.correction_coefficient
    found: dict[str, Any] = {
        # with several classes the parts below say which
        "risk_class": classes.pop() if len(classes) == 1 else None,
        "tariff_rate": _rate(rates.pop()) if len(rates) == 1 else None,
        "annual_payroll": tenge_text(premium.annual_payroll),
        "insured_sum": tenge_text(premium.insured_sum),
        "base_premium": tenge_text(premium.base_premium),
        "minimum_applied": premium.minimum_applied,
        "correction_coefficient": None if coefficient is None else _rate(coefficient),
        "discount": _rate(premium.discount),
        "premium": tenge_text(premium.premium),
        "start_date": premium.start_date.isoformat(),
        "end_date": premium.end_date.isoformat(),
        "history_known": premium.mean_annual_injured is not None,
    }
    if len(premium.parts) > 1:
        found["parts"] = [
            {
                "part": part.name,
                "risk_class": part.risk_class,
                "tariff_rate": _rate(part.tariff_rate),
                "annual_payroll": tenge_text(part.annual_payroll),
                "insured_sum": tenge_text(part.insured_sum),
                "base_premium": tenge_text(part.base_premium),
                "premium": tenge_text(part.premium),
            }
            for part in premium.parts
        ]
    return found


def _voluntary_json(premium: VoluntaryPremium, risk_class: int | None) -> dict[str, Any]:
    return {
        "product": "voluntary",
        "risk_class": risk_class,
        "tariff_rate": _rate(premium.tariff_rate),
        "insured_sum": tenge_text(premium.insured_sum),
        "underwriting_load": f"{float(premium.underwriting_load):.6f}",
        "credibility": f"{float(premium.credibility):.6f}",
        "premium": tenge_text(premium.premium),
        "start_date": premium.start_date.isoformat() if premium.start_date else None,
        "end_date": premium.end_date.isoformat() if premium.end_date else None,
    }


def _refund_json(refund: Refund) -> dict[str, Any]:
    return {
        "ceiling": tenge_text(refund.ceiling),
        "amount": tenge_text(refund.amount),
        "conditions": [
            {"condition": c.text, "holds": c.holds, "article": c.article} for c in refund.conditions
        ],
        "payable_by": refund.payable_by.isoformat() if refund.payable_by else None,
    }


def _rate(value: Decimal) -> str:
    """Exact fraction as text, two decimals or as many as it has: ``0.0012``, ``1.75``, ``3.00``."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return f"{value:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{value:f}"


def quote_of(case: Mapping[str, Any], folder: Path = Path()) -> Quote:
    """Compute everything a case asks for.

    Parameters
    ----------
    case : mapping
        Keys as in docs/quote.md, scalars as text.
    folder : Path
        Where file names in the case are looked up.

    Raises
    ------
    QuoteFileError
        E43xx: the case cannot be read.
    actuarial.premium.choice.PremiumError, tariffs.LawError
        It cannot be computed.
    """
    top = Fields(case)
    contract_date = top.need("contract_date", calendar_day)
    product = top.get("product", _product) or PRODUCTS[0]
    if product == "voluntary":
        found = _voluntary(top, contract_date, folder)
    else:
        found = _compulsory(top, contract_date)
    found.penalty = _penalty(top)
    found.payments = _payments(top, found.premium)
    top.finish()
    return found


def _product(name: str) -> str:
    if name not in PRODUCTS:
        raise ValueError(text("not one of {products}", products=", ".join(PRODUCTS)))
    return name


def _compulsory(top: Fields, contract_date: date) -> Quote:
    choices = top.pairs("choices")
    n_workers = top.get("workers", count)
    insured_sum = top.get("insured_sum", amount)
    categories = [_category(item) for item in top.sections("categories")]
    if categories:
        premium = category_premium(contract_date, categories, insured_sum=insured_sum, n_workers=n_workers)
        return Quote(premium)
    contract = Contract(
        contract_date=contract_date,
        parts=_parts(top, insured_sum),
        n_workers=n_workers,
        start_date=top.get("start", calendar_day),
        end_date=top.get("end", calendar_day),
        accidents=_accidents(top),
        discount=top.get("discount", percent),
        employer_since=top.get("employer_since", calendar_day),
    )
    premium = compulsory_premium(contract, choices)
    found = Quote(premium)
    if (change := top.section("change")) is not None:
        found.adjustments["change"] = _change(change, contract, premium, choices)
    if (termination := top.section("termination")) is not None:
        found.adjustments["termination"] = _termination(termination, premium)
    if (prevention := top.section("prevention")) is not None:
        found.refunds["prevention"] = _prevention(prevention, premium)
    if (rehabilitation := top.section("rehabilitation")) is not None:
        found.refunds["rehabilitation"] = _rehabilitation(rehabilitation)
    return found


def _parts(fields: Fields, insured_sum: Decimal | None) -> tuple[Part, ...]:
    """The parts named, or the one part that the keys at the top describe."""
    parts = tuple(
        _part(item, item.get("name", str), item.get("insured_sum", amount))
        for item in fields.sections("parts")
    )
    single = _part(fields, None, insured_sum, finish=False)
    if not parts:
        return (single,)
    if single != Part(insured_sum=insured_sum) or insured_sum is not None:
        raise QuoteFileError(
            "E4305", "a class, payroll, staff or insured sum stands beside `parts`: put it into a part"
        )
    return parts


def _part(fields: Fields, name: str | None, insured_sum: Decimal | None, *, finish: bool = True) -> Part:
    code = fields.get("oked", str)
    activities = [(code, None)] if code is not None else []
    activities += [
        (i.need("oked", str), i.get("weight", decimal_number))
        for i in _finished(fields.sections("activities"))
    ]
    staff = tuple(
        StaffGroup(item.need("workers", count), item.need("monthly_income", amount))
        for item in _finished(fields.sections("staff"), ("position",))
    )
    part = Part(
        name=name or "head",
        risk_class=fields.get("risk_class", count),
        activities=tuple(activities),
        receiving_class=fields.get("receiving_class", count),
        annual_payroll=fields.get("payroll", amount),
        staff=staff,
        insured_sum=insured_sum,
        n_workers=fields.get("workers", count) if finish else None,
    )
    if finish:
        fields.finish()
    return part


def _finished(items: Any, ignored: Sequence[str] = ()) -> Any:
    """Each section in turn; what is left over in it is refused once its keys were taken."""
    for item in items:
        for name in ignored:
            item.raw(name)
        yield item
        item.finish()


def _accidents(top: Fields) -> tuple[AccidentYear, ...] | None:
    rows = [
        AccidentYear(
            item.need("year", count),
            item.need("injured", count),
            item.get("deaths", count) or 0,
            item.need("at_fault", answer),
            item.get("accidents", count),
        )
        for item in _finished(top.sections("accidents"))
    ]
    by_year = {name: _years(top, name) for name in ("injured", "deaths")}
    is_at_fault = top.get("at_fault", answer) or False
    if rows and (by_year["injured"] or by_year["deaths"]):
        raise QuoteFileError(
            "E4305", "accidents are given twice: as `accidents` and as `injured` or `deaths`"
        )
    rows += [
        AccidentYear(year, by_year["injured"].get(year, 0), by_year["deaths"].get(year, 0), is_at_fault)
        for year in sorted({*by_year["injured"], *by_year["deaths"]})
    ]
    return tuple(rows) or None


def _years(top: Fields, name: str) -> dict[int, int]:
    try:
        return {count(year): count(number) for year, number in top.pairs(name).items()}
    except ValueError:
        raise QuoteFileError(
            "E4302", "{name}: years with whole numbers are expected, as 2023: 2", name=name
        ) from None


def _category(item: Fields) -> StaffCategory:
    found = StaffCategory(
        item.need("category", str),
        item.need("payroll", amount),
        item.get("rate", percent),
        item.get("risk_class", count),
    )
    item.finish()
    return found


def _change(fields: Fields, contract: Contract, before: Premium, choices: Mapping[str, str]) -> Adjustment:
    day = fields.need("date", calendar_day)
    n_workers = fields.get("workers", count)
    parts = _parts(fields, fields.get("insured_sum", amount))
    fields.finish()
    # headcount only moves the class by annex and the warnings here; the coefficient is the contract's
    changed = replace(contract, parts=parts, n_workers=n_workers, accidents=None, discount=None)
    after = compulsory_premium(changed, choices)
    return change_of_contract(before, after, day, choices)


def _termination(fields: Fields, premium: Premium) -> Adjustment:
    found = termination_return(
        premium,
        fields.need("date", calendar_day),
        fields.need("method", str),
        premium_paid=fields.get("premium_paid", amount),
        expense_share=fields.get("expense_share", percent),
    )
    fields.finish()
    return found


def _prevention(fields: Fields, premium: Premium) -> Refund:
    at_expiry = fields.get("premium_at_expiry", amount)
    found = prevention_refund(
        Decimal(tenge_text(premium.premium)) if at_expiry is None else at_expiry,
        fields.need("costs", amount),
        end_date=premium.end_date,
        asked_on=fields.need("asked_on", calendar_day),
        is_fully_paid=fields.need("fully_paid", answer),
        insured_sum=Decimal(tenge_text(premium.insured_sum)),
        payouts=fields.need("payouts", amount),
    )
    fields.finish()
    return found


def _rehabilitation(fields: Fields) -> Refund:
    found = rehabilitation_refund(
        fields.need("premium_paid", amount),
        fields.need("costs", amount),
        degree_of_loss=fields.need("degree_of_loss", count),
        accident_date=fields.need("accident_date", calendar_day),
        documents_on=fields.need("documents_on", calendar_day),
    )
    fields.finish()
    return found


def _penalty(top: Fields) -> tuple[int, Step, tariffs.Entry] | None:
    fields = top.section("penalty")
    if fields is None:
        return None
    found = late_payment_penalty(
        fields.need("unpaid", amount), fields.need("due", calendar_day), fields.need("paid_on", calendar_day)
    )
    fields.finish()
    return found


def _payments(top: Fields, premium: Premium | VoluntaryPremium) -> list[Instalment]:
    asked = top.raw("instalments")
    if asked is None:
        return []
    try:
        if isinstance(asked, list):
            dates = [calendar_day(str(item)) for item in asked]
        elif premium.start_date is None or premium.end_date is None:
            raise ValueError("the cover has no dates yet; give the dates of the instalments")
        else:
            dates = equal_dates(premium.start_date, premium.end_date, count(str(asked)))
    except QuoteFileError:
        raise
    except ValueError as error:
        if getattr(error, "code", None):
            raise
        raise QuoteFileError("E4302", "instalments is {asked}: {error}", asked=asked, error=error) from None
    return instalments(premium.premium, dates)


def _voluntary(top: Fields, contract_date: date, folder: Path) -> Quote:
    risk_class = top.need("risk_class", count)
    source = top.raw("tariff")
    if isinstance(source, Mapping):
        tariff = {int(number): percent(str(rate)) for number, rate in source.items()}
    elif isinstance(source, str):
        tariff = load_tariff(folder / source)
    else:
        raise QuoteFileError("E4303", "tariff is missing and required: a CSV file, or percent by class")
    load = top.section("load")
    if load is None:
        raise QuoteFileError("E4303", "load is missing and required: the terms of the underwriting load")
    terms, note = _load_terms(load, risk_class, contract_date, folder)
    load.finish()
    statistics = [
        ExposureYear(item.need("year", count), item.need("workers", count), item.need("accidents", count))
        for item in _finished(top.sections("statistics"))
    ]
    premium = voluntary_premium(
        top.need("insured_sum", amount),
        risk_class,
        tariff,
        statistics,
        terms,
        contract_date,
        paid_on=top.get("paid_on", calendar_day),
        term_months=top.get("term_months", count),
    )
    return Quote(replace(premium, notes=(*premium.notes, *note)), risk_class)


def _load_terms(
    load: Fields, risk_class: int, contract_date: date, folder: Path
) -> tuple[LoadTerms, tuple[str, ...]]:
    """Terms of the underwriting load as given, or fitted to the statistics of a book, with a note."""
    smallest, largest = load.need("smallest", amount), load.need("largest", amount)
    source = load.get("statistics", str)
    if source is None:
        terms = LoadTerms(
            load.need("expected_frequency", decimal_number),
            load.get("full_credibility_accidents", decimal_number),
            smallest,
            largest,
            load.get("credibility_accidents", decimal_number),
        )
        return terms, ()
    from actuarial.experience_rating.underwriting_load import fitted_load, read_statistics

    n_years = tariffs.parameter("voluntary_statistics_years").on(contract_date).value
    years = range(contract_date.year - n_years, contract_date.year)
    fitted = fitted_load(read_statistics(folder / source), years)
    note = text(
        "Frequency and credibility of the load are fitted to {source}: {n_policyholders} "
        "policyholders, {n_workers} worker-years, {n_accidents} accidents of {first}-{last}.",
        source=source,
        n_policyholders=fitted.n_policyholders,
        n_workers=fitted.n_workers,
        n_accidents=fitted.n_accidents,
        first=years[0],
        last=years[-1],
    )
    return fitted.terms(risk_class, smallest, largest), (note,)
