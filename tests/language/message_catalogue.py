"""Gather the messages of the source, keep their translations, compile them.

``python tests/language/message_catalogue.py [FILE.json ...]`` brings ``actuarial/locale`` up to date:
messages that are new stand in the ``.po`` files without a translation, those that are gone leave, the ``.mo``
files are written. Translations in JSON files, ``{"message": {"ru": "…", "kk": "…"}}`` (plural: ``"one|many"``
and lists of forms), are taken over.

What is a message: the constant arguments of `text`, `said`, `counted` and ``message``; every constant with
words in `texts`; the message of an error that is raised; titles given to the parts of a report; helps and
docstrings of commands; titles, notes and acts of the shipped data (`DATA`).
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from inspect import cleandoc
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PACKAGES = "actuarial", "cli", "mortality", "tariffs"
LOCALE = ROOT / "actuarial" / "locale"
TRANSLATIONS = "ru", "kk"
CALLS = {"text", "said", "message"}
REFUSALS = {"BadParameter", "NotOnRecord", "_Refusal", "fail"}
PARTS = {
    "Amount", "Check", "Column", "Figure", "KeyFigure", "Page", "Section", "Sheet", "SheetChart", "Table",
}  # fmt: skip
"""Parts of a report: every text given to them is a message."""
WORDS_OF_PARTS = {"title", "subtitle", "note", "text", "label", "caption", "alt", "name"}
NOT_WORDS = {"text", "integer", "money", "number", "percent", "date", "column", "line", "bar"}
"""Kinds of columns and charts."""
CHARTS = {
    "line_chart", "bar_chart", "fan_chart", "histogram", "tornado", "heat_map", "waterfall", "pyramid",
}  # fmt: skip
WORDS_OF_CHARTS = {"title", "x_label", "y_label"}
DATA = {
    "actuarial/bases/*.yaml": ("note",),
    "actuarial/new_claim/models/*.yaml": ("note",),
    "actuarial/sample/book-synthetic/*.yaml": ("note",),
    "actuarial/stress/*.yaml": ("source",),
    "docs/example/*.yaml": ("note",),
    "actuarial/scenarios/*.yaml": ("title", "note", "source"),
    "tariffs/parameters/*.yaml": ("note", "reason", "unit", "act", "article"),
    "mortality/tables/*.csv": ("title", "note", "period", "source"),
}
"""Keys of shipped files whose values are shown."""
_MADE = datetime(2026, 11, 21, tzinfo=UTC)
"""The same messages must give the same bytes."""
_CODE = re.compile(r"[EW]?\d*|[a-z0-9_.\-]+|[A-Z0-9_|]+")
_PLACEHOLDER = re.compile(r"\{([a-z_]\w*)[^{}]*\}")


@dataclass
class Messages:
    """Messages in the order of the source: where each stands, its plural form."""

    places: dict[str, list[str]] = field(default_factory=dict)
    plurals: dict[str, str] = field(default_factory=dict)

    def add(self, message: str, place: str, many: str = "") -> None:
        """Take a message; one that has no letters is none."""
        if any(letter.isalpha() for letter in re.sub(r"\{[^{}]*\}", "", message)):
            self.places.setdefault(message, []).append(place)
            if many:
                self.plurals[message] = many


def source_messages() -> Messages:
    """All messages of the source."""
    found = Messages()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            _Reader(found, place).visit(ast.parse(path.read_text(encoding="utf-8")))
    for pattern, keys in DATA.items():
        for path in sorted(ROOT.glob(pattern)):
            for message in _under(_content(path), keys):
                found.add(message, path.relative_to(ROOT).as_posix())
    return found


def _content(path: Path) -> object:
    """A YAML file, or what the head of a table says of it."""
    if path.suffix == ".yaml":
        return YAML(typ="safe").load(path)
    head = (line[1:] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in head)}


def _under(data: object, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in keys and isinstance(value, str):
                yield value
            else:
                yield from _under(value, keys)
    elif isinstance(data, list):
        for value in data:
            yield from _under(value, keys)


def constant(node: ast.AST | None) -> str | None:
    """The string a node is; None for everything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


