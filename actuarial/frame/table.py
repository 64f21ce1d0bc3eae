"""The law, mortality tables and prices of annuities, as frames."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

import mortality
import tariffs
from actuarial.annuity_contract import annuity_factors
from actuarial.basis import Basis
from actuarial.error import ActuarialError
from actuarial.frame.column import amount, dates, day_of, law_frame, of_type, tenge, whole
from actuarial.language import text
from actuarial.payout_law import PayoutLaw
from actuarial.record import SEXES

RADIX = 100_000
MONTHS = 12
OLDEST = 130
"""No table reaches further; those that end before say so (E5500)."""
LONGEST = 1800
"""Payments of a certain annuity: 150 years."""


def law_table(day: date | str | None = None, *, parameter: str | None = None) -> pd.DataFrame:
    """The law on record: all parameters on a day, or one parameter through time.

    Parameters
    ----------
    day : date or str, optional
        A parameter without a value on that day is left out.
    parameter : str, optional
        Only this one; without a day all its entries.

    Returns
    -------
    DataFrame
        ``parameter``, ``title``, ``unit``, ``value`` (exact `decimal.Decimal`: amounts [KZT], rates
        as fractions [1]; tables as Python values), ``from`` and ``to`` (last day, NaT while open),
        ``status``, ``act``, ``number``, ``article``, ``evidence`` (V read, S secondary source, C seen in
        software, D derived), ``note``.

    Raises
    ------
    ActuarialError
        E8601 not a date; E8606 neither a day nor a parameter; E8609 another type.
    tariffs.LawError
        E1101 no such parameter; E1102 the one asked for has no value on the day.

    Examples
    --------
    >>> import actuarial
    >>> actuarial.law_table("2026-01-01", parameter="mci")[["value", "unit"]].values.tolist()
    [[Decimal('4325'), 'KZT']]
    >>> actuarial.law_table(parameter="mci").tail(2)["value"].tolist()
    [Decimal('3932'), Decimal('4325')]
    """
    if day is None and parameter is None:
        raise ActuarialError("E8606", "which law? give a day, a parameter, or both")
    found: list[tuple[tariffs.Parameter, tariffs.Entry]] = []
    when = None if day is None else day_of(day, "day")
    if parameter is not None:
        of_type(parameter, str, "parameter", text("the name of a parameter"))
    for name in tariffs.parameter_names() if parameter is None else (parameter,):
        one = tariffs.parameter(name)
        if when is None:
            found += [(one, entry) for entry in one.entries]
            continue
        try:
            found.append((one, one.on(when)))
        except tariffs.NotOnRecord:
            if parameter is not None:
                raise
    frame = law_frame(entry.as_json() for _, entry in found)
    frame["value"] = pd.Series([entry.value for _, entry in found], dtype=object)
    frame.insert(1, "title", pd.Series([str(one.title["en"]) for one, _ in found], dtype=object))
    frame.insert(2, "unit", pd.Series([str(one.unit) for one, _ in found], dtype=object))
    return frame


def mortality_table(name: str | None = None) -> pd.DataFrame:
    """One mortality table by age, or the list of those shipped.

    Parameters
    ----------
    name : str, optional
        Id of a shipped table, or a file (CSV, XTbML); without it the list.

    Returns
    -------
    DataFrame
        By ``age`` [years]: ``qx`` [1], ``px`` [1], ``lx`` (of 100 000 at the first age), ``ex`` [years],
        complete, constant force inside a year; ultimate rates. The list: ``table``, ``title``, ``sex``,
        ``period``, ``period_middle``, ``first_age``, ``last_age``, ``source``, ``licence``.

    Raises
    ------
    mortality.TableError
        E60xx no such table, or one that cannot be used.

    Examples
    --------
    >>> import actuarial
    >>> actuarial.mortality_table("kz-wpp2024-2020-2025-male").set_index("age").loc[40, "ex"].round(2).item()
    31.54
    """
    if name is None:
        return _listed(mortality.load_table(one) for one in mortality.table_ids())
    table = mortality.load_table(of_type(name, str, "name", text("the id of a table, or a path as text")))
    px = 1.0 - table.qx
    ages = np.arange(table.first_age, table.last_age + 1)
    return pd.DataFrame(
        {
            "age": ages,
            "qx": table.qx.copy(),
            "px": px,
            "lx": RADIX * np.concatenate(([1.0], np.cumprod(px[:-1]))),
            "ex": [table.life_expectancy(int(age)) for age in ages],
        }
    )


def _listed(tables: Iterable[mortality.Table]) -> pd.DataFrame:
    found = list(tables)
    text = ("title", "sex", "period", "source", "licence")
    columns: dict[str, Any] = {"table": [t.id for t in found]}
    columns |= {name: [getattr(t, name) for t in found] for name in text}
    columns["period_middle"] = dates(t.period_middle for t in found)
    columns |= {name: [getattr(t, name) for t in found] for name in ("first_age", "last_age")}
    heads = ("table", *text[:3], "period_middle", "first_age", "last_age", *text[3:])
    return pd.DataFrame({name: columns[name] for name in heads})


def annuity_price(
    basis: Basis,
    valuation_date: date | str,
    *,
    sex: str | Iterable[str] = ("male", "female"),
    age: int | Iterable[int],
    monthly: Decimal | int | float = 1,
    degree: int | None = None,
    months: int | None = None,
    to_pension: bool = False,
) -> pd.DataFrame:
    """Factors and single premiums of annuities, monthly in advance, for a grid of persons.

    docs/annuity.md has the formulas; the figures are those of ``actuarial annuity``.

    Parameters
    ----------
    basis : Basis
    valuation_date : date or str
        Day of the first payment.
    sex : str or iterable of str
        ``male``, ``female``.
    age : int or iterable of int [years]
        On the valuation date.
    monthly : Decimal, int or float [KZT/month]
    degree : int, optional [percent]
        Degree of loss, sets the multiplier of mortality; without it mortality is that of the table.
    months : int, optional
        Number of payments. Without it and ``to_pension``, for life.
    to_pension : bool
        Whether payments end at the pension date.

    Returns
    -------
    DataFrame
        ``sex``, ``age``, ``n_payments``, ``factor_certain`` (NaN for life) and ``factor`` (values of 1 a
        month, not rounded), ``net_single_premium`` and ``gross_single_premium`` [KZT], ``pension_date``.

    Raises
    ------
    ActuarialError
        E8601 not a date; E8607 both ends, or no amount above 0; E8609 another type; E8610 a number or a word
        outside what is taken; E5500 a person the basis cannot price.

    Examples
    --------
    >>> import actuarial
    >>> basis = actuarial.load_basis("illustrative-2026")
    >>> price = actuarial.annuity_price(
    ...     basis, "2026-01-01", sex="male", age=40, monthly=100_000, to_pension=True
    ... )
    >>> price[["n_payments", "net_single_premium"]].values.tolist()
    [[276.0, 19892543.86]]
    """
    day = day_of(valuation_date, "valuation_date")
    of_type(basis, Basis, "basis", text("a Basis, from load_basis"))
    each = Fraction(amount(monthly, "monthly"))
    if (months is not None and to_pension) or not each:
        raise ActuarialError("E8607", "give an amount above 0, and months or to_pension, not both")
    percent = None if degree is None else whole(degree, "degree", 1, 100)
    term = None if months is None else whole(months, "months", 1, LONGEST)
    sexes = (sex,) if isinstance(sex, str) else tuple(sex)
    if strange := [one for one in sexes if one not in SEXES]:
        raise ActuarialError(
            "E8610", "sex is {value}: give {known}", value=repr(strange[0]), known=", ".join(SEXES)
        )
    given: Any = age
    is_grid = isinstance(given, Iterable) and not isinstance(given, str)
    ages = [whole(one, "age", 0, OLDEST) for one in (given if is_grid else (given,))]
    law = PayoutLaw()
    rows = []
    for one_sex in sexes:
        for years in ages:
            found = annuity_factors(
                basis, day, one_sex, years * MONTHS, degree_percent=percent, term_months=term,
                to_pension=to_pension, monthly=each, law=law,
            )  # fmt: skip
            rows.append((one_sex, years, found))
    factors = [found for *_, found in rows]
    return pd.DataFrame(
        {
            "sex": [one for one, *_ in rows],
            "age": [years for _, years, _ in rows],
            "n_payments": [f.n_payments for f in factors],
            "factor_certain": [np.nan if f.factor_certain is None else f.factor_certain for f in factors],
            "factor": [f.factor for f in factors],
            "net_single_premium": tenge([f.net_single_premium for f in factors]),
            "gross_single_premium": tenge([f.gross_single_premium for f in factors]),
            "pension_date": dates(f.pension_date for f in factors),
        }
    )
