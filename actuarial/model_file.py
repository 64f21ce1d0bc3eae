"""What readers of YAML files with assumptions say of a fault, in the same words everywhere."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from actuarial.language import Text, text, texts

VALUE_WORDS: Final[Mapping[str, tuple[str, ...]]] = texts(
    {
        "bool_type": ("Input should be a valid boolean",),
        "date_from_datetime_inexact": (
            "Datetimes provided to dates should have zero time - e.g. be exact dates",
        ),
        "date_type": ("Input should be a valid date",),
        "dict_type": ("Input should be a valid dictionary",),
        "finite_number": ("Input should be a finite number",),
        "float_type": ("Input should be a valid number",),
        "greater_than": ("Input should be greater than {least}",),
        "greater_than_equal": ("Input should be greater than or equal to {least}",),
        "int_from_float": ("Input should be a valid integer, got a number with a fractional part",),
        "int_type": ("Input should be a valid integer",),
        "less_than": ("Input should be less than {most}",),
        "less_than_equal": ("Input should be less than or equal to {most}",),
        "list_type": ("Input should be a valid list",),
        "literal_error": ("Input should be {some} or {last}", "Input should be {only}"),
        "model_type": ("Input should be a valid dictionary or instance of {kind}",),
        "string_too_short": (
            "String should have at least {least} character",
            "String should have at least {least} characters",
        ),
        "string_type": ("Input should be a valid string",),
        "too_long": (
            "List should have at most {most} item after validation, not {found}",
            "List should have at most {most} items after validation, not {found}",
        ),
        "too_short": (
            "List should have at least {least} item after validation, not {found}",
            "List should have at least {least} items after validation, not {found}",
        ),
        "tuple_type": ("Input should be a valid tuple",),
    }
)
"""Wording of pydantic by type of error: those that a file of ours can meet."""
YAML_WORDS: Final[tuple[str, ...]] = texts(
    (
        "could not determine a constructor for the tag {tag}",
        "could not find expected ':'",
        "did not find expected key",
        "expected <block end>, but found {found}",
        "expected ',' or ']', but got {found}",
        "expected ',' or '}}', but got {found}",
        "expected a single document in the stream",
        "expected the node content, but found {found}",
        "found character {found} that cannot start any token",
        "found duplicate key {key} with value {value} (original value: {original})",
        "found undefined alias {alias}",
        "found unexpected document separator",
        "found unexpected end of stream",
        "found unhashable key",
        "found unknown escape character {found}",
        "mapping keys are not allowed here",
        "mapping values are not allowed here",
        "sequence entries are not allowed here",
        "special characters are not allowed",
    )
)
"""Wording of ruamel.yaml: the faults that hands make."""


def yaml_fault(error: Exception) -> Text:
    """Why a text is not YAML, in one line, with its place."""
    mark, fault = getattr(error, "problem_mark", None), yaml_problem(error)
    if not mark:
        return fault
    return text(
        "{fault} at line {line}, column {column}", fault=fault, line=mark.line + 1, column=mark.column + 1
    )


def yaml_problem(error: Exception) -> Text:
    """Why a text is not YAML, without its place."""
    return _known(getattr(error, "problem", None) or str(error).splitlines()[0], YAML_WORDS)


def key_problem(problem: Mapping[str, Any], known: Iterable[str]) -> Text | None:
    """A key that is unknown, with the nearest known one, or missing; None where the value is the problem.

    ``problem`` is one of ``pydantic.ValidationError.errors()``.
    """
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
        if near:
            return text("unknown key {key} (did you mean {near}?)", key=key, near=near[0])
        return text("unknown key {key}", key=key)
    return text("missing key {key}", key=key) if problem["type"] == "missing" else None


def value_problem(problem: Mapping[str, Any]) -> Text:
    """What is wrong with a value: pydantic's words, or those of the check of ours that refused it.

    ``problem`` is one of ``pydantic.ValidationError.errors()``. A check of ours raises ``ValueError`` with a
    message that is a `Text`; pydantic's "Value error, " before it is left out.
    """
    if problem["type"] == "value_error":
        return text("{error}", error=problem["ctx"]["error"])
    return _known(problem["msg"], VALUE_WORDS.get(problem["type"], ()))


def _known(wording: str, templates: Iterable[str]) -> Text:
    """A message of a library as one of ours; as it is where we have no such template."""
    for template in templates:
        found = _pattern(template).fullmatch(wording)
        if found:
            return text(template, **found.groupdict())
    return text("{wording}", wording=wording)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    plain = template.replace("{{", "{").replace("}}", "}")
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(plain)), re.DOTALL)
