"""One tariff study from files to a run folder: read, check, estimate, compare, write.

Nothing is written under the folder's name before everything is complete; a book with findings leaves
``checks.xlsx`` there and nothing else.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from actuarial import __version__
from actuarial.basis import Basis, load_basis
from actuarial.claim_record import KINDS, BookExperience
from actuarial.language import text
from actuarial.money import exact_total, rounded_tiyn, tenge_text
from actuarial.payout_law import PayoutLaw, calendar_date
from actuarial.portfolio.claim_check import ExperienceReading, read_experience
from actuarial.portfolio.finding import Findings, combined
from actuarial.portfolio.source import Source
from actuarial.portfolio.study_read import IndicatorTable, read_indicators, read_proposal
from actuarial.premium.compulsory import explained_choices
from actuarial.report import adequacy_table as table
from actuarial.report.repeat import recorded
from actuarial.report.run import Clock, FinishedRun, RefusedRun, finding_warnings, mapping_source, refused_run
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_json,
)
from actuarial.technical_premium.adequacy import TariffStudy, tariff_study
from actuarial.technical_premium.assumption import Study, TechnicalPremiumError, load_study
from actuarial.technical_premium.class_setting import (
    NOT_READ,
    FrequencySetting,
    RankSetting,
    book_frequency_setting,
    rank_setting,
)
from actuarial.technical_premium.proposal import HIGHEST_RATE, ProposalEffect, proposal_effect

LIMITATIONS = (
    text(
        "Loadings, victims, trends not fitted and the concentration load are assumptions, not law; the "
        "technical rate is as good as they are."
    ),
    text(
        "Intervals hold the error of frequencies (credibility) and of costs, on a logarithmic scale; they "
        "leave out the error of the structure parameters, of development and of trends."
    ),
    text(
        "Costs taken from claims are nominal payments and case estimates as the insurer set them; those "
        "of the annuity model are discounted expected values under the basis."
    ),
    text("Classes without exposure have the complement of credibility, not an estimate of their own."),
    text("General actuarial practice; no compliance with prudential acts is claimed."),
)


@dataclass(frozen=True)
class AdequacyRequest:
    """What to study and where to put it.

    Attributes
    ----------
    contracts : Path
        Workbook, folder or file; see `actuarial.portfolio.claim_check.read_experience`.
    claims : Path, optional
        Default where the contracts are.
    basis : str
        Shipped name or file, for the annuity model.
    valuation_date : date
    assumptions : Path
    target : Path
        Run folder to create.
    tariff : Path, optional
        A proposed table of tariffs.
    policyholder : str, optional
        Name or БИН to show apart.
    choices : mapping of str to str
    mapping : Path, optional
    with_report : bool
    threads : int, optional
    replace : bool
    company : str
        The insurer, at the head of the report.
    """

    contracts: Path
    claims: Path | None
    basis: str
    valuation_date: date
    assumptions: Path
    target: Path
    choices: Mapping[str, str]
    tariff: Path | None = None
    policyholder: str | None = None
    mapping: Path | None = None
    with_report: bool = True
    threads: int | None = None
    replace: bool = False
    company: str = ""


@dataclass(frozen=True)
class AdequacyFigures:
    """What a study found, for the tables and the reports."""

    record: dict[str, Any]
    experience: BookExperience
    study: TariffStudy
    setting: FrequencySetting | RankSetting | None
    effect: ProposalEffect | None
    named: int | None
    findings: Findings


@dataclass(frozen=True)
class AdequacyRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    figures : AdequacyFigures
    """

    ANSWER = (
        "schema_version",
        "command",
        "valuation_date",
        "assumptions_name",
        "basis_name",
        "contracts",
        "claims",
        "totals",
        "adequacy",
        "loss_ratio",
        "classes",
        "policyholder",
        "proposal",
        "warnings",
    )

    figures: AdequacyFigures


