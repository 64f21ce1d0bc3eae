"""Whole outputs in Russian and Kazakh: no English is left in them, and what machines read is the same.

Two neighbouring words of small Latin letters are taken for English; names that are the same in every language
(columns of files, choices, shipped names) stand in `OURS`.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from cli.main import COMMANDS, root

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "actuarial" / "sample"
EXAMPLES = ROOT / "docs" / "example"
LANGUAGES = "ru", "kk"
Runs = dict[tuple[str, str], tuple[Path, Result]]
"""By command and language."""
ENGLISH = re.compile(r"(?<![\w./\-])[a-z]{2,}(?:[ ,:;]+[a-z]{2,})+(?![\w/\-])")
OURS = {
    *COMMANDS,
    "accidents", "actuarial", "annuities", "bash", "bashrc", "capped", "claims", "class", "contracts",
    "csv", "departments", "enterprises", "eval", "exp", "fish", "groups", "history", "html",
    "indicators", "json", "kz", "ln", "log", "max", "min", "oked", "output", "parquet", "parts", "pbgc",
    "positions", "powershell", "region", "results", "root", "sanatorium", "score", "sha", "show",
    "size", "source", "staff", "wpp", "xlsx", "yaml", "year", "zsh",
}  # fmt: skip
_BOOK = ["--contracts", str(SAMPLES / "book-synthetic")]


def commanded(language: str, *words: str) -> Result:
    """Run the program in a language."""
    return CliRunner().invoke(root, ["--lang", language, *words], standalone_mode=False)


class Words(HTMLParser):
    """What a reader sees of a page, alternative texts included."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag == "style"
        self.texts += [value for name, value in attrs if name in ("aria-label", "alt", "title") and value]

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.texts.append(data.strip())


def english(texts: list[str]) -> list[str]:
    """Texts in which English words are left."""
    left = []
    for text in texts:
        plain = re.sub(r"`[^`]*`|--[a-z-]+|\S*[_/\\]\S*|https?:\S+|https?\S*", "", text)
        for found in ENGLISH.findall(plain):
            words = set(re.findall("[a-z]+", found))
            if len(words - OURS) > 1:
                left.append(f"{found}  <-  {text[:120]}")
    return left


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first rows of the sample."""
    path = tmp_path_factory.mktemp("portfolio") / "annuities.csv"
    rows = (SAMPLES / "annuities-synthetic.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(rows[:301]), encoding="utf-8")
    return path


def arguments(portfolio: Path) -> dict[str, list[str]]:
    """A run of every command that writes a report."""
    valued = ["--portfolio", str(portfolio), "--valuation-date", "2026-01-01", "--basis", "illustrative-2026"]
    adequacy = SAMPLES / "book-synthetic" / "adequacy.yaml"
    return {
        "reserve": [*valued, "--company", "АО «Пример»"],
        "simulate": [*valued, "--scenarios", "100", "--seed", "1"],
        "stress": [*valued, "--scenarios", "all"],
        "premium": _BOOK,
        "fit": ["--history", str(SAMPLES / "history-synthetic.csv"), "--basis", "illustrative-2026"],
        "adequacy": [
            *_BOOK, "--basis", "illustrative-2026", "--valuation-date", "2026-01-01",
            "--assumptions", str(adequacy),
        ],
        "rating": [*_BOOK, "--assumptions", str(EXAMPLES / "rating.yaml")],
        "risk": [str(EXAMPLES / "plant"), "--assessment-date", "2026-01-15", "--scale", "1-5"],
    }  # fmt: skip


REPORTING = list(arguments(Path()))


@pytest.fixture(scope="module")
def runs(
    portfolio: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], tuple[Path, Result]]:
    """Every report in every language: its folder and what stood on the screen."""
    made = {}
    folder = tmp_path_factory.mktemp("runs")
    for name, words in arguments(portfolio).items():
        for language in LANGUAGES:
            target = folder / f"{name}-{language}"
            made[name, language] = target, commanded(language, name, *words, "--output", str(target))
    return made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REPORTING)
def test_no_english_is_left_in_a_report(runs: Runs, name: str, language: str) -> None:
    folder, done = runs[name, language]
    assert done.exception is None, done.output
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    assert english(Words(page).texts) == []
    book = load_workbook(folder / "report.xlsx", read_only=True)
    cells = [
        value
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if isinstance(value, str)
    ]
    assert english([*book.sheetnames, *dict.fromkeys(cells)]) == []
    assert english(done.output.splitlines()) == []


@pytest.mark.parametrize("name", REPORTING)
def test_machines_read_the_same_in_every_language(runs: Runs, name: str) -> None:
    first, second = (runs[name, language][0] for language in LANGUAGES)
    files = {path.name for path in first.iterdir()}
    assert files == {path.name for path in second.iterdir()}
    for file in files - {"report.html", "report.xlsx", "checks.xlsx", "run.log", "run.json"}:
        assert (first / file).read_bytes() == (second / file).read_bytes(), file
    assert not re.search(
        "[а-яәіңғүұқөһ]{3}", re.sub('"[^"]*Пример[^"]*"', "", (first / "run.log").read_text("utf-8"))
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_speaks_the_language(name: str, language: str) -> None:
    done = commanded(language, *([name] if name else []), "--help")
    assert done.exit_code == 0
    assert english(done.output.splitlines()) == []
