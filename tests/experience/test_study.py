"""Certifications one by one; deaths against a table cell by cell; the truth of simulated histories."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from spell import completed_years, random_records, records_of
from statsmodels.stats.proportion import proportion_confint

import mortality
from actuarial.basis import Basis
from actuarial.experience.certification import certification_counts, months_later
from actuarial.experience.choice import StudyError, resolved_choices
from actuarial.experience.duration_study import duration_study
from actuarial.experience.exposure import exposure_cells
from actuarial.experience.fitted_basis import fitted_basis
from actuarial.experience.mortality_study import (
    actual_expected,
    estimated_multipliers,
    expected_deaths,
    graduated_table,
)
from actuarial.experience.record import DEAD, HistoryRecords
from actuarial.experience.study import StudyOptions, experience_study
from actuarial.payout_law import calendar_date, day
from actuarial.portfolio.history_check import read_history
from actuarial.portfolio.sample_history import TRUE_MULTIPLIERS, sample_truth, synthetic_history
from mortality.estimate import full_credibility_events

BIRTH, FIRST = date(1980, 3, 5), date(2015, 2, 1)


def counted(records: HistoryRecords, prior: Basis, stays: str) -> np.ndarray:
    """Certifications one spell at a time, with the dates of the standard library."""
    counts = np.zeros(prior.matrices.probabilities.shape, dtype=np.int64)

    def add(first: date, when: date, band: int, to: int) -> None:
        years = completed_years(first, when)
        i = max(k for k, d in enumerate(prior.matrices.duration_from) if d <= years)
        counts[i, band, to] += 1

    for i in range(len(records)):
        first, entry, end = (
            calendar_date(getattr(records, name)[i])
            for name in ("first_certificate_date", "entry_date", "exit_date")
        )
        band, reason = int(records.band[i]), int(records.exit_reason[i])
        if stays == "review_dates" and prior.terms[band]:
            k = 1
            while (review := mortality.add_months(entry, k * int(prior.terms[band]))) < end:
                add(first, review, band, band)
                k += 1
        if reason in (0, 2):
            add(first, end, band, 4 if reason == 0 else int(records.band_to[i]))
    return counts


@pytest.mark.parametrize("stays", ["rows", "review_dates"])
def test_certifications_one_by_one(prior: Basis, stays: str) -> None:
    records = random_records(800, 11)
    found = certification_counts(records, prior.matrices, prior.terms, stays)
    np.testing.assert_array_equal(found.counts, counted(records, prior, stays))
    assert found.n_rows == np.isin(records.exit_reason, (0, 2)).sum()


def test_months_later_is_the_calendar_of_the_engine() -> None:
    random = np.random.default_rng(1)
    days = random.integers(-9000, 20000, 3000).astype(np.int32)
    months = random.integers(0, 200, 3000)
    expected = [
        day(mortality.add_months(calendar_date(d), int(m))) for d, m in zip(days, months, strict=True)
    ]
    assert months_later(days, months).tolist() == expected


def test_a_history_that_never_records_a_stay_is_refused(prior: Basis) -> None:
    spells = [
        (1, "male", BIRTH, FIRST, FIRST, date(2018, 2, 1), "degree_changed", "B", "C"),
        (2, "male", BIRTH, FIRST, FIRST, date(2017, 2, 1), "recovered", "B", ""),
    ]
    records = records_of(spells)
    with pytest.raises(StudyError, match=r"none of them in the same band, while 3 review dates") as error:
        certification_counts(records, prior.matrices, prior.terms, "rows")
    assert error.value.code == "E6224"
    found = certification_counts(records, prior.matrices, prior.terms, "review_dates")
    # B is reviewed every 12 months: stays after 1 and 2 years, and the outcomes after 3 and 2
    assert found.counts[1, 1].tolist() == [0, 3, 0, 0, 1]
    assert found.counts[2, 1].tolist() == [0, 0, 1, 0, 0]


def test_terms_that_are_not_those_of_the_prior_are_told(prior: Basis, shipped: HistoryRecords) -> None:
    def spells(band: str, months: int, n: int, reason: str = "degree_changed") -> list:
        end = mortality.add_months(FIRST, months)
        return [(i, "male", BIRTH, FIRST, FIRST, end, reason, band, band) for i in range(n)]

    history = [*spells("B", 24, 21), *spells("A", 12, 40), *spells("C", 36, 19), *spells("D", 60, 20)]
    study = experience_study(records_of(history), prior, StudyOptions(prior_strength=50.0))
    told = [note for note in study.notes if note.startswith("band ")]
    assert len(told) == 2
    assert told[0].startswith(
        "band B: a certificate of the history lasts 24 months (median), one of the prior"
    )
    assert told[1].startswith("band D: 20 certifications, but the prior basis has no review in it")
    counts = certification_counts(shipped, prior.matrices, prior.terms, "rows")
    assert counts.median_months[:3].tolist() == [12.0, 12.0, 24.0]
    assert counts.by_band.sum() == counts.n_rows


def test_expected_deaths_cell_by_cell(prior: Basis) -> None:
    records = random_records(300, 12)
    cells = exposure_cells(records)
    improving = prior.assumptions.mortality.model_copy(update={"improvement": 0.02})
    for basis, improvement in (
        (prior, 0.0),
        (replace(prior, assumptions=prior.assumptions.model_copy(update={"mortality": improving})), 0.02),
    ):
        found = expected_deaths(cells, basis)
        for i in range(len(cells.days)):
            table = basis.tables[("male", "female")[cells.sex[i]]]
            force = -np.log(1 - table.at(int(cells.age[i])))
            # the middle of the period is 1 January 2023; 1 July of the year
            months = (int(cells.year[i]) - 2023) * 12 + 6
            exact = cells.days[i] / 365.25 * force * (1 - improvement) ** (months / 12)
            assert found[i] == pytest.approx(exact, rel=1e-12)


def test_an_age_at_which_the_table_has_no_force(prior: Basis) -> None:
    spell = (1, "male", date(1900, 1, 1), FIRST, date(2016, 1, 1), date(2018, 1, 1), "dead", "B", "")
    cells = exposure_cells(records_of([spell]))
    with pytest.raises(StudyError, match="ages 116-117 of males are observed; table kz-wpp2024") as error:
        expected_deaths(cells, prior)
    assert error.value.code == "E6221"


def test_groups_add_up(prior: Basis) -> None:
    cells = exposure_cells(random_records(500, 13))
    expected = expected_deaths(cells, prior)
    rows = actual_expected(cells, expected, prior)
    total = rows[0]
    assert total.by_table.events == cells.exits[:, DEAD].sum()
    assert total.by_basis.base == pytest.approx(
        sum(e * (1.0, 1.5, 3.0, 5.0)[b] for e, b in zip(expected, cells.band, strict=True)), rel=1e-12
    )
    for dimension in ("sex", "band", "age", "duration", "year"):
        own = [row for row in rows if row.dimension == dimension]
        assert sum(row.by_table.events for row in own) == total.by_table.events
        assert sum(row.years for row in own) == pytest.approx(total.years, rel=1e-12)
        assert sum(row.by_basis.base for row in own) == pytest.approx(total.by_basis.base, rel=1e-12)


def test_multipliers_by_each_choice(prior: Basis) -> None:
    cells = exposure_cells(random_records(500, 14))
    expected = expected_deaths(cells, prior)
    plain = estimated_multipliers(cells, expected, prior, "observed")
    drawn = estimated_multipliers(cells, expected, prior, "limited_fluctuation")
    kept = estimated_multipliers(cells, expected, prior, "prior")
    for code, (observed, limited, same) in enumerate(zip(plain, drawn, kept, strict=True)):
        own = cells.band == code
        deaths = int(cells.exits[own, DEAD].sum())
        ratio = deaths / expected[own].sum()
        z = min(1.0, (deaths / full_credibility_events()) ** 0.5)
        before = (1.0, 1.5, 3.0, 5.0)[code]
        # a random history has deaths far beyond any table: the multiplier a basis takes ends at 50
        assert observed.fitted == pytest.approx(ratio, abs=1e-6)
        assert limited.fitted == pytest.approx(z * ratio + (1 - z) * before, abs=1e-6)
        assert (same.fitted, same.credibility) == (before, 0.0)


def test_no_death_is_no_multiplier_of_zero(prior: Basis) -> None:
    spell = (1, "male", BIRTH, FIRST, FIRST, date(2018, 1, 1), "censored", "B", "")
    cells = exposure_cells(records_of([spell]))
    expected = expected_deaths(cells, prior)
    with pytest.raises(StudyError, match=r"band B: no death in 2\.9 person-years") as error:
        estimated_multipliers(cells, expected, prior, "observed")
    assert error.value.code == "E6223"
    found = estimated_multipliers(cells, expected, prior, "limited_fluctuation")
    assert [m.fitted for m in found] == [1.0, 1.5, 3.0, 5.0]
    assert np.isnan(found[0].observed.value)
    assert found[1].observed.value == 0.0


def test_a_multiplier_that_no_basis_takes(prior: Basis) -> None:
    spells = [(i, "male", BIRTH, FIRST, FIRST, date(2015, 3, 1), "dead", "A", "") for i in range(2000)]
    cells = exposure_cells(records_of(spells))
    with pytest.raises(StudyError, match=r"a basis takes at most 50"):
        estimated_multipliers(cells, expected_deaths(cells, prior), prior, "observed")


def test_choices() -> None:
    assert resolved_choices({})["stays"] == "rows"
    with pytest.raises(StudyError, match=r"unknown choice 'stay' \(did you mean stays\?\)"):
        resolved_choices({"stay": "rows"})
    with pytest.raises(StudyError, match="'no' is not a value; the values are prior, graduated"):
        resolved_choices({"table": "no"})


def test_as_of_before_the_history(shipped: HistoryRecords, prior: Basis) -> None:
    with pytest.raises(StudyError, match="no spell begins before that day") as error:
        experience_study(shipped, prior, StudyOptions(as_of=date(2015, 12, 31)))
    assert error.value.code == "E6225"


def test_a_graduated_table_that_cannot_be_made(prior: Basis) -> None:
    spells = [
        (1, "male", BIRTH, FIRST, FIRST, date(2016, 2, 1), "degree_changed", "B", "B"),
        (1, "male", BIRTH, FIRST, date(2016, 2, 1), date(2016, 8, 1), "dead", "B", ""),
    ]
    options = StudyOptions(choices={"table": "graduated"}, prior_strength=50.0)
    with pytest.raises(StudyError, match=r"choice table=graduated: .*1 events are too few") as error:
        experience_study(records_of(spells), prior, options)
    assert error.value.code == "E6226"


def test_the_smallest_history_gives_notes_and_no_nan(prior: Basis) -> None:
    """One spell, no exit: every estimate says why it is not there, and the basis is the prior."""
    spell = (1, "female", BIRTH, FIRST, FIRST, date(2015, 8, 1), "censored", "C", "")
    study = experience_study(records_of([spell]), prior)
    assert study.durations.models == {}
    assert study.durations.regressions == {}
    texts = " ".join(study.notes)
    for part in ("no certification in the history", "0 events are too few", "never 10 persons", "no males"):
        assert part in texts
    np.testing.assert_array_equal(study.matrices.fitted, prior.matrices.probabilities)
    written = fitted_basis(study, "x", "y", "z").text
    assert "nan" not in written.lower().replace("financ", "")
    assert written.count("0.78, 0.04, 0.01, 0.0, 0.17") == 1


# ---------------------------------------------------------------- known truth


N_HISTORIES, N_CLAIMS = 25, 800


@pytest.fixture(scope="module")
def histories(prior: Basis, tmp_path_factory: pytest.TempPathFactory) -> list[HistoryRecords]:
    """Histories of a truth that is not the prior, through the file and its checks."""
    import pyarrow.parquet

    folder = tmp_path_factory.mktemp("history")
    truth, found = sample_truth(prior), []
    for seed in range(N_HISTORIES):
        table = synthetic_history(N_CLAIMS, seed=seed, truth=truth)
        path = folder / f"{seed}.parquet"
        pyarrow.parquet.write_table(table, path)
        records = read_history(path).records
        assert records is not None
        found.append(records)
    return found


def test_limits_hold_the_true_multipliers(histories: list[HistoryRecords], prior: Basis) -> None:
    held = []
    for records in histories:
        cells = exposure_cells(records)
        for m in estimated_multipliers(cells, expected_deaths(cells, prior), prior, "limited_fluctuation"):
            held.append(m.observed.lower <= TRUE_MULTIPLIERS[m.band] <= m.observed.upper)  # noqa: PERF401
    assert len(held) == 4 * N_HISTORIES
    assert np.mean(held) >= 0.90


def test_limits_hold_the_true_matrices(histories: list[HistoryRecords], prior: Basis) -> None:
    truth = sample_truth(prior).matrices.probabilities
    held = []
    for records in histories:
        counts = certification_counts(records, prior.matrices, prior.terms, "rows").counts
        total = counts.sum(axis=2)
        for at in np.argwhere(total > 0):
            for s in range(5):
                low, high = proportion_confint(counts[(*at, s)], total[tuple(at)], 0.05, method="beta")
                held.append(np.nan_to_num(low) - 1e-12 <= truth[(*at, s)] <= high + 1e-12)
    assert np.mean(held) >= 0.90


def test_no_bias_in_all_histories_together(histories: list[HistoryRecords], prior: Basis) -> None:
    """Limits of one history are wide; of all together deaths and certifications are those of the truth."""
    deaths, expected = np.zeros(4), np.zeros(4)
    counts = np.zeros(prior.matrices.probabilities.shape)
    for records in histories:
        cells = exposure_cells(records)
        for code, m in enumerate(estimated_multipliers(cells, expected_deaths(cells, prior), prior, "prior")):
            deaths[code] += m.observed.events
            expected[code] += m.observed.base * TRUE_MULTIPLIERS[m.band]
        counts += certification_counts(records, prior.matrices, prior.terms, "rows").counts
    assert deaths.sum() > 1200
    assert (np.abs(deaths - expected) < 3 * np.sqrt(expected)).all()
    truth = sample_truth(prior).matrices.probabilities
    n = counts.sum(axis=2, keepdims=True)
    tested = (n * truth > 20) & (truth < 1)
    z = ((counts - n * truth)[tested]) / np.sqrt(n * truth * (1 - truth))[tested]
    assert tested.sum() > 30
    assert np.abs(z).max() < 4
    assert 0.5 < (z**2).mean() < 1.6
    assert counts[truth == 0].sum() == 0


def test_limits_hold_the_true_regression_and_distribution(prior: Basis) -> None:
    """Weibull durations with late entries: shape, scale and two hazard ratios, 30 histories."""
    from mortality.cox import fitted_cox
    from mortality.lifetime_model import fitted_lifetime

    held = []
    for seed in range(30):
        random = np.random.default_rng(1000 + seed)
        x, member = random.normal(size=400), random.random(400) < 0.5
        time = random.weibull(1.4, 400) * 6 * np.exp(-(0.4 * x + 0.7 * member) / 1.4)
        entry = random.uniform(0, 3, 400) * (random.random(400) < 0.5)
        lost = entry + random.uniform(1, 8, 400)
        kept = time > entry
        seen = entry[kept], np.minimum(time, lost)[kept], (time < lost)[kept]
        model = fitted_cox(*seen, {"x": x[kept]}, {"member": member[kept]})
        held += [e.lower <= np.exp(b) <= e.upper for e, b in zip(model.effects, (0.4, 0.7), strict=True)]
        plain = random.weibull(1.4, 400) * 6
        kept = plain > entry
        fit = fitted_lifetime("weibull", entry[kept], np.minimum(plain, lost)[kept], (plain < lost)[kept])
        held += [p.lower <= t <= p.upper for p, t in zip(fit.parameters, (6.0, 1.4), strict=True)]
    assert np.mean(held) >= 0.90


def test_graduated_table_of_a_large_history_is_near_the_truth(prior: Basis) -> None:
    """60 000 person-years that die twice as the table says at 30 and as it says at 60."""
    random = np.random.default_rng(3)
    n = 12_000
    first = day(date(2010, 1, 1)) + random.integers(0, 2000, n)
    age = random.uniform(25, 58, n)
    birth = first - np.floor(age * 365.25)
    table = prior.tables["male"]
    qx = table.qx[np.floor(age).astype(int)]
    true_ratio = 2.0 - (age - 30) / 30
    dies = random.random(n) < 1 - (1 - qx) ** true_ratio
    # one year of observation each, at one age within half a year
    end = first + np.where(dies, random.integers(1, 365, n), 365)
    records = HistoryRecords(
        claim=np.arange(n), sex=np.zeros(n, dtype=np.int8), birth_date=birth.astype(np.int32),
        entry_date=first.astype(np.int32), exit_date=end.astype(np.int32),
        first_certificate_date=first.astype(np.int32),
        exit_reason=np.where(dies, DEAD, 4).astype(np.int8), band=np.zeros(n, dtype=np.int8),
        band_to=np.full(n, -1, dtype=np.int8),
    )  # fmt: skip
    cells = exposure_cells(records)
    expected = expected_deaths(cells, prior)
    multipliers = estimated_multipliers(cells, expected, prior, "prior")
    found = graduated_table(cells, expected, multipliers, prior, "male", None, 2)
    ages = np.arange(found.first_age, found.first_age + len(found.deaths))
    ratio = 2.0 - (ages + 0.5 - 30) / 30
    held = (np.exp(found.graduation.lower) <= ratio) & (ratio <= np.exp(found.graduation.upper))
    assert held[3:-3].mean() > 0.9
    # the table is the ratio times the force, the last age still 1
    k = 45 - found.first_age
    assert found.qx[45] == pytest.approx(
        1 - (1 - table.at(45)) ** np.exp(found.graduation.theta[k]), rel=1e-12
    )
    assert found.qx[-1] == 1.0
    assert found.qx[5] == pytest.approx(1 - (1 - table.at(5)) ** np.exp(found.graduation.theta[0]), rel=1e-12)


def test_very_many_spells_are_thinned_and_it_says_so(
    shipped: HistoryRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuarial.experience.duration_study.MOST_MODEL_ROWS", 2000)
    study = duration_study(shipped, exposure_cells(shipped), (100.0, 10.0), 2)
    assert study.n_regression_rows == 1890  # every third of 5 670
    assert "evenly thinned to at most 2000 of 5670 spells" in " ".join(study.notes)


def test_order_of_the_history_does_not_matter(shipped: HistoryRecords, prior: Basis) -> None:
    part = shipped.take(np.arange(0, len(shipped), 2))
    shuffled = part.take(np.random.default_rng(1).permutation(len(part)))
    results = []
    for records in (part, shuffled):
        cells = exposure_cells(records)
        study = duration_study(records, cells, (100.0, 10.0), 2)
        results.append(
            (
                study.recovery_rates,
                [(m.family, m.parameters) for models in study.models.values() for m in models],
                [model.effects for model in study.regressions.values()],
                [curve.value.tolist() for curve in study.incidence.values()],
                study.graduation.graduation.theta.tolist(),
            )
        )
    assert len(results[0][1]) > 2
    assert results[0][2]
    assert results[0] == results[1]
