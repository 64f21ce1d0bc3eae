"""A case with everything a compulsory worker needs, to be changed key by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actuarial.claim.answer import Answer, answer_of
from actuarial.claim.case_file import CaseFile, case_of

WORKER = {
    "claim_id": "A-1",
    "product": "compulsory",
    "beneficiary": "worker",
    "sex": "male",
    "birth_date": "1985-06-15",
    "contract_date": "2024-02-01",
    "accident_date": "2024-09-10",
    "first_certificate_date": "2025-03-01",
    "certificate_end": "2027-03-01",
    "degree_of_loss": "60",
    "average_monthly_earnings": "400000",
    "social_payment": "98262",
    "next_payment_date": "2026-04-01",
}
Keys = dict[str, Any]


@pytest.fixture
def keys() -> Callable[..., Keys]:
    """Keys of the worker with changes; None removes a key."""

    def changed(**changes: Any) -> Keys:
        merged = {**WORKER, **changes}
        return {name: value for name, value in merged.items() if value is not None}

    return changed


@pytest.fixture
def case_file(keys: Callable[..., Keys]) -> Callable[..., CaseFile]:
    return lambda **changes: case_of(keys(**changes))


@pytest.fixture
def answer(case_file: Callable[..., CaseFile]) -> Callable[..., Answer]:
    return lambda **changes: answer_of(case_file(**changes))
