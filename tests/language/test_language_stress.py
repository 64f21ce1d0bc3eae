"""Stress tests, new claims and tables on the screen in Russian and Kazakh: no English is left in them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parent))

from test_whole_output import Words, commanded, english

from actuarial.basis import load_basis
from actuarial.error import ActuarialError
from actuarial.language import is_message, said, spoken
from actuarial.new_claim.model import load_new_claim_model
from actuarial.report.stress_input import amount, contract_input, matched, named_paths, share
from actuarial.stress.aggregation import load_correlation
from actuarial.stress.hypothetical import HypotheticalLaw
from actuarial.stress.scenario import RISK_NAMES, RISKS, Change, Scenario, load_scenarios, scaled
from actuarial.stress.stressed_basis import stressed_basis

SAMPLES = Path(__file__).parents[2] / "actuarial" / "sample"
LANGUAGES = "ru", "kk"
BASIS = load_basis("illustrative-2026")
VALUATION_DATE = date(2026, 1, 1)
MODELS = resources.files("actuarial.new_claim") / "models"
ENGLISH = re.compile(r"(?<![\w.`'/=-])[a-z]{3,} [a-z]{3,}(?![\w.`'/=-])")
"""Two neighbouring words; what stands in quotes is data or a name."""
CYRILLIC = re.compile("[а-яәіңғүұқөһ]", re.IGNORECASE)
CODECS = "invalid start byte"
"""What Python says of bytes."""


def english_left(shown: str) -> list[str]:
    """English words of a text; data in quotes stand aside."""
    return ENGLISH.findall(re.sub(r"'[^']*'|`[^`]*`", "", shown.replace(CODECS, "")))


def scenario(*changes: Change) -> Scenario:
    return Scenario(name="own", title="Own title", source="our own", changes=list(changes))


def stressed(parameter: str, **operation: Any) -> Callable[[], object]:
    return lambda: stressed_basis(BASIS, scenario(Change(parameter=f"basis.{parameter}", **operation)))


def hypothetical(parameter: str, **operation: Any) -> Callable[[], object]:
    change = Change.model_validate({"parameter": f"law.{parameter}", **operation})
    return lambda: HypotheticalLaw([change], "own", VALUATION_DATE)


REFUSALS: dict[str, Callable[[], object]] = {
    "no scenario": lambda: load_scenarios("longevty"),
    "nothing": lambda: load_scenarios(","),
    "twice": lambda: load_scenarios("longevity,longevity"),
    "set": lambda: scaled(scenario(Change(parameter="law.mci", set=5000)), 2.0),
    "factor": lambda: scaled(scenario(Change(parameter="contract.payroll", multiply=0.5)), 3.0),
    "size": lambda: (
        scaled(scenario(Change(parameter="annuity.social_payment", multiply=1.0)), 2.0)
        and scaled(scenario(Change(parameter="annuity.added_mortality", add=0.6, months=12)), 2.0)
    ),
    "key": stressed("intrest", add=0.01),
    "no keys": stressed("interest.flat.x", add=0.01),
    "name": stressed("name", multiply=2.0),
    "no number": stressed("indexation.choice", add=1.0),
    "recovery": stressed("certification.recovery", multiply=100.0),
    "recovery set": stressed("certification.recovery", set=1),
    "not valid": stressed("interest", add=-5.0),
    "no parameter": hypothetical("mcii", multiply=2.0),
    "unused": hypothetical("holidays", multiply=2.0),
    "no tariff": hypothetical("tariff_rate", multiply=0.0),
    "whole": hypothetical("earnings_cap_minimum_wages", multiply=1.01),
    "parts": hypothetical("tariff_rate.99", multiply=2.0),
    "no parts": hypothetical("mci.x", multiply=2.0),
    "flag": hypothetical("payout_edition.earnings_cap", multiply=2.0),
    "not a flag": hypothetical("payout_edition.earnings_cap", set=3),
    "deduction": hypothetical("payout_edition.social_payment_deducted", set=False),
    "domain": hypothetical("mci", set=-5.0),
    "not a number": hypothetical("mci", set="x"),
    "no correlation": lambda: load_correlation("nowhere.csv"),
    "amount": lambda: amount("12x", "--own-funds"),
    "share": lambda: share("300", "--lapse-rate", 100),
    "case": lambda: contract_input(None, None, {"flood": "1"}),
    "whose": lambda: matched(["5"], ["a", "b"], "--own-funds"),
    "nobody": lambda: matched(["c=5"], ["a", "b"], "--own-funds"),
    "again": lambda: matched(["a=5", "a=6"], ["a", "b"], "--own-funds"),
    "two of a name": lambda: named_paths(["x/a.csv", "y/a.csv"], "--portfolio"),
    "market": lambda: named_paths(["market=a.csv"], "--portfolio"),
    "no model": lambda: load_new_claim_model("nowhere"),
}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_are_translated(name: str, code: str) -> None:
    with pytest.raises(ActuarialError) as error:
        REFUSALS[name]()
    assert_told(error.value, code)


def assert_told(error: ActuarialError, code: str) -> str:
    """The error speaks the language, and English by itself."""
    assert is_message(error.args[0])
    english = str(error)
    with spoken(code):
        shown = said(error)
    assert CYRILLIC.search(shown), shown
    assert english_left(shown) == []
    assert str(error) == english
    return shown


WRONG_CHANGES = (
    "{parameter: basis.interest}",
    "{parameter: pay, add: 1}",
    "{parameter: annuity.paymnt, multiply: 2}",
    "{parameter: annuity.payment, add: 1}",
    "{parameter: annuity.payment, multiply: -1}",
    "{parameter: basis.interest, add: 1, from: 2026-01-01}",
    "{parameter: annuity.added_mortality, add: 0.1}",
    "{parameter: annuity.added_mortality, add: 1.5, months: 12}",
    "{parameter: annuity.social_payment, multiply: 2}",
    "{parameter: contract.site_deaths, set: true}",
    "{parameter: basis.interest, add: x, months: 1.5}",
    "{parametr: basis.interest, add: 1}",
)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("change", WRONG_CHANGES)
def test_what_is_wrong_with_a_file_of_scenarios(change: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        f"scenarios:\n- name: base\n  title: ''\n  source: us\n  changes:\n  - {change}\n", encoding="utf-8"
    )
    with pytest.raises(ActuarialError) as error:
        load_scenarios(str(path))
    assert_told(error.value, code)


CORRELATIONS = (
    "",
    "mortality,flood\n1,0\n0,1\n",
    "mortality,mortality\n1,0\n0,1\n",
    "mortality,expense\n1,0\n",
    "mortality,expense\n1,x\n0,1\n",
    "mortality,expense\n1,0.5\n0.4,1\n",
    "mortality,expense\n1,2\n2,1\n",
    "mortality,expense\n0.5,0\n0,1\n",
    "mortality,expense,lapse\n1,-0.9,-0.9\n-0.9,1,-0.9\n-0.9,-0.9,1\n",
)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("content", CORRELATIONS)
def test_what_is_wrong_with_a_matrix(content: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ActuarialError) as error:
        load_correlation(str(path))
    assert_told(error.value, code)


WRONG_MODELS: tuple[tuple[tuple[str | int, ...], object], ...] = (
    (("frequency", "dispersion"), 0.5),
    (("frequency", "class_cv"), "much"),
    (("event_size", "default"), {1: 0.9}),
    (("victim", "ages"), [{"first": 40, "last": 30, "share": 1.0}]),
    (("victim", "ages"), [{"first": 20, "last": 40, "share": 0.5}, {"first": 30, "last": 50, "share": 0.5}]),
    (("degree", "B"), {70: 1.0}),
    (("social_payment",), {"choice": "by_law"}),
    (("social_payment",), {"choice": "share"}),
    (("dependants", "families", 0, "share"), 0.999),
    (("exposure",), "sometimes"),
    (("earnings",), 3),
)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(("place", "value"), WRONG_MODELS)
def test_what_is_wrong_with_a_model(
    place: tuple[str | int, ...], value: object, code: str, tmp_path: Path
) -> None:
    content = YAML(typ="safe").load((MODELS / "illustrative-2026.yaml").read_text(encoding="utf-8"))
    inner: Any = content
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    path = tmp_path / "own.yaml"
    with path.open("w", encoding="utf-8") as stream:
        YAML().dump(content, stream)
    with pytest.raises(ActuarialError) as error:
        load_new_claim_model(path)
    assert_told(error.value, code)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "table",
    [
        "class,death\n",
        "risk_class,death,A,B,C,D\n",
        "risk_class,death,A,B,C,D\n1,0,0\n99,0,0,0,0,0\n2,x,0,0,0,0\n3,0,0,0,0,0\n3,0,0,0,0,0\n4,1,1,0,0,0\n",
    ],
)
def test_what_is_wrong_with_a_frequency_table(table: str, code: str, tmp_path: Path) -> None:
    content = (MODELS / "illustrative-2026.yaml").read_text(encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(content.replace("illustrative-2026-frequency.csv", "own.csv"), encoding="utf-8")
    (tmp_path / "own.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ActuarialError) as error:
        load_new_claim_model(path)
    assert_told(error.value, code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_shipped_scenarios_speak_and_those_of_the_user_stay(code: str, tmp_path: Path) -> None:
    with spoken(code):
        for one in (one for file in load_scenarios("all") for one in file.scenarios):
            for wording in (one.title, one.source, one.note):
                assert is_message(wording)
                assert english_left(said(wording)) == []
            assert CYRILLIC.search(said(one.title))
            for change in one.changes:
                assert english_left(said(change.message)) == []
    path = tmp_path / "own.yaml"
    path.write_text(
        "scenarios:\n- name: own\n  title: Base\n  source: law\n"
        "  changes: [{parameter: law.mci, multiply: 1.5}]\n",
        encoding="utf-8",
    )
    (file,) = load_scenarios(str(path))
    assert not is_message(file.scenarios[0].title)
    assert not is_message(file.scenarios[0].source)


def test_a_change_is_written_as_the_language_writes_numbers_and_days() -> None:
    change = Change.model_validate({"parameter": "law.mci", "multiply": 1.25, "from": date(2026, 7, 1)})
    longer = Change(parameter="annuity.added_mortality", add=0.0015, months=12)
    assert str(change) == "law.mci × 1.25 from 2026-07-01"
    assert str(longer) == "annuity.added_mortality + 0.0015 for 12 months"
    with spoken("ru"):
        assert said(change.message) == "law.mci × 1,25 с 01.07.2026"
        assert said(longer.message) == "annuity.added_mortality + 0,0015 на 12 месяцев"


@pytest.mark.parametrize("code", LANGUAGES)
def test_risks_have_names(code: str) -> None:
    assert tuple(RISK_NAMES) == RISKS
    assert list(RISK_NAMES.values()) == list(RISKS)
    with spoken(code):
        assert all(CYRILLIC.search(said(name)) for name in RISK_NAMES.values())
        assert CYRILLIC.search(said(load_correlation("default").source))


# ---------------------------------------------------------------- whole runs

VALUED = ("--valuation-date", "2026-01-01", "--basis", "illustrative-2026")
BOOK = str(SAMPLES / "book-synthetic")


@pytest.fixture(scope="module")
def portfolios(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two small portfolios."""
    folder = tmp_path_factory.mktemp("portfolios")
    rows = (SAMPLES / "annuities-synthetic.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    paths = []
    for name, first, last in (("АО Бір", 1, 41), ("АО Екі", 41, 71)):
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text("".join([rows[0], *rows[first:last]]), encoding="utf-8")
    return paths


def english_of_reports(folder: Path) -> list[str]:
    """Texts of page and workbook in which English is left."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    book = load_workbook(folder / "report.xlsx", read_only=True)
    rows = (row for sheet in book for row in sheet.iter_rows(values_only=True))
    cells = [value for row in rows for value in row if isinstance(value, str)]
    return english([*Words(page).texts, *book.sheetnames, *dict.fromkeys(cells)])


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_market_with_contracts_and_a_reverse_stress(
    portfolios: list[Path], code: str, tmp_path: Path
) -> None:
    words = [word for path in portfolios for word in ("--portfolio", str(path))]
    words += ["--contracts", f"{portfolios[0].stem}={BOOK}", "--loss-ratio", "45", "--reverse", "longevity"]
    words += [f"--own-funds={path.stem}=90000000" for path in portfolios]
    words += ["--scenarios", "longevity,lapse,minimum_wage,concentration,policy", "--case-cost", "death=1"]
    done = commanded(code, "stress", *words, *VALUED, "--output", str(tmp_path / "run"))
    assert done.exception is None, done.output
    assert english(done.output.splitlines()) == []
    assert english_of_reports(tmp_path / "run") == []
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    written = json.dumps(record["scenarios"], ensure_ascii=False)
    for path in portfolios:
        written = written.replace(path.stem, "")
    # names of the law's values are Cyrillic in English too, in capitals
    assert re.findall("[а-яәіңғүұқөһ]{2,}", written) == []
    assert record["scenarios"][0]["title"] == "Mortality −20 %"


@pytest.mark.parametrize("code", LANGUAGES)
def test_new_claims_beside_annuities(portfolios: list[Path], code: str, tmp_path: Path) -> None:
    words = ["--portfolio", str(portfolios[0]), "--contracts", BOOK, "--new-claims", "illustrative-2026"]
    words += ["--scenarios", "40", "--seed", "1", "--attribution", "40"]
    done = commanded(code, "simulate", *words, *VALUED, "--output", str(tmp_path / "run"))
    assert done.exception is None, done.output
    assert english(done.output.splitlines()) == []
    assert english_of_reports(tmp_path / "run") == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_run_is_verified_and_a_claim_explained(portfolios: list[Path], code: str, tmp_path: Path) -> None:
    run = str(tmp_path / "run")
    commanded("en", "reserve", "--portfolio", str(portfolios[0]), *VALUED, "--output", run, "--no-report")
    for words in (["verify", run], ["explain", run, "--id", "SYN-0000001"]):
        for more in ([], ["--months"] if words[0] == "explain" else []):
            done = commanded(code, *words, *more)
            assert done.exception is None, done.output
            assert english(done.output.splitlines()) == []
    english_verdict = commanded("en", "verify", run).output
    assert "inputs: 1 file, as the run recorded them" in english_verdict
    assert english_verdict.rstrip().endswith("verified")


def test_tables_on_the_screen_keep_their_figures_however_long_their_words(portfolios: list[Path]) -> None:
    done = commanded("kk", "premium", "--contracts", BOOK, "--output", str(portfolios[0].parent / "premium"))
    assert "…" not in done.output
    assert "270 825 051 396,00" in done.output
