"""Classes of professional risk: from a code of activity to a class, and from words to codes.

Order No 86 gives classes by mask of the five-digit code (``62xxx``); the longest mask wins. Names of
activities are those of the market's list, which also says which codes exist.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from tariffs.dated import Entry, LawError, NotOnRecord
from tariffs.law import parameter
from tariffs.message import Message, message

MASKS = "risk_class_masks"
NAMES = "risk_classes"
EVENLY_SPREAD = ("higher_class", "higher_tariff")
"""How evenly spread activities are classed: by the text of the law, or as one insurer does."""

_ANY = "x"
_LENGTH = 5
_CODE = re.compile(rf"\d{{{_LENGTH}}}")
_WORD = re.compile(r"[а-яa-z0-9]+")
_VOWELS = "аеиоуыэюя"
_SOFT = "йь"
_FLEETING = "ое"
_LONG_WORD = 5
_SHORTEST_STEM = 3
_N_NEAREST = 3


class ClassificationError(LawError):
    """An activity without a class.

    Attributes
    ----------
    code : str
        E1102 no edition on the day, E1104 unknown code, E1105 the number of workers is needed, E1106
        activities that cannot be weighed, E1107 a search that finds nothing.
    """


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity and its class on a day.

    Attributes
    ----------
    oked_code : str
        Five digits.
    risk_class : int
        1-22.
    mask : str
        The mask that won.
    name : str
        Name in Russian; empty where the market's list has none.
    entry : Entry
        The edition of the order, its value cut down to the row used.
    """

    oked_code: str
    risk_class: int
    mask: str
    name: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Edition:
    """Masks of one edition: by digits before the wildcards, the rows for each headcount."""

    entry: Entry
    rows: Mapping[str, tuple[Mapping[str, Any], ...]]


@cache
def _editions() -> tuple[_Edition, ...]:
    editions = []
    for entry in parameter(MASKS).entries:
        rows: dict[str, tuple[Mapping[str, Any], ...]] = {}
        for row in entry.value:
            digits = row["oked_mask"].rstrip(_ANY)
            rows[digits] = (*rows.get(digits, ()), row)
        editions.append(_Edition(entry, rows))
    return tuple(editions)


@cache
def _edition(day: date) -> _Edition:
    try:
        entry = parameter(MASKS).on(day)
    except NotOnRecord as error:
        first = parameter(MASKS).entries[0].start
        if day >= first:
            raise
        raise ClassificationError(
            "no order on classes of activities is on record before {first}, the contract "
            "is of {day}: the class cannot be found from the code. Give the class of the "
            "contract itself.",
            "E1102",
            first=first,
            day=day,
        ) from error
    return next(edition for edition in _editions() if edition.entry is entry)


@cache
def activity_names() -> Mapping[str, str]:
    """Return the name in Russian of each code of the market's list."""
    return {code: row["activity_ru"] for code, row in parameter(NAMES).entries[-1].value.items()}


def normalised_code(text: str) -> str:
    """Return a code of activity as five digits: points and blanks (``62.01.1``) do not count.

    Raises
    ------
    ClassificationError
        E1104: not five digits. A code of four digits whose zero was lost is named.
    """
    digits = text.strip().replace(".", "").replace(" ", "")
    if _CODE.fullmatch(digits):
        return digits
    hint = ""
    if digits.isdigit() and f"0{digits}" in activity_names():
        hint = message(
            " Perhaps a leading zero was lost: 0{digits} is {name!r}.",
            digits=digits,
            name=activity_names()[f"0{digits}"],
        )
    near = _near(digits) if digits.isdigit() and len(digits) <= _LENGTH else ""
    if digits and not any(letter.isdigit() for letter in digits):
        hint = message(" Codes by words of the name: actuarial law oked --find {text!r}.", text=text)
    raise ClassificationError(
        "{text!r} is not an OKED code of five digits.{hint}{near}",
        "E1104",
        text=text,
        hint=hint,
        near=near,
    )


def _near(digits: str) -> Message:
    names = activity_names()
    codes = "; ".join(f"{code} {names[code]}" for code in nearest_codes(digits))
    return message(" The nearest codes are {codes}.", codes=codes)


def nearest_codes(digits: str, n: int = _N_NEAREST) -> list[str]:
    """Return the `n` other codes that share most leading digits with `digits`, nearest number first."""

    def distance(code: str) -> tuple[int, int]:
        shared = next((i for i, (a, b) in enumerate(zip(code, digits, strict=False)) if a != b), _LENGTH)
        return -shared, abs(int(code) - int(digits.ljust(_LENGTH, "0")))

    return sorted((code for code in activity_names() if code != digits), key=distance)[:n]


def activity_class(oked_code: str, day: date, n_workers: int | None = None) -> Activity:
    """Return the class of professional risk of an activity on the day of the contract (OSNS Law 17(3)).

    Parameters
    ----------
    oked_code : str
        Five digits; points are allowed.
    day : date
        Conclusion of the contract.
    n_workers : int, optional
        All workers of the policyholder: the edition of 2022-03-05 has two annexes by headcount.

    Raises
    ------
    ClassificationError
        E1102 no edition on the day (before 2022-03-05 the class must be given), E1104 unknown code, with the
        nearest ones, E1105 the edition asks for the number of workers.

    Examples
    --------
    >>> activity_class("62011", date(2024, 3, 1)).risk_class
    1
    """
    code, edition, row = _found(oked_code, day, n_workers)
    entry = replace(edition.entry, value={key: value for key, value in row.items() if value is not None})
    return Activity(code, row["risk_class"], row["oked_mask"], activity_names().get(code, ""), entry)


