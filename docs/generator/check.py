"""What must hold of the built site: links lead somewhere, nothing comes from elsewhere, both languages."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {
    "script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data",
    "embed": "src", "video": "src", "audio": "src", "use": "href", "image": "href", "form": "action",
}  # fmt: skip
"""Attributes whose target the browser fetches or sends to."""
_STYLE = re.compile(r"""(?:url\(|@import\s+)["']?\s*((?:https?:)?//[^"')\s]+)""", flags=re.IGNORECASE)
_SCRIPT = re.compile(
    r"""(?:fetch|importScripts|import|open|EventSource|WebSocket|sendBeacon)\s*\(\s*["'`](?:https?:|wss?:)?//"""
    r"""|\.(?:src|href)\s*=\s*["'`](?:https?:)?//"""
)
_OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.\-]*:|//)", flags=re.IGNORECASE)


class _Page(HTMLParser):
    """Links, fetched targets and anchors of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.styles: list[str] = []
        self.switches: list[str] = []
        self._inside = ""
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what the tag points to."""
        given = {key: value or "" for key, value in attrs}
        self.anchors |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if "hreflang" in given:
                self.switches.append(given["href"])
        fetched = LOADED.get(tag)
        if fetched and given.get(fetched):
            alternate = tag == "link" and given.get("rel") in ("alternate", "next", "prev", "index", "search")
            (self.links if alternate else self.loaded).append(given[fetched])
        self.styles.append(given.get("style", ""))
        self._inside = tag if tag in ("style", "script") else ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or style."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Take styles and scripts inside the page."""
        if self._inside == "style":
            self.styles.append(data)
        elif self._inside == "script":
            self.scripts.append(data)


@cache
def _read(path: Path) -> _Page:
    parsed = _Page()
    parsed.feed(path.read_text(encoding="utf-8"))
    return parsed


def problems(site: Path) -> list[str]:
    """Everything wrong with the site in the folder `site`, one line each."""
    _read.cache_clear()
    pages = sorted(site.rglob("*.html"))
    found = []
    for path in pages:
        found += [f"{path.relative_to(site)}: {problem}" for problem in _problems_of_page(path, site)]
    found += _problems_of_languages(site)
    for path in sorted(site.rglob("*.css")):
        found += [f"{path.relative_to(site)}: loads {url}" for url in _STYLE.findall(path.read_text("utf-8"))]
    for path in sorted(site.rglob("*.js")):
        if _SCRIPT.search(path.read_text("utf-8")):
            found.append(f"{path.relative_to(site)}: asks another host")
    return found


def _problems_of_page(path: Path, site: Path) -> list[str]:
    parsed = _read(path)
    found = [
        f"loads {url} from elsewhere"
        for url in parsed.loaded
        if _OUTSIDE.match(url) and not url.startswith("data:")
    ]
    found += [f"loads {url} from elsewhere" for text in parsed.styles for url in _STYLE.findall(text)]
    found += ["asks another host" for text in parsed.scripts if _SCRIPT.search(text)]
    for link in (*parsed.links, *(url for url in parsed.loaded if not _OUTSIDE.match(url))):
        problem = None if _OUTSIDE.match(link) else _broken(link, path, site)
        if problem:
            found.append(problem)
    return found


def _broken(link: str, path: Path, site: Path) -> str | None:
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(site.resolve()):
        return f"{link} leaves the site"
    if not target.is_file():
        return f"{link} leads nowhere"
    anchor = unquote(parts.fragment)
    if anchor and target.suffix == ".html" and anchor not in _read(target).anchors:
        return f"{link}: no such place on the page"
    return None


def _problems_of_languages(site: Path) -> list[str]:
    trees = {
        folder.name: {str(p.relative_to(folder)) for p in folder.rglob("*.html")}
        for folder in site.iterdir()
        if folder.is_dir()
    }
    found = []
    for language, names in trees.items():
        for other, others in trees.items():
            found += [f"{other} has no {name}, {language} has" for name in sorted(names - others)]
            if other == language:
                continue
            for name in sorted(names & others):
                switches = {
                    (site / language / name).parent.joinpath(s).resolve()
                    for s in _read(site / language / name).switches
                }
                if (site / other / name).resolve() not in switches:
                    found.append(f"{language}/{name}: no switch to {other}")
    return found
