"""Runs to report on, with hostile names among them, and a small reader of pages."""

from __future__ import annotations

import csv
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from actuarial.report.reserve_run import ReserveRequest, ReserveRun, run_reserve

SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.csv"
CORPUS = (
    "=cmd|' /C calc'!A0",
    "+1",
    "@SUM(1+1)",
    "-2+3",
    "<script>alert(1)</script>",
    "</title></svg><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' style='x:expression(alert(1))",
    "<svg/onload=alert(1)>",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
    "$\\frac{x}$ &amp; $",
    "http://example.invalid/x.png",
)
"""Names an insurer's file may hold, of people who wish it ill."""


class Tables(HTMLParser):
    """Tables of a page by caption: rows of texts, the total row last."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.by_caption: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside, self._caption = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "caption":
            self._caption = ""
        if tag == "tr":
            self.by_caption.setdefault(self._caption, []).append([])
        if tag in ("td", "th"):
            self.by_caption[self._caption][-1].append("")
        if tag in ("td", "th", "caption"):
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._inside == "caption":
            self._caption += data
        elif self._inside:
            self.by_caption[self._caption][-1][-1] += data


def digits(text: str) -> str:
    """A printed amount as run.json writes it."""
    return text.replace("\u00a0", "").replace("\u2212", "-").removesuffix("₸")


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_book(folder: Path) -> Path:
    """A book whose regions, parts and contract ids are the corpus, every fourth contract charged."""
    contracts, parts = [], []
    for k, name in enumerate(CORPUS):
        contract = f"{name} {k}"
        contracts.append(
            {
                "contract_id": contract,
                "contract_date": "2024-03-01",
                "start_date": "2024-03-01",
                "end_date": "2025-02-28",
                "premium": "" if k % 4 else "85000.37",
                "n_workers": "5",
                "region": name,
            }
        )
        parts.append(
            {
                "contract_id": contract,
                "part": name,
                "risk_class": str(1 + k),
                "annual_payroll": f"{10_000_000 + 7_654_321 * k}.{k:02d}",
            }
        )
    write_rows(folder / "contracts.csv", contracts)
    write_rows(folder / "contract_parts.csv", parts)
    return folder


def value_sample(target: Path, portfolio: Path = SAMPLE, **options: Any) -> ReserveRun:
    request = ReserveRequest(portfolio, date(2026, 1, 1), "illustrative-2026", target, **options)
    run = run_reserve(request)
    assert isinstance(run, ReserveRun)
    return run
