"""The shipped synthetic book and its study, read once."""

import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from actuarial.basis import Basis, load_basis
from actuarial.claim_record import BookExperience
from actuarial.portfolio.claim_check import read_experience
from actuarial.technical_premium.adequacy import TariffStudy, tariff_study
from actuarial.technical_premium.assumption import StudyAssumptions, load_study

SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "book-synthetic"
VALUATION_DATE = date(2026, 1, 1)


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def experience() -> BookExperience:
    found = read_experience(SAMPLE, None, VALUATION_DATE).experience
    assert found is not None
    return found


@pytest.fixture(scope="session")
def assumptions() -> StudyAssumptions:
    return load_study(SAMPLE / "adequacy.yaml").assumptions


@pytest.fixture(scope="session")
def basis() -> Basis:
    return load_basis("illustrative-2026")


@pytest.fixture(scope="session")
def study(experience: BookExperience, assumptions: StudyAssumptions, basis: Basis) -> TariffStudy:
    return tariff_study(experience, assumptions, basis, VALUATION_DATE)
