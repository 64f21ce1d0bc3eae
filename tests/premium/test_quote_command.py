"""``actuarial quote``: whole answers for flags and case files, and how bad input ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from actuarial.premium.choice import PremiumError
from actuarial.premium.quote_file import QuoteFileError
from cli.quote import command

FLAGS = ["--oked", "62011", "--payroll", "10000000", "--workers", "5", "--contract-date", "2024-03-01"]


def text_of(*arguments: str) -> str:
    answer = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def quoted(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text_of(*arguments, "--json"))
    return found


def case(tmp_path: Path, content: str) -> str:
    path = tmp_path / "case.yaml"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_json_has_the_keys_of_the_contract() -> None:
    found = quoted(*FLAGS)
    law = found.pop("law")
    notes = found.pop("notes")
    assert found == {
        "schema_version": 1,
        "risk_class": 1,
        "tariff_rate": "0.0012",
        "annual_payroll": "10000000.00",
        "insured_sum": "70833333.33",
        "base_premium": "12000.00",
        "minimum_applied": True,
        "correction_coefficient": None,
        "discount": "0.00",
        "premium": "85000.00",
        "start_date": "2024-03-01",
        "end_date": "2025-02-28",
        "history_known": False,
    }
    assert {entry["parameter"] for entry in law} >= {"tariff_rate", "minimum_wage", "risk_class_masks"}
    assert "The accident history is unknown" in notes[0]


def test_flags_of_history_and_discount() -> None:
    years = ["--injured", "2021=2", "--injured", "2022=2", "--injured", "2023=1", "--deaths", "2023=1"]
    found = quoted(*FLAGS, *years, "--at-fault")
    assert (found["correction_coefficient"], found["premium"]) == ("3.00", "255000.00")
    none = ["--injured", "2021=0", "--injured", "2022=0", "--injured", "2023=0", "--discount", "10"]
    big = ["--risk-class", "1", "--payroll", "100000000", "--contract-date", "01.03.2024"]
    found = quoted(*big, *none)
    assert (found["discount"], found["premium"], found["correction_coefficient"]) == (
        "0.10",
        "108000.00",
        "1.00",
    )
    unknown = quoted(*big, "--discount", "10")
    assert (unknown["discount"], unknown["premium"]) == ("0.00", "120000.00")


def test_table_of_steps() -> None:
    text = text_of("--risk-class", "11", "--payroll", "20 000 001", "--contract-date", "2024-03-01")
    *steps, _, note = [re.split(r" {2,}", line) for line in text.splitlines()]
    assert steps == [
        ["insured sum", "at least the payroll 20 000 001.00", "20 000 001.00", "art. 16"],
        ["tariff × insured sum", "tariff of class 11 0.75 % × 20 000 001.00", "150 000.01", "art. 17(2)"],
        [
            "premium of article 17",
            "at least 1 minimum wage: 150 000.01 ≥ 85 000.00",
            "150 000.01",
            "art. 17(2-1)",
        ],
        ["premium", "rounded half-up to the tiyn", "150 000.01", "art. 17, 17-1"],
    ]
    assert note == [
        "note: The accident history is unknown: no correction coefficient and no discount. The premium is "
        "not final if there were accidents by the policyholder's fault."
    ]


def test_explain_names_the_law_and_every_choice() -> None:
    text = text_of(*FLAGS, "--explain", "--choice", "minimum_test=after_coefficient")
    assert "tariff_rate: risk_class 1, rate 0.0012  [V] OSNS Law No 30-III of 2005-02-07, art. 17(2)" in text
    assert "minimum_test = after_coefficient (default before_coefficient): the text tests" in text
    assert "mean_rounding = half_up: the table has whole numbers only" in text
    explained = quoted(*FLAGS, "--explain")
    assert len(explained["choices"]) == 10
    assert explained["steps"][-1]["value"] == "85 000.00"


def test_a_case_with_everything(tmp_path: Path) -> None:
    found = quoted(
        case(
            tmp_path,
            """
contract_date: 2024-01-01
workers: 60
parts:
  - {name: head, oked: 62.01.1, payroll: "100 000 000"}
  - name: mine
    activities: [{oked: 05101, weight: 60}, {oked: 05102, weight: 40}]
    staff:
      - {position: miner, workers: 10, monthly_income: 900000}
    insured_sum: 150000000