def risk_class(oked_code: str, day: date, n_workers: int | None = None) -> int:
    """Return the class alone: `activity_class` for whoever asks thousands of times."""
    return int(_found(oked_code, day, n_workers)[2]["risk_class"])


def _found(oked_code: str, day: date, n_workers: int | None) -> tuple[str, _Edition, Mapping[str, Any]]:
    """The code, the edition in force, and the row of its longest mask."""
    code = normalised_code(oked_code)
    edition = _edition(day)
    # a wildcard alone would class codes that do not exist
    if code in activity_names() or code in edition.rows:
        for length in range(_LENGTH, 0, -1):
            rows = edition.rows.get(code[:length], ())
            if rows:
                return code, edition, _row_for(rows, n_workers, code, edition.entry)
    raise ClassificationError(
        "the OKED code {code} is not among the activities of {act} No {number} in force on {day}.{near}",
        "E1104",
        code=code,
        act=message(edition.entry.act),
        number=edition.entry.number,
        day=day,
        near=_near(code),
    )


def _row_for(
    rows: tuple[Mapping[str, Any], ...], n_workers: int | None, code: str, entry: Entry
) -> Mapping[str, Any]:
    if n_workers is None:
        if len(rows) == 1 and rows[0]["workers_from"] is None and rows[0]["workers_to"] is None:
            return rows[0]
        raise ClassificationError(
            "the class of {code} depends on the number of workers ({act} No "
            "{number}, two annexes by headcount until {last_day}): give the number "
            "of workers.",
            "E1105",
            code=code,
            act=message(entry.act),
            number=entry.number,
            last_day=entry.last_day,
        )
    for row in rows:
        last = row["workers_to"]
        if (row["workers_from"] or 0) <= n_workers and (last is None or n_workers <= last):
            return row
    raise ClassificationError(
        "{act} has no class of {code} for {n_workers} workers.",
        "E1104",
        act=message(entry.act),
        code=code,
        n_workers=n_workers,
    )


def class_of_activities(
    activities: Sequence[tuple[int, Decimal | None]],
    rates: Mapping[int, Decimal],
    evenly_spread: str = EVENLY_SPREAD[0],
) -> int:
    """Return the class of a policyholder with several activities (OSNS Law 17(3)).

    Parameters
    ----------
    activities : sequence of (risk class, weight)
        Weights are shares of the activity in any one unit (payroll, revenue). All None: evenly spread.
    rates : mapping of int to Decimal
        Tariff by class.
    evenly_spread : {'higher_class', 'higher_tariff'}
        ``higher_class`` is the text of the law: the class of the main activity, and of evenly spread ones
        the higher class. ``higher_tariff`` is the practice of one insurer [C]: the dearest tariff among all
        activities, whichever is the main one. The two differ because the tariff does not rise with the class.

    Raises
    ------
    ClassificationError
        E1106: no activity, or only some have a weight.

    Examples
    --------
    >>> rates = {8: Decimal("0.0065"), 9: Decimal("0.0056")}
    >>> class_of_activities([(8, None), (9, None)], rates)
    9
    >>> class_of_activities([(8, None), (9, None)], rates, "higher_tariff")
    8
    """
    weights = [weight for _, weight in activities if weight is not None]
    if not activities or len(weights) not in (0, len(activities)):
        raise ClassificationError(
            "{n_weights} of {n_activities} activities have a weight: give the weight of every "
            "activity, or of none when they are evenly spread.",
            "E1106",
            n_weights=len(weights),
            n_activities=len(activities),
        )
    if evenly_spread == EVENLY_SPREAD[1]:
        return max((number for number, _ in activities), key=lambda number: (rates[number], number))
    most = max(weights, default=None)
    return max(number for number, weight in activities if weight == most)


def find_activities(words: str, day: date, n_workers: int | None = None) -> list[Activity]:
    """Return the activities whose Russian name has all the words, those with the words as written first.

    A word matches the beginning of a word of the name; its ending and a fleeting vowel do not count, so that
    ``угол`` finds ``угля`` too.
    """
    wanted = _WORD.findall(_folded(words))
    exact, loose = [], []
    for code, name in activity_names().items():
        found = _WORD.findall(_folded(name))
        if wanted and all(any(word.startswith(want) for word in found) for want in wanted):
            exact.append(code)
        elif wanted and all(any(word.startswith(_stems(want)) for word in found) for want in wanted):
            loose.append(code)
    return [activity_class(code, day, n_workers) for code in (*exact, *loose)]


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _stems(word: str) -> tuple[str, ...]:
    """Beginnings that forms of a word share: without its ending, and without a fleeting vowel."""
    stem = word
    if len(word) >= _LONG_WORD:
        stem = word.rstrip(_VOWELS + _SOFT)
    stem = stem.rstrip(_SOFT)
    if len(stem) > _SHORTEST_STEM and stem[-2] in _FLEETING and stem[-1] not in _VOWELS:
        return stem, stem[:-2] + stem[-1]
    return (stem,)


def nearest_names(words: str, n: int = _N_NEAREST) -> list[str]:
    """Return the words of activity names nearest to `words`, for a search that found nothing."""
    known = sorted({word for name in activity_names().values() for word in _WORD.findall(_folded(name))})
    near = (difflib.get_close_matches(word, known, n=n, cutoff=0.6) for word in _WORD.findall(_folded(words)))
    return [word for found in near for word in found][:n]
