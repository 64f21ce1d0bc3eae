"""Build the documentation: ``python docs/generator/build.py [FOLDER]``, ``site/`` if none is named.

Two trees, `en` and `ru`, with the same pages: those of `docs/` and those generated from the law, the tables,
the scenarios, the basis, the commands, the codes and the Python names. Every warning of Sphinx, every link
that leads nowhere and every request to elsewhere is an error; the old site stays until the new one is right.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]

from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.mofile import write_mo  # noqa: E402
from check import problems  # noqa: E402
from wording import LANGUAGES, Wording  # noqa: E402

SCREEN_WORDS = (
    "Skip to content", "Back to top", "On this page", "Made with ", "Next", "Previous", "Home", "Search",
    "Toggle Light / Dark / Auto color theme", "View this page",
)  # fmt: skip
"""Words of the theme; Sphinx brings its own."""
_EPOCH = "1763683200"


class BuildError(RuntimeError):
    """The site is not right; the old one stays."""


def main() -> None:
    """Build and say how long it took."""
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "site"
    started = perf_counter()
    try:
        n_pages = build(target)
    except BuildError as error:
        sys.exit(f"the site was not built:\n{error}")
    sys.stdout.write(f"{target}: {n_pages} pages, {perf_counter() - started:.1f} s\n")


def build(target: Path) -> int:
    """Build the site into the folder `target`, replacing an earlier one, and return the number of pages.

    Raises
    ------
    BuildError
        With every warning and every problem found, or if the folder holds something else than a site.
    """
    if target.exists() and any(target.iterdir()) and not (target / LANGUAGES[0] / "searchindex.js").exists():
        raise BuildError(f"{target} holds something else than a site: name a new folder")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        site = work / "site"
        jobs = [_sphinx(work, site, language) for language in LANGUAGES]
        said = [
            (language, *job.communicate(), job.returncode)
            for language, job in zip(LANGUAGES, jobs, strict=True)
        ]
        failed = [f"{language}: {out}{err}" for language, out, err, code in said if code or err.strip()]
        if failed:
            raise BuildError("\n".join(failed).replace(str(work), ""))
        shutil.copyfile(HERE / "theme" / "index.html", site / "index.html")
        for rest in (*site.rglob(".buildinfo*"), *site.rglob("*.map")):
            rest.unlink()
        found = problems(site)
        if found:
            raise BuildError("\n".join(found))
        n_pages = len(list(site.rglob("*.html")))
        fresh = target.with_name(f"{target.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(site, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return n_pages


def stage(folder: Path, language: str) -> Wording:
    """Write the source tree of one language.

    Raises
    ------
    BuildError
        Wording of a page without a translation.
    """
    from api_page import write_api
    from basis_page import write_basis_keys
    from code_page import code_pages, write_codes
    from command_page import write_commands
    from law_page import write_law
    from scenario_page import write_scenarios
    from table_page import write_tables
    from tree import WrittenPages

    words = Wording(language)
    folder.mkdir(parents=True)
    WrittenPages(language, code_pages()).write(folder, words)
    for write in (
        write_law,
        write_tables,
        write_scenarios,
        write_basis_keys,
        write_codes,
        write_commands,
        write_api,
    ):
        write(folder, words)
    _theme_words(folder.parent / f"locale-{language}" / language / "LC_MESSAGES", words)
    if words.missing:
        lines = "\n".join(f"  {english}" for english in sorted(words.missing))
        raise BuildError(f"docs/generator/russian.yaml has no\n{lines}")
    return words


def _theme_words(folder: Path, words: Wording) -> None:
    folder.mkdir(parents=True)
    catalogue = Catalog(locale=words.language)
    for english in SCREEN_WORDS:
        catalogue.add(english, words.say(english.strip()) + (" " if english.endswith(" ") else ""))
    with (folder / "sphinx.mo").open("wb") as file:
        write_mo(file, catalogue)


def _sphinx(work: Path, site: Path, language: str) -> subprocess.Popen[str]:
    """Start a process that stages and builds one tree: the two run side by side."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": _EPOCH, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    arguments = [sys.executable, str(HERE / "build_tree.py"), str(work), str(site), language]
    return subprocess.Popen(
        arguments, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


if __name__ == "__main__":
    main()
