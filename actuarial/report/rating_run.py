"""One experience rating from files to a run folder: read, check, rate, test, write.

Nothing is written under the folder's name before everything is complete; a book with findings leaves
``checks.xlsx`` there and nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from actuarial import __version__
from actuarial.experience_rating.assumption import RatingBasis, load_rating_assumptions
from actuarial.experience_rating.comparison import (
    SCORE,
    RatedContracts,
    RatingComparison,
    compare_ratings,
)
from actuarial.experience_rating.experience import RatingBook, YearExperience, rating_book
from actuarial.experience_rating.lift import QuantileTest
from actuarial.language import text
from actuarial.money import tenge_text
from actuarial.portfolio.claim_check import read_experience
from actuarial.portfolio.finding import Findings, combined
from actuarial.portfolio.study_read import read_scores
from actuarial.premium.book import BookLaw, book_premiums
from actuarial.premium.compulsory import explained_choices
from actuarial.report.repeat import recorded
from actuarial.report.run import Clock, FinishedRun, RefusedRun, finding_warnings, mapping_source, refused_run
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    decimal_array,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_json,
)

CURVE_POINTS = 1001
DIGITS = 6
"""Decimals of factors, indices and ratios in run.json and CSV files."""
LIMITATIONS = (
    text(
        "The modification is a study beside the law: the premium to be charged is that of OSNS Law 17 and "
        "17-1."
    ),
    text(
        "Losses are paid amounts and case estimates as they stood; they are not developed. Expected "
        "losses of the choices tariff and class are fitted to the same losses, so that they are as "
        "undeveloped."
    ),
    text("Standard errors take contracts as independent; a policyholder tested in several years is not."),
    text(
        "A policyholder without experience has the modification 1; the law's coefficient counts as 1 "
        "where its history is unknown."
    ),
    text("What primary losses say about excess losses is not used: each part is believed on its own."),
)


@dataclass(frozen=True)
class RatingRequest:
    """What to rate and where to put it.

    Attributes
    ----------
    contracts : Path
        See `actuarial.portfolio.claim_check.read_experience`.
    claims : Path, optional
        Default where the contracts are.
    assumptions : Path
    target : Path
        Run folder to create.
    choices : mapping of str to str
        Of `actuarial.premium.choice.CHOICES`.
    scores : Path, optional
        A score by contract to test.
    mapping : Path, optional
    seriatim_format : {'parquet', 'csv', None}
        Format of the rows a contract; None writes totals only.
    with_report : bool
    threads : int, optional
    replace : bool
        Whether an earlier run in ``target`` may be replaced.
    company : str
        The insurer, at the head of the report.
    """

    contracts: Path
    claims: Path | None
    assumptions: Path
    target: Path
    choices: Mapping[str, str]
    scores: Path | None = None
    mapping: Path | None = None
    seriatim_format: str | None = "parquet"
    with_report: bool = True
    threads: int | None = None
    replace: bool = False
    company: str = ""


@dataclass(frozen=True)
class RatingFigures:
    """What a report of the run shows."""

    record: Mapping[str, Any]
    book: RatingBook
    comparison: RatingComparison
    findings: Findings


@dataclass(frozen=True)
class RatingRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    comparison : RatingComparison
    """

    ANSWER = (
        "schema_version",
        "command",
        "assumptions_name",
        "contracts",
        "totals",
        "experience",
        "tests",
        "groups",
        "warnings",
    )

    comparison: RatingComparison


