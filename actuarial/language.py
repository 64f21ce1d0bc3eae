"""What a reader sees in Russian, Kazakh or English: messages that remember how they were made.

English is the source, and what the library, ``run.json``, CSV and every other machine output speak. A message
made during the computation is a `Text`: an English string that still knows its template and values. Only the
edge (screen, page, workbook) calls `said`, which gives it in the language in force.

Translations are gettext catalogues under ``actuarial/locale``; ``tests/language/message_catalogue.py``
gathers the messages of the source and compiles them.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

LANGUAGES: Final = ("en", "ru", "kk")
SOURCE: Final = "en"
DOMAIN: Final = "actuarial"
LOCALE: Final = Path(__file__).parent / "locale"
DECIMAL_SIGN: Final[Mapping[str, str]] = {"en": ".", "ru": ",", "kk": ","}
"""CLDR for Russian and Kazakh; English as the international system of units writes numbers."""
GROUP_SIGN: Final = " "
"""Between groups of three digits in every language; reports make it a no-break space."""
DAY_FORMAT: Final[Mapping[str, str]] = {"en": "%Y-%m-%d", "ru": "%d.%m.%Y", "kk": "%d.%m.%Y"}

_T = TypeVar("_T")
_asked: ContextVar[str | None] = ContextVar("language", default=None)
_of_process = SOURCE


class LanguageError(ValueError):
    """A language there is no translation to (E8110)."""

    code = "E8110"


def language() -> str:
    """Code of the language in force: en, ru or kk."""
    return _asked.get() or _of_process


def use_language(code: str) -> None:
    """Speak this language in the whole process; programs call it once, at their start.

    Raises
    ------
    LanguageError
        E8110 another code than en, ru or kk.
    """
    global _of_process
    _of_process = _checked(code)


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Speak this language inside the block, in this thread or task only.

    Raises
    ------
    LanguageError
        E8110 another code than en, ru or kk.

    Examples
    --------
    >>> with spoken("ru"):
    ...     day_text(date(2026, 1, 31))
    '31.01.2026'
    """
    token = _asked.set(_checked(code))
    try:
        yield
    finally:
        _asked.reset(token)


def _checked(code: str) -> str:
    if code not in LANGUAGES:
        raise LanguageError(
            text("no language {code}; there are {known}", code=repr(code), known=", ".join(LANGUAGES))
        )
    return code


class Text(str):
    """An English message that remembers its template and values, to be said in another language."""

    template: str
    values: Mapping[str, Any]

    def said(self) -> str:
        """The message in the language in force."""
        return filled(self.template, self.values)

    def changed(self, change: Callable[[str], str]) -> Text:
        """The same message with its values changed, such as masked; its own words stay."""
        return _text(self.template, {name: _changed(value, change) for name, value in self.values.items()})

    def __reduce__(self) -> tuple[Any, ...]:
        return _text, (self.template, dict(self.values))


class _Counted(Text):
    """A message with plural forms."""

    many: str
    n: int

    def said(self) -> str:
        if language() == SOURCE:
            return str(self)
        form = _catalogue(language()).ngettext(self.template, self.many, self.n)
        return _format(form, self.values)

    def changed(self, change: Callable[[str], str]) -> Text:
        values = {name: _changed(value, change) for name, value in self.values.items()}
        return _counted(self.template, self.many, self.n, values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _counted, (self.template, self.many, self.n, dict(self.values))


class _Joined(Text):
    """Messages one after another."""

    items: tuple[Any, ...]

    def said(self) -> str:
        return self.template.join(map(said, self.items))

    def changed(self, change: Callable[[str], str]) -> Text:
        return joined([_changed(item, change) for item in self.items], self.template)

    def __reduce__(self) -> tuple[Any, ...]:
        return joined, (self.items, self.template)


class _Figure(Text):
    """A number; the template is what it is, ``decimal`` and ``unit``."""

    def said(self) -> str:
        return str(self).replace(".", DECIMAL_SIGN[language()])

    def changed(self, change: Callable[[str], str]) -> Text:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _figure, (str(self),)


def text(template: str, **values: Any) -> Text:
    """Make a message.

    Parameters
    ----------
    template : str
        English, with ``{name}`` for each value.
    **values
        Messages and errors are translated with the whole, dates are written as the language writes them,
        everything else stands as it is.

    Examples
    --------
    >>> text("no table {name} on {day}", name="kz", day=date(2026, 1, 31))
    'no table kz on 2026-01-31'
    """
    return _text(template, values)


def _text(template: str, values: Mapping[str, Any]) -> Text:
    made = Text(template.format_map(values) if values else template)
    made.template, made.values = template, values
    return made


def counted(one: str, many: str, *, n: int, **values: Any) -> Text:
    """Make a message that depends on a number.

    Examples
    --------
    >>> counted("{n} row", "{n} rows", n=1), counted("{n} row", "{n} rows", n=7)
    ('1 row', '7 rows')
    """
    return _counted(one, many, n, {"n": n, **values})


def _counted(one: str, many: str, n: int, values: Mapping[str, Any]) -> Text:
    made = _Counted((one if n == 1 else many).format_map(values))
    made.template, made.many, made.n, made.values = one, many, n, values
    return made


def joined(items: Iterable[Any], separator: str = ", ") -> Text:
    """Messages in a row as one message."""
    parts = tuple(items)
    made = _Joined(separator.join(map(str, parts)))
    made.template, made.items, made.values = separator, parts, {}
    return made


def texts(data: _T) -> _T:
    """Mark a table of wording: every English string in it is a message. Gives the table back as it is."""
    return data


def said(message: object) -> str:
    """What the reader sees: a message, an error or a constant wording in the language in force.

    A string that is in no catalogue, such as a name from a file, is given back as it is: call this for
    wording of ours only.
    """
    if isinstance(message, Text):
        return message.said()
    if is_message(message):
        return filled(message.template, message.values)  # type: ignore[attr-defined]
    if isinstance(message, BaseException) and len(message.args) == 1 and is_message(message.args[0]):
        return said(message.args[0])
    return _looked_up(str(message))


def is_message(value: object) -> bool:
    """Whether a value knows its template: a `Text`, or a ``Message`` of ``tariffs`` or ``mortality``."""
    return isinstance(value, str) and hasattr(value, "template")


def said_if_message(value: object) -> object:
    """A message in the language in force; everything else, above all data of the user, as it is."""
    return said(value) if is_message(value) else value


def message_of(error: BaseException) -> Text:
    """The message of an error, to be kept without the error; words that are not ours stand as they are."""
    first: Any = error.args[0] if len(error.args) == 1 else str(error)
    return _as_text(first) if is_message(first) else text(str(first))


def _as_text(message: Any) -> Text:
    """A ``Message`` of ``tariffs`` or ``mortality`` as one of ours."""
    return message if isinstance(message, Text) else _text(message.template, message.values)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, BaseException):
        value = message_of(value)
    if is_message(value):
        value = _as_text(value)
    return change(value) if isinstance(value, str) else value


