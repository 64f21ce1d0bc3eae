"""The generated portfolio against the published figures it is calibrated on, tolerances stated."""

import re
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest

from actuarial.portfolio import sample
from actuarial.portfolio.sample import SampleError, calibration

CONSTANTS = calibration()
EDITION_2015 = pd.Timestamp("2015-05-10")


def workers_of(portfolio: pd.DataFrame) -> pd.DataFrame:
    return portfolio[portfolio["beneficiary"] == "worker"]


def accident_claims(portfolio: pd.DataFrame) -> pd.DataFrame:
    first_rows = portfolio.drop_duplicates("contract_id")
    return first_rows[first_rows["beneficiary"] != "pre_retirement"]


def test_deaths_are_the_share_of_the_labour_inspectorate(portfolio: pd.DataFrame) -> None:
    # killed / injured: 208/1503 (2020), 200/1465 (2021), 203/1465 (2022), 202/1408 (2024)
    published = np.mean([208 / 1503, 200 / 1465, 203 / 1465, 202 / 1408])
    claims = accident_claims(portfolio)
    assert (claims["beneficiary"] != "worker").mean() == pytest.approx(published, abs=0.006)


def test_72_percent_have_no_review_date(portfolio: pd.DataFrame) -> None:
    assert workers_of(portfolio)["certificate_end"].isna().mean() == pytest.approx(0.72, abs=0.01)


def test_62_5_percent_of_examined_victims_have_10_to_30_percent(portfolio: pd.DataFrame) -> None:
    constants = CONSTANTS["degree"]
    law = pd.Series(constants["weight"], index=constants["percent"])
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    assert law.loc[10:30].sum() == pytest.approx(0.625, abs=1e-12)
    # each product shows its part of the same law of all victims
    workers = workers_of(portfolio)
    is_new = workers["accident_date"] >= EDITION_2015
    for is_part, part in (
        ((workers["product"] == "voluntary"), law.loc[5:29]),
        ((workers["product"] == "compulsory") & is_new, law.loc[30:100]),
    ):
        # changes since the first certificate move some; the first degrees of the unmoved follow the law
        degrees = workers.loc[is_part & (workers["degree_of_loss"] == workers["first_degree_of_loss"])]
        found = degrees["degree_of_loss"].value_counts(normalize=True)
        expected = part / part.sum()
        assert (found.reindex(expected.index, fill_value=0) - expected).abs().max() < 0.025


def test_mean_annuity_meets_the_letter(portfolio: pd.DataFrame) -> None:
    """6.1 bn to 3 000 people in 2022, the annuity part, indexed at 7 % from mid-2022; within 5 %."""
    rows = portfolio[(portfolio["product"] == "compulsory") & (portfolio["beneficiary"] != "pre_retirement")]
    award = (rows["degree_of_loss"] / 100 * rows["average_monthly_earnings"] - rows["social_payment"]).where(
        rows["share"].isna(), rows["share"] * rows["average_monthly_earnings"]
    )
    # cases of the last year have no indexed payment yet; the earnings cap matters to few of them
    annual = 12 * rows["current_monthly_payment"].fillna(award).mean()
    published = 6_100_000_000 / 3_000 * 0.65 * 1.07**3.5
    assert annual == pytest.approx(published, rel=0.05)


def test_earnings_have_the_published_ratio_of_median_to_mean() -> None:
    ratios = [259463 / 393605, 278296 / 403251, 300307 / 423133]
    sigma = CONSTANTS["earnings"]["log_standard_deviation"]
    assert exp(-sigma * sigma / 2) == pytest.approx(np.mean(ratios), abs=0.002)
    assert sigma == pytest.approx(sqrt(2 * log(1 / 0.6864)), abs=0.002)


def test_earnings_follow_the_wage_series(portfolio: pd.DataFrame) -> None:
    # the 12 months before an accident of 1 July 2024 are the second half of 2023 and the first of 2024
    level = CONSTANTS["earnings"]["victims_to_mean_wage"]
    rows = accident_claims(portfolio)
    year = rows["accident_date"].dt.year
    for accident_year, mean_wage in ((2019, (162673 + 186815) / 2), (2024, (364295 + 405416) / 2)):
        earnings = rows.loc[year == accident_year, "average_monthly_earnings"]
        # medians: a lognormal mean of a few thousand cases is too noisy; 5 % is three standard errors
        assert earnings.median() == pytest.approx(mean_wage * level * 0.6864, rel=0.07)


def test_workers_are_mostly_men(portfolio: pd.DataFrame) -> None:
    assert (workers_of(portfolio)["sex"] == "male").mean() == pytest.approx(0.85, abs=0.01)


def test_every_constant_has_a_value_and_a_source() -> None:
    from importlib import resources

    text = (resources.files("actuarial.portfolio") / "sample_calibration.yaml").read_text(encoding="utf-8")
    n_constants = sum(len(group) for group in CONSTANTS.values())
    sources = re.findall(r"source: [\"'](.{5,}?)[\"']\}", text)
    assert len(sources) == n_constants > 50


def test_a_constant_without_source_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "sample_calibration.yaml").write_text("mix:\n  share: {value: 0.5}\n", encoding="utf-8")
    monkeypatch.setattr(sample.resources, "files", lambda _: tmp_path)
    calibration.cache_clear()
    try:
        with pytest.raises(SampleError, match=r"mix\.share needs exactly a value and a source") as error:
            calibration()
    finally:
        calibration.cache_clear()
    assert error.value.code == "E1701"
