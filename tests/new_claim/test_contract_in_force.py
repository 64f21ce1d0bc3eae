"""From files to contracts in force: headcounts, shares, terminations, and findings with their cells."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from actuarial.basis import load_basis
from actuarial.new_claim.model import load_new_claim_model
from actuarial.new_claim.simulation import simulated_new_claims
from actuarial.payout_law import day
from actuarial.portfolio.contract_in_force import read_contracts_in_force
from actuarial.record import NO_DATE

CONTRACTS = [
    {"contract_id": "C1", "contract_date": "2025-03-01", "n_workers": "12", "ceded_share": "0.25"},
    {"contract_id": "C2", "contract_date": "2025-09-01", "termination_date": "2026-02-10"},
]
PARTS = [
    {"contract_id": "C1", "part": "head", "risk_class": "5", "annual_payroll": "24000000", "n_workers": ""},
    {
        "contract_id": "C2",
        "part": "head",
        "risk_class": "20",
        "annual_payroll": "90000000",
        "n_workers": "30",
    },
    {"contract_id": "C2", "part": "mine", "risk_class": "8", "annual_payroll": "10000000", "n_workers": "4"},
]


def write(folder: Path, contracts: list[dict[str, str]], parts: list[dict[str, str]]) -> Path:
    for name, rows in (("contracts", contracts), ("contract_parts", parts)):
        header = list(dict.fromkeys(key for row in rows for key in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def test_headcounts_shares_and_terminations(tmp_path: Path) -> None:
    book, contracts = read_contracts_in_force(write(tmp_path, CONTRACTS, PARTS))
    assert contracts is not None
    assert not book.findings.has_errors
    assert contracts.part_workers.tolist() == [12, 30, 4]
    assert contracts.ceded_share.tolist() == [0.25, 0.0]
    assert contracts.termination_date.tolist() == [NO_DATE, day(date(2026, 2, 10))]
    assert np.unique(contracts.part_key).size == 3


def test_one_file_and_shuffled_rows_are_the_same_book(tmp_path: Path) -> None:
    folder, other = tmp_path / "a", tmp_path / "b"
    folder.mkdir(), other.mkdir()
    model, basis = load_new_claim_model("illustrative-2026"), load_basis("illustrative-2026")
    model.frequency[:] *= 2000
    found = []
    for path in (write(folder, CONTRACTS, PARTS), write(other, CONTRACTS[::-1], PARTS[::-1])):
        _, contracts = read_contracts_in_force(path)
        assert contracts is not None
        found.append(simulated_new_claims(contracts, model, basis, date(2026, 1, 1), 50, 3))
    assert found[0].payout.sum() > 0
    assert np.array_equal(found[0].payout, found[1].payout)
    assert np.array_equal(found[0].premium, found[1].premium)


def test_a_part_without_workers_is_named(tmp_path: Path) -> None:
    parts = [PARTS[0], {**PARTS[1], "n_workers": ""}, PARTS[2]]
    book, contracts = read_contracts_in_force(write(tmp_path, CONTRACTS, parts))
    assert contracts is None
    (finding,) = [f for f in book.findings if f.code == "E3655"]
    assert (finding.file, finding.row, finding.column) == ("contract_parts.csv", 3, "n_workers")


def test_a_termination_outside_the_cover_is_named(tmp_path: Path) -> None:
    contracts = [CONTRACTS[0], {**CONTRACTS[1], "termination_date": "2027-02-10"}]
    book, found = read_contracts_in_force(write(tmp_path, contracts, PARTS))
    assert found is None
    assert [f.code for f in book.findings if f.code.startswith("E")] == ["E3652"]


def test_other_errors_come_first(tmp_path: Path) -> None:
    book, contracts = read_contracts_in_force(write(tmp_path, CONTRACTS, [{**PARTS[0], "risk_class": "99"}]))
    assert contracts is None
    assert book.records is None
    assert "E3614" in book.findings.codes()


@pytest.mark.parametrize("threads", [1, 2])
def test_the_synthetic_book(threads: int) -> None:
    path = Path(__file__).parents[2] / "actuarial" / "sample" / "book-synthetic"
    book, contracts = read_contracts_in_force(path, threads=threads)
    assert contracts is not None
    assert contracts.part_workers.size == book.records.n_parts  # type: ignore[union-attr]
