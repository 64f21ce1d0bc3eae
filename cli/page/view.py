"""Templates of the page, filled in the language in force; every text is escaped."""

from __future__ import annotations

from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from actuarial.language import LANGUAGES, amount_text, day_text, language, number_text, said, said_if_message
from cli.page import word
from cli.page.job import Wording

_NO_BREAK = "\u00a0"


def rendered(template: str, **values: Any) -> str:
    """A template as HTML."""
    words = word.Words()
    return (
        _environment()
        .get_template(template)
        .render(
            word=words,
            named=partial(getattr, words),
            lang=language(),
            languages=LANGUAGES,
            names=word.LANGUAGE_NAMES,
            **values,
        )
    )


def asset(name: str) -> bytes:
    """A file that comes with the page."""
    return resources.files("cli.page").joinpath("asset", name).read_bytes()


def money(tiyn: int) -> str:
    """An amount that does not break over lines."""
    return amount_text(tiyn).replace(" ", _NO_BREAK)


def integer(n: int) -> str:
    """A count with thousands apart."""
    return number_text(n).replace(" ", _NO_BREAK)


def _shown(value: Any) -> Any:
    return value.said() if isinstance(value, Wording) else said_if_message(value)


@cache
def _environment() -> Environment:
    folder = resources.files("cli.page").joinpath("template")
    environment = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {"money": money, "integer": integer, "day": day_text, "said": said}
    return environment
