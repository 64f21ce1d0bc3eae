"""Page of every key of a basis, from the model that reads it."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from markdown import code, page, plain, table
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from wording import Wording

from actuarial.basis import basis_names, load_basis

PAGE = "reference/basis-key.md"
_BOUNDS = (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"))
_PLAIN = {float: "number", int: "whole number", str: "text", bool: "yes or no"}


def write_basis_keys(folder: Path, words: Wording) -> None:
    """Write the page."""
    say = words.say
    shipped = {name: load_basis(name).assumptions for name in basis_names()}
    model = type(next(iter(shipped.values())))
    values = {name: assumptions.model_dump(mode="json") for name, assumptions in shipped.items()}
    headings = [say(h) for h in ("key", "kind", "bounds", "default")] + [code(name) for name in values]
    parts = [
        f"# {say('Every key of a basis')}",
        f"{plain(say('The keys as the program reads them; a key that is not here is refused (E4003).'))} "
        f"[{say('What the assumptions mean')}](../basis.md).",
    ]
    for section, field in model.model_fields.items():
        rows = [
            [
                code(path),
                _kind(one.annotation, words),
                plain(_bounds(one)),
                _default(one, words),
                *(_shown(_at(content, path)) for content in values.values()),
            ]
            for path, one in _leaves(section, field)
        ]
        parts.append(f"## {code(section)}")
        inner = _model(field.annotation)
        if inner is not None:
            text = say(inspect.getdoc(inner) or "")
            parts.append(text.replace("``", "`"))
        parts.append(table(headings, rows))
    (folder / PAGE).parent.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(page(*parts), encoding="utf-8")


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(member for member in get_args(annotation) if member is not type(None))
    return (annotation,)


def _model(annotation: Any) -> type[BaseModel] | None:
    for member in _members(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            return member
    return None


def _leaves(path: str, field: FieldInfo) -> Iterator[tuple[str, FieldInfo]]:
    inner = _model(field.annotation)
    if inner is None:
        yield path, field
        return
    for name, one in inner.model_fields.items():
        yield from _leaves(f"{path}.{name}", one)


def _kind(annotation: Any, words: Wording) -> str:
    kinds = []
    for member in _members(annotation):
        origin = get_origin(member)
        if origin is Literal:
            kinds += [code(choice) for choice in get_args(member)]
        elif origin is list:
            kinds.append(words.say("list"))
        elif origin is dict:
            kinds.append(words.say("mapping"))
        else:
            kinds.append(words.say(_PLAIN[member]))
    return ", ".join(kinds)


def _bounds(field: FieldInfo) -> str:
    found = [
        f"{sign} {getattr(item, name):g}"
        for item in field.metadata
        for name, sign in _BOUNDS
        if getattr(item, name, None) is not None
    ]
    return ", ".join(found)


def _default(field: FieldInfo, words: Wording) -> str:
    if field.is_required():
        return words.say("required")
    if field.default in (None, PydanticUndefined):
        return "–"
    return code(field.default)


def _at(content: Any, path: str) -> Any:
    for key in path.split("."):
        if content is None:
            return None
        content = content[key]
    return content


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, (list, dict)):
        return "…"
    if isinstance(value, str) and len(value) > 40:
        return "…"
    return code(value)
