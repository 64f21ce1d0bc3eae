"""``actuarial law show``: whole answers, and how questions without an answer end."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import tariffs
from cli.law import command


def shown(*arguments: str) -> str:
    answer = CliRunner().invoke(command, ["show", *arguments], catch_exceptions=False)
    assert answer.exit_code == 0
    return answer.stdout


def test_one_parameter_in_full() -> None:
    assert shown("--on", "2022-04-01", "--parameter", "mci_benefits") == (
        "mci_benefits: Monthly calculation index for benefits and other social payments\n"
        "  value     3180\n"
        "  unit      KZT\n"
        "  period    2022-04-01 - 2022-12-31\n"
        "  status    enacted\n"
        "  evidence  V\n"
        "  source    Budget law for 2022-2024 No 77-VII of 2021-12-02, art. 9(2)\n"
        "  note      Benefits and other social payments only, from 1 April by Law of 12.05.2022 No 121-VII; "
        "the general index stays at 3063 (parameter mci).\n"
        "  file      tariffs/parameters/mci_benefits.yaml\n"
    )


def test_a_table_in_full_in_percent() -> None:
    lines = shown("--on", "01.06.2026", "--parameter", "tariff_rate").splitlines()
    assert lines[-23:-20] == ["risk_class\trate_min", "1\t0.12 %", "2\t0.29 %"]
    assert "  period    2024-07-09 - open (checked 2026-09-30)" in lines


def test_all_parameters_or_the_reason() -> None:
    text = shown("--on", "2008-08-01")
    header, *lines = text.splitlines()
    assert header.split() == ["parameter", "value", "unit", "period", "act", "article", "evidence"]
    first_words = {line.split()[0].rstrip(":") for line in lines if line.strip()}
    assert set(tariffs.parameter_names()) <= first_words
    assert "No value on 2008-08-01:" in lines
    assert (
        "  minimum_wage: minimum_wage has no value on 2008-08-01: tariffs/parameters/minimum_wage.yaml"
        in text
    )
    assert "mark M" in text


def test_json_holds_everything_once() -> None:
    answer = json.loads(shown("--on", "2026-06-01", "--json"))
    assert (answer["schema_version"], answer["date"]) == (1, "2026-06-01")
    names = [item["parameter"] for item in answer["parameters"] + answer["not_on_record"]]
    assert sorted(names) == list(tariffs.parameter_names())
    assert [item["parameter"] for item in answer["not_on_record"]] == [
        "additional_expenses_lump_sum",
        "survivor_old_age",
        "tariff_bounds",
    ]
    by_name = {item["parameter"]: item for item in answer["parameters"]}
    mci = by_name["mci"]
    assert (mci["value"], mci["unit"], mci["from"], mci["to"]) == ("4325", "KZT", "2026-01-01", "2026-12-31")
    assert (mci["act"], mci["number"], mci["adopted"]) == (
        "Budget law for 2026-2028",
        "239-VIII",
        "2025-12-08",
    )
    assert mci["title"]["ru"] == "Месячный расчётный показатель (МРП)"
    assert by_name["late_payment_penalty"]["value"] == "0.015"
    assert by_name["payout_edition"]["value"]["sanatorium"] is True
    assert len(by_name["risk_classes"]["value"]) == 1104


def test_json_of_one_parameter() -> None:
    answer = json.loads(shown("--on", "2026-06-01", "--parameter", "funeral_payment", "--json"))
    assert [(item["parameter"], item["value"]) for item in answer["parameters"]] == [
        ("funeral_payment", "100")
    ]
    assert answer["not_on_record"] == []


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (
            ("2027-01-01", "mci"),
            "mci has no value on 2027-01-01: the record in tariffs/parameters/mci.yaml",
            "E1102",
        ),
        (("2026-01-01", "mcii"), "there is no parameter 'mcii' .* the nearest names are mci", "E1101"),
    ],
)
def test_a_named_parameter_without_answer_is_an_error(
    arguments: tuple[str, str], message: str, code: str
) -> None:
    day, name = arguments
    with pytest.raises(tariffs.LawError, match=message) as raised:
        shown("--on", day, "--parameter", name)
    assert raised.value.code == code


@pytest.mark.parametrize("text", ["2026-02-30", "30.02.2026", "01/02/2026", "today", ""])
def test_impossible_day(text: str) -> None:
    answer = CliRunner().invoke(command, ["show", "--on", text])
    assert answer.exit_code == 2
    assert f"{text!r} is not a date; write 2026-01-31 or 31.01.2026" in answer.stderr


def test_the_day_is_required() -> None:
    answer = CliRunner().invoke(command, ["show"])
    assert answer.exit_code == 2
    assert "Missing option '--on'" in answer.stderr


def test_help_of_the_group_reads_no_law() -> None:
    code = (
        "import sys, cli.law; "
        "assert not {'numpy', 'pandas', 'ruamel.yaml', 'rich', 'tariffs'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_one_parameter_reads_one_file() -> None:
    code = (
        "import sys, tariffs.law, tariffs.reader as reader; read = []; original = reader.read_parameter; "
        "reader.read_parameter = lambda path: (read.append(path.stem), original(path))[1]; "
        "tariffs.law.parameter('mci'); assert read == ['mci'], read; assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
