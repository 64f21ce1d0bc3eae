"""Public names: few, documented with units, typed, in step with the page and with their homes."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

import actuarial

ROOT = Path(__file__).parents[2]
NAMES = [name for name in actuarial.__all__ if not name.startswith("__")]
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(actuarial, name))]
SECTIONS = ("Parameters", "Returns", "Raises", "Examples")
NO_INPUT = {"basis_names"}
RESULTS = {
    "read_portfolio": "actuarial.frame.portfolio.Portfolio",
    "portfolio_reserve": "actuarial.frame.reserve.PortfolioReserve",
    "portfolio_simulation": "actuarial.frame.simulation.PortfolioSimulation",
    "portfolio_stress": "actuarial.frame.stress.PortfolioStress",
    "claim_explanation": "actuarial.frame.reserve.ClaimExplanation",
    "premium_quote": "actuarial.frame.premium.PremiumQuote",
    "read_book": "actuarial.frame.premium.ContractBook",
    "priced_book": "actuarial.frame.premium.PricedBook",
    "claim_benefit": "actuarial.frame.benefit.ClaimBenefit",
    "history_study": "actuarial.frame.study.HistoryStudy",
    "tariff_adequacy": "actuarial.frame.study.TariffAdequacy",
    "employer_rating": "actuarial.frame.study.EmployerRating",
}


def result_class(name: str) -> Any:
    home, _, kind = RESULTS[name].rpartition(".")
    return getattr(importlib.import_module(home), kind)


def test_about_twenty_names() -> None:
    assert 18 <= len(NAMES) <= 24
    assert sorted(actuarial.__all__) == actuarial.__all__


def test_homes_types_and_names_agree() -> None:
    tree = ast.parse((ROOT / "actuarial" / "__init__.py").read_text(encoding="utf-8"))
    typed = {
        (node.module, alias.name)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    loaded = {(home, name) for home, names in actuarial._HOMES.items() for name in names}
    assert typed == loaded
    assert {name for _, name in loaded} == set(NAMES)


def test_no_name_is_a_module() -> None:
    """Importing a module of that name anywhere would put it in the place of the function."""
    modules = {module.name for module in pkgutil.iter_modules(actuarial.__path__)}
    assert not modules & set(NAMES)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'reserv'"):
        _ = actuarial.reserv


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstrings_have_their_sections(name: str) -> None:
    text = inspect.getdoc(getattr(actuarial, name)) or ""
    headings = re.findall(r"^([A-Z][a-z]+)\n-+$", text, flags=re.MULTILINE)
    wanted = [section for section in SECTIONS if name not in NO_INPUT or section in ("Returns", "Examples")]
    assert [heading for heading in headings if heading in SECTIONS] == wanted
    first = text.splitlines()[0]
    assert first.endswith(".") and len(first) < 110


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_documented(name: str) -> None:
    function = getattr(actuarial, name)
    text = inspect.getdoc(function) or ""
    block = text.partition("Parameters\n")[2].partition("\nReturns\n")[0]
    for parameter in inspect.signature(function).parameters.values():
        shown = f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else parameter.name
        assert re.search(rf"^{re.escape(shown)}( :|, |$)", block, flags=re.MULTILINE), shown


@pytest.mark.parametrize("name", FUNCTIONS)
def test_money_and_rates_have_units(name: str) -> None:
    """A docstring that speaks of amounts, rates or ages says their unit in brackets."""
    text = inspect.getdoc(getattr(actuarial, name)) or ""
    unit = re.compile(r"\[(KZT(/month|/year)?|1(/year)?|percent|years|months|tiyn)\]")
    if name not in NO_INPUT | {"load_basis", "history_study"}:
        assert unit.search(text)


@pytest.mark.parametrize("name", RESULTS)
def test_frames_and_figures_of_results_are_documented(name: str) -> None:
    kind = result_class(name)
    for attribute, member in vars(kind).items():
        if attribute.startswith("_") or not isinstance(member, property):
            continue
        assert inspect.getdoc(member), f"{kind.__name__}.{attribute}"
        assert inspect.get_annotations(member.fget).get("return"), f"{kind.__name__}.{attribute}"


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    value = getattr(actuarial, name)
    known = dict(vars(importlib.import_module(value.__module__)))
    found = doctest.DocTestFinder(recurse=False).find(value, name, globs=known)
    runner = doctest.DocTestRunner(verbose=False)
    for test in found:
        assert not any(doctest.SKIP in example.options for example in test.examples)
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
    if name in FUNCTIONS:
        assert runner.tries > 0


@pytest.mark.parametrize("language", ["", ".ru"])
def test_the_page_lists_the_names_and_what_they_give(language: str) -> None:
    page = (ROOT / "docs" / f"api{language}.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|.*?\|(.*)\|$", page, flags=re.MULTILINE))
    listed = {word for key in rows for word in re.findall(r"`(\w+)`", key)}
    assert set(NAMES) <= listed
    for name in RESULTS:
        kind = result_class(name)
        shown = re.findall(r"`(\w+)(?:\(…\))?`", rows[f"`{name}`"])
        for attribute in shown:
            assert attribute == kind.__name__ or hasattr(kind, attribute), (name, attribute)
        frames = {
            key
            for key, member in vars(kind).items()
            if isinstance(member, property) and "pd." in str(inspect.get_annotations(member.fget)["return"])
        }
        assert frames <= set(shown), name


@pytest.mark.parametrize("language", ["", ".ru"])
def test_the_page_lists_the_codes(language: str) -> None:
    page = (ROOT / "docs" / f"api{language}.md").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "actuarial" / "frame").glob("*.py"))
    used = set(re.findall(r'"(E85\d\d)"', source))
    assert used == set(re.findall(r"^\| (E85\d\d) \|", page, flags=re.MULTILINE))


@pytest.mark.parametrize("language", ["", ".ru"])
def test_the_page_lists_the_requests_of_runs(language: str) -> None:
    from dataclasses import fields

    from actuarial.frame.run import COMMANDS, OPTIONAL

    page = (ROOT / "docs" / f"api{language}.md").read_text(encoding="utf-8")
    for command, (home, request, _) in COMMANDS.items():
        kind = getattr(importlib.import_module(home), request)
        row = re.search(rf"^\| `{command}` \|(.*)\|(.*)\|$", page, flags=re.MULTILINE)
        assert row is not None
        always, more = ({*re.findall(r"`(\w+)`", cell)} for cell in row.groups())
        known = {field.name for field in fields(kind)} - {"target"}
        needed = {field.name for field in fields(kind) if field.default is field.default_factory} - {"target"}
        assert always == needed - OPTIONAL.keys(), command
        assert more <= known - always, command
