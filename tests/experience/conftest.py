"""The modules of this folder import each other by name; the shipped history, read and studied once."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from actuarial.basis import Basis, load_basis
from actuarial.experience.record import HistoryRecords
from actuarial.portfolio.history_check import read_history

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def prior() -> Basis:
    return load_basis("illustrative-2026")


@pytest.fixture(scope="session")
def shipped_path() -> Path:
    return ROOT / "actuarial" / "sample" / "history-synthetic.csv"


@pytest.fixture(scope="session")
def shipped(shipped_path: Path) -> HistoryRecords:
    records = read_history(shipped_path).records
    assert records is not None
    return records
