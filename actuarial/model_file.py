"""What readers of YAML files with assumptions say of a fault, in the same words everywhere."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


def yaml_fault(error: Exception) -> str:
    """Why a text is not YAML, in one line, with its place."""
    mark = getattr(error, "problem_mark", None)
    at = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{getattr(error, 'problem', None) or str(error).splitlines()[0]}{at}"


def key_problem(problem: Mapping[str, Any], known: Iterable[str]) -> str | None:
    """A key that is unknown, with the nearest known one, or missing; None where the value is the problem.

    ``problem`` is one of ``pydantic.ValidationError.errors()``.
    """
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
        return f"unknown key {key}" + (f" (did you mean {near[0]}?)" if near else "")
    return f"missing key {key}" if problem["type"] == "missing" else None
