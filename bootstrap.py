"""Set everything up and do one thing: ``python bootstrap.py sample | test | check | docs``.

Needs Python 3.11-3.13 and a way to the package index, nothing else. Makes ``.venv`` in this folder, installs
the locked versions of ``uv.lock`` into it, and runs the command asked for:

sample  reserve the shipped synthetic portfolio of 3 000 annuities and print the totals
test    run the tests
check   what CI runs: lint, types, import contract, tests
docs    build the documentation into ``site``, in English and Russian; open ``site/index.html``
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
SUFFIX = ".exe" if os.name == "nt" else ""

SAMPLE = [
    "actuarial reserve --portfolio actuarial/sample/annuities-synthetic.xlsx "
    "--valuation-date 2026-01-01 --basis illustrative-2026 --output runs/sample --force"
]
TEST = ["pytest -n auto --dist loadfile"]
CHECK = ["ruff check", "ruff format --check", "mypy", "lint-imports", *TEST]
DOCS = ["python docs/generator/build.py"]
COMMANDS = {"sample": SAMPLE, "test": TEST, "check": CHECK, "docs": DOCS}
GROUPS = {
    "sample": ["--no-dev", "--inexact", "--all-extras"],
    "docs": ["--no-dev", "--inexact", "--group", "docs"],
}
"""What a command needs to be installed; the rest need everything."""


def run(command: list[str]) -> None:
    """Run a command in the project folder; leave with its exit code if it fails."""
    # an activated environment elsewhere must not be taken for ours
    inherited = {
        key: value
        for key, value in os.environ.items()
        if key not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    }
    code = subprocess.run(command, cwd=ROOT, env=inherited, check=False).returncode
    if code:
        sys.exit(code)


def install(groups: list[str]) -> None:
    """Make the environment and put the locked versions into it."""
    if not (BIN / f"python{SUFFIX}").exists():
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        venv.create(ENVIRONMENT, with_pip=True)
    python = str(BIN / f"python{SUFFIX}")
    with tempfile.TemporaryDirectory() as tools:
        # the installer lives outside the environment, so that this holds only what the lock names
        run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--target",
                tools,
                "uv",
            ]
        )
        uv = next(path for path in Path(tools).glob("bin/uv*") if path.stem == "uv")
        run([str(uv), "sync", "--frozen", "--quiet", "--compile-bytecode", "--python", python, *groups])


def main() -> None:
    """Install, then run."""
    if sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)):
        sys.exit(f"Python 3.11, 3.12 or 3.13 is needed, this is {sys.version.split()[0]}")
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in COMMANDS:
        sys.exit(__doc__)
    install(GROUPS.get(name, ["--all-extras"]))
    for line in COMMANDS[name]:
        words = line.split()
        run([str(BIN / f"{words[0]}{SUFFIX}"), *words[1:]])


if __name__ == "__main__":
    main()
