"""The illustrative basis: it loads, says what it is, and its matrices are what its comments claim."""

from decimal import Decimal
from importlib import resources
from itertools import pairwise

import pytest
from ruamel.yaml import YAML

from actuarial.basis import load_basis

BANDS = "ABCD"
TEXT = (resources.files("actuarial") / "bases" / "illustrative-2026.yaml").read_text(encoding="utf-8")


def decimals() -> list[dict[str, list[Decimal]]]:
    # numbers as written, not as floats
    matrices = YAML(typ="rt").load(TEXT)["certification"]["matrices"]
    return [{band: [Decimal(str(p)) for p in matrix[band]] for band in BANDS} for matrix in matrices]


def test_loads_and_is_labelled_illustrative() -> None:
    basis = load_basis("illustrative-2026")
    assert basis.assumptions.name == "illustrative-2026"
    assert basis.assumptions.note.startswith("Illustrative. Not a regulatory basis.")


@pytest.mark.parametrize("matrix", decimals())
def test_rows_add_up_to_one_exactly(matrix: dict[str, list[Decimal]]) -> None:
    for band in BANDS:
        assert len(matrix[band]) == 5
        assert sum(matrix[band]) == 1
        assert min(matrix[band]) >= 0


@pytest.mark.parametrize("matrix", decimals())
def test_improvement_is_likelier_than_worsening(matrix: dict[str, list[Decimal]]) -> None:
    for position, band in enumerate(BANDS):
        row = matrix[band]
        better, worse = sum(row[:position]) + row[4], sum(row[position + 1 : 4])
        assert better > worse


def test_people_settle_with_time() -> None:
    matrices = decimals()
    for earlier, later in pairwise(matrices):
        for position, band in enumerate(BANDS):
            assert later[band][position] > earlier[band][position]
            assert later[band][4] <= earlier[band][4]


def test_durations_ascend_from_zero() -> None:
    durations = [
        matrix["duration_from"] for matrix in YAML(typ="safe").load(TEXT)["certification"]["matrices"]
    ]
    assert durations == [0, 1, 3, 5]
