"""The whole command on the shipped history: its folder, its basis in a reserve, refusals, the same bytes."""

import csv
import hashlib
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import mortality
from actuarial.basis import Basis, load_basis
from actuarial.experience.choice import StudyError
from actuarial.experience.study import StudyOptions
from actuarial.report import fit_report
from actuarial.report.fit_file import ESTIMATE_COLUMNS, EXPOSURE_COLUMNS
from actuarial.report.fit_run import FitRequest, FitRun, run_fit
from actuarial.report.reserve_run import ReserveRequest, ReserveRun, run_reserve
from actuarial.report.run_folder import RUN_FILES
from cli.fit import command

VALUATION = date(2026, 1, 1)
# smoothing given: choosing it is tested elsewhere
OPTIONS = ["--smoothing", "1000", "--recovery-smoothing", "1000", "10"]


@pytest.fixture(scope="module")
def run(shipped_path: Path, tmp_path_factory: pytest.TempPathFactory) -> FitRun:
    target = tmp_path_factory.mktemp("fit") / "run"
    options = StudyOptions(smoothing=1000.0, recovery_smoothing=(1000.0, 10.0))
    outcome = run_fit(FitRequest(shipped_path, "illustrative-2026", target, options))
    assert isinstance(outcome, FitRun)
    return outcome


def test_the_folder(run: FitRun) -> None:
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "run.json", "run.log", "basis.yaml", "exposure.csv", "estimates.csv", "graduated-male.csv",
        "report.html", "report.xlsx",
    }  # fmt: skip
    assert names <= RUN_FILES
    record = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((run.folder / name).read_bytes()).hexdigest() == digest
    assert set(record["outputs"]) == names - {"run.json", "run.log"}
    assert "NaN" not in json.dumps(record)


def test_the_basis_is_read_and_says_where_it_comes_from(
    run: FitRun, prior: Basis, shipped_path: Path
) -> None:
    basis = load_basis(run.basis)
    assert basis.is_illustrative  # what was not fitted is
    digest = hashlib.sha256(shipped_path.read_bytes()).hexdigest()
    assert digest[:12] in basis.assumptions.note
    assert "observed 2016-01-01 to 2026-01-01" in basis.assumptions.note
    for m in run.study.multipliers:
        assert getattr(basis.assumptions.mortality.multiplier, m.band) == m.fitted
    assert basis.assumptions.mortality.multiplier.dependant == 1.0
    assert abs(basis.matrices.probabilities - run.study.matrices.fitted).max() < 3e-6
    for part in ("interest", "indexation", "growth", "expenses", "additional_expenses", "simulation"):
        assert getattr(basis.assumptions, part) == getattr(prior.assumptions, part)
    # no certification before a year is over: the first matrix is the prior's
    assert (basis.matrices.probabilities[0] == prior.matrices.probabilities[0]).all()


def test_reserve_takes_the_basis(run: FitRun, tmp_path: Path, shipped_path: Path) -> None:
    portfolio = shipped_path.with_name("annuities-synthetic.csv")
    totals = []
    for number, basis in enumerate(("illustrative-2026", str(run.basis))):
        outcome = run_reserve(
            ReserveRequest(portfolio, VALUATION, basis, tmp_path / str(number), with_report=False)
        )
        assert isinstance(outcome, ReserveRun)
        totals.append(outcome.totals)
    # fewer recoveries than in the prior: the expected reserve rises, the certified one hardly moves
    assert totals[1]["expected_reserve"] > totals[0]["expected_reserve"] * 1.001
    assert totals[1]["certified_reserve"] == pytest.approx(totals[0]["certified_reserve"], rel=0.005)
    assert totals[1]["monthly_payment"] == totals[0]["monthly_payment"]


