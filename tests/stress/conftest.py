"""The slow reference valuation serves here too; the modules of both folders import each other by name."""

from __future__ import annotations

import sys
from pathlib import Path

for folder in (Path(__file__).parent, Path(__file__).parents[1] / "reference"):
    sys.path.insert(0, str(folder))
