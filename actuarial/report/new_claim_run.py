"""New claims of contracts in force as a part of a simulation run: read, simulate, put on record, write.

The run itself, its folder and its report belong to `actuarial.report.simulate_run`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from actuarial import risk_measure
from actuarial.basis import Basis
from actuarial.driver import DriverPaths
from actuarial.language import Text, text, texts
from actuarial.money import TIYN, tenge_text
from actuarial.new_claim import study
from actuarial.new_claim.driver import new_claim_drivers
from actuarial.new_claim.model import NewClaimModel, load_new_claim_model
from actuarial.new_claim.preparation import prepared
from actuarial.new_claim.simulation import NewClaimSimulation, simulated
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.contract_check import Book
from actuarial.portfolio.contract_in_force import read_contracts_in_force
from actuarial.report.estimate import maybe_money, money
from actuarial.report.run import finding_warnings
from actuarial.report.run_folder import decimal_array
from actuarial.risk_measure import Estimate

CLASS_FILE = "new-claims.csv"
SCENARIO_FILE = "new-claim-scenarios.parquet"
LIMITATIONS = texts((
    "New claims: the insured sum is compared with present values; what the contract has paid before is not "
    "known.",
    "New claims: a claim is worth its expected value on the day of the accident; what happens to the person "
    "later is not simulated.",
    "New claims: occupational diseases found after the cover, pre-retirement annuities and sanatorium "
    "courses are left out.",
    "New claims: reinstatement premiums and the premium of the layers are not taken off.",
))  # fmt: skip


@dataclass(frozen=True)
class NewClaimRequest:
    """What to simulate beside, or instead of, the annuities in payment.

    Attributes
    ----------
    contracts : Path
        File, workbook or folder with the tables of contracts.
    model : str
        Shipped name or file.
    mapping : Path, optional
    choices : dict of str to str
        Of the premium (`actuarial.premium.choice`).
    """

    contracts: Path
    model: str
    mapping: Path | None = None
    choices: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewClaimOutcome:
    """A simulated book.

    Attributes
    ----------
    request : NewClaimRequest
    book : Book
        With findings that are no errors.
    model : NewClaimModel
    result : NewClaimSimulation
    paired : bool
        Whether the drivers come in antithetic pairs.
    has_drivers : bool
    """

    request: NewClaimRequest
    book: Book
    model: NewClaimModel
    result: NewClaimSimulation
    paired: bool
    has_drivers: bool

    @property
    def net(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Net cost of the book by scenario, int64 (s,) [tiyn]."""
        return np.asarray(self.result.net.sum(axis=1))


def simulated_book(
    request: NewClaimRequest,
    basis: Basis,
    valuation_date: date,
    scenarios: int,
    seed: int,
    *,
    drivers: DriverPaths | None = None,
    paired: bool = False,
    threads: int | None = None,
    law: PayoutLaw | None = None,
) -> NewClaimOutcome | Book:
    """Read a book, check it and simulate its new claims.

    Parameters
    ----------
    request : NewClaimRequest
    basis : Basis
    valuation_date : date
    scenarios, seed : int
    drivers : DriverPaths, optional
        Of the same scenarios, all of them.
    paired : bool
        Whether they are antithetic pairs.
    threads : int, optional
    law : PayoutLaw, optional
        Notes the entries used.

    Returns
    -------
    NewClaimOutcome, or Book where its findings are errors

    Raises
    ------
    NewClaimError
        E4501 - E4509.
    """
    law = law or PayoutLaw()
    model = load_new_claim_model(request.model)
    book, contracts = read_contracts_in_force(
        request.contracts, request.choices, mapping=request.mapping, threads=threads
    )
    if contracts is None:
        return book
    ready = prepared(
        contracts, model, basis, valuation_date,
        law=law, book_law=book.law, choices=book.choices, threads=threads,
    )  # fmt: skip
    moved = None if drivers is None else new_claim_drivers(drivers, ready, basis, valuation_date, law)
    result = simulated(ready, scenarios, seed, threads=threads, drivers=moved)
    return NewClaimOutcome(request, book, model, result, paired and drivers is not None, drivers is not None)


def new_claim_record(outcome: NewClaimOutcome) -> dict[str, Any]:
    """New claims as an entry of ``run.json``: amounts as text in tenge."""
    result, paired = outcome.result, outcome.paired
    by_class, book = study.groups(result, paired=paired)
    net = result.net.sum(axis=1) / TIYN
    return {
        "model_name": outcome.model.name,
        "contracts": result.contracts,
        "scenarios": result.n_scenarios,
        "book": _group(book),
        "quantiles": {f"{level:g}": maybe_money(q) for level, q in risk_measure.quantiles(net).items()},
        **{
            name: {
                f"{level:g}": _error(getattr(risk_measure, name)(net, level, paired=paired))
                for level in risk_measure.LEVELS
            }
            for name in ("value_at_risk", "tail_value_at_risk")
        },
        "persons_quantiles": {
            f"{level:g}": None if q is None else round(q)
            for level, q in risk_measure.quantiles(result.persons.sum(axis=1).astype(np.float64)).items()
        },
        "recovery": money(float(result.recovery.mean()) / TIYN),
        "largest_event": {
            f"{level:g}": maybe_money(q)
            for level, q in risk_measure.quantiles(
                result.largest_event / TIYN, study.LOSS_RATIO_LEVELS
            ).items()
        },
        "classes": [{"risk_class": group.risk_class, **_group(group)} for group in by_class],
        "kinds": [
            {
                "kind": kind.name,
                "persons": round(kind.persons.value, 6),
                "payout": money(kind.payout.value),
                "each": None if kind.each is None else money(kind.each),
            }
            for kind in study.kinds(result, paired=paired)
        ],
        "model": {"asked": outcome.request.model, **outcome.model.resolved()},
        "choices": outcome.book.choices,
    }