def run_adequacy(
    request: AdequacyRequest, announce: Callable[[str], None] = lambda step: None
) -> AdequacyRun | RefusedRun:
    """Study the tariffs on a book with claims and write the run folder.

    Parameters
    ----------
    request : AdequacyRequest
    announce : callable
        Told each step as it begins.

    Returns
    -------
    AdequacyRun or RefusedRun
        RefusedRun when the data have findings of severity error.

    Raises
    ------
    TechnicalPremiumError
        E4711 - E4719.
    """
    if find_spec("statsmodels") is None:
        raise TechnicalPremiumError(
            "E4717",
            "the regression needs statsmodels, which is not installed: "
            "{python} -m pip install 'actuarial[experience]'",
            python=sys.executable,
        )
    target = request.target
    inputs = (request.contracts, request.claims, request.assumptions, request.tariff, request.mapping)
    refuse_inputs_inside(target, (*inputs, Path(request.basis)))
    refuse_taken(target, replace=request.replace)
    clock = Clock(announce)
    announce(text("reading the assumptions"))
    assumed, basis = load_study(request.assumptions), load_basis(request.basis)
    clock.done("assumptions", text("reading {file}", file=request.contracts.name))
    reading = read_experience(
        request.contracts,
        request.claims,
        request.valuation_date,
        request.choices,
        mapping=request.mapping,
        threads=request.threads,
    )
    proposal = None if request.tariff is None else read_proposal(request.tariff, HIGHEST_RATE)
    indicators = _indicators(assumed)
    beside = [other for other in (proposal, indicators) if other is not None]
    findings = combined([reading.findings, *(other.findings for other in beside)])
    clock.done("read and check", text("estimating"))
    if reading.experience is None or findings.has_errors:
        return refused_run(
            "adequacy", findings, target, text("Nothing was estimated."), replace=request.replace
        )
    experience = reading.experience
    named = _named(experience, request.policyholder)
    law = PayoutLaw()
    study = tariff_study(
        experience, assumed.assumptions, basis, request.valuation_date, law=law, threads=request.threads
    )
    setting = _setting(experience, study, indicators)
    effect = None
    if proposal is not None and proposal.rates is not None:
        effect = proposal_effect(
            experience, study.rated, study.rates, proposal.rates, threads=request.threads
        )
    clock.done("estimate", text("writing"))
    sources = reading.sources + [source for other in beside for source in other.sources]
    record = _record(request, assumed, basis, reading, sources, study, effect, law, findings)
    figures = AdequacyFigures(record, experience, study, setting, effect, named, findings)
    record["policyholder"] = None if named is None else _policyholder(figures, named)
    record["class_setting"] = None if setting is None else _setting_record(study, setting)
    with run_folder(target, replace=request.replace) as folder:
        files = _write_tables(folder, figures)
        if request.with_report:
            from actuarial.report.adequacy_report import write_adequacy_report

            files += write_adequacy_report(folder, figures)
        clock.done("write", text("finishing"))
        record["outputs"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        record["seconds"] = clock.seconds
        record["threads"] = request.threads or os.cpu_count() or 1
        record["python"] = platform.python_version()
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return AdequacyRun(target, record, findings, figures)


def _indicators(assumed: Study) -> IndicatorTable | None:
    asked = assumed.assumptions.class_setting
    if asked is None or asked.table is None:
        return None
    return read_indicators(assumed.folder / asked.table, [i.column for i in asked.indicators])


def _setting(
    experience: BookExperience, study: TariffStudy, indicators: IndicatorTable | None
) -> FrequencySetting | RankSetting | None:
    asked = study.assumptions.class_setting
    if asked is None:
        return None
    if indicators is None:
        return book_frequency_setting(experience, study, asked)
    assert indicators.values is not None
    return rank_setting(
        indicators.unit,
        indicators.values,
        [indicator.column for indicator in asked.indicators],
        [indicator.worse == "high" for indicator in asked.indicators],
    )


def _named(experience: BookExperience, name: str | None) -> int | None:
    """Number of the policyholder of a name or БИН."""
    if name is None:
        return None
    wanted = " ".join(name.split()).casefold()
    names = [text.casefold() for text in experience.policyholder_name]
    for number, (own, own_bin) in enumerate(zip(names, experience.policyholder_bin, strict=True)):
        if wanted in (own, own_bin):
            return number
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    missing = text("no policyholder {name!r} among {n} of the book", name=name, n=len(names))
    if near:
        shown = ", ".join(experience.policyholder_name[names.index(n)] for n in near)
        missing = text("{missing}; did you mean {near}?", missing=missing, near=shown)
    raise TechnicalPremiumError("E4719", missing)


def _policyholder(figures: AdequacyFigures, named: int) -> dict[str, Any]:
    """The named policyholder; without figures where it has no contract in the last year."""
    found = figures.study.policyholders
    at = np.flatnonzero(found.number == named)
    name = figures.experience.policyholder_name[named]
    if not at.size:
        return {"name": name, "note": text("no contract of this policyholder starts in the last year")}
    i, c = int(at[0]), found.comparison
    return {
        "name": name,
        "claims": int(found.claims[i]),
        "expected_claims": table.significant(float(found.expected[i])),
        "credibility": table.significant(float(found.credibility[i])),
        "modification": table.significant(float(found.modification[i])),
        "law_premium": tenge_text(int(rounded_tiyn(c.statutory[[i]])[0])),
        "technical_premium": tenge_text(int(rounded_tiyn(c.technical[[i]])[0])),
        "ratio": table.significant(float(c.ratio[i])),
        "ratio_from": table.significant(float(c.low[i])),
        "ratio_to": table.significant(float(c.high[i])),
    }


def _setting_record(study: TariffStudy, setting: FrequencySetting | RankSetting) -> dict[str, Any]:
    asked = study.assumptions.class_setting
    assert asked is not None
    notes = [*NOT_READ[asked.method]]
    if isinstance(setting, FrequencySetting) and study.years.n_years != 5:
        notes.append(text("The outline says five years; the study has {n}.", n=study.years.n_years))
    return {"method": asked.method, "activities": len(setting.unit), "notes": notes}


def _write_tables(folder: Path, figures: AdequacyFigures) -> list[Path]:
    study = figures.study
    tables = {
        "classes.csv": table.rate_table(study),
        "development.csv": table.development_table(study),
        "policyholders.csv": table.policyholder_table(study, figures.experience),
    }
    if not isinstance(study.regression, str):
        tables["regression.csv"] = table.regression_table(study.regression)
    if isinstance(figures.setting, FrequencySetting):
        tables["class-setting.csv"] = table.frequency_setting_table(study, figures.setting)
    elif figures.setting is not None:
        tables["class-setting.csv"] = table.rank_setting_table(figures.setting)
    if figures.effect is not None:
        tables["proposal.csv"] = table.proposal_table(study, figures.effect)
    return [table.write_csv(folder / name, content) for name, content in tables.items()]


def _record(
    request: AdequacyRequest,
    assumed: Study,
    basis: Basis,
    reading: ExperienceReading,
    sources: list[Source],
    study: TariffStudy,
    effect: ProposalEffect | None,
    law: PayoutLaw,
    findings: Findings,
) -> dict[str, Any]:
    """Content of ``run.json`` but for outputs and timings."""
    experience = reading.experience
    assert experience is not None
    rated, book = study.rated, study.of_book
    entries = {
        (entry["parameter"], entry["from"]): entry for entry in (*law.used(), *experience.law.notes.used())
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "command": "adequacy",
        "engine_version": __version__,
        "valuation_date": request.valuation_date.isoformat(),
        "rated_day": calendar_date(study.rated_day).isoformat(),
        "years": list(study.years.labels),
        "assumptions_name": study.assumptions.name,
        "basis_name": basis.name,
        "contracts": len(experience.records),
        "rated_contracts": len(rated.contracts),
        "claims": {name: int((study.years.kind == kind).sum()) for kind, name in enumerate(KINDS)},
        "totals": {
            "annual_payroll": tenge_text(exact_total(rounded_tiyn(rated.payroll))),
            "tariff_premium": tenge_text(exact_total(rounded_tiyn(rated.tariff_premium))),
            "law_premium": tenge_text(exact_total(rounded_tiyn(rated.law_premium))),
            "technical_premium": tenge_text(exact_total(table.technical_amounts(study))),
        },
        "adequacy": {
            "ratio": table.significant(float(book.ratio[0])),
            "from": table.significant(float(book.low[0])),
            "to": table.significant(float(book.high[0])),
            "level": study.assumptions.level,
        },
        "loss_ratio": {
            "mean": table.significant(float(study.loss_ratio.mean[0])),
            "deviation": table.significant(float(study.loss_ratio.deviation[0])),
            "above_one": table.significant(float(study.loss_ratio.above_one[0])),
            "above_permissible": table.significant(float(study.loss_ratio.above_permissible[0])),
        },
        "classes": [
            {
                "risk_class": number + 1,
                "risk_rate": table.significant(float(study.rates.risk[number])),
                "technical_rate": table.significant(float(study.rates.technical[number])),
                "statutory_rate": table.significant(float(study.by_class.statutory[number])),
                "ratio": table.significant(float(study.by_class.ratio[number])),
                "ratio_from": table.significant(float(study.by_class.low[number])),
                "ratio_to": table.significant(float(study.by_class.high[number])),
            }
            for number in range(len(study.rates.risk))
        ],
        "proposal": None if effect is None else _proposal(effect),
        "regression": study.regression if isinstance(study.regression, str) else study.regression.family,
        "warnings": _warnings(assumed, basis, study, findings),
        "limitations": list(LIMITATIONS),
        "request": recorded(request),
        "inputs": [asdict(source) for source in sources] + mapping_source(request.mapping),
        "assumptions": {
            "asked": str(request.assumptions),
            **study.assumptions.model_dump(mode="json"),
            "sources": assumed.sources,
        },
        "basis": {"asked": request.basis, **basis.resolved()},
        "choices": explained_choices(experience.choices),
        "law": [entries[key] for key in sorted(entries)],
    }


def _proposal(effect: ProposalEffect) -> dict[str, Any]:
    return {
        "law_premium": tenge_text(effect.total_law),
        "proposed_premium": tenge_text(effect.total_proposed),
        "minimum_law": effect.minimum_law,
        "minimum_proposed": effect.minimum_proposed,
        "lower": {"contracts": effect.n_lower, "by": tenge_text(effect.lower_by)},
        "higher": {"contracts": effect.n_higher, "by": tenge_text(effect.higher_by)},
        "same": effect.n_equal,
    }


def _warnings(assumed: Study, basis: Basis, study: TariffStudy, findings: Findings) -> list[str]:
    warnings: list[str] = []
    if assumed.is_illustrative:
        warnings.append(text("assumptions: {note}", note=text(" ".join(assumed.assumptions.note.split()))))
    if basis.is_illustrative:
        warnings.append(text("basis: {note}", note=text(" ".join(basis.assumptions.note.split()))))
    warnings += [*study.notes, *study.policyholders.notes]
    if isinstance(study.regression, str):
        warnings.append(text("regression: {note}", note=study.regression))
    else:
        warnings += [text("regression: {note}", note=note) for note in study.regression.notes]
    return warnings + finding_warnings(findings)


def _write_log(path: Path, record: dict[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    lines = [f"actuarial {record['engine_version']} adequacy"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines += [f"assumptions: {record['assumptions_name']}", f"basis: {record['basis_name']}"]
    lines.append(f"{record['contracts']} contracts, {record['threads']} threads")
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines += [f"total {name}: {amount}" for name, amount in record["totals"].items()]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
