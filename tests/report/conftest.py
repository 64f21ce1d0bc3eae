"""One finished run of each command; the modules of this folder import each other by name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from actuarial.report.premium_run import PremiumRun, run_premium
from actuarial.report.reserve_run import ReserveRun
from cli.main import root

sys.path.insert(0, str(Path(__file__).parent))

from report_run import Tables, value_sample, write_book

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "actuarial" / "sample"
EXAMPLES = ROOT / "docs" / "example"
_VALUED = (
    f"--portfolio {SAMPLES / 'annuities-synthetic.csv'} --valuation-date 2026-01-01 --basis illustrative-2026"
)
_BOOK = f"--contracts {SAMPLES / 'book-synthetic'}"
REPORTING = {
    "simulate": f"{_VALUED} --scenarios 200 --seed 1",
    "stress": f"{_VALUED} --scenarios yield,longevity",
    "fit": f"--history {SAMPLES / 'history-synthetic.csv'} --basis illustrative-2026",
    "adequacy": f"{_BOOK} --basis illustrative-2026 --valuation-date 2026-01-01 "
    f"--assumptions {SAMPLES / 'book-synthetic' / 'adequacy.yaml'}",
    "rating": f"{_BOOK} --assumptions {EXAMPLES / 'rating.yaml'}",
    "risk": f"{EXAMPLES / 'plant'} --assessment-date 2026-01-15 --scale 1-5",
}
"""What else writes a report; `folders` runs them."""


@pytest.fixture(scope="session")
def reserve_run(tmp_path_factory: pytest.TempPathFactory) -> ReserveRun:
    """The shipped sample, once."""
    return value_sample(tmp_path_factory.mktemp("reserve") / "run")


@pytest.fixture(scope="session")
def premium_run(tmp_path_factory: pytest.TempPathFactory) -> PremiumRun:
    """A book of hostile names, once."""
    folder = tmp_path_factory.mktemp("premium")
    run = run_premium(write_book(folder / "book"), folder / "run")
    assert isinstance(run, PremiumRun)
    return run


@pytest.fixture(scope="session")
def folders(
    reserve_run: ReserveRun, premium_run: PremiumRun, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A finished run folder of every command that writes a report."""
    runs = tmp_path_factory.mktemp("runs")
    for name, arguments in REPORTING.items():
        words = [*arguments.split(), "--output", str(runs / name)]
        done = CliRunner().invoke(root, [name, *words], standalone_mode=False)
        assert done.exception is None and (runs / name / "report.html").exists(), (name, done.output)
    others = {name: runs / name for name in REPORTING}
    return {"reserve": reserve_run.folder, "premium": premium_run.folder, **others}


@pytest.fixture(scope="session")
def page_of() -> Callable[[Path], Tables]:
    return lambda folder: Tables((folder / "report.html").read_text(encoding="utf-8"))
