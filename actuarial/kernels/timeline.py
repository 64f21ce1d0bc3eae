"""Dates to integers: ages, payment counts, part months, index anniversaries, pension dates.

Dates are days since 1970-01-01 (int32). A day that a month lacks is that month's last day, for
payments, birthdays, anniversaries and completed months alike. Callers validate: no empty date reaches
a date argument unless the docstring says so.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int16 = NDArray[np.int16]
Int8 = NDArray[np.int8]


@njit(cache=True, nogil=True)
def civil(days: int) -> tuple[int, int, int]:
    """Year, month, day of a day number (proleptic Gregorian; H. Hinnant's days-to-civil)."""
    z = days + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day = doy - (153 * mp + 2) // 5 + 1
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (1 if month <= 2 else 0)
    return year, month, day


@njit(cache=True, nogil=True)
def day_number(year: int, month: int, day: int) -> int:
    """Day number of an existing date; the inverse of `civil`."""
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    yoe = y - era * 400
    mp = month - 3 if month > 2 else month + 9
    doy = (153 * mp + 2) // 5 + day - 1
    doe = yoe * 365 + yoe // 4 - yoe // 100 + doy
    return era * 146097 + doe - 719468


@njit(cache=True, nogil=True)
def month_length(year: int, month: int) -> int:
    """Days in a month."""
    if month == 2:
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        return 29 if leap else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@njit(cache=True, nogil=True)
def clamped(month_index: int, day: int) -> int:
    """Day number of ``day`` in the month ``12 * year + month - 1``, or of that month's last day."""
    year = month_index // 12
    month = month_index % 12 + 1
    return day_number(year, month, min(day, month_length(year, month)))


@njit(cache=True, nogil=True)
def split(days: int) -> tuple[int, int]:
    """Month index ``12 * year + month - 1`` and day of the month."""
    year, month, day = civil(days)
    return year * 12 + month - 1, day


@njit(cache=True, nogil=True)
def length_of(month_index: int) -> int:
    """Days in the month with this index."""
    return month_length(month_index // 12, month_index % 12 + 1)


@njit(cache=True, nogil=True)
def months_between(start_month: int, start_day: int, end_month: int, end_day: int) -> int:
    """Whole months from one date to another (negative when the second is earlier)."""
    months = end_month - start_month
    # the length of the month matters only to days that some month lacks
    if end_day < start_day and (start_day <= 28 or end_day < min(start_day, length_of(end_month))):
        months -= 1
    return months


@njit(cache=True, nogil=True)
def completed_months(start: int, end: int) -> int:
    """Whole months from ``start`` to ``end`` (negative when ``end`` is earlier)."""
    start_month, start_day = split(start)
    end_month, end_day = split(end)
    return months_between(start_month, start_day, end_month, end_day)


@njit(cache=True, nogil=True)
def payments_before(first: int, first_month: int, first_day: int, end: int) -> int:
    """Number of payments dated before ``end``: monthly dates counted from ``first``, also given split."""
    if end <= first:
        return 0
    end_month, end_day = split(end)
    k = end_month - first_month
    paid_day = first_day if first_day <= 28 else min(first_day, length_of(end_month))
    return k + 1 if paid_day < end_day else k


@njit(cache=True, nogil=True)
def months_in_years(start_month: int, start_day: int, first_month: int, first_day: int) -> tuple[int, bool]:
    """Months M such that whole years from a start to payment k are ``(M + k) // 12``; dates given split.

    Payments fall monthly from the first. The second value is True for the one irregular case, a start on
    29 February with payments on the 28th: in February of a leap year the year is not yet complete.
    """
    months = first_month - start_month
    if start_day == 29 and start_month % 12 == 1:
        if first_day == 28:
            return months, True
        return (months - 1, False) if first_day < 28 else (months, False)
    if first_day < start_day and min(first_day, length_of(start_month)) < start_day:
        months -= 1
    return months, False


@njit(cache=True, nogil=True)
def pension_dates(sex: Int8, birth: Int32, since: Int32, age_months: Int32, steps: Int32, out: Int32) -> None:
    """First day on which the age reaches the pension age in force that day.

    By sex: ``since`` (2, p) first days of the schedule's steps, ascending, ``age_months`` (2, p), of which
    the first ``steps`` (2,) count; ``out`` (n,). Who reached the first step's age before the record begins
    gets the record's first day.
    """
    for i in range(birth.shape[0]):
        s = sex[i]
        year, month, day = civil(birth[i])
        base = year * 12 + month - 1
        for p in range(steps[s]):
            reached = max(clamped(base + age_months[s, p], day), since[s, p])
            if p + 1 == steps[s] or reached < since[s, p + 1]:
                out[i] = reached
                break


@njit(cache=True, nogil=True)
def birthdays(birth: Int32, years: Int32, out: Int32) -> None:
    """Date of the ``years[i]``-th birthday; ``years`` 0 leaves ``out[i]`` as it is."""
    for i in range(birth.shape[0]):
        if years[i] > 0:
            year, month, day = civil(birth[i])
            out[i] = clamped((year + years[i]) * 12 + month - 1, day)


@njit(cache=True, nogil=True)
def schedule(
    valuation: int,
    first: Int32,
    birth: Int32,
    start: Int32,
    certified_end: Int32,
    expected_end: Int32,
    certificate_end: Int32,
    first_certificate: Int32,
    no_date: int,
    sex: Int8,
    last_age_month: Int32,
    age: Int32,
    month: Int32,
    n_certified: Int32,
    part_certified: NDArray[np.float64],
    part_days: NDArray[np.int64],
    n_expected: Int32,
    part_expected: NDArray[np.float64],
    node: Int32,
    duration: Int32,
    duration_irregular: Int8,
    steps_before: Int32,
    first_step: Int32,
    index_irregular: Int8,
) -> None:
    """Put every record on the monthly grid of its own payments.

    Inputs (n,): dates; ``no_date`` in an end means "never", in ``certificate_end`` no review.
    ``last_age_month`` (2,) by sex is the first month of the table's last age: nobody is paid after it.
    Outputs (n,): ``age`` whole months at payment 0; ``month`` calendar months from the valuation's
    month to payment 0's; number of payments and the fraction of the last one, both measures,
    the certified one also in days (n, 2): numerator, denominator; ``node``
    first payment on or after the certificate's end (-1 = never) and ``duration`` months since the first
    certificate at it; anniversaries in (V, payment 0] and the payment of the next one.
    """
    valuation_month, valuation_day = split(valuation)
    for i in range(first.shape[0]):
        d0 = first[i]
        base, day = split(d0)
        birth_month, birth_day = split(birth[i])
        x = months_between(birth_month, birth_day, base, day)
        age[i] = x
        month[i] = base - valuation_month
        to_last = max(last_age_month[sex[i]] - x + 1, 1)
        part_days[i, 0] = 1
        part_days[i, 1] = 1
        n = to_last
        part = 1.0
        for measure in range(2):
            end = expected_end[i] if measure == 0 else certified_end[i]
            # most records have one end in both measures
            if measure == 0 or end != expected_end[i]:
                n = to_last
                part = 1.0
                if end != no_date:
                    paid = payments_before(d0, base, day, end)
                    if paid <= n:
                        n = paid
                        following = clamped(base + n, day)
                        if n > 0 and end < following:
                            last = clamped(base + n - 1, day)
                            part = (end - last) / (following - last)
                            part_days[i, 0] = end - last
                            part_days[i, 1] = following - last
                if measure == 1 and part == 1.0:
                    part_days[i, 0] = 1
                    part_days[i, 1] = 1
            if measure == 0:
                n_expected[i] = n
                part_expected[i] = part
            else:
                n_certified[i] = n
                part_certified[i] = part
        node[i] = -1
        duration[i] = 0
        duration_irregular[i] = 0
        if certificate_end[i] != no_date:
            node[i] = payments_before(d0, base, day, certificate_end[i])
            start_month, start_day = split(first_certificate[i])
            months, odd = months_in_years(start_month, start_day, base, day)
            duration[i] = months + node[i]
            duration_irregular[i] = 1 if odd else 0
        start_month, start_day = split(start[i])
        passed = max(months_between(start_month, start_day, base, day) // 12, 0)
        before = max(months_between(start_month, start_day, valuation_month, valuation_day) // 12, 0)
        steps_before[i] = passed - before
        months, odd = months_in_years(start_month, start_day, base, day)
        index_irregular[i] = 1 if odd else 0
        first_step[i] = 12 - months % 12


@njit(cache=True, nogil=True)
def ages(birth: Int32, when: Int32, out: Int32) -> None:
    """Completed months of age on a date, each (n,)."""
    for i in range(birth.shape[0]):
        out[i] = completed_months(birth[i], when[i])


@njit(cache=True, nogil=True)
def leap_anniversaries(first: int, counts: NDArray[np.int64]) -> None:
    """Anniversaries of 29 February up to payments on the 28th, from an arbitrary origin; ``counts`` (k,)."""
    y, m, _ = civil(first)
    base = y * 12 + m - 1
    for k in range(counts.shape[0]):
        year = (base + k) // 12
        month = (base + k) % 12 + 1
        # the anniversary of year Y falls on the last day of February: the 28th or, in leap years, the 29th
        reached = month > 2 or (month == 2 and month_length(year, 2) == 28)
        counts[k] = year if reached else year - 1