def filled(template: str, values: Mapping[str, Any]) -> str:
    """The translated template with its values in the language in force."""
    return _format(_looked_up(template), values)


def _format(template: str, values: Mapping[str, Any]) -> str:
    if not values:
        return template
    return template.format_map({name: _shown(value) for name, value in values.items()})


def _shown(value: Any) -> Any:
    if is_message(value) or isinstance(value, BaseException):
        return said(value)
    if type(value) is date:
        return _Day(value.year, value.month, value.day)
    return _Number(value) if isinstance(value, float | Decimal) else value


class _Number:
    """A number that follows the language where the template formats it; standing bare, it is as given."""

    def __init__(self, value: float | Decimal) -> None:
        self._value = value

    def __repr__(self) -> str:
        return repr(self._value)

    def __format__(self, form: str) -> str:
        written = format(self._value, form)
        return written.replace(",", GROUP_SIGN).replace(".", DECIMAL_SIGN[language()]) if form else written


class _Day(date):
    """A date that writes itself as the language does."""

    def __str__(self) -> str:
        return day_text(self)

    def __format__(self, form: str) -> str:
        return super().__format__(form) if form else day_text(self)


def _looked_up(source: str) -> str:
    # an empty message is the header of the catalogue
    if not source or language() == SOURCE:
        return source
    return _catalogue(language()).gettext(source)


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, languages=[code])


def day_text(day: date) -> str:
    """A date as the language writes it."""
    form = DAY_FORMAT[language()]
    # strftime drops the zeros of years before 1000 on some systems; dates here have four digits
    return day.strftime(form)


def number_text(value: float | Decimal | int, places: int = 0) -> str:
    """A number with thousands apart and this many decimals, rounded half-up.

    Examples
    --------
    >>> number_text(1234567.125, 2)
    '1 234 567.13'
    >>> with spoken("ru"):
    ...     number_text(1234.5, 1)
    '1 234,5'
    """
    return number(value, places).said()


def amount_text(tiyn: int) -> str:
    """Whole tiyn as tenge with two decimals and thousands apart."""
    return amount(tiyn).said()


def percent_text(fraction: float | Decimal, places: int = 1) -> str:
    """A fraction in percent."""
    return percent(fraction, places).said()


def number(value: float | Decimal | int, places: int = 0) -> Text:
    """A number as a message; see `number_text`."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return _figure(f"{abs(rounded) if rounded.is_zero() else rounded:,f}".replace(",", GROUP_SIGN))


def amount(tiyn: int) -> Text:
    """An amount of money [tiyn] as a message, in tenge; see `amount_text`."""
    return number(Decimal(int(tiyn)).scaleb(-2), 2)


def percent(fraction: float | Decimal, places: int = 1) -> Text:
    """A fraction as a message, in percent; see `percent_text`."""
    exact = fraction if isinstance(fraction, Decimal) else Decimal(str(fraction))
    return _figure(f"{number(exact * 100, places)} %")


def digits(value: float | Decimal, form: str) -> Text:
    """A number of a formula as a message: what `format` makes of it, with the decimal sign of the language.

    Examples
    --------
    >>> with spoken("ru"):
    ...     digits(0.5, "g").said()
    '0,5'
    """
    return _figure(format(value, form))


def _figure(written: str) -> Text:
    made = _Figure(written)
    made.template, made.values = written, {}
    return made
