"""Aggregation by hand, and matrices that are refused."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuarial.stress.aggregation import aggregated, load_correlation, root
from actuarial.stress.error import StressError
from actuarial.stress.scenario import RISKS

DEFAULT = load_correlation("default")


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_by_hand() -> None:
    """Life: √(300² + 400² + 2·¼·300·400) = √310 000; with market: √(310 000 + 100² + 2·¼·√310 000·100)."""
    found = aggregated({"longevity": 300, "expense": 400, "mortality": -1000, "market": 100}, DEFAULT)
    assert found.losses == {"longevity": 300, "expense": 400, "mortality": 0, "market": 100}
    assert found.modules["life"] == pytest.approx(310_000**0.5, rel=1e-15)
    assert found.total == pytest.approx((310_000 + 10_000 + 50 * 310_000**0.5) ** 0.5, rel=1e-15)
    assert found.undiversified == 800


def test_in_integers() -> None:
    """The square of the loss of a module in fractions, its root in integers."""
    losses = [10**13 + 7, 3 * 10**12, 0, 5, 10**12, 2 * 10**12, 9]
    matrix = DEFAULT.modules[0].matrix
    square = sum(
        a * b * Fraction(float(matrix[i, j])) for i, a in enumerate(losses) for j, b in enumerate(losses)
    )
    assert square.denominator == 1 or square.denominator & (square.denominator - 1) == 0
    exact = isqrt(int(square * 10**12)) / 10**6
    assert root(losses, matrix) == pytest.approx(exact, rel=1e-13)


@given(st.lists(st.integers(0, 10**15), min_size=7, max_size=7))
def test_between_the_largest_half_and_the_sum(losses: list[int]) -> None:
    found = aggregated(dict(zip(DEFAULT.modules[0].risks, losses, strict=True)), DEFAULT)
    assert found.total <= sum(losses) * (1 + 1e-12)
    # no correlation is below −¼: of two losses at least √(15/16) of the larger is left
    assert found.total >= 0.96 * max(losses) * (1 - 1e-12)


def test_the_shipped_structure_is_labelled_and_complete() -> None:
    assert "From memory, check before use" in DEFAULT.source
    assert sorted(risk for m in DEFAULT.modules for risk in m.risks) == sorted(RISKS)
    life = dict(zip(DEFAULT.modules[0].risks, DEFAULT.modules[0].matrix, strict=True))
    assert life["mortality"].tolist() == [1, -0.25, 0.25, 0, 0.25, 0, 0.25]
    assert life["expense"].tolist() == [0.25, 0.25, 0.5, 0.5, 1, 0.5, 0.25]
    assert np.linalg.eigvalsh(DEFAULT.modules[0].matrix).min() > 0.1


def test_one_flat_matrix_from_csv(tmp_path: Path) -> None:
    name = write(tmp_path, "flat.csv", "mortality,market\n1,0.5\n0.5,1\n")
    found = aggregated({"mortality": 3, "market": 5}, load_correlation(name))
    assert found.total == pytest.approx(7.0)


YAML = """source: ours
modules:
  life: {risks: [mortality, longevity], matrix: [[1.0, 0.5], [0.5, 1.0]]}
  market: {risks: [market], matrix: [[1.0]]}
matrix: [[1.0, 0.25], [0.25, 1.0]]
"""


def test_an_edited_yaml(tmp_path: Path) -> None:
    found = load_correlation(write(tmp_path, "own.yaml", YAML))
    assert (found.source, found.modules[0].risks) == ("ours", ("mortality", "longevity"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[0.5, 1.0]]",
            "[0.4, 1.0]]",
            "not symmetric: mortality with longevity is 0.5, the other way round 0.4",
        ),
        ("[[1.0, 0.5]", "[[0.9, 0.5]", "mortality with itself is 0.9, not 1"),
        ("[[1.0, 0.5], [0.5, 1.0]]", "[[1.0, 1.5], [1.5, 1.0]]", "1.5 is not between -1 and 1"),
        ("[[1.0, 0.5], [0.5, 1.0]]", "[[1.0, 0.5]]", "1 rows of 2 numbers; 2 names need 2 rows of 2"),
        ("longevity]", "longevty]", "no risk longevty; the risks are mortality"),
        ("longevity]", "market]", "market stands twice"),
        ("matrix: [[1.0, 0.25], [0.25, 1.0]]\n", "", "give the matrix between life, market"),
        ("source: ours", "sources: ours", r"line 1: unknown key sources \(did you mean source\?\)"),
        ("[[1.0]]", "[[one]]", "valid number, found 'one'"),
    ],
)
def test_structures_that_are_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in YAML
    with pytest.raises(StressError, match=message) as caught:
        load_correlation(write(tmp_path, "own.yaml", YAML.replace(old, new, 1)))
    assert caught.value.code == "E4607"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "the file is empty; its first row names the risks"),
        ("mortality,longevity,market\n1,0.9,-0.9\n0.9,1,0.9\n-0.9,0.9,1\n", "eigenvalue is -0.8: no losses"),
        ("mortality,market\n1,x\nx,1\n", "row 2 has '1,x'; give numbers only"),
        ("mortality,market\n1,nan\nnan,1\n", "mortality and market: nan is not between"),
    ],
)
def test_matrices_that_are_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(StressError, match=message):
        load_correlation(write(tmp_path, "own.csv", text))


def test_no_such_file() -> None:
    with pytest.raises(StressError, match="no such file; give a YAML or CSV file, or default"):
        load_correlation("nowhere.yaml")
