"""What a command imports: heavy libraries only where they work."""

from __future__ import annotations

import subprocess
import sys

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
    "code", ["import cli.main", "import actuarial", "import cli.reserve, cli.law, cli.sample"]
)
def test_nothing_heavy_before_a_command_runs(code: str) -> None:
    assert not imported_by(code) & HEAVY


def test_reserve_needs_no_statistics() -> None:
    code = "import actuarial.report.reserve_run"
    assert not imported_by(code) & {"lifelines", "matplotlib", "statsmodels", "pandas"}


def test_every_public_name_has_its_home() -> None:
    code = "import actuarial\nassert all(getattr(actuarial, name) is not None for name in actuarial.__all__)"
    imported_by(code)
