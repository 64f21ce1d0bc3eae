"""Proposed tariffs: the law's own table changes nothing, another is priced by hand."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest

import tariffs
from actuarial.basis import Basis
from actuarial.claim_record import KINDS, BookExperience
from actuarial.payout_law import calendar_date
from actuarial.portfolio.claim_check import read_experience
from actuarial.portfolio.finding import format_findings
from actuarial.portfolio.study_read import read_indicators, read_proposal
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.adequacy import TariffStudy, tariff_study
from actuarial.technical_premium.assumption import StudyAssumptions
from actuarial.technical_premium.proposal import HIGHEST_RATE, proposal_effect

LAW = {
    number: int(rate * 10_000) for number, rate in tariffs.parameter("tariff_rate").entries[-1].value.items()
}


def test_the_table_of_the_law_changes_nothing(experience: BookExperience, study: TariffStudy) -> None:
    found = proposal_effect(experience, study.rated, study.rates, LAW)
    assert found.total_law == found.total_proposed
    assert (found.n_lower, found.n_higher, found.n_equal) == (0, 0, 160)
    assert found.premium_law.tolist() == found.premium_proposed.tolist()
    assert found.winners == found.losers == ()
    assert found.minimum_law == found.minimum_proposed


def test_another_table_by_hand(experience: BookExperience, study: TariffStudy) -> None:
    """Contracts without coefficient: Σ rate × payroll, not below the minimum wage, half-up to the tiyn."""
    proposed = {k: rate + (30 if k > 11 else -9) for k, rate in LAW.items()}
    found = proposal_effect(experience, study.rated, study.rates, proposed)
    records, rated = experience.records, study.rated
    coefficient = rated.premium.correction_coefficient
    checked = lower = 0
    for i in rated.contracts:
        if coefficient[i] > 10_000:
            continue
        rows = range(int(records.part_start[i]), int(records.part_start[i + 1]))
        base = sum(
            Decimal(int(records.part_sum[p])) * proposed[int(records.part_class[p])] / 10_000 for p in rows
        )
        wage = tariffs.parameter("minimum_wage").on(calendar_date(int(records.contract_date[i]))).value * 100
        premium = int(max(base, Decimal(int(wage))).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        name = str(records.contract_id[int(i)])  # type: ignore[index]
        for winner, before, after in found.winners + found.losers:
            if winner == name:
                assert (before, after) == (int(rated.premium.premium[i]), premium)
        lower += premium < rated.premium.premium[i]
        checked += 1
    assert checked > 50
    assert lower <= found.n_lower
    assert found.n_lower + found.n_higher + found.n_equal == 160
    assert found.total_proposed - found.total_law == found.higher_by - found.lower_by
    assert int(found.premium_proposed.sum()) == found.total_proposed
    changes = [after - before for _, before, after in found.losers]
    assert changes == sorted(changes, reverse=True)


def test_a_lower_tariff_puts_more_contracts_at_the_minimum(
    experience: BookExperience, study: TariffStudy
) -> None:
    tenth = {k: max(1, rate // 10) for k, rate in LAW.items()}
    found = proposal_effect(experience, study.rated, study.rates, tenth)
    assert found.minimum_proposed > found.minimum_law
    assert found.n_higher == 0


def written(path: Path, rows: list[tuple[str, str]]) -> Path:
    lines = ["risk_class,tariff_rate"] + [f"{a},{b}" for a, b in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def whole() -> list[tuple[str, str]]:
    return [(str(k), f"{LAW[k] / 100}") for k in range(1, CLASSES + 1)]


def test_a_proposal_from_a_file(tmp_path: Path) -> None:
    found = read_proposal(written(tmp_path / "p.csv", whole()), HIGHEST_RATE)
    assert found.rates == LAW
    semicolon = tmp_path / "q.csv"
    semicolon.write_text(
        "класс;тариф\n" + "\n".join(f"{a};{b.replace('.', ',')}" for a, b in whole()), encoding="cp1251"
    )
    assert read_proposal(semicolon, HIGHEST_RATE).rates == LAW


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (whole()[:-2], "E3711"),
        ([*whole(), ("3", "0.5")], "E3712"),
        ([*whole()[:-1], ("22", "0")], "E3713"),
        ([*whole()[:-1], ("22", "25.01")], "E3713"),
        ([*whole(), ("23", "1")], "E3614"),
        ([*whole()[:-1], ("22", "high")], "E2603"),
        ([*whole()[:-1], ("22", "")], "E2001"),
        ([*whole()[:-1], ("22", "0.125")], "E2604"),
    ],
)
def test_a_proposal_that_cannot_be_used(tmp_path: Path, rows: list[tuple[str, str]], code: str) -> None:
    found = read_proposal(written(tmp_path / "p.csv", rows), HIGHEST_RATE)
    assert found.rates is None
    assert code in found.findings.codes(), format_findings(found.findings)


def indicators(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(["oked_code,year,fatal,lost days", *rows]) + "\n", encoding="utf-8")
    return path


def test_indicators_from_a_file(tmp_path: Path) -> None:
    path = indicators(tmp_path / "i.csv", ["05102,2020,0.1,5", "05102,2021,0.3,", "01111,2021,-1,7"])
    found = read_indicators(path, ["fatal", "lost days"])
    assert found.unit == ("01111", "05102")
    assert found.values is not None
    np.testing.assert_array_equal(
        found.values, [[[np.nan, np.nan], [-1.0, 7.0]], [[0.1, 5.0], [0.3, np.nan]]]
    )


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        ("05102,2020,much,5", "E3721", "line 2, column C"),
        ("5102,2020,1,5", "E3722", "line 2, column A"),
        ("01111,2021,1,5", "E3723", "line 3, column A"),
        ("05102,2020,1,", "E3724", "line 2, column D"),
        ("05102,,1,5", "E2001", "line 2, column B"),
    ],
)
def test_indicators_that_cannot_be_used(tmp_path: Path, row: str, code: str, cell: str) -> None:
    found = read_indicators(indicators(tmp_path / "i.csv", [row, "01111,2021,1,7"]), ["fatal", "lost days"])
    assert found.values is None
    first = next(iter(f for f in found.findings if f.code == code))
    assert first.cell == cell


def three_contracts(folder: Path) -> Path:
    """A: class 1, 100 million; B: class 22, 50 million; C: class 5, half a year, at the smallest premium."""
    folder.mkdir()
    (folder / "contracts.csv").write_text(
        "contract_id,policyholder_name,contract_date,start_date,end_date,n_workers,"
        "termination_date,termination_reason\n"
        "A,Alpha,2025-01-01,2025-01-01,2025-12-31,10,,\n"
        "B,Beta,2025-01-01,2025-01-01,2025-12-31,10,2025-07-01,closed\n"
        "C,Gamma,2025-07-01,2025-07-01,2025-12-31,1,,\n",
        encoding="utf-8",
    )
    (folder / "contract_parts.csv").write_text(
        "contract_id,part,risk_class,n_workers,annual_payroll\n"
        "A,a,1,10,100000000\nB,b,22,10,50000000\nC,c,5,1,1200000\n",
        encoding="utf-8",
    )
    header = "claim_id,contract_id,kind,accident_date,report_date,payment_date,paid,case_estimate_change\n"
    (folder / "claims.csv").write_text(
        header + "X1,A,injury,2025-03-01,2025-03-05,2025-03-10,100000,200000\n"
        "X2,B,injury,2025-04-01,2025-04-05,2025-04-10,1000000,\n"
        "X3,B,injury,2025-05-01,2025-05-05,2025-05-10,700000,0\n",
        encoding="utf-8",
    )
    return folder


def test_three_contracts_by_hand(tmp_path: Path, basis: Basis) -> None:
    """All at 1 %: A 120 000 → 1 000 000, B 1 480 000 → 500 000, C stays at the minimum wage of 2025.

    Claims 2 000 000 over 10 + 10·182/365 + 184/365 worker-years; a year ahead at the same level, every class
    has the one frequency and the one cost. B was ended early: rated as concluded, on both sides.
    """
    found = read_experience(three_contracts(tmp_path / "book"), None, date(2026, 1, 1)).experience
    assert found is not None
    loading = {"claims_handling": 0.0, "expense": 0.2, "profit": 0.0, "cost_of_capital": 0.0}
    assumptions = StudyAssumptions.model_validate(
        {
            "name": "three",
            "note": "",
            "years": 1,
            "development": {"choice": "none"},
            "severity": {kind: {"source": "claims"} for kind in KINDS},
            "loading": loading | {"capital_per_premium": 0.0},
        }
    )
    study = tariff_study(found, assumptions, basis, date(2026, 1, 1))
    effect = proposal_effect(found, study.rated, study.rates, dict.fromkeys(range(1, CLASSES + 1), 100))
    assert effect.losers == (("A", 12_000_000, 100_000_000),)
    assert effect.winners == (("B", 148_000_000, 50_000_000),)
    assert (effect.total_law, effect.total_proposed) == (168_500_000, 158_500_000)
    assert (effect.minimum_law, effect.minimum_proposed) == (1, 1)
    assert (effect.n_lower, effect.n_equal, effect.n_higher) == (1, 1, 1)
    tariff = [study.rated.tariff_premium[k - 1] for k in (1, 5, 22)]
    assert tariff == [120_000.0, 6_240.0, 1_480_000.0]
    worker_years = 10 + 10 * 182 / 365 + 184 / 365
    cost_of_worker = 2_000_000 / worker_years
    concluded = 10 + 10 + 184 / 365
    assert float(study.of_book.technical[0]) == pytest.approx(concluded * cost_of_worker / 0.8)
    assert float(study.of_book.ratio[0]) == pytest.approx(1_685_000 / (concluded * cost_of_worker / 0.8))