class _Reader(ast.NodeVisitor):
    def __init__(self, found: Messages, place: str) -> None:
        self._found, self._place = found, place

    def _add(self, message: str | None, many: str = "") -> None:
        if message:
            self._found.add(message, self._place, many)

    def visit_Call(self, node: ast.Call) -> None:
        name = called(node)
        first = constant(node.args[0]) if node.args else None
        if name in CALLS:
            self._add(first)
        elif name == "counted" and len(node.args) > 1:
            self._add(first, constant(node.args[1]) or "")
        elif name == "texts":
            for argument in node.args:
                self._all(argument)
        elif name.endswith("Error") or name in (
            "NotOnRecord",
            "UsageError",
            "BadParameter",
            "fail",
            "_Refusal",
        ):
            for argument in node.args:
                message = constant(argument)
                if message and " " in message:
                    self._add(message)
        elif name in PARTS and not self._place.startswith("actuarial/portfolio/"):  # columns of files there
            for argument in node.args:
                self._part(argument)
            for keyword in node.keywords:
                if keyword.arg in WORDS_OF_PARTS:
                    self._part(keyword.value)
        elif name in CHARTS:
            for keyword in node.keywords:
                if keyword.arg in WORDS_OF_CHARTS:
                    self._part(keyword.value)
        for keyword in node.keywords:
            if keyword.arg in ("help", "short_help", "epilog"):
                self._add(constant(keyword.value))
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if self._place.startswith("cli/") and any(
            isinstance(way, ast.Call) and called(way) in ("command", "group") for way in node.decorator_list
        ):
            self._add(cleandoc(ast.get_docstring(node) or ""))
        self.generic_visit(node)

    def _part(self, node: ast.AST) -> None:
        if isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                self._part(element)
        elif isinstance(node, ast.IfExp):
            self._part(node.body)
            self._part(node.orelse)
        else:
            message = constant(node)
            if message and message not in NOT_WORDS:
                self._add(message)

    def _all(self, node: ast.AST) -> None:
        if isinstance(node, ast.Dict):
            for value in node.values:
                self._all(value)
        elif isinstance(node, ast.Call) and called(node) in (*CALLS, "counted"):
            pass  # seen by itself
        elif isinstance(node, ast.Constant):
            message = constant(node)
            if message and (" " in message or not _CODE.fullmatch(message)):
                self._add(message)
        else:
            for inner in ast.iter_child_nodes(node):
                self._all(inner)


def placeholders(message: str) -> set[str]:
    """Names of the values of a message."""
    return set(_PLACEHOLDER.findall(message))


def po_path(code: str) -> Path:
    """The catalogue of a language."""
    return LOCALE / code / "LC_MESSAGES" / "actuarial.po"


def read_catalogue(code: str) -> Catalog:
    """The catalogue of a language as it stands."""
    path = po_path(code)
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str, found: Messages, given: dict[str, dict[str, object]]) -> Catalog:
    """The catalogue with the messages of the source, in their order, and the translations there are."""
    before = read_catalogue(code)
    after = Catalog(
        locale=code, project="actuarial", charset="utf-8", fuzzy=False,
        header_comment="# Messages of actuarial.",
        creation_date=_MADE, revision_date=_MADE,
        last_translator="", language_team="",
    )  # fmt: skip
    for message, places in found.places.items():
        many = found.plurals.get(message)
        known = before.get(message)
        string: object = known.string if known is not None else ""
        new = given.get(f"{message}|{many}" if many else message, {}).get(code)
        if new:
            string = tuple(new) if isinstance(new, list) else new
        if many and isinstance(string, str):
            string = ("",) * after.num_plurals
        elif not many and isinstance(string, tuple):
            string = string[0]
        where = [(place, None) for place in dict.fromkeys(places)]
        after.add((message, many) if many else message, string, locations=where)  # type: ignore[arg-type]
    return after


def po_bytes(catalogue: Catalog) -> bytes:
    """The catalogue as it is kept."""
    stream = BytesIO()
    write_po(stream, catalogue, width=110, omit_header=False, include_lineno=False)
    return stream.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """The catalogue as the program reads it."""
    stream = BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Messages without a translation."""
    return [
        str(entry.id)
        for entry in catalogue
        if entry.id and not (all(entry.string) if isinstance(entry.string, tuple) else entry.string)
    ]


def main() -> None:
    """Bring the catalogues up to date."""
    given: dict[str, dict[str, object]] = {}
    for name in sys.argv[1:]:
        for message, forms in json.loads(Path(name).read_text(encoding="utf-8")).items():
            given.setdefault(message, {}).update(forms)
    found = source_messages()
    for code in TRANSLATIONS:
        catalogue = updated(code, found, given)
        path = po_path(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_bytes(catalogue))
        path.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
        print(f"{code}: {len(found.places)} messages, {len(untranslated(catalogue))} without a translation")  # noqa: T201


if __name__ == "__main__":
    main()