accidents:
  - {year: 2021, injured: 2, at_fault: yes}
  - {year: 2022, injured: 2, deaths: 1, at_fault: yes}
  - {year: 2023, injured: 1, at_fault: yes}
  - {year: 2023, injured: 30, at_fault: no}
instalments: [2024-01-01, 2024-06-01]
change:
  date: 2024-07-02
  parts:
    - {name: head, oked: "62011", payroll: 200000000}
    - {name: mine, oked: "05101", payroll: 102000000, insured_sum: 150000000}
termination: {date: 2024-07-02, method: pro_rata}
prevention: {costs: 500000, asked_on: 2025-01-15, fully_paid: yes, payouts: 0}
rehabilitation:
  premium_paid: 1000000
  costs: 10
  degree_of_loss: 30
  accident_date: 2024-02-01
  documents_on: 2024-03-01
penalty: {unpaid: 100000, due: 2024-03-01, paid_on: 2024-03-03}
choices: {change_factor: none}
""",
        )
    )
    # head 0.12 % × 100 m = 120 000; mine class 17 1.21 % × 150 m = 1 815 000; mean 2, 60 workers: × 3
    assert found["risk_class"] is None
    assert found["annual_payroll"] == "202000000.00"
    assert [part["premium"] for part in found["parts"]] == ["360000.00", "5445000.00"]
    assert found["premium"] == "5805000.00"
    assert [item["amount"] for item in found["instalments"]] == ["2902500.00", "2902500.00"]
    assert found["change"]["amount"] == "60000.00"  # 0.12 % × 100 m × 183/366
    assert found["termination"]["amount"] == "-2902500.00"
    assert (found["prevention"]["ceiling"], found["prevention"]["amount"]) == ("348300.00", "348300.00")
    assert found["rehabilitation"]["amount"] == "10.00"
    assert found["penalty"]["amount"] == "3000.00"
    text = text_of(str(tmp_path / "case.yaml"))
    assert "change:\ntime left" in text
    assert (
        "prevention: 348 300.00 of at most 348 300.00\n  yes  the premium is fully paid (art. 9(2))" in text
    )
    assert "instalments:\n2024-01-01          2 902 500.00" in text


def test_a_contract_of_2010(tmp_path: Path) -> None:
    content = """
contract_date: 10.02.2010
categories:
  - {category: production, risk_class: 18, payroll: 50000000, rate: 1.23}
  - {category: administrative, payroll: 10000000, rate: 0.04}
"""
    assert quoted(case(tmp_path, content))["premium"] == "619000.00"


def test_a_voluntary_contract(tmp_path: Path) -> None:
    (tmp_path / "tariff.csv").write_text("risk_class,rate_percent\n7,0.4\n", encoding="utf-8")
    content = """
product: voluntary
contract_date: 2026-02-01
risk_class: 7
insured_sum: 50000000
tariff: tariff.csv
statistics:
  - {year: 2024, workers: 2000, accidents: 14}
  - {year: 2025, workers: 2000, accidents: 0}
