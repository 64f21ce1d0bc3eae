"""The language of a call: ours, that of click's own words, and that of the processes it starts."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager

from actuarial.language import DOMAIN, LOCALE, language, use_language


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak this language inside the block, in this process and those it starts."""
    before = language()
    use_language(code)
    try:
        with _environment("ACTUARIAL_LANG", code), click_spoken():
            yield
    finally:
        use_language(before)


@contextmanager
def click_spoken() -> Iterator[None]:
    """Let click say its own words in the language in force inside the block.

    click asks gettext of the standard library, which goes by the environment and by a domain of the process.
    """
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    before = gettext.textdomain()
    gettext.textdomain(DOMAIN)
    try:
        with _environment("LANGUAGE", language()):
            yield
    finally:
        gettext.textdomain(before)


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
