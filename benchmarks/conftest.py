"""Running a command of the program as a whole process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

# the launcher is small: a child of this process would start with the peak memory of the tests themselves
LAUNCHER = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, "
    "stderr=subprocess.DEVNULL).returncode; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); "
    "sys.exit(code)"
)


@pytest.fixture
def peak_memory() -> Callable[..., int]:
    """Run ``actuarial WORDS…``; its peak memory in MB."""

    def run(words: list[str], environment: dict[str, str] | None = None) -> int:
        command = [sys.executable, "-c", LAUNCHER, sys.executable, "-m", "cli", *words]
        outcome = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        return int(outcome.stdout) // 1024

    return run
