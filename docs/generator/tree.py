"""The written pages of one language, brought into the source tree of the site."""

from __future__ import annotations

import posixpath
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from markdown import page, raw, toctree
from wording import LANGUAGES, Wording

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FURTHER = {"changelog": ROOT / "CHANGELOG.md", "benchmark": ROOT / "benchmarks" / "README.md"}
"""Pages that stand elsewhere, written in English."""
LEAD = (
    "Reserves of injured workers and their families, premiums, payouts, simulation and stress tests: by the "
    "law in force on each date, to the tiyn, with the act and article behind every figure."
)
REFERENCE = {
    "reference/law/index": "What does the law say on a day, and where was it read?",
    "reference/mortality/index": "What is in a mortality table, and whose is it?",
    "reference/scenario": "Which scenarios are shipped, how large are they?",
    "reference/basis-key": "Which keys does a basis have, within which bounds?",
    "reference/command/index": "Which commands and options are there?",
    "reference/code/index": "What does a code such as E2101 mean, what do I do?",
    "reference/api/index": "Which names are there in Python?",
}
"""Generated pages of the first page, with the question each answers."""
_FENCED = re.compile(r"(^```.*?^```[^\n]*$)", flags=re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(`+[^`]*`+)|\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"(`+[^`]*`+|\[[^\]]*\]\([^)]*\)|^#.*$)|\b([EW]\d{4})\b", flags=re.MULTILINE)
_HEADING = re.compile(r"^## (.*)$", flags=re.MULTILINE)


class PageError(ValueError):
    """A page that cannot be brought into the site."""


@dataclass(frozen=True)
class WrittenPages:
    """The pages of `docs/` in one language, with the other one where a page has a single file.

    Attributes
    ----------
    language : str
    codes : mapping of str to str
        Page of each code of a finding or error.
    """

    language: str
    codes: dict[str, str]

    @cached_property
    def files(self) -> dict[str, Path]:
        """File of each page, by name without ending."""
        found: dict[str, dict[str, Path]] = {}
        for path in sorted(DOCS.glob("*.md")):
            name, language = named(path)
            found.setdefault(name, {})[language] = path
        return {
            **{name: of.get(self.language, of[LANGUAGES[0]]) for name, of in found.items()},
            **FURTHER,
        }

    def write(self, folder: Path, words: Wording) -> None:
        """Write every page and the files they point to."""
        for name, path in self.files.items():
            text = path.read_text(encoding="utf-8")
            text = self._index(text, words) if name == "index" else without_switch(text)
            if name in FURTHER and self.language != "en":
                title, _, rest = text.partition("\n")
                text = f"{title}\n\n*{words.say('This page is kept in English.')}*\n{rest}"
            (folder / f"{name}.md").write_text(self._linked(text, path, folder), encoding="utf-8")

    def _index(self, text: str, words: Wording) -> str:
        """The first page: a card of questions for each section, and the navigation."""
        text = without_switch(text)
        cards, trees, listed = [], [], ["index"]
        pieces = _HEADING.split(text)
        for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
            rows = [row for row in questions(body) if self._name_of(row.target) not in (None, *listed)]
            listed += [str(self._name_of(row.target)) for row in rows]
            cards.append(_card(title, [(row.question, f"{self._name_of(row.target)}.html") for row in rows]))
            entries = [
                f"{row.label[:1].upper()}{row.label[1:]} <{self._name_of(row.target)}>" for row in rows
            ]
            trees.append(toctree(entries, title))
        unlisted = sorted(set(self.files) - set(listed) - set(FURTHER))
        if unlisted:
            raise PageError(f"docs/index.md: no section lists {', '.join(unlisted)}")
        reference = [(words.say(question), f"{name}.html") for name, question in REFERENCE.items()]
        cards.append(_card(words.say("Reference"), reference))
        trees.append(toctree([*REFERENCE, *(n for n in FURTHER if n not in listed)], words.say("Reference")))
        closing = pieces[-1].rpartition("|\n")[2].strip()
        return page(
            f"# {words.say('Actuarial engine for accident insurance in Kazakhstan')}",
            words.say(LEAD),
            raw(f'<div class="cards">{"".join(cards)}</div>'),
            closing,
            *trees,
        )

    def _name_of(self, target: str) -> str | None:
        path = (DOCS / target.partition("#")[0]).resolve()
        if path.parent == DOCS and path.suffix == ".md":
            return named(path)[0]
        return next((name for name, file in FURTHER.items() if file == path), None)

    def _linked(self, text: str, path: Path, folder: Path) -> str:
        """The text with links that hold in the tree."""
        pieces = _FENCED.split(text)
        for n in range(0, len(pieces), 2):
            linked = _LINK.sub(lambda found: self._link(found, path, folder), pieces[n])
            pieces[n] = _CODE.sub(self._code, linked)
        return "".join(pieces)

    def _code(self, found: re.Match[str]) -> str:
        code = found[2]
        if code is None or code not in self.codes:
            return found[0]
        return f"[{code}]({self.codes[code]}.md#{code.lower()})"

    def _link(self, found: re.Match[str], path: Path, folder: Path) -> str:
        if found[1] is not None:
            return found[0]
        label, target = found[2], found[3]
        place, mark, anchor = target.partition("#")
        if "://" in target or not place:
            return found[0]
        real = (path.parent / place).resolve()
        if real.suffix == ".md":
            name = next((name for name, file in FURTHER.items() if file == real), None) or named(real)[0]
            language = named(real)[1]
            if name not in self.files:
                raise PageError(f"{path.name}: no page {target}")
            if language != self.language and name not in FURTHER and self.files[name] != real:
                return f'<a hreflang="{language}" href="../{language}/{name}.html{mark}{anchor}">{label}</a>'
            return f"[{label}]({name}.md{mark}{anchor})"
        if not real.is_file():
            raise PageError(f"{path.name}: no file {target}")
        copy = posixpath.join("file", real.relative_to(ROOT).as_posix())
        (folder / copy).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(real, folder / copy)
        return f"[{label}]({copy})"


def named(path: Path) -> tuple[str, str]:
    """Name and language of a page by its file."""
    name, _, language = path.stem.partition(".")
    return name, language or "en"


def without_switch(text: str) -> str:
    """The text without the links to the other language and to the list: every page of the site has them."""
    return re.sub(
        r"\A(# .*\n\n)((?:\[[^\]]*\]\([^)]*\)(?: · )?)+)\n",
        lambda found: found[1] + _kept(found[2]),
        text,
    )


def _kept(line: str) -> str:
    links = [link for link in line.split(" · ") if not re.search(r"\]\(index(\.ru)?\.md\)", link)]
    links = [link for link in links if not link.startswith(("[Русский]", "[English]"))]
    return f"{' · '.join(links)}\n" if links else ""


@dataclass(frozen=True)
class Question:
    """A row of the first page."""

    question: str
    label: str
    target: str


def questions(body: str) -> list[Question]:
    """The rows of the tables of a section."""
    found = []
    for line in body.splitlines():
        row = re.match(r"\| (.*?) \| \[([^\]]*)\]\(([^)\s]+)\)", line)
        if row:
            found.append(Question(*row.groups()))
    return found


def _card(title: str, links: list[tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="{target}">{escape(question)}</a></li>' for question, target in links)
    return f"<section><h2>{escape(title)}</h2><ul>{items}</ul></section>"
