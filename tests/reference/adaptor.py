"""The same people and bases in the engine's own forms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from actuarial.basis import Basis, load_basis
from actuarial.record import (
    BENEFICIARIES,
    NO_AMOUNT,
    NO_ANSWER,
    NO_DATE,
    NO_DEGREE,
    PRODUCTS,
    SEXES,
    AnnuityRecords,
)

EPOCH = date(1970, 1, 1)
DATES = (
    "birth_date",
    "contract_date",
    "accident_date",
    "first_certificate_date",
    "certificate_end",
    "entitlement_end",
    "annuity_start_date",
    "next_payment_date",
    "pension_date",
)
AMOUNTS = (
    "average_monthly_earnings",
    "social_payment",
    "current_monthly_payment",
    "remaining_insured_sum",
    "expenses_paid",
)


def records_of(rows: list[dict[str, Any]]) -> AnnuityRecords:
    """Checked rows as arrays, defaults of the schema filled in."""

    def column(name: str, empty: Any, convert: Any, dtype: Any) -> Any:
        return np.array([empty if row.get(name) is None else convert(row[name]) for row in rows], dtype=dtype)

    arrays: dict[str, Any] = {"claim_id": np.array([row["claim_id"] for row in rows], dtype=object)}
    for name, values in (("product", PRODUCTS), ("beneficiary", BENEFICIARIES), ("sex", SEXES)):
        arrays[name] = column(name, -1, values.index, np.int8)
    for name in DATES:
        arrays[name] = column(name, NO_DATE, lambda day: (day - EPOCH).days, np.int32)
    for name in AMOUNTS:
        arrays[name] = column(name, NO_AMOUNT, _tiyn, np.int64)
    for name in ("degree_of_loss", "first_degree_of_loss"):
        arrays[name] = column(name, NO_DEGREE, int, np.int16)
    for name in ("pension_stop", "pension_contribution_exempt"):
        arrays[name] = column(name, NO_ANSWER, int, np.int8)
    arrays["share"] = column("share", np.nan, float, np.float64)
    first = arrays["first_degree_of_loss"]
    arrays["first_degree_of_loss"] = np.where(first == NO_DEGREE, arrays["degree_of_loss"], first)
    start = arrays["annuity_start_date"]
    arrays["annuity_start_date"] = np.where(start == NO_DATE, arrays["next_payment_date"], start)
    arrays["expenses_paid"] = np.maximum(arrays["expenses_paid"], 0)
    return AnnuityRecords(**arrays)


def _tiyn(amount: Decimal) -> int:
    tiyn = amount * 100
    assert tiyn == int(tiyn), f"{amount} is finer than a tiyn"
    return int(tiyn)


def basis_of(basis: dict[str, Any], folder: Path) -> Basis:
    """A plain basis written as files and read by the engine."""
    content = {**basis}
    spot = basis["interest"].get("spot")
    if spot:
        points = "".join(f"{years},{rate}\n" for years, rate in spot)
        (folder / "spot.csv").write_text("years,rate\n" + points, encoding="utf-8")
        content["interest"] = {"spot": "spot.csv"}
    path = folder / "basis.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(content, file)
    return load_basis(path)
