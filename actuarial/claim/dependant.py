"""Death of a worker: who is entitled, for how long, to which share, and how that changes in time.

Civil Code art 940 (who and how long) and 941 (the share: the part of the earnings received or claimable;
the Code has no figure, so the split is a named choice). A share once set changes only for a posthumous
child or a carer who starts or stops (941(3)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import tariffs
from actuarial.claim.case import Case, CaseError, LawNotes
from actuarial.language import Text, joined, text
from actuarial.money import TIYN, exact_tiyn, tenge_text
from actuarial.payment_schedule import MONTHS, months_later

RELATIONS = ("child", "student", "spouse", "parent", "disabled_dependant", "carer", "other")
CHILDREN = ("child", "student")
BY_AGE = ("spouse", "parent", "other")
"""Relations that are entitled by pension age or disability."""


@dataclass(frozen=True, slots=True)
class Dependant:
    """One dependant of the deceased.

    Attributes
    ----------
    name, relation : str
        child, student, spouse, parent, disabled_dependant, carer, other.
    birth_date : date
        After the death: a posthumous child.
    sex : str, optional
        Needed for the pension age of a spouse, parent or other.
    study_end : date, optional
        First day no longer a full-time student.
    disabled_from, disabled_until : date, optional
        First day of disability, first day without it; ``disabled_for_life`` instead of the latter.
    care_start, care_end : date, optional
        First day of care (empty: from the death), first day without it (empty: the child's birthday).
    cared_child_birth_date : date, optional
    share : Decimal, optional [1]
        For the choice ``survivor_share: given``.
    """

    name: str
    relation: str
    birth_date: date
    sex: str | None = None
    study_end: date | None = None
    disabled_from: date | None = None
    disabled_until: date | None = None
    disabled_for_life: bool = False
    care_start: date | None = None
    care_end: date | None = None
    cared_child_birth_date: date | None = None
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """A time of entitlement: ground, first day, first day without it (None = for life)."""

    ground: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Amount:
    """What one dependant gets a month in a period: share [1], exact, and amount [tiyn]."""

    name: str
    share: Fraction
    amount: int


@dataclass(frozen=True, slots=True)
class SurvivorPeriod:
    """From a day to the day before ``end`` (None = without end): who gets what."""

    start: date
    end: date | None
    amounts: tuple[Amount, ...]

    @property
    def total(self) -> int:
        """Sum a month [tiyn]."""
        return sum(amount.amount for amount in self.amounts)


@dataclass(frozen=True)
class Survivors:
    """The answer for a death.

    Attributes
    ----------
    death_date : date
    capped_earnings : int [tiyn/month]
    rights : dict of str to tuple of Right
        By name; empty: no right.
    recounts : tuple of (date, int)
        Days on which shares were set, and over how many dependants.
    periods : tuple of SurvivorPeriod
    funeral : int [tiyn]
    funeral_index : Decimal
    """

    death_date: date
    capped_earnings: int
    rights: dict[str, tuple[Right, ...]]
    recounts: tuple[tuple[date, int], ...]
    periods: tuple[SurvivorPeriod, ...]
    funeral: int
    funeral_index: Decimal


def survivors(
    case: Case,
    dependants: Sequence[Dependant],
    death_date: date,
    capped_earnings: int,
    law: LawNotes,
    *,
    funeral_date: date | None = None,
) -> Survivors:
    """Rights, shares and amounts of the dependants of a worker who died.

    Parameters
    ----------
    case : Case
        Of the deceased; its choices rule.
    dependants : sequence of Dependant
        All of them, also those without a right of their own: they took part of the earnings.
    death_date : date
    capped_earnings : int [tiyn/month]
    law : LawNotes
    funeral_date : date, optional
        Day of payment of the funeral; default the day of death.

    Returns
    -------
    Survivors

    Raises
    ------
    CaseError
        E5403 something a right hangs on is empty; E5405 names twice, or shares above 1. All are named.
    """
    _refuse(dependants, case)
    rights = {d.name: entitlement_of(d, death_date, case, law) for d in dependants}
    days = _recount_days(dependants, rights, death_date)
    shares = {day: _shares(dependants, rights, death_date, day, case) for day in days}
    option = case.choices["funeral_index_date"]
    on = death_date if option == "death_date" or funeral_date is None else funeral_date
    index: Decimal = law.value("mci", on)
    multiple: Decimal = law.value("funeral_payment", case.edition_day)
    return Survivors(
        death_date,
        capped_earnings,
        rights,
        tuple((day, len(shares[day])) for day in days),
        _periods(rights, shares, death_date, capped_earnings),
        exact_tiyn(multiple * index),
        index,
    )


def entitlement_of(person: Dependant, death_date: date, case: Case, law: LawNotes) -> tuple[Right, ...]:
    """Times of entitlement of one dependant by Civil Code 940, in order, adjoining ones joined by ground."""
    found: list[Right] = []
    since = max(death_date, person.birth_date)
    last_incapacity = months_later(
        death_date, MONTHS * int(law.value("incapacity_after_death_years", death_date))
    )
    if person.relation in CHILDREN:
        adult = months_later(person.birth_date, MONTHS * int(law.value("entitlement_age_child", death_date)))
        found.append(Right("minor", since, adult))
        if person.relation == "student" or person.study_end is not None:
            limit = months_later(
                person.birth_date, MONTHS * int(law.value("entitlement_age_student", death_date))
            )
            found.append(Right("student", max(since, adult), min(limit, person.study_end or limit)))
    if person.relation in BY_AGE:
        old = _old_age_date(person, death_date, law)
        if old <= death_date:
            found.append(Right("old_age", death_date, None))
        elif old <= last_incapacity and case.choices["old_age_after_death"] == "entitled":
            found.append(Right("old_age", old, None))
    if person.relation == "carer":
        found.append(_care(person, death_date, law))
        keeps_until = found[-1].end
    else:
        keeps_until = last_incapacity
    if person.relation == "disabled_dependant":
        end = None if person.disabled_for_life else person.disabled_until
        found.append(Right("disabled", max(since, person.disabled_from or since), end))
    elif person.disabled_from is not None and (
        keeps_until is None or person.disabled_from <= max(keeps_until, last_incapacity)
    ):
        end = None if person.disabled_for_life else person.disabled_until
        found.append(Right("disabled", max(since, person.disabled_from), end))
    found = [right for right in found if right.end is None or right.start < right.end]
    return tuple(sorted(found, key=lambda right: right.start))


def _care(person: Dependant, death_date: date, law: LawNotes) -> Right:
    """Care of a child until its birthday, or as long as its health needs it."""
    start = max(death_date, person.care_start or death_date)
    end = person.care_end
    if end is None:
        assert person.cared_child_birth_date is not None  # refused before
        years = int(law.value("entitlement_age_carer_child", death_date))
        end = months_later(person.cared_child_birth_date, MONTHS * years)
    return Right("care", start, end)


def _old_age_date(person: Dependant, death_date: date, law: LawNotes) -> date:
    """Day the age that gives a survivor a right for life is reached, by the law on the day of death."""
    assert person.sex is not None  # refused before
    fixed = tariffs.parameter("survivor_old_age")
    if death_date < (fixed.entries[-1].end or death_date):
        ages = law.value("survivor_old_age", death_date)
        age: Decimal = ages["men" if person.sex == "male" else "women"]
        return months_later(person.birth_date, int(age * MONTHS))
    name = "pension_age_men" if person.sex == "male" else "pension_age_women"
    reached = tariffs.pension_date(person.sex, person.birth_date)
    law.add([tariffs.parameter(name).on(reached)])
    return reached


def _recount_days(
    dependants: Sequence[Dependant], rights: dict[str, tuple[Right, ...]], death_date: date
) -> list[date]:
    """Days on which shares are set: the death, a posthumous birth, a carer starting or stopping."""
    days = {death_date}
    for person in dependants:
        if person.relation in CHILDREN and person.birth_date > death_date:
            days.add(person.birth_date)
        if person.relation == "carer":
            for right in rights[person.name]:
                if right.ground == "care":
                    days.add(right.start)
                    last = rights[person.name][-1].end
                    if last is not None:
                        days.add(last)
    return sorted(days)


def _shares(
    dependants: Sequence[Dependant],
    rights: dict[str, tuple[Right, ...]],
    death_date: date,
    day: date,
    case: Case,
) -> dict[str, Fraction]:
    """Shares set on a day, by name."""
    option = case.choices["survivor_share"]
    if option == "given":
        return {person.name: Fraction(person.share or 0) for person in dependants}
    counted = []
    for person in dependants:
        own = rights[person.name]
        has_come = person.birth_date <= max(day, death_date) and not (
            person.relation == "carer" and own and own[0].start > day
        )
        has_ended = bool(own) and own[-1].end is not None and own[-1].end <= day
        leaves = has_ended and day > death_date
        if leaves and person.relation != "carer" and case.choices["survivor_recount"] == "all_so_far":
            leaves = False
        if has_come and not leaves:
            counted.append(person.name)
    people = len(counted) + (option == "equal_split")
    return {name: Fraction(1, people) for name in counted}


def _periods(
    rights: dict[str, tuple[Right, ...]],
    shares: dict[date, dict[str, Fraction]],
    death_date: date,
    capped_earnings: int,
) -> tuple[SurvivorPeriod, ...]:
    edges = {death_date, *shares}
    for own in rights.values():
        for right in own:
            edges.add(right.start)
            if right.end is not None:
                edges.add(right.end)
    starts = sorted(edge for edge in edges if edge >= death_date)
    ends: list[date | None] = [*starts[1:], None]
    periods: list[SurvivorPeriod] = []
    for start, end in zip(starts, ends, strict=True):
        share_of = shares[max(day for day in shares if day <= start)]
        amounts = tuple(
            Amount(name, share_of[name], exact_tiyn(share_of[name] * Fraction(capped_earnings, TIYN)))
            for name, own in rights.items()
            if share_of.get(name) and any(r.start <= start and (r.end is None or start < r.end) for r in own)
        )
        if periods and periods[-1].amounts == amounts:
            periods[-1] = SurvivorPeriod(periods[-1].start, end, amounts)
        elif amounts or periods:
            periods.append(SurvivorPeriod(start, end, amounts))
    if periods and not periods[-1].amounts:
        periods.pop()
    return tuple(periods)


def _refuse(dependants: Sequence[Dependant], case: Case) -> None:
    """Name everything that is missing or contradicts in the list of dependants."""
    problems: list[Text] = []
    names = [person.name for person in dependants]
    if not dependants:
        problems.append(text("dependants is empty: list the people the deceased supported"))
    problems += [
        text("{name!r} is listed twice: give each a name of its own", name=name)
        for name in {*names}
        if names.count(name) > 1
    ]
    for person in dependants:
        if person.relation in BY_AGE and person.sex is None:
            problems.append(text("{name}: sex is empty; the pension age depends on it", name=person.name))
        if person.relation == "carer" and person.care_end is None and person.cared_child_birth_date is None:
            problems.append(text("{name}: give cared_child_birth_date, or care_end", name=person.name))
        is_disabled = person.relation == "disabled_dependant" or person.disabled_from is not None
        if is_disabled and (person.disabled_until is None) != person.disabled_for_life:
            problems.append(
                text(
                    "{name}: give either disabled_until or disabled_for_life: yes",
                    name=person.name,
                )
            )
    given = [person.share for person in dependants]
    if case.choices["survivor_share"] == "given":
        problems += [
            text("{name}: share is empty; the choice survivor_share: given needs it", name=p.name)
            for p in dependants
            if p.share is None
        ]
        total = sum((share or Decimal(0) for share in given), Decimal(0))
        if total > 1:
            problems.append(text("the shares add up to {total}: at most 1", total=total))
    elif any(share is not None for share in given):
        problems.append(
            text("share is given, but the choice survivor_share is not 'given': leave one of them out")
        )
    if case.product != "compulsory":
        problems.append(
            text("product {product} has no survivors: the compulsory insurer pays them", product=case.product)
        )
    if problems:
        raise CaseError("E5405", "{key}: {problems}", key="dependants", problems=joined(problems, "; "))


def as_json(result: Survivors) -> dict[str, Any]:
    """Return the answer for a death as plain values; amounts as text in tenge."""
    return {
        "death_date": result.death_date.isoformat(),
        "funeral_payment": tenge_text(result.funeral),
        "shares_set": [{"date": day.isoformat(), "dependants": n} for day, n in result.recounts],
        "rights": {
            name: [
                {
                    "ground": right.ground,
                    "from": right.start.isoformat(),
                    "until": None if right.end is None else right.end.isoformat(),
                }
                for right in own
            ]
            for name, own in result.rights.items()
        },
        "periods": [
            {
                "from": period.start.isoformat(),
                "until": None if period.end is None else period.end.isoformat(),
                "total": tenge_text(period.total),
                "amounts": [
                    {"name": a.name, "share": str(a.share), "amount": tenge_text(a.amount)}
                    for a in period.amounts
                ],
            }
            for period in result.periods
        ],
    }
