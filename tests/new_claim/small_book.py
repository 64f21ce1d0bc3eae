"""Small books and models of new claims for tests."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from actuarial.new_claim.exposure import ContractsInForce, part_keys
from actuarial.new_claim.model import NewClaimModel, load_new_claim_model
from actuarial.payout_law import day
from actuarial.premium.record import NO_COUNT, ContractRecords
from actuarial.record import NO_DATE

VALUATION_DATE = date(2026, 1, 1)
SHIPPED = resources.files("actuarial.new_claim") / "models"
TENGE = 100


def contracts_in_force(
    parts: list[list[tuple[int, int, int]]],
    *,
    start: date = date(2025, 7, 1),
    end: date = date(2026, 6, 30),
    names: list[str] | None = None,
    part_names: list[str] | None = None,
    ceded_share: list[float] | None = None,
    insured_sum: int | None = None,
) -> ContractsInForce:
    """Contracts as lists of parts (class, workers, monthly pay of a worker in tenge)."""
    n = len(parts)
    flat = [part for contract in parts for part in contract]
    bounds = np.concatenate(([0], np.cumsum([len(contract) for contract in parts]))).astype(np.int64)
    payroll = np.array([workers * pay * 12 * TENGE for _, workers, pay in flat], dtype=np.int64)
    sums = payroll if insured_sum is None else np.full(len(flat), insured_sum * TENGE)
    nothing = np.zeros(0, dtype=np.int64)
    ids = names or [f"C{i}" for i in range(n)]
    records = ContractRecords(
        contract_id=np.array(ids),
        contract_date=np.full(n, day(start), dtype=np.int32),
        start_date=np.full(n, day(start), dtype=np.int32),
        end_date=np.full(n, day(end), dtype=np.int32),
        n_workers=np.array([sum(w for _, w, _ in contract) for contract in parts], dtype=np.int64),
        discount=np.full(n, NO_COUNT, dtype=np.int64),
        premium_charged=np.full(n, NO_COUNT, dtype=np.int64),
        part_start=bounds,
        part_class=np.array([c for c, _, _ in flat], dtype=np.int64),
        part_payroll=payroll,
        part_sum=sums,
        accident_contract=nothing,
        accident_year=nothing,
        n_injured=nothing,
        n_deaths=nothing,
        n_accidents=nothing,
        is_at_fault=np.zeros(0, dtype=np.bool_),
    )
    named = part_names or [f"P{p}" for p in range(len(flat))]
    return ContractsInForce(
        records,
        np.array([w for _, w, _ in flat], dtype=np.int64),
        part_keys(ids, bounds, named),
        np.array(ceded_share or [0.0] * n),
        np.full(n, NO_DATE, dtype=np.int32),
    )


def plain_content() -> dict[str, Any]:
    """The shipped model without spread, groups, catastrophes and reinsurance."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(
        (SHIPPED / "illustrative-2026.yaml").read_text(encoding="utf-8")
    )
    content["frequency"] = {"table": "frequency.csv", "count": "poisson"}
    content["event_size"] = {"default": {1: 1.0}}
    content["catastrophes"] = []
    content["reinsurance"] = {}
    return content


def model_of(folder: Path, content: dict[str, Any], rates: tuple[float, ...] = (0.01,) * 5) -> NewClaimModel:
    """A model from a mapping, every class with the same frequencies (death, A, B, C, D)."""
    lines = ["risk_class,death,A,B,C,D"]
    lines += [f"{c}," + ",".join(repr(rate) for rate in rates) for c in range(1, 23)]
    (folder / "frequency.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = folder / "model.yaml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(deepcopy(content), stream)
    return load_new_claim_model(path)
