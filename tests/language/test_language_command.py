"""What the commands print in Russian and Kazakh: no English but names, and the same answers for machines."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

import tariffs
from actuarial.language import said, spoken
from cli.main import SYSTEM_REASONS, root

LANGUAGES = "ru", "kk"
SAMPLES = Path(__file__).parents[2] / "actuarial" / "sample"
ENGLISH = re.compile(r"(?<![\w./'\-])[a-z]{3,}(?:[ ,:;]+[a-z]{3,})+(?![\w/\-])")
"""Two neighbouring words of English; names of columns and choices mostly have underscores."""
OURS = {
    "accident", "annuities", "claims", "counted", "excluded", "gross", "half", "net", "none", "payroll",
    "replace", "staff", "drop", "rate", "contracts", "history", "pay", "maximum", "rule", "steps", "growth",
    "months", "capped", "sanatorium", "category", "coefficient", "severance", "rest", "days", "down",
}  # fmt: skip
"""Choices and keys of values that are one word."""
WORKER: dict[str, Any] = {
    "product": "compulsory",
    "beneficiary": "worker",
    "sex": "male",
    "birth_date": "1985-06-15",
    "contract_date": "2024-02-01",
    "accident_date": "2024-09-10",
    "first_certificate_date": "2025-03-01",
    "certificate_end": "2027-03-01",
    "degree_of_loss": "60",
    "average_monthly_earnings": "900000",
    "social_payment": "98262",
    "next_payment_date": "2026-04-01",
}
PEOPLE: dict[str, dict[str, Any]] = {
    "worker": {"social_payment": "0", "pension_contribution_exempt": "yes"},
    "everything": {
        "average_monthly_earnings": None,
        "social_payment": None,
        "monthly_pay": [
            {"month": "2024-07", "pay": "500000"},
            {"month": "2024-08", "pay": "9", "incomplete": "yes"},
        ],
        "social_average_income": "300000",
        "social_months": "96",
        "disability_group": "II",
        "documents_date": "2026-03-19",
        "annuity_start_date": "2025-03-01",
        "indexation": {"choice": "contract_rate", "rate": 0.08},
        "growth": {"mci": 0.05, "minimum_wage": 0.05, "subsistence_minimum": 0.05},
        "projection": {"years": "2", "earnings_growth": "0.05", "social_payment_growth": "0.05"},
        "expenses": [
            {"date": "2025-05-01", "amount": "9000000"},
            {"date": "2025-06-01", "amount": "10", "documents": "no"},
            {"date": "2025-06-02", "amount": "10", "kind": "sanatorium"},
            {"date": "2025-06-03", "amount": "10", "covered_by": "guaranteed_care"},
        ],
        "degree_changes": [{"date": "2026-10-01", "degree_of_loss": "20"}],
        "insured_sum": {"sum": "1", "payouts": [{"date": "2025-05-01", "claim_id": "x", "amount": "2"}]},
        "late_payments": [{"due_date": "2025-03-01", "paid_date": "2025-03-11", "amount": "1000"}],
    },
    "edition_of_2010": {
        "accident_date": "2013-06-01",
        "contract_date": "2013-01-01",
        "first_certificate_date": "2013-09-01",
        "choices": {"lump_sum_index_date": "payment_date"},
        "expenses": [{"date": "2014-05-01", "amount": "9000"}],
    },
    "voluntary": {
        "product": "voluntary",
        "degree_of_loss": "17",
        "documents_date": "2026-03-19",
        "contract_signed_date": "2026-03-25",
        "fault_percent": "30",
    },
    "death": {
        "degree_of_loss": None,
        "social_payment": None,
        "certificate_end": None,
        "first_certificate_date": None,
        "death_date": "2024-09-10",
        "dependants": [
            {"name": "Aisha", "relation": "child", "birth_date": "2015-01-01"},
            {"name": "Zhanar", "relation": "spouse", "birth_date": "1960-01-01", "sex": "female"},
            {"name": "Timur", "relation": "parent", "birth_date": "1990-01-01", "sex": "male"},
        ],
    },
    "pre_retirement": {
        "beneficiary": "pre_retirement",
        "degree_of_loss": None,
        "social_payment": None,
        "birth_date": "1965-01-01",
    },
}
CONTRACT = [
    "--oked", "62011", "--payroll", "10000000", "--workers", "60", "--contract-date", "2024-03-01",
    "--injured", "2021=6", "--injured", "2022=0", "--injured", "2023=0", "--deaths", "2023=1", "--at-fault",
    "--instalments", "4", "--choice", "minimum_test=after_coefficient", "--explain",
]  # fmt: skip
VALUED = ["--basis", "illustrative-2026", "--valuation-date", "2026-01-01"]
BOOK = {
    "contracts": (
        "insurer_name,contract_id,policyholder_name,contract_date,start_date,end_date,premium,n_workers\n"
        "КСЖ,C1,ТОО,2024-03-01,2024-03-01,2025-02-28,85000,5\n"
    ),
    "contract_parts": "contract_id,part_id,oked_code,annual_payroll\nC1,1,62011,10000000\n",
}

Written = Callable[[str], str]


def said_by(language: str, *words: str) -> Result:
    """A command in a language."""
    return CliRunner().invoke(root, ["--lang", language, *words], standalone_mode=False)


def english(output: str) -> list[str]:
    """Lines in which English words are left."""
    return [
        line
        for line in output.splitlines()
        if any(
            len(set(re.findall("[a-z]+", found)) - OURS) > 1
            for found in ENGLISH.findall(re.sub(r"--[a-z-]+|\S*[_/]\S*|'[^']*'", "", line))
        )
    ]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes the case of a person of `PEOPLE`."""

    def to_file(name: str) -> str:
        path = tmp_path / f"{name}.yaml"
        keys = {key: value for key, value in {**WORKER, **PEOPLE[name]}.items() if value is not None}
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(keys, file)
        return str(path)

    return to_file


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PEOPLE)
def test_a_letter(name: str, language: str, written: Written) -> None:
    done = said_by(language, "benefit", written(name), "--explain")
    assert done.exception is None, done.output
    assert english(done.stdout) == []
    assert not re.search(r"\d\.\d\d\b(?!\.)", re.sub(r"\d\d\.\d\d\.\d{4}", "", done.stdout))