def new_claim_warnings(outcome: NewClaimOutcome) -> list[Text]:
    """What to know before using the figures of new claims."""
    warnings = []
    if outcome.model.is_illustrative:
        warnings.append(
            text(
                "The model of new claims {model} is illustrative: {note}",
                model=outcome.model.name,
                note=text(outcome.model.assumptions.note),
            )
        )
    return warnings + finding_warnings(outcome.book.findings)


def write_new_claims(folder: Path, outcome: NewClaimOutcome) -> list[Path]:
    """Write ``new-claims.csv`` (a row a class, and the book) and ``new-claim-scenarios.parquet``."""
    by_class, book = study.groups(outcome.result, paired=outcome.paired)
    rows = [{"risk_class": str(group.risk_class), **_group(group)} for group in by_class]
    rows.append({"risk_class": "book", **_group(book)})
    path = folder / CLASS_FILE
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(",".join(_columns(rows[0])) + "\n")
        for row in rows:
            stream.write(",".join("" if cell is None else str(cell) for cell in _cells(row)) + "\n")
    return [path, _write_scenarios(folder, outcome.result)]


def _write_scenarios(folder: Path, result: NewClaimSimulation) -> Path:
    """One row a scenario: counts, amounts decimal(18, 2), and the gross cost of each class with exposure."""
    n = result.n_scenarios
    columns: dict[str, Any] = {
        "scenario": pa.array(np.arange(n, dtype=np.int32)),
        "events": pa.array(result.events.sum(axis=1)),
        "persons": pa.array(result.persons.sum(axis=1)),
    }
    for name in ("payout", "expense", "gross", "ceded", "net"):
        columns[name] = decimal_array(getattr(result, name).sum(axis=1))
    columns["recovery"] = decimal_array(result.recovery)
    columns["largest_event"] = decimal_array(result.largest_event)
    for c in np.flatnonzero(result.worker_years > 0.0):
        columns[f"gross_class_{c + 1}"] = decimal_array(np.ascontiguousarray(result.gross[:, c]))
    path = folder / SCENARIO_FILE
    pyarrow.parquet.write_table(pa.table(columns), path, compression="zstd")
    return path


def _group(group: study.Group) -> dict[str, Any]:
    """Figures of a class or the book as plain values."""
    return {
        "worker_years": round(group.worker_years, 6),
        "premium": tenge_text(group.premium),
        "expected_persons": round(group.expected_persons, 6),
        "mean_persons": round(group.persons.value, 6),
        "exact_expected": tenge_text(group.expected_gross),
        "mean": money(group.gross.value),
        "standard_error": maybe_money(group.gross.standard_error),
        "difference_in_errors": None if group.difference is None else round(group.difference, 3),
        "mean_ceded": money(group.ceded.value),
        "mean_net": money(group.net.value),
        "loss_ratio": None if group.loss_ratio is None else round(group.loss_ratio, 6),
        "loss_ratio_quantiles": {
            f"{level:g}": None if ratio is None else round(ratio, 6)
            for level, ratio in group.loss_ratios.items()
        },
        f"value_at_risk_{study.TOP_LEVEL:g}": maybe_money(_value(group.value_at_risk)),
        f"tail_value_at_risk_{study.TOP_LEVEL:g}": maybe_money(_value(group.tail_value_at_risk)),
    }


def _columns(row: dict[str, Any]) -> list[str]:
    names: list[str] = []
    for name in row:
        if name == "loss_ratio_quantiles":
            names += [f"loss_ratio_{level:g}" for level in study.LOSS_RATIO_LEVELS]
        else:
            names.append(name)
    return names


def _cells(row: dict[str, Any]) -> list[Any]:
    cells: list[Any] = []
    for name, value in row.items():
        if name == "loss_ratio_quantiles":
            cells += [value.get(f"{level:g}") for level in study.LOSS_RATIO_LEVELS]
        else:
            cells.append(value)
    return cells


def _value(found: Estimate | None) -> float | None:
    return None if found is None else found.value


def _error(found: Estimate | None) -> dict[str, Any] | None:
    """A figure with its error and interval; None where the scenarios are too few for it."""
    if found is None:
        return None
    return {
        "value": money(found.value),
        "standard_error": maybe_money(found.standard_error),
        "lower": maybe_money(found.lower),
        "upper": maybe_money(found.upper),
    }
