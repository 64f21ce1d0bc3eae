"""One finished run of each command; the modules of this folder import each other by name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from actuarial.report.premium_run import PremiumRun, run_premium
from actuarial.report.reserve_run import ReserveRun

sys.path.insert(0, str(Path(__file__).parent))

from report_run import Tables, value_sample, write_book


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
def page_of() -> Callable[[Path], Tables]:
    return lambda folder: Tables((folder / "report.html").read_text(encoding="utf-8"))
