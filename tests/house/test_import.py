"""What a command imports: heavy libraries only where they work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "numpy",
    "numba",
    "pandas",
    "pyarrow",
    "pydantic",
    "ruamel",
    "rich",
    "lifelines",
    "scipy",
    "matplotlib",
}


def imported_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after running the code."""
    script = f"import sys\n{code}\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    result = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    ["import cli.main", "import actuarial", "import cli.reserve, cli.simulate, cli.law, cli.sample"],
)
def test_nothing_heavy_before_a_command_runs(code: str) -> None:
    assert not imported_by(code) & HEAVY


def test_reserve_needs_no_statistics() -> None:
    code = "import actuarial.report.reserve_run"
    assert not imported_by(code) & {"lifelines", "matplotlib", "statsmodels", "pandas"}


ONE_WORKER = Path(__file__).parents[2] / "docs" / "example" / "one-worker.csv"
DRAWING = {"matplotlib", "jinja2", "xlsxwriter"}
STATISTICS = {"scipy.stats", "scipy.optimize", "lifelines", "statsmodels"}


def libraries_of(run: str, target: Path) -> set[str]:
    """Libraries and first parts of scipy that ``run`` of one worker needs; numba imports the bare scipy."""
    script = (
        "import sys\nfrom datetime import date\nfrom pathlib import Path\n"
        f"given = (Path({str(ONE_WORKER)!r}), date(2026, 1, 1), 'illustrative-2026')\n"
        f"more = {{'target': Path({str(target)!r}), 'with_report': False}}\n"
        f"{run}\nprint(' '.join(sorted(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    names = [name.split(".") for name in result.stdout.splitlines()[-1].split()]
    return {name[0] for name in names} | {".".join(name[:2]) for name in names}


def test_a_reserve_without_report_needs_neither_drawing_nor_statistics(tmp_path: Path) -> None:
    found = libraries_of(
        "from actuarial.report.reserve_run import ReserveRequest, run_reserve\n"
        "run_reserve(ReserveRequest(*given, **more))",
        tmp_path / "run",
    )
    assert (tmp_path / "run" / "run.json").exists()
    assert not found & (DRAWING | STATISTICS | {"scipy.special", "pandas"})


def test_a_simulation_without_report_needs_special_functions_alone(tmp_path: Path) -> None:
    found = libraries_of(
        "from actuarial.report.simulate_run import SimulateRequest, run_simulate\n"
        "run_simulate(SimulateRequest(*given, scenarios=2, seed=1, **more))",
        tmp_path / "run",
    )
    assert (tmp_path / "run" / "run.json").exists()
    assert "scipy.special" in found
    assert not found & (DRAWING | STATISTICS)


def test_every_public_name_has_its_home() -> None:
    code = "import actuarial\nassert all(getattr(actuarial, name) is not None for name in actuarial.__all__)"
    imported_by(code)
