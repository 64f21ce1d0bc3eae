"""`actuarial verify`: what is the same, what is not, and the exit code."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actuarial.report.repeat import COMMANDS, recorded, repeat

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example" / "one-worker.csv"
HISTORY = ROOT / "actuarial" / "sample" / "history-synthetic.csv"
BASIS = ("--valuation-date", "2026-01-01", "--basis", "illustrative-2026")
CONTRACTS = """contract_id,contract_date,start_date,end_date,oked_code,n_workers,annual_payroll,premium
C-1,2026-01-05,2026-01-06,2027-01-05,05102,10,12000000,300000
C-2,2026-01-05,2026-01-06,2027-01-05,85100,5,9000000,90000
"""


@pytest.fixture
def run(actuarial: Any, tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE, tmp_path / "one-worker.csv")
    words = ("--portfolio", tmp_path / "one-worker.csv", *BASIS, "--output", tmp_path / "run")
    assert actuarial("reserve", *words, "--format", "csv", "--no-report").code == 0
    return tmp_path / "run"


def change(run: Path, **values: Any) -> None:
    path = run / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | values, ensure_ascii=False), encoding="utf-8")


def record_of(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "run.json").read_text(encoding="utf-8")))


def test_an_untouched_run(actuarial: Any, run: Path) -> None:
    outcome = actuarial("verify", run)
    assert outcome.code == 0
    assert "inputs: 1 file, as the run recorded them" in outcome.out
    assert "outputs: 2 files, as the run recorded them" in outcome.out
    assert "2 files the same, byte for byte" in outcome.out
    assert outcome.out.rstrip().endswith("\nverified")
    answer = json.loads(actuarial("verify", run, "--json").out)
    assert (answer["verified"], answer["recomputed"], answer["differences"]) == (True, True, [])


def test_each_thing_that_may_have_been_changed(actuarial: Any, run: Path) -> None:
    totals = record_of(run)["totals"]
    change(run, totals=totals | {"expected_reserve": "1.00"})
    outcome = actuarial("verify", run)
    assert outcome.code == 4
    shown = f"record totals.expected_reserve: 1.00 in the run, {totals['expected_reserve']} now"
    assert shown in outcome.out
    assert outcome.out.rstrip().endswith("NOT verified")
    change(run, totals=totals)
    assert actuarial("verify", run).code == 0

    path = run / "cashflows.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n", encoding="utf-8")
    outcome = actuarial("verify", run)
    assert (outcome.code, "output cashflows.csv: changed since the run" in outcome.out) == (4, True)
    path.unlink()
    outcome = actuarial("verify", run)
    assert (outcome.code, "output cashflows.csv: not there" in outcome.out) == (4, True)


def test_results_and_their_digest_changed_together(actuarial: Any, run: Path) -> None:
    """Who changes a file and its digest is found by the recomputation."""
    path = run / "results.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([lines[0], lines[1].replace("377374.47", "377374.48")]) + "\n", encoding="utf-8"
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change(run, outputs=record_of(run)["outputs"] | {"results.csv": digest})
    outcome = actuarial("verify", run)
    assert outcome.code == 4
    assert "result results.csv: 1 lines differ, the first is line 2" in outcome.out


def test_rows_of_parquet_are_counted(actuarial: Any, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = ("--portfolio", EXAMPLE, *BASIS, "--output", tmp_path / "run", "--no-report")
    assert actuarial("reserve", *words).code == 0
    path = tmp_path / "run" / "results.parquet"
    table = pq.read_table(path)
    pq.write_table(table, path, compression="none")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change(tmp_path / "run", outputs=record_of(tmp_path / "run")["outputs"] | {"results.parquet": digest})
    outcome = actuarial("verify", tmp_path / "run")
    assert outcome.code == 0
    assert "results.parquet: the same content in other bytes" in outcome.err
    at = table.column_names.index("total_expected")
    one = pa.array([Decimal("1.00")], type=table.schema.types[at])
    pq.write_table(table.set_column(at, "total_expected", one), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change(tmp_path / "run", outputs=record_of(tmp_path / "run")["outputs"] | {"results.parquet": digest})
    outcome = actuarial("verify", tmp_path / "run")
    assert outcome.code == 4
    assert "1 of 1 rows differ, first row 1; in total_expected" in outcome.out


def test_changed_inputs_are_not_recomputed(actuarial: Any, run: Path, tmp_path: Path) -> None:
    path = tmp_path / "one-worker.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("300000", "300001"), encoding="utf-8")
    outcome = actuarial("verify", run)
    assert outcome.code == 4
    assert "differs: input" in outcome.out
    assert "not recomputed" in outcome.err
    assert actuarial("verify", run, "--inputs-from", EXAMPLE.parent).code == 0


def test_another_version_is_named(actuarial: Any, run: Path) -> None:
    change(run, engine_version="0.0.9")
    outcome = actuarial("verify", run)
    assert outcome.code == 0
    assert "the run was made by version 0.0.9, this is" in outcome.err


def test_a_changed_basis_is_found_by_its_effect(actuarial: Any, tmp_path: Path) -> None:
    shipped = ROOT / "actuarial" / "bases" / "illustrative-2026.yaml"
    basis = tmp_path / "ours.yaml"
    basis.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    words = ("--portfolio", EXAMPLE, "--valuation-date", "2026-01-01", "--basis", basis)
    run = tmp_path / "run"
    assert actuarial("reserve", *words, "--output", run, "--no-report").code == 0
    assert actuarial("verify", run).code == 0
    basis.write_text(basis.read_text(encoding="utf-8").replace("flat: 0.10", "flat: 0.11"), encoding="utf-8")
    outcome = actuarial("verify", run)
    assert outcome.code == 4
    assert "record basis.interest.flat: 0.1 in the run, 0.11 now" in outcome.out
    basis.unlink()
    outcome = actuarial("verify", run)
    assert (outcome.code, "refused, E4001" in outcome.out) == (4, True)


def test_what_cannot_be_verified(actuarial: Any, run: Path, tmp_path: Path) -> None:
    outcome = actuarial("verify", tmp_path / "nothing")
    assert (outcome.code, "E8301" in outcome.err) == (2, True)
    change(run, command="compare")
    outcome = actuarial("verify", run)
    assert (outcome.code, "E8307" in outcome.err) == (2, True)
    change(run, command="reserve", request={"unheard_of": 1})
    outcome = actuarial("verify", run)
    assert (outcome.code, "E8301" in outcome.err, "unheard_of" in outcome.err) == (2, True, True)
    change(run, request={"valuation_date": "yesterday"})
    outcome = actuarial("verify", run)
    assert (outcome.code, "E8301" in outcome.err) == (2, True)
    change(run, request=[])
    assert actuarial("verify", run).code == 2
    change(run, outputs={"../run.json": "0"})
    assert actuarial("verify", run).code != 0


def test_a_premium_run(actuarial: Any, tmp_path: Path) -> None:
    book = tmp_path / "contracts.csv"
    book.write_text(CONTRACTS, encoding="utf-8")
    run = tmp_path / "run"
    words = ("--contracts", book, "--output", run, "--parts", "--no-report")
    assert actuarial("premium", *words, "--choice", "minimum_test=after_coefficient").code == 0
    assert record_of(run)["request"]["choices"] == {"minimum_test": "after_coefficient"}
    assert actuarial("verify", run).code == 0


def test_a_folder_that_was_moved(actuarial: Any, tmp_path: Path) -> None:
    (tmp_path / "then").mkdir()
    (tmp_path / "then" / "contracts.csv").write_text(CONTRACTS, encoding="utf-8")
    words = ("--contracts", tmp_path / "then", "--output", tmp_path / "run", "--no-report")
    assert actuarial("premium", *words).code == 0
    (tmp_path / "then").rename(tmp_path / "now")
    assert actuarial("verify", tmp_path / "run").code == 4
    assert actuarial("verify", tmp_path / "run", "--inputs-from", tmp_path / "now").code == 0


def test_a_simulation(actuarial: Any, tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = (
        "--portfolio",
        EXAMPLE,
        *BASIS,
        "--scenarios",
        "50",
        "--seed",
        "7",
        "--output",
        run,
        "--no-report",
    )
    assert actuarial("simulate", *words).code == 0
    assert actuarial("verify", run).code == 0
    request = record_of(run)["request"]
    change(run, request=request | {"seed": 8})
    outcome = actuarial("verify", run)
    assert (outcome.code, "record seed: 7 in the run, 8 now" in outcome.out) == (4, True)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_says_how_to_repeat_it(command: str) -> None:
    """The request that is written and what reads it back fit together for each command."""
    import dataclasses
    import importlib
    import inspect
    from typing import get_type_hints

    place, function, request = COMMANDS[command]
    module = importlib.import_module(place)
    assert callable(getattr(module, function))
    kind = getattr(module, request) if request else getattr(module, function)
    names = {f.name for f in dataclasses.fields(kind)} if request else set(inspect.signature(kind).parameters)
    assert names <= set(get_type_hints(kind))
    assert '"request"' in Path(module.__file__).read_text(encoding="utf-8")  # type: ignore[arg-type]


def test_a_request_comes_back_as_it_was(tmp_path: Path) -> None:
    from actuarial.report.repeat import _arguments
    from actuarial.report.risk_run import run_risk
    from actuarial.report.stress_run import StressRequest

    asked = StressRequest(
        portfolios={"one": tmp_path / "a.csv"}, valuation_date=date(2026, 1, 1), basis="b", scenarios="all",
        target=tmp_path, own_funds={"one": 5}, reverse=("yield",),
    )  # fmt: skip
    values = json.loads(json.dumps(recorded(asked)))
    assert StressRequest(**_arguments(StressRequest, values, None), target=tmp_path) == asked
    moved = _arguments(StressRequest, values, EXAMPLE.parent)["portfolios"]["one"]
    assert moved == EXAMPLE.parent / "a.csv"
    from actuarial.occupational_risk import Scale

    scale = Scale(Decimal(1), Decimal("10.5"))
    values = json.loads(json.dumps(recorded({"assessment": EXAMPLE, "scale": scale, "choices": {"a": "b"}})))
    found = _arguments(run_risk, values, None)
    assert found == {"assessment": EXAMPLE, "scale": scale, "choices": {"a": "b"}}


def test_repeat_writes_the_same_run(actuarial: Any, run: Path, tmp_path: Path) -> None:
    repeat(record_of(run), tmp_path / "again")
    for name, digest in record_of(run)["outputs"].items():
        assert hashlib.sha256((tmp_path / "again" / name).read_bytes()).hexdigest() == digest
