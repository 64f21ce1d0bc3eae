"""`actuarial stress` as a user runs it: one insurer, a market, findings, exit codes, bytes."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from test_contract_stress import CONTRACTS, PARTS, STAFF

from actuarial.reserve import AMOUNTS
from cli import main

SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.csv"
HEADER, *ROWS = SAMPLE.read_text(encoding="utf-8-sig").splitlines()


class Outcome:
    """Exit code and both streams of one call."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def answer(self) -> Any:
        return json.loads(self.out)


def portfolio(path: Path, rows: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def stress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*words: str, output: str = "run", report: bool = False, **options: Any) -> Outcome:
        given = {
            "valuation-date": "2026-01-01",
            "basis": "illustrative-2026",
            "scenarios": "longevity,yield_down_100,light_degrees_to_insurers",
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        arguments = ["actuarial", "stress", "--output", str(tmp_path / output), *words]
        arguments += [] if report else ["--no-report"]
        for name, value in given.items():
            arguments += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        monkeypatch.setattr(sys, "argv", arguments)
        code = main._exit_code()
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return portfolio(tmp_path_factory.mktemp("one") / "ours.csv", ROWS[:400])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book") / "contracts"
    folder.mkdir()
    for name, text in (("contracts", CONTRACTS), ("contract_parts", PARTS), ("staff", STAFF)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# ---------------------------------------------------------------- one insurer


def test_the_answer_and_the_files(stress: Any, one: Path, tmp_path: Path) -> None:
    found = stress("--portfolio", str(one), json=True)
    assert found.code == 0
    answer = found.answer
    assert [s["name"] for s in answer["scenarios"]] == [
        "longevity", "yield_down_100", "light_degrees_to_insurers",
    ]  # fmt: skip
    for line in answer["scenarios"]:
        for measure in ("certified", "expected"):
            total = Decimal(answer["totals"][f"total_{measure}"])
            assert Decimal(line[measure]) - total == Decimal(line[f"delta_{measure}"])
        assert line["source"] and line["changes"]
    rows = table(tmp_path / "run" / "stress.csv")
    for scenario, totals in (
        ("base", answer["totals"]),
        *((s["name"], s["reserves"]) for s in answer["scenarios"]),
    ):
        for name in AMOUNTS:
            added = sum(Decimal(row[name]) for row in rows if row["scenario"] == scenario)
            assert added == Decimal(totals[name]), (scenario, name)
    assert {p.name for p in (tmp_path / "run").iterdir()} == {
        "run.json", "run.log", "stress.csv", "cashflows.csv",
    }  # fmt: skip


def test_the_base_is_the_reserve(
    stress: Any, one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = stress("--portfolio", str(one), json=True).answer
    words = [
        "reserve",
        "--portfolio",
        str(one),
        "--valuation-date",
        "2026-01-01",
        "--basis",
        "illustrative-2026",
    ]
    monkeypatch.setattr(
        sys, "argv", ["actuarial", *words, "--no-report", "--output", str(tmp_path / "reserve")]
    )
    assert main._exit_code() == 0
    record = json.loads((tmp_path / "reserve" / "run.json").read_text(encoding="utf-8"))
    assert answer["totals"] == record["totals"]
    of_reserve = {
        (row["year"], row["product"], row["class"]): (row["certified"], row["expected"])
        for row in table(tmp_path / "reserve" / "cashflows.csv")
        if row["period"] == "year"
    }
    of_stress = {
        (row["year"], row["product"], row["class"]): (row["certified"], row["expected"])
        for row in table(tmp_path / "run" / "cashflows.csv")
        if row["scenario"] == "base"
    }
    assert of_stress == of_reserve


def test_same_bytes_for_any_threads_and_any_order(stress: Any, one: Path, tmp_path: Path) -> None:
    rows = ROWS[:400]
    random.Random(1).shuffle(rows)
    shuffled = portfolio(tmp_path / "shuffled" / "ours.csv", rows)
    stress("--portfolio", str(one), output="a", threads=1, scenarios="all")
    stress("--portfolio", str(one), output="b", threads=2, scenarios="all")
    stress("--portfolio", str(shuffled), output="c", threads=2, scenarios="all")
    for name in ("stress.csv", "cashflows.csv"):
        bytes_of = [(tmp_path / folder / name).read_bytes() for folder in "abc"]
        assert bytes_of[0] == bytes_of[1] == bytes_of[2]


def test_reports(stress: Any, one: Path, book: Path, tmp_path: Path) -> None:
    words = ["--portfolio", str(one), "--contracts", str(book), "--own-funds", "5000000000"]
    costs = ["--case-cost", "death=40000000", "--case-cost", "disability=6e7", "--case-cost", "medical=1"]
    found = stress(
        *words, *costs, report=True, scenarios="all", loss_ratio="45", lapse_rate="10", reverse="longevity"
    )
    assert found.code == 0, found.err
    run = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    for name, digest in run["outputs"].items():
        assert hashlib.sha256((tmp_path / "run" / name).read_bytes()).hexdigest() == digest
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    for text in ("Stress test", "Reverse stress", "Accident at the largest site", "Contracts in force"):
        assert text in page
    assert "CONTROL TOTALS DIFFER" not in page
    sheets = openpyxl.load_workbook(tmp_path / "run" / "report.xlsx", read_only=True).sheetnames
    assert {"scenarios", "reserves", "payouts by year", "contracts", "law"} <= set(sheets)
    assert "needs contracts" not in found.err
    assert {row["scenario"] for row in table(tmp_path / "run" / "contracts.csv")} >= {"base", "tariff_cut"}
    assert all(line["loss"] is not None for line in run["scenarios"])


def test_hypothetical_entries_are_never_called_law(stress: Any, one: Path, tmp_path: Path) -> None:
    answer = stress("--portfolio", str(one), json=True, scenarios="policy").answer
    lines = {line["name"]: line for line in answer["scenarios"]}
    entries = lines["light_degrees_to_insurers"]["law"]
    assert entries and {entry["status"] for entry in entries} == {"hypothetical"}
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert {entry["status"] for entry in record["law"]} == {"enacted"}


def test_own_funds_and_losses(stress: Any, one: Path) -> None:
    answer = stress("--portfolio", str(one), "--own-funds", "1000000000.50", json=True).answer
    for line in answer["scenarios"]:
        assert Decimal(line["own_funds_after"]) == Decimal("1000000000.50") - Decimal(line["delta_expected"])
    (together,) = answer["aggregation"].values()
    assert Decimal(together["own_funds_after"]) == Decimal("1000000000.50") - Decimal(together["total"])
    assert Decimal(together["total"]) <= Decimal(together["undiversified"])


def test_what_needs_contracts_says_so(stress: Any, one: Path) -> None:
    found = stress("--portfolio", str(one), json=True, scenarios="lapse_up,tariff_cut,disability_inception")
    lapse, tariff, disability = found.answer["scenarios"]
    for line in (lapse, tariff):
        assert line["certified"] is None and line["delta_expected"] is None and line["loss"] is None
        assert line["notes"] == ["needs contracts (--contracts)"]
    assert disability["delta_expected"] is not None
    assert disability["notes"] == ["computed for annuities only: the rest needs contracts (--contracts)"]


def test_a_basis_without_indexation(stress: Any, one: Path, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "actuarial" / "bases" / "illustrative-2026.yaml"
    text = shipped.read_text(encoding="utf-8")
    line = "indexation: {choice: contract_rate, rate: 0.08}"
    assert line in text
    path = tmp_path / "basis.yaml"
    path.write_text(text.replace(line, "indexation: {choice: none}"), encoding="utf-8")
    answer = stress("--portfolio", str(one), json=True, basis=path, scenarios="gap_down_200,longevity").answer
    gap, longevity = answer["scenarios"]
    assert gap["expected"] is None and "does not index payments" in gap["notes"][0]
    assert Decimal(longevity["delta_expected"]) > 0


def test_risks_without_a_place_in_the_matrix_are_named(stress: Any, one: Path, tmp_path: Path) -> None:
    path = tmp_path / "flat.csv"
    path.write_text("mortality,longevity\n1,-0.25\n-0.25,1\n", encoding="utf-8")
    found = stress("--portfolio", str(one), correlation=path, json=True)
    assert any("in no aggregate: market" in text for text in found.answer["warnings"])


def test_a_scenario_of_ones_own_on_the_screen(stress: Any, one: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "scenarios:\n- {name: own, title: Own, source: us, "
        "changes: [{parameter: basis.interest, add: 0.05}]}\n",
        encoding="utf-8",
    )
    found = stress("--portfolio", str(one), scenarios=f"{path},longevity")
    assert found.code == 0
    assert "own " in found.out and "longevity" in found.out and "base" in found.out
    assert "Assets are held as they are" in found.err
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert any(source["path"] == str(path) for source in record["inputs"])


# ---------------------------------------------------------------- a market


def market_of(folder: Path) -> Path:
    for k, name in enumerate(("alpha", "beta", "gamma")):
        portfolio(folder / f"{name}.csv", ROWS[100 * k : 100 * k + 100])
    return folder


def test_the_market_is_the_sum_of_its_insurers(stress: Any, tmp_path: Path) -> None:
    folder = market_of(tmp_path / "market")
    answer = stress("--portfolio", str(folder), json=True, scenarios="all").answer
    assert [insurer["name"] for insurer in answer["insurers"]] == ["alpha", "beta", "gamma"]
    for name, total in answer["totals"].items():
        assert sum(Decimal(insurer["totals"][name]) for insurer in answer["insurers"]) == Decimal(total)
    for k, line in enumerate(answer["scenarios"]):
        if line["expected"] is None:
            continue
        for key in ("certified", "expected", "delta_certified", "delta_expected"):
            parts = [Decimal(insurer["scenarios"][k][key]) for insurer in answer["insurers"]]
            assert sum(parts) == Decimal(line[key]), line["name"]
    assert sum(insurer["share"] for insurer in answer["insurers"]) == pytest.approx(1, abs=3e-6)
    together = portfolio(tmp_path / "together.csv", ROWS[:300])
    as_one = stress("--portfolio", str(together), output="one", json=True, scenarios="all").answer
    assert as_one["totals"] == answer["totals"]


def test_insurers_by_name(stress: Any, tmp_path: Path, book: Path) -> None:
    folder = market_of(tmp_path / "market")
    words = ["--portfolio", f"А={folder / 'alpha.csv'}", "--portfolio", f"Б={folder / 'beta.csv'}"]
    words += ["--contracts", f"Б={book}", "--own-funds", "А=1000000000", "--own-funds", "Б=2000000000"]
    answer = stress(*words, json=True, scenarios="tariff_cut,longevity", reverse="longevity").answer
    cut, longevity = answer["scenarios"]
    assert cut["notes"] == ["needs contracts (--contracts) of А"]
    assert set(cut["contracts"]) == {"Б"}
    of_b = next(insurer for insurer in answer["insurers"] if insurer["name"] == "Б")
    assert Decimal(of_b["scenarios"][0]["loss"]) == -Decimal(cut["contracts"]["Б"]["delta_premium"])
    assert Decimal(longevity["own_funds_after"]) == 3_000_000_000 - Decimal(longevity["delta_expected"])
    assert {found["insurer"] for found in answer["reverse"]} == {"А", "Б"}


def test_findings_of_every_insurer_with_its_file(stress: Any, tmp_path: Path) -> None:
    folder = market_of(tmp_path / "market")
    for name, column in (("alpha", 2), ("gamma", 3)):
        path = folder / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        cells = next(csv.reader([lines[1]]))
        cells[column] = "nonsense"
        path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    found = stress("--portfolio", str(folder), json=True)
    assert found.code == 1
    assert "alpha: alpha.csv" in found.err and "gamma: gamma.csv" in found.err
    assert "beta" not in found.err
    assert "Nothing was stressed." in found.err
    assert {p.name for p in (tmp_path / "run").iterdir()} == {"checks.xlsx"}


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--own-funds", "much"], 2, "E4610: --own-funds: 'much' is not an amount of tenge"),
        (["--own-funds", "1.005"], 2, "E4610"),
        (["--own-funds", "250,000"], 2, "E4610: --own-funds: '250,000' is not an amount of tenge"),
        (["--own-funds", "alpha=5"], 2, "E4608: --own-funds alpha=5: no portfolio is named 'alpha'"),
        (["--reverse", "longevity"], 2, "E4609: --reverse asks what exhausts own funds"),
        (["--reverse", "lapse", "--own-funds", "1"], 2, "E4609: --reverse lapse: not among the scenarios"),
        (["--loss-ratio", "-3"], 2, "E4610: --loss-ratio"),
        (["--lapse-rate", "100"], 2, "E4610: --lapse-rate"),
        (["--case-cost", "fire=5"], 2, "E4610: --case-cost: no kind of case 'fire'"),
        (["--case-cost", "death"], 2, "is not a name with a value; write death=50000000"),
        (["--correlation", "nowhere.csv"], 2, "E4607: correlation nowhere.csv: no such file"),
        (["--scenarios", "nothing"], 2, "E4601: no scenario 'nothing'"),
        (["--portfolio", "market=x.csv"], 2, "E4608: --portfolio: 'market' means all insurers together"),
        (["--portfolio", "ours=other.csv"], 2, "E4608: --portfolio: ours stands twice"),
        (["--portfolio", "nowhere.csv"], 2, "E1001"),
    ],
)
def test_words_that_are_refused(
    words: list[str], code: int, message: str, stress: Any, one: Path, tmp_path: Path
) -> None:
    given = {"scenarios": words[1]} if words[0] == "--scenarios" else {}
    found = stress("--portfolio", str(one), *(words if not given else []), **given)
    assert found.code == code
    assert message in found.err
    assert not (tmp_path / "run").exists()


def test_several_insurers_need_names_of_their_own_funds(stress: Any, tmp_path: Path) -> None:
    folder = market_of(tmp_path / "market")
    found = stress("--portfolio", str(folder), "--own-funds", "5")
    assert found.code == 2 and "say whose, as --own-funds alpha=5" in found.err


def test_an_input_in_the_output_folder_is_safe(stress: Any, tmp_path: Path) -> None:
    inside = portfolio(tmp_path / "run" / "ours.csv", ROWS[:5])
    found = stress("--portfolio", str(inside))
    assert found.code == 2 and "E8001" in found.err
    assert inside.exists()
