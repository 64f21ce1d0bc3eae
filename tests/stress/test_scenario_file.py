"""Scenario files: what is shipped, what is refused and how, and multiples of a scenario."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import tariffs
from actuarial.basis import load_basis
from actuarial.stress.error import StressError
from actuarial.stress.scenario import RISKS, Change, Scenario, load_scenarios, preset_names, scaled
from actuarial.stress.stressed_basis import NotApplicableError, stressed_basis

FOLDER = Path(__file__).parents[2] / "actuarial" / "scenarios"
PRESETS = {scenario.name: scenario for file in load_scenarios("all") for scenario in file.scenarios}
BASIS = load_basis("illustrative-2026")


def scenario(*changes: Change) -> Scenario:
    return Scenario(name="test", title="test", source="test", changes=list(changes))


def write(folder: Path, text: str) -> str:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


ONE = """scenarios:
  - name: own
    title: Own
    source: us
    changes:
      - {parameter: basis.interest, add: 0.01}
"""


# ---------------------------------------------------------------- what is shipped


def test_shipped_scenarios_have_a_source_and_known_risks() -> None:
    assert len(PRESETS) == 26
    assert all(s.source and s.title for s in PRESETS.values())
    assert {s.risk for s in PRESETS.values() if s.risk} == set(RISKS)
    assert "from memory" in PRESETS["expense"].source


def test_sizes_of_the_standard_formula() -> None:
    """Delegated Regulation (EU) 2015/35, arts 137, 138, 143, 156-160, 162."""
    sizes = {
        "mortality_up": ["basis.mortality.multiplier × 1.15"],
        "longevity": ["basis.mortality.multiplier × 0.8"],
        "disability_inception": ["contract.claims × 1.35", "basis.certification.recovery × 0.8"],
        "revision_4": ["annuity.payment × 1.04"],
        "lapse_up": ["contract.lapse × 1.5"],
        "lapse_down": ["contract.lapse × 0.5"],
        "life_catastrophe": ["annuity.added_mortality + 0.0015 for 12 months"],
        "accident_concentration": [
            "contract.site_deaths = 0.1",
            "contract.site_disabilities = 0.035",
            "contract.site_medical = 0.3",
        ],
    }
    for name, changes in sizes.items():
        assert [str(change) for change in PRESETS[name].changes] == changes


def test_inflation_is_the_worst_of_the_series() -> None:
    lines = (FOLDER / "kz_macro_series.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    worst = {
        series: max(float(row["value"]) for row in rows if row["series"] == series)
        for series in ("cpi_dec_yoy", "avg_wage_growth")
    }
    assert PRESETS["prices_2022"].changes[0].amount == pytest.approx(worst["cpi_dec_yoy"] / 100)
    rise = PRESETS["wages_2022"].changes[0].amount - 1
    assert rise == pytest.approx(worst["avg_wage_growth"] / 100, abs=5e-4)


def test_the_minimum_wage_steps_are_those_of_the_law() -> None:
    wage = {entry.start.year: entry.value for entry in tariffs.parameter("minimum_wage").entries}
    steps = [PRESETS[f"minimum_wage_step_{n}"].changes[0].amount for n in (1, 2)]
    assert steps[0] == pytest.approx(float(wage[2023] / wage[2022]), abs=1e-7)
    assert steps[1] == pytest.approx(float(wage[2024] / wage[2022]), abs=1e-7)


# ---------------------------------------------------------------- how they are named


def test_all_a_file_a_scenario_and_a_path() -> None:
    assert [file.name for file in load_scenarios("all")] == list(preset_names())
    assert [s.name for s in load_scenarios("revision")[0].scenarios] == ["revision_4", "revision_10"]
    files = load_scenarios("yield_up_100, lapse")
    assert [s.name for file in files for s in file.scenarios] == ["yield_up_100", "lapse_up", "lapse_down"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("longevty", "E4601", "no scenario 'longevty'.*did you mean longevity"),
        ("nothing_like_it.yaml", "E4601", "neither a file nor a shipped scenario"),
        (" , ", "E4601", "no scenario is named"),
        ("longevity,longevity", "E4603", "given twice: longevity"),
    ],
)
def test_names_that_are_refused(words: str, code: str, message: str) -> None:
    with pytest.raises(StressError, match=message) as caught:
        load_scenarios(words)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: Own", "titel: Own", r"line 3: unknown key scenarios.0.titel \(did you mean title\?\)"),
        ("source: us", "", "missing key scenarios.0.source"),
        ("name: own", "name: Own one", "line 2: scenarios.0.name: String should match pattern"),
        ("name: own", "name: base", "the name 'base' is taken"),
        ("add: 0.01", "add: 0.01, multiply: 2", "line 6: .*give exactly one of multiply, add, set"),
        ("add: 0.01", "add: much", "line 6: .*should be a valid number, found 'much'"),
        ("add: 0.01", "add: .nan", "finite number"),
        ("basis.interest", "bases.interest", "must begin with one of basis, law, annuity, contract"),
        ("basis.interest", "annuity.paiment", r"did you mean annuity.payment\?"),
        ("basis.interest", "annuity.payment", "annuity.payment knows multiply only"),
        ("basis.interest, add: 0.01", "annuity.payment, multiply: -1.0", "cannot be -1"),
        ("basis.interest, add: 0.01", "annuity.added_mortality, add: 0.1", "months belongs to"),
        ("basis.interest, add: 0.01", "annuity.social_payment, multiply: 1.5", "share still deducted"),
        ("basis.interest, add: 0.01", "contract.site_deaths, set: 1.5", "at most 1"),
        ("add: 0.01", "add: 0.01, from: 2027-01-01", "from belongs to changes of the law only"),
        ("    source: us", "    source: us\n    risk: weather", "line 5: .*risk: Input should be"),
    ],
)
def test_files_that_are_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in ONE
    with pytest.raises(StressError, match=message) as caught:
        load_scenarios(write(tmp_path, ONE.replace(old, new)))
    assert caught.value.code == "E4603"


def test_every_problem_of_a_file_at_once(tmp_path: Path) -> None:
    text = ONE.replace("title: Own", "titel: Own").replace("add: 0.01", "add: much")
    with pytest.raises(StressError, match=r"line 2: missing key .*title.*line 6: .*much.*line 3: unknown"):
        load_scenarios(write(tmp_path, text))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"scenarios: [", b"a: 1\na: 2", b"- x\n  - y: ]"])
def test_what_is_no_yaml(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(data)
    with pytest.raises(StressError, match=r"not readable YAML|not UTF-8") as caught:
        load_scenarios(str(path))
    assert caught.value.code == "E4602"


@pytest.mark.parametrize("text", ["", "[]", "scenarios: []", "scenarios: 5", "other: 1"])
def test_yaml_that_is_no_list_of_scenarios(text: str, tmp_path: Path) -> None:
    with pytest.raises(StressError) as caught:
        load_scenarios(write(tmp_path, text))
    assert caught.value.code == "E4603"


# ---------------------------------------------------------------- multiples


@pytest.mark.parametrize(
    ("change", "multiple", "shown"),
    [
        (Change(parameter="annuity.payment", multiply=1.04), 2.0, "annuity.payment × 1.08"),
        (
            Change(parameter="basis.mortality.multiplier", multiply=0.8),
            0.5,
            "basis.mortality.multiplier × 0.9",
        ),
        (Change(parameter="basis.mortality.multiplier", multiply=0.8), 5.0, "basis.mortality.multiplier × 0"),
        (Change(parameter="basis.interest", add=-0.01), 3.0, "basis.interest − 0.03"),
        (Change(parameter="contract.site_deaths", set=0.1), 3.0, "contract.site_deaths = 0.3"),
        (Change(parameter="contract.site_deaths", set=0.1), 30.0, "contract.site_deaths = 1"),
    ],
)
def test_a_multiple_of_a_scenario(change: Change, multiple: float, shown: str) -> None:
    assert [str(c) for c in scaled(scenario(change), multiple).changes] == [shown]


def test_what_has_no_multiple() -> None:
    for change, multiple in (
        (Change(parameter="law.payout_edition.insurer_pays_band_a", set=True), 1.0),
        (Change(parameter="basis.mortality.multiplier", multiply=0.8), 6.0),
        (Change(parameter="annuity.added_mortality", add=0.5, months=12), 3.0),
    ):
        with pytest.raises(StressError) as caught:
            scaled(scenario(change), multiple)
        assert caught.value.code == "E4609"


# ---------------------------------------------------------------- keys of the basis


def changed(parameter: str, **operation: object) -> object:
    return stressed_basis(BASIS, scenario(Change.model_validate({"parameter": parameter, **operation})))


def test_every_number_under_a_key_as_one_would_write_it() -> None:
    basis = changed("basis.mortality.multiplier", multiply=1.1)
    assert basis.assumptions.mortality.multiplier.B == 1.65  # type: ignore[attr-defined]
    basis = changed("basis.certification.next_term_months", multiply=2)
    terms = basis.assumptions.certification.next_term_months  # type: ignore[attr-defined]
    assert (terms.A, terms.C, terms.D) == (24, 48, None)
    basis = changed("basis.certification.next_term_months.C", set=None)
    assert basis.assumptions.certification.next_term_months.C is None  # type: ignore[attr-defined]
    basis = changed("basis.indexation", set={"choice": "none"})
    assert basis.assumptions.indexation.choice == "none"  # type: ignore[attr-defined]


def test_what_does_not_change_is_the_same_object() -> None:
    basis = changed("basis.interest", add=0.01)
    assert basis.matrices is BASIS.matrices  # type: ignore[attr-defined]
    assert basis.tables["male"] is BASIS.tables["male"]  # type: ignore[attr-defined]
    assert basis.assumptions.interest.flat == 0.11  # type: ignore[attr-defined]
    assert stressed_basis(BASIS, scenario(Change(parameter="annuity.payment", multiply=2))) is BASIS


@pytest.mark.parametrize(
    ("parameter", "operation", "code", "message"),
    [
        ("basis.interrest", {"add": 0.1}, "E4604", r"no key 'interrest' .*did you mean interest\?"),
        ("basis.mortality.male", {"multiply": 2.0}, "E4604", "holds no number"),
        ("basis.mortality.multiplier.E", {"multiply": 2.0}, "E4604", "there are A, B, C, D, dependant"),
        ("basis.name", {"set": "x"}, "E4604", "cannot be changed by set"),
        ("basis.certification.matrices", {"multiply": 2.0}, "E4604", "cannot be changed by multiply"),
        ("basis.certification.recovery", {"add": 0.1}, "E4604", "knows multiply only"),
        ("basis.certification.recovery", {"multiply": 9.0}, "E4604", "a chance of recovery would be 1.53"),
        ("basis.interest", {"add": 2.0}, "E4605", "interest.flat: Input should be less than 1"),
        ("basis.mortality.multiplier", {"multiply": 100.0}, "E4605", "mortality.multiplier.A"),
        ("basis.certification.representative_degree.B", {"set": 70}, "E4605", "band B is 30-59 percent"),
        ("basis.certification.matrices", {"set": []}, "E4605", "certification.matrices"),
        ("basis.mortality.male", {"set": "no-such-table"}, "E4605", "no-such-table"),
    ],
)
def test_changes_the_basis_cannot_take(
    parameter: str, operation: dict[str, object], code: str, message: str
) -> None:
    with pytest.raises(StressError, match=message) as caught:
        changed(parameter, **operation)
    assert caught.value.code == code


def test_no_indexation_to_move() -> None:
    basis = changed("basis.indexation", set={"choice": "none"})
    with pytest.raises(NotApplicableError, match="does not index payments"):
        stressed_basis(basis, PRESETS["gap_down_200"])  # type: ignore[arg-type]
