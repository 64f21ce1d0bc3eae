"""Actuarial engine for accident insurance in Kazakhstan: pandas in, pandas out.

The public names are loaded on first use, so that importing the package costs nothing. docs/api.md lists them,
docs/tutorial.md shows them at work.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actuarial.annuity import annuity_due
    from actuarial.basis import Basis, basis_names, load_basis
    from actuarial.error import ActuarialError
    from actuarial.frame.benefit import claim_benefit
    from actuarial.frame.portfolio import FindingsError, Portfolio, read_portfolio
    from actuarial.frame.premium import premium_quote, priced_book, read_book
    from actuarial.frame.reserve import claim_explanation, portfolio_reserve
    from actuarial.frame.run import write_run
    from actuarial.frame.simulation import portfolio_simulation
    from actuarial.frame.stress import portfolio_stress
    from actuarial.frame.study import employer_rating, history_study, tariff_adequacy
    from actuarial.frame.table import annuity_price, law_table, mortality_table

__version__ = "0.1.0"

__all__ = [
    "ActuarialError",
    "Basis",
    "FindingsError",
    "Portfolio",
    "__version__",
    "annuity_due",
    "annuity_price",
    "basis_names",
    "claim_benefit",
    "claim_explanation",
    "employer_rating",
    "history_study",
    "law_table",
    "load_basis",
    "mortality_table",
    "portfolio_reserve",
    "portfolio_simulation",
    "portfolio_stress",
    "premium_quote",
    "priced_book",
    "read_book",
    "read_portfolio",
    "tariff_adequacy",
    "write_run",
]

_HOMES = {
    "actuarial.annuity": ("annuity_due",),
    "actuarial.basis": ("Basis", "basis_names", "load_basis"),
    "actuarial.error": ("ActuarialError",),
    "actuarial.frame.benefit": ("claim_benefit",),
    "actuarial.frame.portfolio": ("FindingsError", "Portfolio", "read_portfolio"),
    "actuarial.frame.premium": ("premium_quote", "priced_book", "read_book"),
    "actuarial.frame.reserve": ("claim_explanation", "portfolio_reserve"),
    "actuarial.frame.run": ("write_run",),
    "actuarial.frame.simulation": ("portfolio_simulation",),
    "actuarial.frame.stress": ("portfolio_stress",),
    "actuarial.frame.study": ("employer_rating", "history_study", "tariff_adequacy"),
    "actuarial.frame.table": ("annuity_price", "law_table", "mortality_table"),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'actuarial' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names."""
    return list(__all__)