def test_tables_as_csv(run: FitRun) -> None:
    with (run.folder / "exposure.csv").open(encoding="utf-8") as lines:
        cells = list(csv.DictReader(lines))
    assert tuple(cells[0]) == EXPOSURE_COLUMNS
    assert sum(int(cell["days"]) for cell in cells) == run.study.cells.days.sum()
    assert sum(int(cell["dead"]) for cell in cells) == run.study.actual_expected[0].by_table.events
    with (run.folder / "estimates.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == ESTIMATE_COLUMNS
    multipliers = [row for row in rows if row["estimate"] == "multiplier"]
    assert [float(row["fitted"]) for row in multipliers] == [m.fitted for m in run.study.multipliers]
    assert "nan" not in (run.folder / "estimates.csv").read_text(encoding="utf-8")


def test_a_multiplier_outside_the_limits_of_the_history_is_told(run: FitRun) -> None:
    told = [w for w in run.record["warnings"] if "is outside the 95 % limits of the history" in w]
    # truth 2.6, prior 3, 16 deaths where 26.6 were expected of the truth: the page explains it
    assert told == [
        "band C: the new multiplier 2.826 is outside the 95 % limits of the history, 0.895 to 2.543: the "
        "prior outweighs it (choice multipliers)"
    ]


def test_reports(run: FitRun) -> None:
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    for part in (
        "Multipliers of the table by band",
        "Aalen-Johansen",
        "Cox regression",
        "illustrative",
        "distributions over",
    ):
        assert part in page
    assert "<script" not in page
    assert ">nan<" not in page
    book = openpyxl.load_workbook(run.folder / "report.xlsx", read_only=True)
    rows = list(book["multipliers"].iter_rows(values_only=True))
    assert [row[-1] for row in rows[1:5]] == [m.fitted for m in run.study.multipliers]
    book.close()


def test_distributions_lie_on_the_curve_of_their_spells(run: FitRun, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: dict[str, list[float]] = {}
    bands: dict[str, tuple[list[float], list[float]]] = {}

    def chart(x: list[float], series: dict, **rest) -> str:
        drawn.update(series)
        bands.update(rest["bands"])
        return ""

    monkeypatch.setattr(fit_report, "line_chart", chart)
    fit_report._model_figure(run.study, "dead")
    assert set(drawn) == {"Kaplan-Meier", "weibull", "log normal", "generalised gamma"}
    lower, upper = bands["Kaplan-Meier"]
    for name in ("weibull", "log normal", "generalised gamma"):
        assert drawn[name][0] == 1.0
        held = [
            low <= v <= high for low, v, high in zip(lower, drawn[name], upper, strict=True) if low == low
        ]
        assert len(held) > 100
        assert sum(held) > 0.95 * len(held)


def test_the_graduated_table_in_the_basis(shipped_path: Path, tmp_path: Path) -> None:
    """Both sexes with deaths enough: the last spells of the women who died, counted five times over."""
    rows = shipped_path.read_text(encoding="utf-8").splitlines()
    dead = [row for row in rows[1:] if ",dead," in row]
    women = [row for row in dead if row.split(",")[1] == "female"]
    more = [row.replace("SYN-", f"SYN-{k}-", 1) for k in range(4) for row in women]
    path = tmp_path / "history.csv"
    path.write_text("\n".join([rows[0], *dead, *more]) + "\n", encoding="utf-8")
    options = StudyOptions(
        choices={"table": "graduated", "multipliers": "prior"}, smoothing=1e4, prior_strength=50.0
    )
    outcome = run_fit(FitRequest(path, "illustrative-2026", tmp_path / "run", options))
    assert isinstance(outcome, FitRun)
    basis = load_basis(outcome.basis)
    for sex in ("male", "female"):
        table = mortality.load_table(tmp_path / "run" / f"graduated-{sex}.csv")
        assert basis.tables[sex].id == f"graduated-{sex}"
        assert (table.qx == outcome.study.tables[sex].qx).all()
        assert table.period_middle is not None
    assert any(w.startswith("table=graduated: dependants die by") for w in outcome.record["warnings"])


def test_files_that_the_prior_names_come_along(shipped_path: Path, tmp_path: Path, prior: Basis) -> None:
    source = Path(__file__).parents[2] / "actuarial" / "bases" / "illustrative-2026.yaml"
    table = Path(__file__).parents[2] / "mortality" / "tables" / "kz-wpp2024-2020-2025-male.csv"
    (tmp_path / "mine.csv").write_bytes(table.read_bytes())
    (tmp_path / "rates.csv").write_text("years,rate\n1,0.1\n10,0.09\n", encoding="utf-8")
    text = source.read_text(encoding="utf-8").replace(
        "male: kz-wpp2024-2020-2025-male\n", "male: mine.csv\n", 1
    )
    text = text.replace("interest: {flat: 0.10}", "interest: {spot: rates.csv}")
    (tmp_path / "prior.yaml").write_text(text, encoding="utf-8")
    small = tmp_path / "small.csv"
    small.write_text(
        "".join(shipped_path.read_text(encoding="utf-8").splitlines(True)[:400]), encoding="utf-8"
    )
    options = StudyOptions(prior_strength=50.0)
    outcome = run_fit(FitRequest(small, str(tmp_path / "prior.yaml"), tmp_path / "run", options))
    assert isinstance(outcome, FitRun)
    (tmp_path / "mine.csv").unlink()
    (tmp_path / "rates.csv").unlink()
    basis = load_basis(outcome.basis)
    assert (basis.tables["male"].qx == prior.tables["male"].qx).all()
    assert basis.curve.rates == (0.1, 0.09)


def test_the_same_history_gives_the_same_bytes(run: FitRun, shipped_path: Path, tmp_path: Path) -> None:
    """Rows in another order too, in everything but the digest of the file in the note."""
    rows = shipped_path.read_text(encoding="utf-8").splitlines()
    path = tmp_path / shipped_path.name
    path.write_text("\n".join([rows[0], *sorted(rows[1:], reverse=True)]) + "\n", encoding="utf-8")
    options = StudyOptions(smoothing=1000.0, recovery_smoothing=(1000.0, 10.0))
    outcome = run_fit(FitRequest(path, "illustrative-2026", tmp_path / "run", options))
    assert isinstance(outcome, FitRun)
    for name in ("exposure.csv", "estimates.csv", "graduated-male.csv"):
        assert (outcome.folder / name).read_bytes() == (run.folder / name).read_bytes()
    one, other = load_basis(run.basis).assumptions, load_basis(outcome.basis).assumptions
    assert one.model_copy(update={"note": ""}) == other.model_copy(update={"note": ""})


# ---------------------------------------------------------------- the command


def invoked(*words: str):
    return CliRunner().invoke(command, list(words), standalone_mode=False, env={"COLUMNS": "160"})


def test_the_screen_and_json(shipped_path: Path, tmp_path: Path, run: FitRun) -> None:
    result = invoked(
        "--history", str(shipped_path), "--basis", "illustrative-2026", "--output", str(tmp_path / "run"),
        *OPTIONS, "--json",
    )  # fmt: skip
    assert result.return_value == 0
    answer = json.loads(result.stdout)
    assert answer == json.loads(json.dumps(run.as_json())) | {
        "basis": str(tmp_path / "run" / "basis.yaml"),
        "run_folder": str(tmp_path / "run"),
    }
    assert answer["command"] == "fit"
    assert answer["history"]["claims"] == 1096


def test_findings_stop_the_run(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "claim_id,sex,birth_date,entry_date,exit_date,exit_reason,degree_from\n"
        "A,male,1980-01-01,2016-01-01,2015-01-01,dead,40\n",
        encoding="utf-8",
    )
    result = invoked(
        "--history", str(path), "--basis", "illustrative-2026", "--output", str(tmp_path / "run")
    )
    assert result.return_value == 1
    assert "E3901 error: the spell must end after it begins" in result.stderr
    assert "Nothing was estimated. All findings:" in result.stderr
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["checks.xlsx"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--choice", "stay=rows"], "E6220"),
        (["--as-of", "2010-01-01"], "E6225"),
        (["--prior-strength", "0"], "E6204"),
        (["--smoothing", "-1"], "E6206"),
        (["--recovery-smoothing", "nan", "1"], "E6206"),
        (["--order", "9"], "E6206"),
        (["--choice", "table=graduated"], "E6226"),
    ],
)
def test_usage_errors_have_codes_and_leave_nothing(
    shipped_path: Path, tmp_path: Path, words: list[str], code: str
) -> None:
    outcome = invoked(
        "--history",
        str(shipped_path),
        "--basis",
        "illustrative-2026",
        "--output",
        str(tmp_path / "run"),
        *words,
    )
    assert getattr(outcome.exception, "code", None) == code
    assert not list(tmp_path.iterdir())


def test_without_lifelines_it_says_what_to_install(
    shipped_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuarial.report.fit_run.find_spec", lambda name: None)
    with pytest.raises(StudyError, match=r"pip install 'actuarial\[experience\]'"):
        run_fit(FitRequest(shipped_path, "illustrative-2026", tmp_path / "run"))


def test_the_command_stays_light_until_it_runs() -> None:
    script = (
        "import sys\nheavy = {'lifelines', 'statsmodels', 'matplotlib', 'pandas', 'scipy.special'}\n"
        "import cli.fit\nassert not (heavy | {'numba', 'numpy'}) & set(sys.modules)\n"
        "import actuarial.report.fit_run\nassert not heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
