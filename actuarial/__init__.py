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
    "load_scenarios": "actuarial.stress.scenario",
    "StressedPortfolio": "actuarial.stress.valuation",
    "stress_study": "actuarial.stress.study",
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
    "read_experience": "actuarial.portfolio.claim_check",
    "tariff_study": "actuarial.technical_premium.adequacy",
    "load_study": "actuarial.technical_premium.assumption",
    "buhlmann_straub": "actuarial.credibility",
    "compare_ratings": "actuarial.experience_rating.comparison",
    "ordered_lorenz": "actuarial.experience_rating.lift",
    "quantile_test": "actuarial.experience_rating.lift",
    "read_assessment": "actuarial.portfolio.risk_read",
    "pension_dates": "actuarial.entitlement",
    "read_history": "actuarial.portfolio.history_check",
    "experience_study": "actuarial.experience.study",
    "read_annuities": "actuarial.portfolio.read",
    "annuities_from_frame": "actuarial.portfolio.read",
    "read_contracts_in_force": "actuarial.portfolio.contract_in_force",
    "load_new_claim_model": "actuarial.new_claim.model",
    "simulated_new_claims": "actuarial.new_claim.simulation",
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
