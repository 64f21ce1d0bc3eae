"""What premiums, tariff studies, experience and risk say in Russian and Kazakh: no English but names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actuarial.credibility import buhlmann_straub, hierarchical, limited_fluctuation
from actuarial.experience.choice import CHOICES as STUDY_CHOICES
from actuarial.experience.choice import resolved_choices as study_choices
from actuarial.experience_rating.assumption import load_rating_assumptions
from actuarial.experience_rating.underwriting_load import read_statistics
from actuarial.language import is_message, said, spoken
from actuarial.occupational_risk import CHOICES as RISK_CHOICES
from actuarial.occupational_risk import Scale
from actuarial.premium.change import equal_dates, instalments
from actuarial.premium.choice import CHOICES
from actuarial.premium.contract_information import bin_problem
from actuarial.premium.quote import Quote, quote_of
from actuarial.premium.quote_file import read_case
from actuarial.premium.voluntary import load_tariff
from actuarial.report import adequacy_run, fit_report, premium_run, rating_run, risk_run
from actuarial.technical_premium.assumption import load_study
from actuarial.technical_premium.class_setting import NOT_READ

LANGUAGES = ("ru", "kk")
ENGLISH = re.compile(r"\b[a-z]{3,} [a-z]{3,}\b")
"""Two words of English side by side; names of keys and choices have underscores or stand alone."""
COMPULSORY: dict[str, Any] = {
    "contract_date": "2024-01-01",
    "workers": "60",
    "parts": [
        {"name": "head", "oked": "62011", "payroll": "100000000"},
        {
            "name": "mine",
            "activities": [{"oked": "05101", "weight": "60"}, {"oked": "05102", "weight": "40"}],
            "staff": [{"position": "miner", "workers": "10", "monthly_income": "900000"}],
            "insured_sum": "150000000",
        },
    ],
    "accidents": [
        {"year": "2021", "injured": "2", "at_fault": "yes"},
        {"year": "2022", "injured": "2", "deaths": "1", "at_fault": "yes"},
    ],
    "change": {
        "date": "2024-07-02",
        "parts": [
            {"name": "head", "oked": "62011", "payroll": "200000000"},
            {"name": "mine", "oked": "05101", "payroll": "102000000", "insured_sum": "150000000"},
        ],
    },
    "termination": {
        "date": "2024-10-01", "method": "pro_rata_less_expenses", "expense_share": "10",
    },
    "prevention": {"costs": "500000", "asked_on": "2025-01-15", "fully_paid": "yes", "payouts": "0"},
    "rehabilitation": {
        "premium_paid": "1000000", "costs": "90000", "degree_of_loss": "20", "accident_date": "2024-02-01",
        "documents_on": "2024-03-01",
    },
    "penalty": {"unpaid": "100000", "due": "2024-03-01", "paid_on": "2024-03-03"},
}  # fmt: skip
SMALL: dict[str, Any] = {
    "contract_date": "2024-03-01", "start": "2024-02-01", "end": "2024-08-31", "risk_class": "1",
    "payroll": "1000000", "workers": "5", "choices": {"short_term": "pro_rata"},
}  # fmt: skip
WITHOUT_EVENTS: dict[str, Any] = {
    "contract_date": "2024-03-01", "risk_class": "1", "payroll": "1000000", "workers": "1", "discount": "5",
    "accidents": [
        {"year": year, "injured": "0", "at_fault": "no"} for year in ("2018", "2021", "2022")
    ],
}  # fmt: skip
OLD: dict[str, Any] = {
    "contract_date": "2010-02-10",
    "categories": [
        {"category": "production", "risk_class": "18", "payroll": "50000000", "rate": "1.23"},
        {"category": "administrative", "payroll": "10000000", "rate": "0.04"},
    ],
}
VOLUNTARY: dict[str, Any] = {
    "product": "voluntary", "contract_date": "2026-02-01", "risk_class": "7", "insured_sum": "50000000",
    "tariff": {"7": "0.4"},
    "statistics": [
        {"year": "2024", "workers": "2000", "accidents": "14"},
        {"year": "2025", "workers": "2000", "accidents": "0"},
    ],
    "load": {
        "expected_frequency": "0.001", "full_credibility_accidents": "100", "smallest": "0.8",
        "largest": "2.5",
    },
}  # fmt: skip


def english_left(shown: str) -> list[str]:
    """English words left of a message; quoted values are data."""
    return ENGLISH.findall(re.sub(r"actuarial quote|'[^']*'|`[^`]*`|<[^>]*>|\S+\([^)]*=[^)]*\)", "", shown))


def wording(quote: Quote) -> list[str]:
    """Everything a quote says."""
    steps = [step for _, found in quote.steps() for step in found]
    conditions = [condition for refund in quote.refunds.values() for condition in refund.conditions]
    return [
        *(step.name for step in steps),
        *(step.formula for step in steps),
        *(condition.text for condition in conditions),
        *quote.notes(),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", [COMPULSORY, SMALL, WITHOUT_EVENTS, OLD, VOLUNTARY])
def test_every_line_of_a_quote_is_a_message(case: dict[str, Any], language: str) -> None:
    lines = wording(quote_of(case))
    assert len(lines) > 3
    assert [line for line in lines if not is_message(line)] == []
    with spoken(language):
        assert [left for line in lines if (left := english_left(said(line)))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_of_a_quote_have_the_sign_of_the_language(language: str) -> None:
    step = next(s for _, steps in quote_of(SMALL).steps() for s in steps if s.article == "17(2)")
    assert step.formula == "tariff of class 1 0.12 % × 1 000 000.00"
    with spoken(language):
        assert "0,12 % × 1 000 000,00" in said(step.formula)
        assert said(step.value) == step.value.replace(".", ",")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_for_machines_does_not_change(language: str) -> None:
    english = json.dumps(quote_of(COMPULSORY).as_json(explain=True))
    with spoken(language):
        assert json.dumps(quote_of(COMPULSORY).as_json(explain=True)) == english


def changed(case: dict[str, Any], **keys: Any) -> Callable[[], object]:
    """A quote of a case with some keys changed; None leaves a key out."""
    return lambda: quote_of({k: v for k, v in {**case, **keys}.items() if v is not None})


def read(reader: Callable[[Path], object], content: str) -> Callable[[Path], object]:
    """Read a file with this content."""

    def run(folder: Path) -> object:
        path = folder / "given.txt"
        path.write_text(content, encoding="utf-8")
        return reader(path)

    return run


RATING = "credibility: {choice: constants}\nbounds: {smallest: 2, largest: 1}\n"
REFUSED_QUOTES = [
    changed(SMALL, contract_date="2005-01-01", start=None, end=None),
    changed(SMALL, contract_date="2010-01-01", start=None, end=None),
    changed(SMALL, end="2023-01-01"),
    changed(SMALL, end="2029-01-01"),
    changed(SMALL, choices={"short_terms": "pro_rata"}),
    changed(SMALL, choices={"short_term": "so"}),
    changed(SMALL, payroll=None),
    changed(SMALL, payroll="0"),
    changed(SMALL, payroll="1.001"),
    changed(SMALL, payroll="many"),
    changed(SMALL, workers="0"),
    changed(SMALL, workers="-1"),
    changed(SMALL, risk_class="40"),
    changed(SMALL, risk_class=None),
    changed(SMALL, insured_sum="1000"),
    changed(SMALL, parts=[{"name": "a"}]),
    changed(SMALL, partts="1"),
    changed(SMALL, riskclass="1"),
    changed(SMALL, start="1/2/2024"),
    changed(SMALL, instalments="5"),
    changed(SMALL, accidents="1"),
    changed(SMALL, accidents=[{"year": "2022"}]),
    changed(SMALL, injured={"2022": "1"}, accidents=[{"year": "2022", "injured": "1", "at_fault": "no"}]),
    changed(SMALL, injured={"2022": "x"}),
    changed(SMALL, accidents=[{"year": "2022", "injured": "1", "at_fault": "perhaps"}]),
    changed(SMALL, termination={"date": "2024-05-01", "method": "half"}),
    changed(SMALL, termination={"date": "2030-05-01", "method": "nothing"}),
    changed(SMALL, termination={"date": "2024-05-01", "method": "pro_rata", "expense_share": "5"}),
    changed(WITHOUT_EVENTS, discount="120"),
    changed(WITHOUT_EVENTS, discount="90"),
    changed(WITHOUT_EVENTS, employer_since="2023-01-01"),
    changed(WITHOUT_EVENTS, injured=None, accidents=[{"year": "2022", "injured": "1", "at_fault": "no"}]),
    changed(
        SMALL,
        risk_class=None,
        payroll=None,
        parts=[{"name": "a", "risk_class": "1", "payroll": "1000", "workers": "3"}],
    ),
    changed(COMPULSORY, prevention={**COMPULSORY["prevention"], "asked_on": "2024-05-01"}),
    changed(OLD, contract_date="2020-01-01"),
    changed(OLD, insured_sum="1"),
    changed(OLD, categories=[{"category": "chief", "payroll": "1"}]),
    changed(OLD, categories=[{"category": "administrative", "payroll": "0"}]),
    changed(OLD, categories=[{"category": "administrative", "payroll": "5"}]),
    changed(OLD, categories=[{"category": "administrative", "payroll": "5", "rate": "9"}]),
    changed(VOLUNTARY, insured_sum="0"),
    changed(VOLUNTARY, term_months="0"),
    changed(VOLUNTARY, risk_class="8"),
    changed(VOLUNTARY, tariff=None),
    changed(VOLUNTARY, load=None),
    changed(VOLUNTARY, statistics=[]),
    changed(VOLUNTARY, product="both"),
    changed(VOLUNTARY, load={**VOLUNTARY["load"], "largest": "0.1"}),
    lambda: equal_dates(date(2024, 1, 1), date(2024, 9, 30), 4),
    lambda: instalments(100, []),
    lambda: study_choices({"stay": "rows"}),
    lambda: study_choices({"nothing_near": "rows"}),
    lambda: study_choices({"stays": "so"}),
    lambda: Scale(Decimal(5), Decimal(1)),
    lambda: buhlmann_straub(np.ones((1, 3)), np.ones((1, 3))),
    lambda: buhlmann_straub(np.ones((2, 1)), np.ones((2, 1))),
    lambda: buhlmann_straub(np.ones((2, 2)), -np.ones((2, 2))),
    lambda: buhlmann_straub(np.ones((2, 2)), np.ones((3, 2))),
    lambda: hierarchical(np.ones((2, 2)), np.ones((2, 2)), ["one"]),
    lambda: hierarchical(np.ones((2, 2)), np.ones((2, 2)), ["one", "one"]),
    lambda: limited_fluctuation(np.ones(2), probability=2.0, tolerance=0.05),
]
REFUSED_FILES = [
    read(read_case, "a: [\n"),
    read(read_case, "- 1\n"),
    read(load_tariff, "risk,percent\n"),
    read(load_tariff, "risk_class,rate_percent\na,b\n"),
    read(load_tariff, "risk_class,rate_percent\n1,5\n1,5\n"),
    read(read_statistics, "name\n"),
    read(read_statistics, "policyholder,year,risk_class,workers,accidents\n" + "a,b,c,d,e\n" * 12),
    read(load_study, "- 1\n"),
    read(load_study, "a: [\n"),
    read(load_study, "nam: x\nyears: 0\nexposure: heads\n"),
    read(load_rating_assumptions, "- 1\n"),
    read(load_rating_assumptions, "a: [\n"),
    read(load_rating_assumptions, RATING),
    lambda folder: load_study(folder / "missing.yaml"),
    lambda folder: load_rating_assumptions(folder / "missing.yaml"),
]  # fmt: skip


def refusal(run: Callable[[], object]) -> ValueError:
    with pytest.raises(ValueError) as caught:
        run()
    return caught.value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("run", REFUSED_QUOTES)
def test_refusals(run: Callable[[], object], language: str) -> None:
    error = refusal(run)
    with spoken(language):
        assert said(error) != str(error)
        assert english_left(said(error)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("run", REFUSED_FILES)
def test_refused_files(run: Callable[[Path], object], language: str, tmp_path: Path) -> None:
    error = refusal(lambda: run(tmp_path))
    with spoken(language):
        shown = said(error).replace(str(tmp_path), "").replace("No such file or directory", "")
        assert shown != str(error)
        assert english_left(shown) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_fixed_wording(language: str) -> None:
    reasons = [
        choice.reason for choices in (CHOICES, STUDY_CHOICES, RISK_CHOICES) for choice in choices.values()
    ]
    runs = (adequacy_run, fit_report, premium_run, rating_run, risk_run)
    limits = [line for run in runs for line in run.LIMITATIONS]
    digits = [bin_problem("1"), bin_problem("111111111112")]
    lines = [*reasons, *limits, *digits, *(note for notes in NOT_READ.values() for note in notes)]
    assert [line for line in lines if not is_message(line)] == []
    with spoken(language):
        assert [left for line in lines if (left := english_left(said(line)))] == []
