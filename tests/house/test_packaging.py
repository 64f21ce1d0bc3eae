"""The built wheel, unpacked away from the repository: every parameter, table and sample is readable."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("actuarial", "tariffs", "mortality", "cli")

QUESTIONS = """
import json, sys
from datetime import date
from importlib import resources
import actuarial, cli.main, mortality, tariffs
from actuarial.basis import basis_names, load_basis
for name in tariffs.parameter_names():
    assert tariffs.parameter(name).entries
for name in mortality.table_ids():
    assert mortality.load_table(name).attribution
for name in basis_names():
    load_basis(name)
for name in ("page.html.j2", "page.css"):
    assert (resources.files("actuarial.report") / name).read_text("utf-8")
for name in ("template/page.html.j2", "asset/page.js", "asset/page.css"):
    assert (resources.files("cli.page") / name).read_text("utf-8")
from actuarial.language import LANGUAGES, said, spoken
from actuarial.report.word import CONTENTS
shown = set()
for code in LANGUAGES:
    with spoken(code):
        shown.add(said(CONTENTS))
assert len(shown) == len(LANGUAGES)
sample = resources.files("actuarial") / "sample"
print(json.dumps({
    "homes": [module.__file__ for module in (actuarial, cli.main, mortality, tariffs)],
    "parameters": len(tariffs.parameter_names()),
    "tables": len(mortality.table_ids()),
    "sample": sorted(entry.name for entry in sample.iterdir()),
}))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_our_packages_and_nothing_else(unpacked: Path) -> None:
    top = {path.name for path in unpacked.iterdir()}
    assert {name for name in top if not name.endswith(".dist-info")} == set(PACKAGES)
    assert not list(unpacked.rglob("*.pyc"))
    (info,) = unpacked.glob("*.dist-info")
    assert (info / "licenses" / "NOTICE").read_text(encoding="utf-8").count("CC BY 3.0 IGO") == 1


def test_everything_is_readable_from_the_wheel(unpacked: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(unpacked)!r})\n{QUESTIONS}"
    outcome = subprocess.run(
        [sys.executable, "-c", code], cwd=unpacked.parent, check=True, capture_output=True, text=True
    )
    answer = json.loads(outcome.stdout)
    assert all(home.startswith(str(unpacked)) for home in answer["homes"])
    assert answer["parameters"] == len(list((ROOT / "tariffs" / "parameters").glob("*.yaml")))
    assert answer["tables"] == len(list((ROOT / "mortality" / "tables").glob("*.csv")))
    assert answer["sample"] == [
        "annuities-synthetic.csv",
        "annuities-synthetic.xlsx",
        "book-synthetic",
        "history-synthetic.csv",
    ]


def test_no_other_distribution_owns_our_names() -> None:
    owners = metadata.packages_distributions()
    for name in PACKAGES:
        # an editable install lists no top-level names; a distribution of another's would
        assert set(owners.get(name, ())) <= {"actuarial"}