load: {expected_frequency: 0.001, full_credibility_accidents: 100, smallest: 0.8, largest: 2.5}
paid_on: 2026-02-10
instalments: 2
"""
    found = quoted(case(tmp_path, content))
    assert (found["underwriting_load"], found["premium"]) == ("1.500000", "300000.00")
    assert (found["start_date"], found["end_date"]) == ("2026-02-11", "2027-02-10")
    assert [item["date"] for item in found["instalments"]] == ["2026-02-11", "2026-08-11"]
    inline = content.replace("tariff: tariff.csv", "tariff: {7: 0.4}")
    assert quoted(case(tmp_path, inline))["premium"] == "300000.00"


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ("contract_date: 2024-02-30\n", "E4302", r"contract_date is '2024-02-30': not a date"),
        ("payroll: 1\n", "E4303", "contract_date is missing and required"),
        (
            "contract_date: 2024-01-01\nrisk_class: 1\npayrol: 5\npayroll: 1\n",
            "E4304",
            "did you mean payroll",
        ),
        (
            "contract_date: 2024-01-01\nrisk_class: 1\npayroll: -5\n",
            "E4302",
            "payroll is '-5': an amount here",
        ),
        (
            "contract_date: 2024-01-01\nrisk_class: one\npayroll: 5\n",
            "E4302",
            "risk_class is 'one': not a whole",
        ),
        ("contract_date: 2024-01-01\nrisk_class: 1\npayroll: 1e9\n", "E4302", "write all its digits"),
        (
            "contract_date: 2024-01-01\nrisk_class: 1\npayroll: [5]\n",
            "E4302",
            "one value is expected, found list",
        ),
        ("contract_date: 2024-01-01\nparts: 5\n", "E4302", "parts: a list is expected"),
        ("contract_date: 2024-01-01\nparts: [5]\n", "E4301", r"parts\[1\]: keys with values"),
        (
            "contract_date: 2024-01-01\npayroll: 5\nparts: [{risk_class: 1, payroll: 5}]\n",
            "E4305",
            "beside `parts`",
        ),
        ("contract_date: 2024-01-01\nparts: [{risk_class: 1, payrol: 5}]\n", "E4304", r"parts\[1\]\.payrol"),
        (
            "contract_date: 2024-01-01\nrisk_class: 1\npayroll: 5\ninjured: {2023: x}\n",
            "E4302",
            "injured: years with whole numbers",
        ),
        (
            "contract_date: 2024-01-01\nrisk_class: 1\npayroll: 5\ninjured: {2023: 1}\n"
            "accidents: [{year: 2023, injured: 1, at_fault: no}]\n",
            "E4305",
            "accidents are given twice",
        ),
        ("contract_date: 2024-01-01\nproduct: both\n", "E4302", "product is 'both': not one of compulsory"),
        (
            "contract_date: 2024-01-01\nrisk_class: 1\npayroll: 5\ninstalments: x\n",
            "E4302",
            "instalments is x",
        ),
        ("contract_date: 2024-01-01\nrisk_class: 1\npayroll: 9\ndiscount: 200\n", "E4302", "at most 100"),
        ("product: voluntary\ncontract_date: 2024-01-01\nrisk_class: 1\n", "E4303", "tariff is missing"),
        (
            "product: voluntary\ncontract_date: 2024-01-01\nrisk_class: 1\ntariff: {1: 1}\n",
            "E4303",
            "load is missing",
        ),
        ("- 1\n", "E4301", "keys with values are expected"),
        ("a: [\n", "E4301", r"case\.yaml line \d"),
    ],
)
def test_bad_cases(tmp_path: Path, content: str, code: str, message: str) -> None:
    with pytest.raises(QuoteFileError, match=message) as e:
        CliRunner().invoke(command, [case(tmp_path, content)], catch_exceptions=False)
    assert e.value.code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --contract-date"),
        (["--injured", "2023:1"], "is not a year with a number; write 2023=2"),
        (["--choice", "minimum"], "is not a name with a value; write minimum_test=after_coefficient"),
        (["--contract-date", "1.3.24"], "is not a date"),
        ([*FLAGS, "--injured", "2023=1", "--injured", "2023=2"], "--injured names a year twice"),
    ],
)
def test_bad_flags(arguments: list[str], message: str) -> None:
    answer = CliRunner().invoke(command, arguments)
    assert answer.exit_code == 2
    assert message in answer.stderr


def test_case_and_flags_together(tmp_path: Path) -> None:
    answer = CliRunner().invoke(command, [case(tmp_path, "contract_date: 2024-01-01\n"), "--payroll", "5"])
    assert answer.exit_code == 2
    assert "give a case file or flags, not both: payroll" in answer.stderr


def test_errors_of_the_law_keep_their_code() -> None:
    with pytest.raises(PremiumError, match=r"insured sum 1\.00 is below the annual payroll") as e:
        CliRunner().invoke(command, [*FLAGS, "--insured-sum", "1"], catch_exceptions=False)
    assert e.value.code == "E4205"


def test_a_quote_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom cli.quote import command\n"
        f"command({FLAGS!r}, standalone_mode=False)\n"
        "heavy = {'numba', 'pandas', 'pyarrow', 'pydantic', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("payroll", ["85,400", "85.400", " 1,000 "])
def test_an_amount_that_may_be_thousands_is_refused(payroll: str) -> None:
    with pytest.raises(QuoteFileError, match="thousands, or decimals") as error:
        text_of("--oked", "62011", "--payroll", payroll, "--workers", "5", "--contract-date", "2024-03-01")
    assert error.value.code == "E4302"


def test_weights_and_percents_may_have_three_decimals(tmp_path: Path) -> None:
    activities = '[{oked: "62011", weight: 1.125}, {oked: "05101", weight: 98.875}]'
    path = case(
        tmp_path, f"contract_date: 2024-03-01\nworkers: 5\npayroll: 10000000\nactivities: {activities}\n"
    )
    assert quoted(path)["risk_class"] == 17
