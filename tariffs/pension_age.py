"""The day a person reaches pension age, on the schedule of ages in the law."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from tariffs.dated import NotOnRecord
from tariffs.law import parameter

_PARAMETER_OF_SEX = {"male": "pension_age_men", "female": "pension_age_women"}
_MONTHS_IN_YEAR = 12


def _months_later(day: date, months: int) -> date:
    """Return the same day `months` later; a day that month lacks is its last day."""
    years, month = divmod(day.month - 1 + months, _MONTHS_IN_YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def pension_date(sex: str, birth_date: date) -> date:
    """Return the first day on which the age is at least the pension age in force on that day.

    Social Code art 207 raises the age of women in steps, on 1 January of a year, by half a year: who
    has not reached the old age before the step waits for the new one. Half a year is 6 months.

    Parameters
    ----------
    sex : {'male', 'female'}
    birth_date : date

    Returns
    -------
    date
        For a person who was past the age when the record starts, the first day of the record: the
        schedule before it is not known, and the person is of pension age on every day on record.

    Raises
    ------
    ValueError
        The sex is not one of the two.
    NotOnRecord
        The date lies after the last age on record.

    Examples
    --------
    >>> pension_date("female", date(1967, 1, 1))
    datetime.date(2028, 7, 1)
    """
    if sex not in _PARAMETER_OF_SEX:
        raise ValueError(f"sex is {sex!r}; the pension age is on record for male and female")
    ages = parameter(_PARAMETER_OF_SEX[sex])
    for entry in ages.entries:
        reached = max(entry.start, _months_later(birth_date, int(entry.value * _MONTHS_IN_YEAR)))
        if entry.end is None or reached < entry.end:
            return reached
    raise NotOnRecord(
        "the pension date of a {sex} born on {birth_date} is after {last_day}, where "
        "{file} ends. Add the later ages with act, article and evidence to that file.",
        sex=sex,
        birth_date=birth_date,
        last_day=ages.entries[-1].last_day,
        file=ages.file,
    )