def test_a_letter_by_hand(written: Written) -> None:
    lines = said_by("ru", "benefit", written("everything")).stdout.splitlines()
    assert (
        "  Ежемесячная выплата за вычетом выплаты ГФСС" + " " * 27 + "201 738,00   Закон об ОСНС, ст. 19(1)"
        in lines
    )
    assert "  договор аннуитета: 5 после 19.03.2026: 31.03.2026 (Закон об ОСНС, ст. 23)" in lines
    # the column of amounts stands where it does in English
    assert {len(line) for line in lines if line.endswith((" 500 000,00", " 201 738,00"))} <= {82}
    kazakh = said_by("kk", "benefit", written("death")).stdout
    assert "Құқықтар (Азаматтық кодекс, 940-бап)" in kazakh
    assert re.search(r"Zhanar +зейнет жасы +10\.09\.2024 +өмір бойы", kazakh)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_law(language: str) -> None:
    every = [name for name in tariffs.parameter_names() if tariffs.parameter(name).entries[-1].end is None]
    full = [word for name in every for word in ("--parameter", name)]
    for words in (["--on", "2026-06-01"], ["--on", "2008-08-01"], ["--on", "2026-06-01", *full]):
        done = said_by(language, "law", "show", *words)
        assert done.exception is None, done.output
        assert english(done.stdout) == []
    title = tariffs.parameter("tariff_rate").title[language]
    assert f"tariff_rate: {title}\n" in done.stdout
    found = said_by(language, "law", "oked", "62011", "--on", "2026-01-01")
    assert "0,12 %" in found.stdout
    assert english(found.output) == []
    refused = said_by(language, "law", "oked", "--find", "абырвалг").exception
    assert refused is not None
    with spoken(language):
        assert not re.search("[a-z]", said(refused))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quote(language: str) -> None:
    done = said_by(language, "quote", *CONTRACT)
    assert done.exception is None, done.output
    assert english(done.output) == []
    assert "01.03.2024" in done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_of_annuities(language: str, written: Written) -> None:
    grid = said_by(language, "annuity", "--sex", "both", "--age-years", "30-50/10", *VALUED)
    priced = said_by(language, "annuity", "--case", written("worker"), *VALUED)
    for done in (grid, priced):
        assert done.exception is None, done.output
        assert english(done.output) == []
        assert "." not in re.sub(r"\d\d\.\d\d\.\d{4}|[а-яәі]\.", "", done.stdout)
    # a wide word widens its column: rows are as long as the header
    assert len({len(line) for line in grid.stdout.splitlines()}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_that_are_written(language: str, tmp_path: Path) -> None:
    sample, book = tmp_path / "sample.csv", tmp_path / "book"
    book.mkdir()
    for name, rows in BOOK.items():
        (book / f"{name}.csv").write_text(rows, encoding="utf-8")
    commands = [
        ["sample", "--rows", "30", "--output", str(sample)],
        ["check", str(sample), "--valuation-date", "2026-01-01"],
        ["check", str(SAMPLES / "book-synthetic")],
        ["template", "all", "--output", str(tmp_path / "template.xlsx")],
        ["submit", "--contracts", str(book), "--output", str(tmp_path / "submitted")],
        ["submit", "--contracts", str(book), "--output", str(tmp_path / "submitted"), "--write"],
        ["benefit", "--table", str(sample), "--valuation-date", "2026-01-01", "--output", f"{sample}.csv"],
    ]  # fmt: skip
    for words in commands:
        done = said_by(language, *words)
        assert done.exception is None and not done.return_value, done.output
        assert english(done.output) == [], words


@pytest.mark.parametrize("name", PEOPLE)
def test_machines_read_the_same(name: str, written: Written) -> None:
    path = written(name)
    commands = [
        ["benefit", path, "--json"],
        ["quote", *CONTRACT, "--json"],
        ["law", "show", "--on", "2008-08-01", "--json"],
    ]
    for words in commands:
        answers = {said_by(language, *words).stdout for language in ("en", *LANGUAGES)}
        assert len(answers) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_system_says_of_files(language: str) -> None:
    with spoken(language):
        assert not any(re.search("[a-z]", said(reason)) for reason in SYSTEM_REASONS)
