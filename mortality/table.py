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
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

SEXES = ("male", "female", "unisex")

_SHOWN_AGES = (0, 20, 40, 60, 80)
_SHOWN_PROBLEMS = 10
_WIDTH = 110
_LABEL = 13


class TableError(ValueError):
    """A table, or a question to a table, that cannot be used.

    Attributes
    ----------
    code : str
        Stable code, ``E6001`` and up (``E61xx`` for certification matrices); of the first problem.
    problems : tuple of (str, str)
        Code and text of every problem found.
    """

    def __init__(self, code: str, message: str, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.problems = tuple(problems) or ((code, message),)


def raise_problems(where: str, problems: Sequence[tuple[str, str]]) -> NoReturn:
    """Raise one `TableError` that tells all problems of the source `where` (the first ten in words)."""
    code, text = problems[0]
    if len(problems) == 1:
        raise TableError(code, f"{where}: {text}", problems)
    lines = [f"  {c} {t}" for c, t in problems[:_SHOWN_PROBLEMS]]
    if len(problems) > _SHOWN_PROBLEMS:
        lines.append(f"  and {len(problems) - _SHOWN_PROBLEMS} more")
    raise TableError(code, "\n".join([f"{where}: {len(problems)} problems", *lines]), problems)


def rate_problems(
    qx: NDArray[np.float64], first_age: int, where: Callable[[int], str]
) -> list[tuple[str, str]]:
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
        return [("E6004", "there is no age in the table; give one row for each year of age")]
    problems = []
    for i, q in enumerate(qx.tolist()):
        if not 0.0 <= q <= 1.0:  # NaN fails this too
            text = f"{where(i)}: q = {q:g} is outside [0, 1]; give probabilities as fractions of one"
            problems.append(("E6008", text))
        elif q == 1.0 and i < len(qx) - 1:
            text = (
                f"{where(i)}: q = 1 at age {first_age + i}, before the last age {first_age + len(qx) - 1}; "
            )
            problems.append(("E6011", text + "end the table at the first age with q = 1"))
    last = float(qx[-1])
    if 0.0 <= last < 1.0:
        text = f"{where(len(qx) - 1)}: the last age {first_age + len(qx) - 1} has q = {last:g}, not 1; "
        problems.append(
            (
                "E6010",
                text + "close the table with a further row of q = 1 and say in the note that it is yours",
            )
        )
    return problems


def _select_problems(table: Table, select: NDArray[np.float64], first: int) -> list[tuple[str, str]]:
    """Return what is wrong with the select part; an empty cell is NaN and no fault."""
    problems = []
    for row, duration in np.argwhere(~np.isnan(select)).tolist():
        q, age = float(select[row, duration]), first + row
        where = f"select age {age}, duration {duration}"
        if not 0.0 <= q <= 1.0:
            text = f"{where}: q = {q:g} is outside [0, 1]; give probabilities as fractions of one"
            problems.append(("E6008", text))
        elif q == 1.0 and age + duration < table.last_age:
            text = f"{where}: q = 1 at attained age {age + duration}, before the last age {table.last_age}; "
            problems.append(("E6011", text + "a select life cannot end before the table does"))
        elif q < 1.0 and age + duration >= table.last_age:
            text = (
                f"{where}: q = {q:g} at attained age {age + duration}, but the table ends with q = 1 at age "
            )
            problems.append(("E6010", text + f"{table.last_age}; leave the cell empty or give 1"))
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
        where = f"table {self.id!r}"
        if self.sex not in SEXES:
            raise TableError("E6012", f"{where}: sex is {self.sex!r}; it must be male, female or unisex")
        if self.first_age < 0:
            raise TableError("E6012", f"{where}: the first age is {self.first_age}; ages start at 0 or later")
        qx = _frozen(self.qx)
        if qx.ndim != 1:
            raise TableError("E6015", f"{where}: qx has shape {qx.shape}; give one value for each age")
        object.__setattr__(self, "qx", qx)
        problems = rate_problems(qx, self.first_age, lambda i: f"age {self.first_age + i}")
        if self.select is not None and not problems:
            select = _frozen(self.select)
            if select.ndim != 2 or select.size == 0:
                text = (
                    f"{where}: select has shape {select.shape}; give a row for each select age and a column "
                )
                raise TableError("E6015", text + "for each year since selection")
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
                f"table {self.id!r}: duration {duration} is negative; it counts years since selection",
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
                f"table {self.id!r}: no probability for select age {age - duration} at "
                f"duration {duration}; the table selects at ages {self.select_first_age}-{last}; "
                "ask for such an age, or for the ultimate without a duration",
            )
        return q

    def _outside(self, age: int) -> TableError:
        return TableError(
            "E6020",
            f"table {self.id!r}: asked for age {age}, the table has ages {self.first_age}-{self.last_age}; "
            "ask inside them or load a longer table",
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
        middle = f"middle {self.period_middle}" if self.period_middle else ""
        ages = f"{self.first_age}-{self.last_age}"
        if self.select is not None and self.select_first_age is not None:
            last = self.select_first_age + len(self.select) - 1
            ages += f"; select ages {self.select_first_age}-{last}, {self.select_years} years"
        fields = {
            "title": self.title,
            "sex": self.sex,
            "ages": ages,
            "period": "; ".join(part for part in (self.period, middle) if part),
            "source": self.source,
            "licence": self.licence,
            "attribution": self.attribution,
            "note": self.note,
            "sha256": self.sha256,
        }
        lines = [self.id]
        for label, text in fields.items():
            indent = " " * (_LABEL + 2)
            lines += textwrap.wrap(
                text or "not stated", _WIDTH, initial_indent=f"  {label:<{_LABEL}}", subsequent_indent=indent
            )
        lines.append("  age          q_x          e_x (years, constant force)")
        shown = [age for age in _SHOWN_AGES if self.first_age <= age <= self.last_age] or [self.first_age]
        lines += [f"  {age:>3}   {self.at(age):>12.8f}   {self.life_expectancy(age):>9.3f}" for age in shown]
        return "\n".join(lines)


def _frozen(values: object) -> NDArray[np.float64]:
    """Return a read-only copy."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