def run_rating(
    request: RatingRequest, announce: Callable[[str], None] = lambda step: None
) -> RatingRun | RefusedRun:
    """Rate a book by experience, compare it with the law, and write the run folder.

    Parameters
    ----------
    request : RatingRequest
    announce : callable
        Told each step as it begins.

    Raises
    ------
    RatingError, CredibilityError
        Assumptions that cannot be used (E4812 - E4814, E4818), a book that is too small (E4701, E4702, E4811,
        E4815, E4816).
    """
    target = request.target
    inputs = (request.contracts, request.claims, request.assumptions, request.scores, request.mapping)
    refuse_inputs_inside(target, inputs)
    refuse_taken(target, replace=request.replace)
    clock = Clock(announce)
    announce(text("reading the assumptions"))
    basis = load_rating_assumptions(request.assumptions)
    clock.done("assumptions", text("reading {file}", file=request.contracts.name))
    reading = read_experience(
        request.contracts,
        request.claims,
        basis.assumptions.valuation_date,
        request.choices,
        mapping=request.mapping,
        threads=request.threads,
    )
    scores = read_scores(request.scores) if request.scores else None
    findings = reading.findings if scores is None else combined([reading.findings, scores.findings])
    clock.done("read and check", text("rating"))
    if reading.experience is None or findings.has_errors:
        return refused_run("rating", findings, target, text("Nothing was rated."), replace=request.replace)
    found = reading.experience
    premium = book_premiums(found.records, found.choices, law=found.law, threads=request.threads)
    ids: list[str] = found.records.contract_id.to_pylist()  # type: ignore[attr-defined]
    book = rating_book(found, ids)
    comparison = compare_ratings(book, premium, basis, None if scores is None else scores.scores)
    clock.done("rate", text("writing"))
    record = _record(request, basis, found.law, comparison, findings, found.choices)
    sources = [asdict(s) for s in (*reading.sources, *(scores.sources if scores is not None else ()))]
    record["request"] = recorded(request)
    record["inputs"] = sources + _files(request.assumptions) + mapping_source(request.mapping)
    with run_folder(target, replace=request.replace) as folder:
        files = [_write_groups(folder, comparison), _write_tests(folder, comparison)]
        files.append(_write_lorenz(folder, comparison))
        if request.seriatim_format:
            files.append(_write_results(folder, book, comparison.contracts, request.seriatim_format))
        if request.with_report:
            from actuarial.report.rating_report import write_rating_report

            figures = RatingFigures(record, book, comparison, findings)
            files += write_rating_report(folder, figures)
        clock.done("write", text("finishing"))
        record["outputs"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        record["seconds"] = clock.seconds
        record["threads"] = request.threads or os.cpu_count() or 1
        record["python"] = platform.python_version()
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return RatingRun(target, record, findings, comparison)


def _files(*paths: Path | None) -> list[dict[str, Any]]:
    """Files read beside the tables."""
    found = []
    for path in paths:
        if path is not None:
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            suffix = path.suffix.removeprefix(".").lower()
            found.append({"path": str(path), "sha256": digest, "size": len(data), "format": suffix})
    return found


def _record(
    request: RatingRequest,
    basis: RatingBasis,
    law: BookLaw,
    comparison: RatingComparison,
    findings: Findings,
    choices: Mapping[str, str],
) -> dict[str, Any]:
    """Content of ``run.json`` but for inputs, outputs and timings."""
    assumptions = basis.assumptions
    warnings = finding_warnings(findings)
    if assumptions.note:
        warnings.insert(0, text(assumptions.note))
    contracts = comparison.contracts
    return {
        "schema_version": SCHEMA_VERSION,
        "command": "rating",
        "engine_version": __version__,
        "assumptions_name": assumptions.name,
        "valuation_date": assumptions.valuation_date.isoformat(),
        "contracts": len(contracts),
        "totals": {
            "base_premium": tenge_text(comparison.total.base_premium),
            "law_premium": tenge_text(comparison.total.law_premium),
            "experience_premium": tenge_text(comparison.total.experience_premium),
            "loss": tenge_text(comparison.total.loss),
        },
        "history_unknown": int((~contracts.history_known).sum()),
        "without_experience": int((~contracts.has_experience).sum()),
        "without_score": int(np.isnan(contracts.score).sum()) if request.scores else None,
        "experience": [_experience_json(own) for own in comparison.experiences],
        "tests": _tests_json(comparison),
        "groups": [
            {
                "by": key,
                "name": group.name,
                "contracts": group.n_contracts,
                "base_premium": tenge_text(group.base_premium),
                "law_premium": tenge_text(group.law_premium),
                "experience_premium": tenge_text(group.experience_premium),
                "loss": tenge_text(group.loss),
                "loss_ratio": {name: _number(group.loss_ratio(name)) for name in group.earned},
            }
            for key, groups in comparison.groups.items()
            for group in groups
        ],
        "warnings": warnings,
        "limitations": list(LIMITATIONS),
        "assumptions": {"asked": str(request.assumptions), **basis.resolved()},
        "choices": explained_choices(choices),
        "law": law.notes.used(),
    }


def _number(value: float | None) -> float | None:
    """A statistic with six decimals; None where there is none."""
    return None if value is None or not isfinite(value) else round(value, DIGITS)


def _plain(value: float) -> float | None:
    """A count as it is, a statistic with six decimals."""
    return value if isinstance(value, int) else _number(value)


def _experience_json(own: YearExperience) -> dict[str, Any]:
    has = own.has_experience
    return {
        "year": own.year,
        "policyholders": int(has.sum()),
        "actual": _number(own.actual),
        "expected": _number(own.expected),
        "primary_share": _number(own.primary_share),
        "primary_constant": _number(own.primary_constant),
        "excess_constant": _number(own.excess_constant),
        "primary_credibility": _number(float(own.credibility.primary[has].mean())),
        "excess_credibility": _number(float(own.credibility.excess[has].mean())),
        "smallest": _number(float(own.modification[has].min())),
        "largest": _number(float(own.modification[has].max())),
    }


def _tests_json(comparison: RatingComparison) -> dict[str, Any]:
    return {
        "quintile": {name: _quantile_json(name, test) for name, test in comparison.quintile.items()},
        "decile": {name: _quantile_json(name, test) for name, test in comparison.decile.items()},
        "gini": [
            {
                "base": base,
                "score": score,
                "gini": _number(curve.gini),
                "standard_error": _number(curve.standard_error),
            }
            for (base, score), curve in comparison.lorenz.items()
        ],
    }


def _quantile_json(name: str, test: QuantileTest) -> dict[str, Any]:
    return {
        # a score alone changes no premium
        "statistic": None if name == SCORE else _number(test.statistic),
        "lift": _number(test.lift),
        "balance": _number(test.balance),
        "groups": [{name: _plain(value) for name, value in asdict(group).items()} for group in test.groups],
    }


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _write_groups(folder: Path, comparison: RatingComparison) -> Path:
    """Write ``groups.csv``: premiums, losses and loss ratios by group."""
    header = (
        "by",
        "name",
        "contracts",
        "base_premium",
        "law_premium",
        "experience_premium",
        "loss",
        "loss_ratio_base",
        "loss_ratio_law",
        "loss_ratio_experience",
    )
    rows = (
        (
            key,
            group.name,
            group.n_contracts,
            tenge_text(group.base_premium),
            tenge_text(group.law_premium),
            tenge_text(group.experience_premium),
            tenge_text(group.loss),
            *(_number(group.loss_ratio(name)) for name in group.earned),
        )
        for key, groups in (*comparison.groups.items(), ("all", (comparison.total,)))
        for group in groups
    )
    return _write_csv(folder / "groups.csv", header, rows)


def _write_tests(folder: Path, comparison: RatingComparison) -> Path:
    """Write ``tests.csv``: the groups of the quantile tests."""
    names = (
        "n_risks",
        "lowest",
        "highest",
        "premium",
        "modified_premium",
        "loss",
        "ratio",
        "standard_error",
        "modified_ratio",
        "modified_standard_error",
    )
    rows = (
        (rating, test.asked, k, *(_plain(getattr(group, name)) for name in names))
        for tests in (comparison.quintile, comparison.decile)
        for rating, test in tests.items()
        for k, group in enumerate(test.groups, start=1)
    )
    return _write_csv(folder / "tests.csv", ("rating", "groups", "group", *names), rows)


def _write_lorenz(folder: Path, comparison: RatingComparison) -> Path:
    """Write ``lorenz.csv``: of each curve at most `CURVE_POINTS` points, evenly spread."""
    rows = []
    for (base, score), curve in comparison.lorenz.items():
        n = curve.premium_share.size
        shown = np.unique(np.linspace(0, n - 1, min(n, CURVE_POINTS)).round().astype(np.int64))
        points = zip(curve.premium_share[shown].tolist(), curve.loss_share[shown].tolist(), strict=True)
        rows += [(base, score, _number(p), _number(y)) for p, y in points]
    return _write_csv(folder / "lorenz.csv", ("base", "score", "premium_share", "loss_share"), rows)


def results_table(book: RatingBook, contracts: RatedContracts) -> pa.Table:
    """One row a contract of the test years, by year and contract_id."""
    at = contracts.contract.tolist()
    score = pa.array(contracts.score, mask=np.isnan(contracts.score))
    return pa.table(
        {
            "year": contracts.year,
            "contract_id": pa.array([book.contract_id[i] for i in at], type=pa.string()),
            "risk_class": contracts.main_class,
            "base_premium": decimal_array(contracts.base_premium),
            "law_factor": contracts.law_factor,
            "law_premium": decimal_array(contracts.law_premium),
            "expected_losses": contracts.expected_losses,
            "modification": contracts.modification,
            "experience_premium": decimal_array(contracts.experience_premium),
            "difference": decimal_array(contracts.difference()),
            "earned_share": contracts.earned_share,
            "loss": decimal_array(contracts.loss),
            "history_known": contracts.history_known,
            "has_experience": contracts.has_experience,
            "score": score,
        }
    )


def _write_results(folder: Path, book: RatingBook, contracts: RatedContracts, file_format: str) -> Path:
    path = folder / f"results.{file_format}"
    table = results_table(book, contracts)
    if file_format == "csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pyarrow.parquet.write_table(table, path, compression="zstd")
    return path


def _write_log(path: Path, record: Mapping[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    lines = [f"actuarial {record['engine_version']} rating, assumptions {record['assumptions_name']}"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(f"{record['contracts']} contracts of the test years, {record['threads']} threads")
    lines += [f"choice {c['choice']}: {c['value']}" for c in record["choices"]]
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines += [f"total {name}: {amount}" for name, amount in record["totals"].items()]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
