"""A mortality table: yearly death probabilities by age, with where they come from.

Symbols: ``q_x`` probability that a life aged exactly x dies within a year, ``p_x = 1 - q_x``,
``e_x`` complete expectation of life, ``q_[x]+t`` the same for a life selected at age x, t years ago.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mortality.message import Message, joined, message

SEXES = ("male", "female", "unisex")
_SEX_NAMES = {name.template: name for name in (message("male"), message("female"), message("unisex"))}

_SHOWN_AGES = (0, 20, 40, 60, 80)
_SHOWN_PROBLEMS = 10
_WIDTH = 110


Problem = tuple[str, Message]
"""Code and text."""


class TableError(ValueError):
    """A table, or a question to a table, that cannot be used.

    Attributes
    ----------
    code : str
        Stable code, ``E6001`` and up (``E61xx`` for certification matrices); of the first problem.
    problems : tuple of (str, Message)
        Code and text of every problem found.
    """

    def __init__(self, code: str, template: str, problems: Sequence[Problem] = (), /, **values: Any) -> None:
        text = template if isinstance(template, Message) else message(template, **values)
        super().__init__(text)
        self.code = code
        self.problems = tuple(problems) or ((code, text),)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.args[0], self.problems)


def raise_problems(where: str, problems: Sequence[Problem]) -> NoReturn:
    """Raise one `TableError` that tells all problems of the source `where` (the first ten in words)."""
    code, text = problems[0]
    if len(problems) == 1:
        raise TableError(code, "{where}: {text}", problems, where=where, text=text)
    lines = [message("{where}: {n} problems", where=where, n=len(problems))]
    lines += [message("  {code} {text}", code=c, text=t) for c, t in problems[:_SHOWN_PROBLEMS]]
    if len(problems) > _SHOWN_PROBLEMS:
        lines.append(message("  and {n} more", n=len(problems) - _SHOWN_PROBLEMS))
    raise TableError(code, joined(lines, "\n"), problems)


def rate_problems(qx: NDArray[np.float64], first_age: int, where: Callable[[int], str]) -> list[Problem]:
    """Return what is wrong with a column of yearly death probabilities.

    Parameters
    ----------
    qx : float64, shape (n,) [1]
        Probabilities for ages ``first_age .. first_age + n - 1``.
    first_age : int [years]
    where : callable
        Gives the place of element i in words, for the messages.
    """
    if len(qx) == 0:
        return [("E6004", message("there is no age in the table; give one row for each year of age"))]
    problems: list[Problem] = []
    last_age = first_age + len(qx) - 1
    for i, q in enumerate(qx.tolist()):
        if not 0.0 <= q <= 1.0:  # NaN fails this too
            text = message(
                "{place}: q = {q:g} is outside [0, 1]; give probabilities as fractions of one",
                place=where(i),
                q=q,
            )
            problems.append(("E6008", text))
        elif q == 1.0 and i < len(qx) - 1:
            text = message(
                "{place}: q = 1 at age {age}, before the last age {last_age}; end the table at the first age "
                "with q = 1",
                place=where(i),
                age=first_age + i,
                last_age=last_age,
            )
            problems.append(("E6011", text))
    last = float(qx[-1])
    if 0.0 <= last < 1.0:
        text = message(
            "{place}: the last age {last_age} has q = {q:g}, not 1; close the table with a further row of "
            "q = 1 and say in the note that it is yours",
            place=where(len(qx) - 1),
            last_age=last_age,
            q=last,
        )
        problems.append(("E6010", text))
    return problems


def _select_problems(table: Table, select: NDArray[np.float64], first: int) -> list[Problem]:
    """Return what is wrong with the select part; an empty cell is NaN and no fault."""
    problems: list[Problem] = []
    for row, duration in np.argwhere(~np.isnan(select)).tolist():
        q, age = float(select[row, duration]), first + row
        place = message("select age {age}, duration {duration}", age=age, duration=duration)
        if not 0.0 <= q <= 1.0:
            text = message(
                "{place}: q = {q:g} is outside [0, 1]; give probabilities as fractions of one",
                place=place,
                q=q,
            )
            problems.append(("E6008", text))
        elif q == 1.0 and age + duration < table.last_age:
            text = message(
                "{place}: q = 1 at attained age {age}, before the last age {last_age}; a select life cannot "
                "end before the table does",
                place=place,
                age=age + duration,
                last_age=table.last_age,
            )
            problems.append(("E6011", text))
        elif q < 1.0 and age + duration >= table.last_age:
            text = message(
                "{place}: q = {q:g} at attained age {age}, but the table ends with q = 1 at age {last_age}; "
                "leave the cell empty or give 1",
                place=place,
                q=q,
                age=age + duration,
                last_age=table.last_age,
            )
            problems.append(("E6010", text))
    return problems


@dataclass(frozen=True, eq=False)
class Table:
    """Yearly death probabilities of one sex, ultimate and, where given, select.

    Parameters
    ----------
    id, title : str
        Name to load it by, and what it is.
    sex : {'male', 'female', 'unisex'}
    first_age : int [years]
        Age of ``qx[0]``.
    qx : array_like, shape (n,) [1]
        Ultimate ``q_x`` for ages ``first_age .. last_age``; 1 at the last age and only there.
    select : array_like, shape (m, k), optional [1]
        ``q_[x]+t`` for select ages ``x = select_first_age ..`` and durations t = 0 .. k-1 in completed
        years since selection; NaN where the source gives none. From duration k on the ultimate holds.
    select_first_age : int, optional [years]
        Age of ``select[0]``; default `first_age`.
    period : str
        The years of the experience, as the source says them.
    period_middle : date, optional
        Middle of the period: from here mortality improvement is counted.
    source, licence, attribution, note : str
        Provenance; printed with the table.
    sha256 : str
        Digest of the file the table was read from; empty for a table made in memory.

    Raises
    ------
    TableError
        E6004 no ages; E6008 a probability outside [0, 1] or not a number; E6010 the last q is not 1;
        E6011 q = 1 before the last age; E6012 an unknown sex or a negative age; E6015 arrays of a wrong
        shape.

    Examples
    --------
    >>> table = Table(id="coin", title="A coin a year", sex="unisex", first_age=60, qx=[0.5, 0.5, 1.0])
    >>> table.last_age
    62
    """

    id: str
    title: str
    sex: str
    first_age: int
    qx: NDArray[np.float64]
    select: NDArray[np.float64] | None = None
    select_first_age: int | None = None
    period: str = ""
    period_middle: date | None = None
    source: str = ""
    licence: str = ""
    attribution: str = ""
    note: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        """Check the figures and make them read-only: a table is shared by all who load it."""
        where = message("table {id!r}", id=self.id)
        if self.sex not in SEXES:
            raise TableError(
                "E6012",
                "{where}: sex is {sex!r}; it must be male, female or unisex",
                where=where,
                sex=self.sex,
            )
        if self.first_age < 0:
            raise TableError(
                "E6012",
                "{where}: the first age is {first_age}; ages start at 0 or later",
                where=where,
                first_age=self.first_age,
            )
        qx = _frozen(self.qx)
        if qx.ndim != 1:
            raise TableError(
                "E6015",
                "{where}: qx has shape {shape}; give one value for each age",
                where=where,
                shape=qx.shape,
            )
        object.__setattr__(self, "qx", qx)
        problems = rate_problems(qx, self.first_age, lambda i: message("age {age}", age=self.first_age + i))
        if self.select is not None and not problems:
            select = _frozen(self.select)
            if select.ndim != 2 or select.size == 0:
                raise TableError(
                    "E6015",
                    "{where}: select has shape {shape}; give a row for each select age and a column for "
                    "each year since selection",
                    where=where,
                    shape=select.shape,
                )
            first = self.first_age if self.select_first_age is None else self.select_first_age
            object.__setattr__(self, "select", select)
            object.__setattr__(self, "select_first_age", first)
            problems = _select_problems(self, select, first)
        if problems:
            raise_problems(where, problems)

    @property
    def last_age(self) -> int:
        """The age with q = 1 [years]."""
        return self.first_age + len(self.qx) - 1

    @property
    def select_years(self) -> int:
        """Length of the select period [years]; 0 for a table without one."""
        return 0 if self.select is None else int(self.select.shape[1])

    def at(self, age: int, duration: int | None = None) -> float:
        """Return the yearly death probability at an attained age.

        Parameters
        ----------
        age : int [years]
            Attained age, completed years.
        duration : int, optional [years]
            Completed years since selection, at ``age - duration``; None, or the select period or more,
            is the ultimate ``q_x``.

        Returns
        -------
        float [1]
            ``q_[age-duration]+duration``, unrounded.

        Raises
        ------
        TableError
            E6020 an age outside the table; E6021 a duration the table has no figure for.
        """
        if duration is not None and duration < 0:
            raise TableError(
                "E6021",
                "table {id!r}: duration {duration} is negative; it counts years since selection",
                id=self.id,
                duration=duration,
            )
        is_ultimate = duration is None or duration >= self.select_years
        if age > self.last_age or (is_ultimate and age < self.first_age):
            raise self._outside(age)
        if duration is None or is_ultimate:
            return float(self.qx[age - self.first_age])
        assert self.select is not None and self.select_first_age is not None
        row = age - duration - self.select_first_age
        if age == self.last_age and 0 <= row < len(self.select):
            return 1.0  # the table ends there for select lives too, a printed cell or not
        q = float(self.select[row, duration]) if 0 <= row < len(self.select) else math.nan
        if math.isnan(q):
            last = self.select_first_age + len(self.select) - 1
            raise TableError(
                "E6021",
                "table {id!r}: no probability for select age {age} at duration {duration}; the "
                "table selects at ages {select_first_age}-{last}; ask for such an age, or for "
                "the ultimate without a duration",
                id=self.id,
                age=age - duration,
                duration=duration,
                select_first_age=self.select_first_age,
                last=last,
            )
        return q

    def _outside(self, age: int) -> TableError:
        return TableError(
            "E6020",
            "table {id!r}: asked for age {age}, the table has ages {first_age}-{last_age}; "
            "ask inside them or load a longer table",
            id=self.id,
            age=age,
            first_age=self.first_age,
            last_age=self.last_age,
        )

    def along(self, select_age: int, duration: int = 0) -> NDArray[np.float64]:
        """Return the yearly death probabilities along one life from selection to the table's end.

        Parameters
        ----------
        select_age : int [years]
            Age at selection.
        duration : int [years]
            Completed years since then at the first element.

        Returns
        -------
        float64, shape (last_age - select_age - duration + 1,) [1]
            ``q_[x]+t`` for t = duration, duration + 1, ...; the last element is 1. For a table without
            a select period this is a part of `qx`.

        Raises
        ------
        TableError
            As `at`.
        """
        if select_age + duration > self.last_age:
            raise self._outside(select_age + duration)
        durations = range(duration, self.last_age - select_age + 1)
        return np.array([self.at(select_age + t, t) for t in durations], dtype=np.float64)

    def life_expectancy(self, age: int) -> float:
        """Return the complete expectation of life, constant force inside each year of age.

        ``e_x = Σ_t tp_x · ∫_0^1 (p_{x+t})^s ds``, the integral being ``-q / ln(1 - q)``; nothing is lived
        in the last age, where the force is infinite. (Actuarial Mathematics for Life Contingent Risks,
        2nd ed., 2.5 and 3.3.2.)

        Parameters
        ----------
        age : int [years]

        Returns
        -------
        float [years]
            Unrounded, on the ultimate rates.

        Examples
        --------
        >>> flat = Table(id="flat", title="", sex="male", first_age=0, qx=[0.0, 0.0, 1.0])
        >>> flat.life_expectancy(0)
        2.0
        """
        self.at(age)
        expectation = 0.0
        for q in self.qx[age - self.first_age : -1][::-1].tolist():
            lived = -q / math.log1p(-q) if q > 0.0 else 1.0
            expectation = lived + (1.0 - q) * expectation
        return expectation

    def __str__(self) -> str:
        """Say what the table is, where it comes from, and a few of its figures."""
        return self.described(str)

    def described(self, said: Callable[[Message], str]) -> str:
        """As `__str__`, with the words of the description given by ``said``, such as a translation."""
        ages = message("{first}-{last}", first=self.first_age, last=self.last_age)
        if self.select is not None and self.select_first_age is not None:
            ages = message(
                "{ages}; select ages {first}-{last}, {n} years",
                ages=ages,
                first=self.select_first_age,
                last=self.select_first_age + len(self.select) - 1,
                n=self.select_years,
            )
        period = message(self.period)
        if self.period_middle:
            middle = message("middle {day}", day=self.period_middle)
            period = joined([period, middle], "; ") if period else middle
        fields = {
            message("title"): message(self.title),
            message("sex"): _SEX_NAMES[self.sex],
            message("ages"): ages,
            message("period"): period,
            message("source"): message(self.source),
            message("licence"): self.licence,
            message("attribution"): self.attribution,
            message("note"): self.note if isinstance(self.note, Message) else message(self.note),
            message("sha256"): self.sha256,
        }
        labels = [said(label) for label in fields]
        width = max(map(len, labels)) + 2
        lines = [self.id]
        for label, value in zip(labels, fields.values(), strict=True):
            stated = value or message("not stated")
            lines += textwrap.wrap(
                said(stated) if isinstance(stated, Message) else stated,
                _WIDTH,
                initial_indent=f"  {label:<{width}}",
                subsequent_indent=" " * (width + 2),
            )
        lines.append(said(message("  age          q_x          e_x (years, constant force)")))
        shown = [age for age in _SHOWN_AGES if self.first_age <= age <= self.last_age] or [self.first_age]
        lines += [f"  {age:>3}   {self.at(age):>12.8f}   {self.life_expectancy(age):>9.3f}" for age in shown]
        return "\n".join(lines)


def _frozen(values: object) -> NDArray[np.float64]:
    """Return a read-only copy."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
