"""The libraries of the page, which come with the extra ``serve``."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from actuarial.error import ActuarialError

LIBRARIES = ("starlette", "uvicorn")


class ServeError(ActuarialError):
    """A page that cannot be opened (E850x)."""


def refuse_missing_extra() -> None:
    """Refuse to go on without the libraries of the page.

    Raises
    ------
    ServeError
        E8501.
    """
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise ServeError(
            "E8501",
            "the local page needs {missing}, which the extra `serve` brings: "
            "{python} -m pip install 'actuarial[serve]'",
            missing=", ".join(missing),
            python=sys.executable,
        )
