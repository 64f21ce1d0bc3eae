"""Actuarial engine for accident insurance in Kazakhstan.

The public names are loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "AnnuityRecords": "actuarial.record",
    "Basis": "actuarial.basis",
    "load_basis": "actuarial.basis",
    "basis_names": "actuarial.basis",
    "Valuation": "actuarial.reserve",
    "annuity_reserve": "actuarial.reserve",
    "annuity_due": "actuarial.annuity",
    "annuity_certain_due": "actuarial.annuity",
    "annuity_contract": "actuarial.annuity_contract",
    "annuity_factors": "actuarial.annuity_contract",
    "read_case_file": "actuarial.claim.case_file",
    "answer_of": "actuarial.claim.answer",
    "benefit_table": "actuarial.claim.batch",
    "compulsory_premium": "actuarial.premium.compulsory",
    "book_premiums": "actuarial.premium.book",
    "read_contracts": "actuarial.portfolio.contract_check",
    "pension_dates": "actuarial.entitlement",
    "read_annuities": "actuarial.portfolio.read",
    "annuities_from_frame": "actuarial.portfolio.read",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Load a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module 'actuarial' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Public names."""
    return list(__all__)
