"""The tables of a tariff study: one set of them feeds CSV files, page, workbook and screen."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actuarial.claim_record import KIND_NAMES, BookExperience
from actuarial.language import Text, amount, joined, percent, text
from actuarial.money import exact_total, rounded_tiyn, tenge_text
from actuarial.premium.book import CLASSES
from actuarial.premium.record import HUNDREDTHS
from actuarial.report.name import NO, YES
from actuarial.report.table import Column, Table
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.class_setting import FrequencySetting, RankSetting
from actuarial.technical_premium.development import FittedTrend
from actuarial.technical_premium.proposal import ProposalEffect
from actuarial.technical_premium.regression import RegressionFit

DIGITS = 10
"""Significant digits of estimates in CSV and JSON."""
WORDS: Mapping[str, str] = {
    word: word
    for word in (
        text("one_level"),
        text("hierarchical"),
        text("collective"),
        text("market"),
        text("none"),
        text("claims"),
        text("annuity_model"),
        text("given"),
        text("empirical"),
        text("pareto"),
        text("fitted"),
        text("risk_class"),
        text("section"),
        text("size"),
        text("region"),
        text("year"),
        text("frequency"),
        text("severity"),
        text("payroll"),
        text("estimated"),
        text("base"),
        text("no_claims"),
        text("aliased"),
        text("separated"),
        text("unknown"),
    )
}
"""Choices, factors and states of a study as a reader is told them."""
FAMILY_NAMES = {"poisson": text("poisson"), "negative_binomial": text("negative binomial")}


def significant(value: float | None) -> float | None:
    """An estimate with as many digits as are written; None where there is none."""
    return None if value is None or not isfinite(value) else float(f"{value:.{DIGITS}g}")


def _cells(*columns: Sequence[Any] | NDArray[Any]) -> tuple[tuple[Any, ...], ...]:
    """Rows of columns; numbers that are none become empty cells."""
    return tuple(
        tuple(significant(float(v)) if isinstance(v, (float, np.floating)) else _plain(v) for v in row)
        for row in zip(*columns, strict=True)
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def rate_table(study: TariffStudy) -> Table:
    """Rates of the law beside the technical ones, by class."""
    low, high = study.rates.interval(study.assumptions.level)
    columns = (
        Column("class", "integer"),
        Column("claims", "integer"),
        Column("exposure", "number", 0),
        Column("credibility of injuries", "percent"),
        Column("risk rate", "percent", 3),
        Column("technical rate", "percent", 3),
        Column("from", "percent", 3),
        Column("to", "percent", 3),
        Column("statutory rate", "percent", 3),
        Column("statutory / technical", "percent", 1),
        Column("ratio from", "percent", 1),
        Column("ratio to", "percent", 1),
    )
    exposure = study.frequencies[0]
    rows = _cells(
        range(1, CLASSES + 1),
        study.years.counts().sum(axis=1).astype(np.int64),
        _exposure_by_class(study),
        exposure.credibility,
        study.rates.risk,
        study.rates.technical,
        low,
        high,
        study.by_class.statutory,
        study.by_class.ratio,
        study.by_class.low,
        study.by_class.high,
    )
    by_heads = study.assumptions.exposure == "headcount"
    unit = text("worker-years") if by_heads else text("payroll-years, tenge")
    note = text(
        "Exposure: {unit}. Intervals of {level} for the technical rate and the ratio; above 100 % "
        "the tariff covers claims, expenses and margins.",
        unit=unit,
        level=level_text(study),
    )
    return Table("Tariffs and technical rates by class", columns, rows, note=note)


def level_text(study: TariffStudy) -> Text:
    """Level of the intervals of a study in percent."""
    return percent(study.assumptions.level, 0)


def _exposure_by_class(study: TariffStudy) -> NDArray[np.float64]:
    total = np.zeros(CLASSES)
    np.add.at(total, study.part_class - 1, study.years.exposure.sum(axis=1))
    return total


def premium_table(study: TariffStudy) -> Table:
    """Premiums of the rated contracts by class, with the distribution of the loss ratio."""
    rated, ratio = study.rated, study.loss_ratio_by_class
    columns = (
        Column("class", "integer"),
        Column("annual payroll", "money"),
        Column("tariff alone", "money"),
        Column("premium of the law", "money"),
        Column("technical premium", "money"),
        Column("tariff / technical", "percent"),
        Column("law / technical", "percent"),
        Column("ratio from", "percent"),
        Column("ratio to", "percent"),
        Column("loss ratio", "percent"),
        Column("5 %", "percent"),
        Column("95 %", "percent"),
        Column("claims above premium", "percent"),
        Column("above permissible", "percent"),
    )
    seen = np.flatnonzero(rated.payroll > 0)
    amounts = technical_amounts(study)
    tariff = rounded_tiyn(rated.tariff_premium)
    rows = _cells(
        seen + 1,
        rounded_tiyn(rated.payroll[seen]),
        tariff[seen],
        rounded_tiyn(rated.law_premium[seen]),
        amounts[seen],
        _over(tariff[seen], amounts[seen]),
        study.of_rated_class.ratio[seen],
        study.of_rated_class.low[seen],
        study.of_rated_class.high[seen],
        ratio.mean[seen],
        ratio.quantiles[0][seen],
        ratio.quantiles[2][seen],
        ratio.above_one[seen],
        ratio.above_permissible[seen],
    )
    book, whole = study.of_book, study.loss_ratio
    total = (
        None,
        exact_total(rounded_tiyn(rated.payroll)),
        exact_total(tariff),
        exact_total(rounded_tiyn(rated.law_premium)),
        exact_total(amounts),
        *(
            significant(float(v[0]))
            for v in (
                _over([exact_total(tariff)], [exact_total(amounts)]),
                book.ratio,
                book.low,
                book.high,
                whole.mean,
                whole.quantiles[0],
                whole.quantiles[2],
                whole.above_one,
                whole.above_permissible,
            )
        ),
    )
    note = text(
        "Contracts whose cover starts in the last year, as concluded. Tariff alone: insured sum × tariff; "
        "the premium of the law adds the minimum, the coefficient and the discount. Loss ratio: claims over "
        "the premium of the law at the rated day, lognormal by two moments; permissible is what the loadings "
        "leave for claims and their handling."
    )
    return Table("Premiums of the rated contracts", columns, rows, total if seen.size else None, note)


def _over(top: ArrayLike, bottom: ArrayLike) -> NDArray[np.float64]:
    """Ratio, NaN where there is nothing to divide by."""
    up, down = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    return np.divide(up, down, out=np.full_like(down, np.nan), where=down > 0)


def technical_amounts(study: TariffStudy) -> NDArray[np.int64]:
    """Technical premium of the rated contracts by class [tiyn], each rounded once."""
    return rounded_tiyn(study.rated.covered_payroll * study.rates.technical)


def frequency_unit(study: TariffStudy) -> tuple[float, str]:
    """Exposure that frequencies are shown for, and its name in a heading."""
    return (1e3, "1000") if study.assumptions.exposure == "headcount" else (1e9, text("bn KZT"))


def frequency_table(study: TariffStudy, kind: int) -> Table:
    """Frequency of one kind by class."""
    f, s = study.frequencies[kind], study.severities[kind]
    scale, unit = frequency_unit(study)
    columns = (
        Column("class", "integer"),
        Column("claims", "integer"),
        Column("effective exposure", "number", 1),
        Column(text("own, per {unit}", unit=unit), "number", 3),
        Column("from", "number", 3),
        Column("to", "number", 3),
        Column("credibility", "percent"),
        Column(text("taken, per {unit}", unit=unit), "number", 3),
        Column("standard error", "number", 3),
        Column("cost of a claim, tenge", "number", 0),
    )
    rows = _cells(
        range(1, CLASSES + 1),
        f.claims.sum(axis=1).astype(np.int64),
        f.exposure.sum(axis=1),
        scale * f.own,
        scale * f.own_low,
        scale * f.own_high,
        f.credibility,
        scale * f.estimate,
        scale * np.sqrt(f.mean_squared_error),
        s.mean,
    )
    large = text("{method}, {n} large", method=_word(s.large.method), n=s.large.n_large)
    if s.large.shape:
        large = text("{large}, Pareto shape {shape:.3g}", large=large, shape=s.large.shape)
    note = text(
        "Frequency: {method}; collective {collective:.4g} per {unit}. Cost: {source}, variation "
        "{variation:.3g}, large-loss load {load} ± {error} ({large}).",
        method=_word(f.method),
        collective=scale * f.collective,
        unit=unit,
        source=_word(s.source),
        variation=s.variation,
        load=_share(s.large.load),
        error=_share(s.large.standard_error),
        large=large,
    )
    return Table(text("{kind}: frequency and cost", kind=KIND_NAMES[kind]), columns, rows, note=note)


def regression_table(fit: RegressionFit) -> Table:
    """Relativities of claim numbers."""
    columns = (
        Column("factor"),
        Column("level"),
        Column("claims", "integer"),
        Column("exposure", "number", 0),
        Column("relativity", "number", 3),
        Column("from", "number", 3),
        Column("to", "number", 3),
        Column("coefficient", "number", 4),
        Column("standard error", "number", 4),
        Column("p-value", "number", 4),
        Column("status"),
    )
    rows = _cells(
        [_word(t.factor) for t in fit.terms],
        [_word(t.level) if t.level == "unknown" else t.level for t in fit.terms],
        [int(t.claims) for t in fit.terms],
        *(
            [getattr(t, name) for t in fit.terms]
            for name in (
                "exposure", "relativity", "low", "high", "coefficient", "standard_error", "p_value",
            )
        ),
        [_word(t.status) for t in fit.terms],
    )  # fmt: skip
    note = text(
        "{family}, dispersion {dispersion:.4g}; {n_cells} cells, {n_claims} claims, deviance "
        "{deviance:.5g} and Pearson {pearson:.5g} on {freedom} degrees of freedom.",
        family=FAMILY_NAMES[fit.family],
        dispersion=fit.dispersion,
        n_cells=fit.n_cells,
        n_claims=fit.n_claims,
        deviance=fit.deviance,
        pearson=fit.pearson,
        freedom=fit.freedom,
    )
    if fit.overdispersion_statistic is not None:
        note = text(
            "{note} Over-dispersion (Cameron, Trivedi): {overdispersion_statistic:.3g}, p "
            "{overdispersion_p_value:.3g}.",
            note=note,
            overdispersion_statistic=fit.overdispersion_statistic,
            overdispersion_p_value=fit.overdispersion_p_value,
        )
    return Table("Relativities of claim numbers", columns, rows, note=note)


def development_table(study: TariffStudy) -> Table:
    """What is known of each year: claims, development and growth."""
    years = study.years
    to_rated = years.years_until(study.rated_day)
    columns = (
        Column("year"),
        Column("exposure", "number", 0),
        *(
            column
            for name in KIND_NAMES
            for column in (
                Column(text("{kind}: claims", kind=name), "integer"),
                Column(text("{kind}: numbers ×", kind=name), "number", 4),
                Column(text("{kind}: amounts ×", kind=name), "number", 4),
            )
        ),
        *(Column(text("{name} ×", name=_word(name)), "number", 4) for name in study.trends),
    )
    per_kind: list[Any] = []
    for kind, developed in enumerate(study.developments):
        per_kind += [
            years.counts(kind).sum(axis=0).astype(np.int64),
            developed.count_factor,
            developed.amount_factor,
        ]
    growth = [(1.0 + found.rate) ** to_rated for found in study.trends.values()]
    rows = _cells(years.labels, years.exposure.sum(axis=0), *per_kind, *growth)
    trends = joined((_trend(name, found) for name, found in study.trends.items()), "; ")
    return Table(
        "Experience years, development and growth to the rated day",
        columns,
        rows,
        note=text("Growth: {trends}.", trends=trends),
    )


def _trend(name: str, found: FittedTrend) -> Text:
    sign = "+" if found.rate >= 0 else ""
    rate = text("{sign}{share}", sign=sign, share=_share(found.rate))
    if found.choice != "fitted":
        return text(
            "{name} {rate} a year ({choice})", name=_word(name), rate=rate, choice=_word(found.choice)
        )
    return text(
        "{name} {rate} a year ({choice}, standard error {error})",
        name=_word(name),
        rate=rate,
        choice=_word(found.choice),
        error=_share(found.standard_error),
    )


def _share(value: float) -> Text:
    return percent(value, 2)


def _word(code: str) -> str:
    return WORDS.get(code, code)


def policyholder_table(
    study: TariffStudy, experience: BookExperience, positions: Sequence[int] | None = None
) -> Table:
    """Policyholders with a rated contract: all of them, or some."""
    found = study.policyholders
    at = np.arange(found.number.size) if positions is None else np.array(positions, dtype=np.int64)
    columns = (
        Column("policyholder"),
        Column("BIN"),
        Column("claims", "integer"),
        Column("expected claims", "number", 2),
        Column("credibility", "percent"),
        Column("modification", "number", 3),
        Column("premium of the law", "money"),
        Column("technical premium", "money"),
        Column("law / technical", "percent"),
        Column("ratio from", "percent"),
        Column("ratio to", "percent"),
    )
    c = found.comparison
    numbers = found.number[at]
    rows = _cells(
        [experience.policyholder_name[i] for i in numbers],
        [experience.policyholder_bin[i] for i in numbers],
        found.claims[at].astype(np.int64),
        found.expected[at],
        found.credibility[at],
        found.modification[at],
        rounded_tiyn(c.statutory[at]),
        rounded_tiyn(c.technical[at]),
        c.ratio[at],
        c.low[at],
        c.high[at],
    )
    note = text(
        "Modification: claims of all years over expected by class, size and region, blended with the book's "
        "ratio by credibility. Technical premium: the classes' rates × relativities × modification."
    )
    return Table("Policyholders", columns, rows, note=note)


def frequency_setting_table(study: TariffStudy, found: FrequencySetting) -> Table:
    """Method order_86_2022_03."""
    scale, unit = frequency_unit(study)
    columns = (
        Column("activity"),
        Column("claims", "integer"),
        Column("exposure", "number", 0),
        Column(text("per {unit}", unit=unit), "number", 3),
        Column("from", "number", 3),
        Column("to", "number", 3),
        Column("Bühlmann-Straub Z", "percent"),
        Column(text("per {unit}, B-S", unit=unit), "number", 3),
        Column("limited fluctuation Z", "percent"),
        Column(text("per {unit}, l. f.", unit=unit), "number", 3),
        Column("chi-square", "number", 2),
        Column("p-value", "number", 4),
        Column("years agree"),
        Column(text("taken, per {unit}", unit=unit), "number", 3),
        Column("cost of a claim, tenge", "number", 0),
        Column("rate", "percent", 3),
        Column("order", "integer"),
    )
    rows = _cells(
        found.unit,
        found.claims.astype(np.int64),
        found.exposure,
        scale * found.frequency,
        scale * found.low,
        scale * found.high,
        found.straub_credibility,
        scale * found.straub,
        found.limited_credibility,
        scale * found.limited,
        found.chi_square,
        found.p_value,
        [YES if h else NO for h in found.is_homogeneous],
        scale * found.stabilised,
        found.cost,
        found.rate,
        found.order,
    )
    note = text("Full credibility from {n} claims.", n=f"{found.full_credibility_claims:.0f}")
    return Table(
        "Order No 86 of 05.03.2022, in outline", columns, rows, note=joined((note, *found.notes), " ")
    )


def rank_setting_table(found: RankSetting) -> Table:
    """Method order_86_2022_08."""
    columns = (
        Column("activity"),
        *(Column(name, "number", 4) for name in found.indicator),
        *(Column(text("rank: {name}", name=name), "number", 1) for name in found.indicator),
        Column("mean rank", "number", 3),
        Column("order", "integer"),
        Column("share passed", "percent"),
    )
    rows = _cells(
        found.unit,
        *found.mean.T,
        *found.rank.T,
        found.mean_rank,
        found.order,
        found.share,
    )
    return Table("Order No 86 in the edition of 15.08.2022, in outline", columns, rows)


def proposal_table(study: TariffStudy, effect: ProposalEffect) -> Table:
    """Premiums by class under the law and under the hypothetical tariffs."""
    columns = (
        Column("class", "integer"),
        Column("rate of the law", "percent", 3),
        Column("proposed rate", "percent", 3),
        Column("premium of the law", "money"),
        Column("proposed premium", "money"),
        Column("change", "money"),
        Column("change, %", "percent"),
        Column("expected loss ratio, law", "percent"),
        Column("expected loss ratio, proposed", "percent"),
        Column("proposed / technical", "percent"),
    )
    seen = np.flatnonzero(study.rated.payroll > 0)
    before, after = effect.premium_law[seen], effect.premium_proposed[seen]
    claims = 100.0 * effect.expected_claims[seen]
    technical = technical_amounts(study)
    rows = _cells(
        seen + 1,
        study.by_class.statutory[seen],
        effect.proposed[seen] / HUNDREDTHS,
        before,
        after,
        after - before,
        _over(after - before, before),
        _over(claims, before),
        _over(claims, after),
        _over(after, technical[seen]),
    )
    one, two = effect.total_law, effect.total_proposed
    whole = 100.0 * float(effect.expected_claims.sum())
    total = (
        None,
        None,
        None,
        one,
        two,
        two - one,
        *(
            significant(float(_over([top], [bottom])[0]))
            for top, bottom in ((two - one, one), (whole, one), (whole, two), (two, exact_total(technical)))
        ),
    )
    note = text(
        "The proposed rates are hypothetical. The smallest premium, coefficients and discounts stay "
        "the law's; contracts at the smallest premium: {minimum_law} by the law, {minimum_proposed} "
        "proposed.",
        minimum_law=effect.minimum_law,
        minimum_proposed=effect.minimum_proposed,
    )
    return Table("The proposed tariffs", columns, rows, total if seen.size else None, note)


def change_table(study: TariffStudy, effect: ProposalEffect) -> Table:
    """Contracts whose premium would change most."""
    columns = (
        Column("contract"),
        Column("premium of the law", "money"),
        Column("proposed premium", "money"),
        Column("change", "money"),
    )
    rows = tuple(
        (name, one, two, two - one) for name, one, two in (*effect.winners, *reversed(effect.losers))
    )
    note = text(
        "{n_lower} contracts would pay less ({lower_by} ₸ in all), {n_higher} more ({higher_by} ₸), "
        "{n_equal} the same.",
        n_lower=effect.n_lower,
        lower_by=amount(effect.lower_by),
        n_higher=effect.n_higher,
        higher_by=amount(effect.higher_by),
        n_equal=effect.n_equal,
    )
    return Table("Largest changes by contract", columns, rows, note=note)


def write_csv(path: Path, table: Table) -> Path:
    """Write a table as CSV: names of columns in one word, money in tenge, shares as fractions."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([header_name(column.title) for column in table.columns])
        for row in table.rows:
            writer.writerow(
                [
                    ""
                    if value is None
                    else tenge_text(value)
                    if column.kind == "money"
                    else repr(value)
                    if isinstance(value, float)
                    else value
                    for column, value in zip(table.columns, row, strict=True)
                ]
            )
    return path


def header_name(title: str) -> str:
    """Title of a column as a file has it: ``person_years`` for person-years."""
    words = title.replace("×", "factor").replace("/", " to ").replace("%", "percent")
    return "_".join("".join(c if c.isalnum() else " " for c in words).lower().split())
