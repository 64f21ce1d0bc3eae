"""Certification matrices: reading, choosing by duration, several certifications in a row."""

from fractions import Fraction

import numpy as np
import pytest

from mortality import CertificationMatrices, TableError

STAY = {"A": [1, 0, 0, 0, 0], "B": [0, 1, 0, 0, 0], "C": [0, 0, 1, 0, 0], "D": [0, 0, 0, 1, 0]}
EARLY = {
    "duration_from": 0,
    "A": [0.7, 0.05, 0.0, 0.0, 0.25],
    "B": [0.25, 0.5, 0.1, 0.0, 0.15],
    "C": [0.0, 0.3, 0.6, 0.05, 0.05],
    "D": [0.0, 0.0, 0.2, 0.8, 0.0],
}
LATE = {"duration_from": 3, **STAY}


def changed(**rows):
    return [EARLY | rows]


@pytest.mark.parametrize(("years", "index"), [(0, 0), (1, 0), (2, 0), (3, 1), (40, 1)])
def test_the_last_matrix_not_above_the_duration_acts(years, index):
    matrices = CertificationMatrices.from_rows([EARLY, LATE])
    assert len(matrices) == 2
    assert matrices.position(years) == index
    assert (matrices.at(years) == matrices.probabilities[index]).all()


def test_the_position_of_many_at_once():
    matrices = CertificationMatrices.from_rows([EARLY, LATE])
    assert matrices.position(np.array([0, 2, 3, 9], dtype=np.int32)).tolist() == [0, 0, 1, 1]


def test_the_matrices_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        CertificationMatrices.from_rows([EARLY]).probabilities[0, 0, 0] = 1


def test_several_certifications_in_exact_fractions():
    """B at durations 1, 2 and 3: two moves by the early matrix, then all stay; summed over every path."""
    matrices = CertificationMatrices.from_rows([EARLY, LATE])
    early = [[Fraction(str(p)) for p in EARLY[band]] for band in "ABCD"] + [
        [Fraction(n == 4) for n in range(5)]
    ]
    twice = [sum(early[1][m] * early[m][to] for m in range(5)) for to in range(5)]
    found = matrices.state_probabilities("B", [1, 2, 3])
    assert found[0].tolist() == [0, 1, 0, 0, 0]
    assert found[1] == pytest.approx([float(p) for p in early[1]], rel=1e-15)
    assert found[2] == pytest.approx([float(p) for p in twice], rel=1e-14)
    assert found[3] == pytest.approx(found[2], rel=1e-15)
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-14)


def test_a_row_may_miss_one_by_a_rounding():
    third = 1 / 3 + 3e-10
    matrices = CertificationMatrices.from_rows(changed(B=[third, third, third, 0, 0]))
    assert matrices.at(0)[1, 0] == third  # taken as given, not rescaled


@pytest.mark.parametrize(
    ("entries", "code", "message"),
    [
        ([], "E6101", "certification matrices: none given; give at least one, with duration_from 0"),
        (
            [EARLY | {"duration_from": 1}],
            "E6102",
            "matrix 1 (duration_from 1): the first matrix must have duration_from 0, so that every "
            "duration has a matrix",
        ),
        (
            [EARLY, LATE, LATE],
            "E6102",
            "matrix 3 (duration_from 3): not above 3 of the matrix before it; order the matrices by "
            "duration_from, each once",
        ),
        (
            [EARLY | {"duration_from": 0.5}],
            "E6102",
            "matrix 1: duration_from is 0.5; give whole years",
        ),
        (
            [{key: row for key, row in EARLY.items() if key != "D"}],
            "E6103",
            "matrix 1: missing D; give a row for each of the bands A, B, C, D, also where it is not used",
        ),
        (
            changed(R=[0, 0, 0, 0, 1]),
            "E6103",
            "matrix 1: unknown key 'R'; the keys are duration_from, A, B, C, D",
        ),
        (
            changed(duration_form=0),
            "E6103",
            "matrix 1: unknown key 'duration_form' (did you mean duration_from?); the keys are "
            "duration_from, A, B, C, D",
        ),
        (
            [[1, 0, 0, 0, 0]],
            "E6103",
            "matrix 1: found [1, 0, 0, 0, 0]; give the keys duration_from, A, B, C, D",
        ),
        (
            changed(B=[0.5, 0.5]),
            "E6104",
            "matrix 1 (duration_from 0), row B: found [0.5, 0.5]; give 5 probabilities, to A, B, C, D, R",
        ),
        (
            changed(C=[0.5, 0.5, 0, "0", 0]),
            "E6105",
            "matrix 1 (duration_from 0), row C, column D: '0' is not a number; give a fraction in [0, 1]",
        ),
        (
            changed(A=[70, 5, 0, 0, 25]),
            "E6105",
            "matrix 1 (duration_from 0), row A, column A: 70 is outside [0, 1]; give a fraction, not percent",
        ),
        (
            changed(A=[float("nan"), 0, 0, 0, 1]),
            "E6105",
            "matrix 1 (duration_from 0), row A, column A: nan is outside [0, 1]; give a fraction, not "
            "percent",
        ),
        (
            [EARLY, LATE | {"B": [0.2, 0.5, 0.2, 0, 0]}],
            "E6106",
            "matrix 2 (duration_from 3), row B: the probabilities sum to 0.9, not 1; the row must say where "
            "everyone goes, R included",
        ),
    ],
)
def test_broken_matrices_are_refused_by_name_and_row(entries, code, message):
    with pytest.raises(TableError) as error:
        CertificationMatrices.from_rows(entries)
    assert str(error.value) == message
    assert error.value.code == code


def test_arrays_of_another_shape_are_refused():
    with pytest.raises(TableError, match=r"2 durations and probabilities of shape \(1, 4, 5\)") as error:
        CertificationMatrices((0, 3), np.array([[STAY[band] for band in "ABCD"]]))
    assert error.value.code == "E6101"


def test_a_certification_before_the_first_certificate_is_refused():
    with pytest.raises(TableError, match="asked for -1 completed years") as error:
        CertificationMatrices.from_rows([EARLY]).position([0, -1])
    assert error.value.code == "E6107"


def test_an_unknown_band_is_refused():
    with pytest.raises(TableError, match="unknown band 'R'; the bands are A, B, C, D") as error:
        CertificationMatrices.from_rows([EARLY]).state_probabilities("R", [1])
    assert error.value.code == "E6103"
