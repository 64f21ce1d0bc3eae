"""``actuarial benefit`` and ``actuarial annuity``: whole answers, tables of many, errors."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from actuarial.claim.answer import answer_of
from actuarial.claim.batch import benefit_table
from actuarial.claim.case import CaseError, record_of
from actuarial.claim.case_file import case_of
from actuarial.portfolio.read import read_annuities
from cli.annuity import command as annuity
from cli.benefit import command as benefit

Keys = Callable[..., dict[str, Any]]
SAMPLE = (
    Path(benefit.callback.__code__.co_filename).parent.parent / "actuarial/sample/annuities-synthetic.csv"
)


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


@pytest.fixture
def written(tmp_path: Path, keys: Keys) -> Callable[..., str]:
    def to_file(**changes: Any) -> str:
        path = tmp_path / "case.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(keys(**changes), file)
        return str(path)

    return to_file


def test_the_whole_letter(written: Callable[..., str]) -> None:
    found = run(benefit, written(average_monthly_earnings="900000"))
    assert found.exit_code == 0
    assert found.stdout == (Path(__file__).parent / "data" / "letter.txt").read_text(encoding="utf-8")


def test_every_part_has_its_words(written: Callable[..., str]) -> None:
    found = run(
        benefit,
        written(
            average_monthly_earnings=None, social_payment=None,
            monthly_pay=[
                {"month": "2024-07", "pay": "500000"}, {"month": "2024-08", "pay": "9", "incomplete": "yes"},
            ],
            social_average_income="300000", social_months="96", disability_group="II",
            documents_date="2026-03-19", annuity_start_date="2025-03-01",
            indexation={"choice": "contract_rate", "rate": 0.08},
            expenses=[{"date": "2025-05-01", "amount": "9000000"}],
            degree_changes=[{"date": "2026-10-01", "degree_of_loss": "20"}],
            insured_sum={"sum": "1", "payouts": [{"date": "2025-05-01", "claim_id": "x", "amount": "2"}]},
            late_payments=[{"due_date": "2025-03-01", "paid_date": "2025-03-11", "amount": "1000"}],
        ),
        "--explain",
    ).stdout  # fmt: skip
    for text in (
        "(300 000.00 - 0.5 x 85 000.00) x 0.6 x 0.6 x 1.06 (96 months)", "2024-08", "incomplete, dropped",
        "Additional expenses (rule: capped, first band C)", "above what is left of the cap", "another payer",
        "Left 0.00; the policyholder owes 1.00 to the insurer", "Three tiers of protection",
        "annuity contract: 5 after 2026-03-19: 2026-03-31 (OSNS Law art. 23)",
        "10 days x 1.5 % of 1 000.00 = 150.00",
        "edition_date: accident_date (default;", "Entries of the law used", "Note: general_degree is empty",
    ):  # fmt: skip
        assert text in found, text


def test_a_death_on_paper(written: Callable[..., str]) -> None:
    found = run(
        benefit,
        written(
            degree_of_loss=None, social_payment=None, certificate_end=None, first_certificate_date=None,
            death_date="2024-09-10",
            dependants=[{"name": "Aisha", "relation": "child", "birth_date": "2015-01-01"}],
        ),
    ).stdout  # fmt: skip
    assert "Aisha      minor   2024-09-10  2033-01-01" in found
    assert "Funeral payment 369 200.00 to whoever buried the worker (OSNS Law art 19(3))" in found


def test_json_has_the_agreed_keys(written: Callable[..., str]) -> None:
    answer = json.loads(run(benefit, written(), "--json").stdout)
    agreed = {
        "capped_earnings", "gross_benefit", "social_payment", "monthly_benefit", "pension_contribution",
        "net_payment", "pension_date", "payable_until", "law",
    }  # fmt: skip
    assert agreed <= set(answer)
    assert answer["monthly_benefit"] == "141738.00"
    assert {"parameter", "value", "from", "evidence", "act", "article"} <= set(answer["law"][0])


def test_moved_days(written: Callable[..., str], tmp_path: Path) -> None:
    moved = tmp_path / "moved.csv"
    moved.write_text("day_off,working_day,act\n2026-03-20,2026-03-28,order\n", encoding="utf-8")
    answer = json.loads(
        run(benefit, written(documents_date="2026-03-19"), "--json", "--moved-days", str(moved)).stdout
    )
    assert answer["deadlines"][1]["last_day"] == "2026-03-31"
    assert answer["deadlines"][0]["last_day"] == "2026-04-02"


def test_usage() -> None:
    assert "give either a CASE.yaml or --table" in run(benefit).stderr
    assert "--table needs --valuation-date" in run(benefit, "--table", "x.csv").stderr
    with pytest.raises(CaseError, match="no case file"):
        run(benefit, "nowhere.yaml")


def test_a_table_of_many(tmp_path: Path) -> None:
    output = tmp_path / "benefits.csv"
    arguments = ("--table", str(SAMPLE), "--valuation-date", "2026-01-01", "--output", str(output), "--json")
    answer = json.loads(run(benefit, *arguments).stdout)
    rows = list(csv.DictReader(output.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == answer["records"]
    total = sum(int(row["monthly_benefit"].replace(".", "")) for row in rows)
    assert answer["totals"]["monthly_benefit"].replace(".", "") == str(total)
    reading = read_annuities(SAMPLE, valuation_date=date(2026, 1, 1))
    assert reading.records is not None
    table = benefit_table(reading.records)
    parts = table.amounts["pension_contribution"] + table.amounts["net_payment"]
    assert np.array_equal(parts, table.amounts["monthly_benefit"])


def test_table_and_case_agree(keys: Keys) -> None:
    changes: list[dict[str, Any]] = [
        {}, {"social_payment": "250000"}, {"average_monthly_earnings": "123456.78", "degree_of_loss": "37"},
        {"product": "voluntary", "degree_of_loss": "17", "social_payment": None,
         "average_monthly_earnings": "9000000"},
        {"accident_date": "2014-06-01", "contract_date": "2014-01-01",
         "first_certificate_date": "2014-09-01"},
        {"pension_contribution_exempt": "yes"},
        {"next_payment_date": "2027-03-01"}, {"certificate_end": None},
        {"beneficiary": "child", "birth_date": "2015-04-01", "share": "0.3333", "degree_of_loss": None},
        {"product": "voluntary", "degree_of_loss": "29", "average_monthly_earnings": "20000000"},
    ]  # fmt: skip
    for change in changes:
        case = case_of(keys(**change)).case
        one = answer_of(case_of(keys(**change))).benefit
        many = benefit_table(record_of(case))
        for name in (
            "capped_earnings",
            "gross_benefit",
            "monthly_benefit",
            "pension_contribution",
            "net_payment",
        ):
            assert int(many.amounts[name][0]) == getattr(one, name), (change, name)


def test_bad_rows_are_findings(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    text = SAMPLE.read_text(encoding="utf-8").splitlines()[:3]
    path.write_text("\n".join([*text, text[-1]]), encoding="utf-8")
    output = tmp_path / "out.csv"
    arguments = ("--table", str(path), "--valuation-date", "2026-01-01", "--output", str(output))
    found = CliRunner().invoke(benefit, arguments, standalone_mode=False)
    assert found.return_value == 1
    assert "E3001 error" in found.stderr
    assert not output.exists()


BASIS = ("--basis", "illustrative-2026", "--valuation-date", "2026-01-01")


def test_annuity_of_a_person() -> None:
    found = run(annuity, "--sex", "male", "--age-years", "40", *BASIS, "--to-pension", "--json")
    answer = json.loads(found.stdout)
    assert {"factor_certain", "factor", "net_single_premium", "gross_single_premium"} <= set(answer)
    # illustrative basis: 3 % of payments, 1.5 % of the premium
    assert answer["net_single_premium"] == f"{answer['factor']:.2f}"
    assert float(answer["gross_single_premium"]) == pytest.approx(answer["factor"] * 1.03 / 0.985, abs=0.006)
    assert (answer["n_payments"], answer["pension_date"]) == (276, "2049-01-01")
    months = json.loads(
        run(
            annuity,
            "--sex",
            "male",
            "--age-years",
            "40",
            "--age-months",
            "7",
            *BASIS,
            "--term-months",
            "24",
            "--degree",
            "95",
            "--json",
        ).stdout
    )
    assert months["n_payments"] == 24
    assert months["factor"] < months["factor_certain"]


def test_annuity_on_a_grid() -> None:
    answer = json.loads(run(annuity, "--sex", "both", "--age-years", "30-50/10", *BASIS, "--json").stdout)
    assert [(row["sex"], row["age_years"]) for row in answer["grid"]] == [
        (sex, age) for sex in ("male", "female") for age in (30, 40, 50)
    ]
    factors = [row["factor"] for row in answer["grid"]]
    assert factors[:3] == sorted(factors[:3], reverse=True)
    table = run(annuity, "--sex", "both", "--age-years", "30-50/10", *BASIS, "--monthly", "1 000,5").stdout
    assert len(table.splitlines()) == 7


def test_annuity_of_a_case(written: Callable[..., str], tmp_path: Path) -> None:
    path = written()
    schedule = tmp_path / "s.csv"
    answer = json.loads(run(annuity, "--case", path, *BASIS, "--schedule", str(schedule), "--json").stdout)
    assert answer["monthly_payment"] == "141738.00"
    assert len(schedule.read_text(encoding="utf-8").splitlines()) == answer["n_payments"] + 1 == 12
    text = run(annuity, "--case", path, *BASIS)
    assert "net_single_premium" in text.stdout
    assert "Illustrative. Not a regulatory basis." in text.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give --sex and --age-years, or --case"),
        (("--sex", "male", "--age-years", "4x"), "is not an age or a grid"),
        (("--sex", "male", "--age-years", "40", "--to-pension", "--term-months", "3"), "not both"),
        (("--sex", "male", "--age-years", "40", "--monthly", "x"), "write an amount in tenge"),
        (("--sex", "male", "--age-years", "40", "--monthly", "250,000"), "write an amount in tenge"),
        (("--sex", "both", "--age-years", "40", "--schedule", "s.csv"), "for one person"),
        (("--case", "x.yaml", "--sex", "male"), "leave the other options out"),
    ],
)
def test_annuity_usage(arguments: tuple[str, ...], message: str) -> None:
    found = run(annuity, *arguments, *BASIS)
    assert found.exit_code == 2
    assert message in found.stderr
