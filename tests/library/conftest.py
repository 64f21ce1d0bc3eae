"""The modules of this folder import each other by name; the shipped sample read once."""

import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import actuarial
from actuarial import Basis, Portfolio

ROOT = Path(__file__).parents[2]
VALUATION_DATE = date(2026, 1, 1)


@pytest.fixture(scope="session")
def sample() -> Path:
    return ROOT / "actuarial" / "sample" / "annuities-synthetic.csv"


@pytest.fixture(scope="session")
def book() -> Path:
    return ROOT / "actuarial" / "sample" / "book-synthetic"


@pytest.fixture(scope="session")
def portfolio(sample: Path) -> Portfolio:
    return actuarial.read_portfolio(sample, VALUATION_DATE)


@pytest.fixture(scope="session")
def basis() -> Basis:
    return actuarial.load_basis("illustrative-2026")
