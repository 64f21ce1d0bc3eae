"""A user's script under mypy --strict: the public names are typed, and misuse is seen before it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
from datetime import date
from decimal import Decimal

import pandas as pd

import actuarial
from actuarial import Basis, Portfolio


def sensitivity(portfolio: Portfolio, basis: Basis) -> pd.DataFrame:
    base = actuarial.portfolio_reserve(portfolio, basis)
    lower = actuarial.portfolio_reserve(portfolio, basis.replace({"interest.flat": 0.09}))
    return lower.groups.set_index("band") - base.groups.set_index("band")


def premium(frame: pd.DataFrame) -> Decimal:
    book = actuarial.read_book({"contracts": frame})
    if book.has_errors:
        raise actuarial.FindingsError(book.book.findings)
    quote: Decimal = actuarial.premium_quote(risk_class=1, payroll=1, contract_date=date(2026, 1, 1)).premium
    return quote


def run(frame: pd.DataFrame) -> None:
    portfolio = actuarial.read_portfolio(frame, "2026-01-01", mapping={"columns": {"claim_id": "N"}})
    basis = actuarial.load_basis("illustrative-2026")
    simulation = actuarial.portfolio_simulation(portfolio, basis, n_scenarios=1000, seed=1)
    reveal_type(portfolio.findings)
    reveal_type(simulation.mean)
    reveal_type(actuarial.portfolio_stress(portfolio, basis, "all").scenarios)
    reveal_type(actuarial.law_table("2026-01-01"))
    reveal_type(actuarial.claim_benefit({}).payable_until)
    try:
        actuarial.claim_explanation(portfolio, "A-1", basis).payments
    except actuarial.ActuarialError as error:
        reveal_type(error.code)
    actuarial.portfolio_reserve(basis, portfolio)
    actuarial.portfolio_simulation(portfolio, basis, scenarios=1000)
"""
REVEALED = [
    "pandas.core.frame.DataFrame",
    "_decimal.Decimal",
    "pandas.core.frame.DataFrame",
    "pandas.core.frame.DataFrame",
    "datetime.date | None",
    "str",
]


def test_a_script_of_a_user(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "MYPY_FORCE_COLOR": "0"},
    )
    lines = [line for line in result.stdout.splitlines() if "script.py" in line]
    notes = [line for line in lines if "Revealed type" in line]
    assert len(notes) == len(REVEALED), result.stdout + result.stderr
    for note, kind in zip(notes, REVEALED, strict=True):
        shown = note.replace("Union[", "").replace(", None]", " | None").replace("decimal.", "_decimal.")
        assert kind in shown.replace("__decimal", "_decimal")
    errors = [line for line in lines if " error: " in line]
    codes = [line.rpartition("[")[2].rstrip("]") for line in errors]
    first_misuse = SCRIPT.splitlines().index("    actuarial.portfolio_reserve(basis, portfolio)") + 1
    assert codes == ["arg-type", "arg-type", "call-arg"]
    assert all(int(line.split(":")[1]) >= first_misuse for line in errors)
