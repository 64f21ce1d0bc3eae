"""Individual, department and enterprise risk, and the effect index, in plain fractions from the formulas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tariffs
from actuarial.occupational_risk import (
    SCORES,
    Effect,
    Indicator,
    OccupationalRisk,
    OccupationalRiskError,
    RiskRecords,
    Scale,
    effects,
    occupational_risk,
)
from actuarial.square_root import square_root

DAY = date(2026, 1, 15)
SCALE = Scale(Decimal(1), Decimal(5))
Row = tuple[str, str, int, tuple[int, int, int, int, int]]
# enterprise, department, workers, scores in hundredths
ROWS: tuple[Row, ...] = (
    ("X", "mine", 40, (450, 500, 300, 250, 300)),
    ("X", "mine", 12, (400, 450, 350, 200, 300)),
    ("X", "office", 15, (100, 100, 100, 100, 150)),
    ("Y", "mine", 7, (333, 267, 101, 499, 125)),
)


def records(rows: tuple[Row, ...] = ROWS, **changes: object) -> RiskRecords:
    enterprises = list(dict.fromkeys(row[0] for row in rows))
    departments = list(dict.fromkeys(row[:2] for row in rows))
    none = np.full(len(enterprises), -1, dtype=np.int64)
    content = {
        "enterprise": tuple(enterprises),
        "department": tuple(name for _, name in departments),
        "position": tuple(f"job {k}" for k in range(len(rows))),
        "enterprise_of_department": np.array([enterprises.index(e) for e, _ in departments]),
        "department_workers": np.array([sum(r[2] for r in rows if r[:2] == key) for key in departments]),
        "department_of_position": np.array([departments.index(row[:2]) for row in rows]),
        "n_workers": np.array([row[2] for row in rows]),
        "scores": np.array([row[3] for row in rows]),
        "injury_score": none,
        "compliance_score": none,
    }
    return RiskRecords(**(content | changes))  # type: ignore[arg-type]


def individual(scores: tuple[int, ...]) -> Fraction:
    """0.7·(В + Т)/2 + 0.2·(Об + СИЗ)/2 + 0.1·З, formula 4 of the monograph, ch. 3.2."""
    b, t, ob, siz, z = (Fraction(score, 100) for score in scores)
    return Fraction(7, 10) * (b + t) / 2 + Fraction(2, 10) * (ob + siz) / 2 + Fraction(1, 10) * z


def risks(found: OccupationalRisk) -> list[Fraction]:
    return [Fraction(int(r), found.unit) for r in found.individual]


def test_jobs_departments_enterprises() -> None:
    found = occupational_risk(records(), SCALE, DAY)
    own = [individual(row[3]) for row in ROWS]
    assert risks(found) == own
    # 0.35 · 9.5 + 0.1 · 5.5 + 0.1 · 3
    assert own[0] == Fraction("4.175")
    mine = (40 * own[0] + 12 * own[1]) / 52
    assert found.department == (mine, own[2], own[3])
    assert found.enterprise == ((52 * mine + 15 * own[2]) / 67, own[3])
    assert found.n_workers == (67, 7)
    assert found.total == (None, None)
    for part, p1 in zip(found.contribution, found.enterprise, strict=True):
        assert sum(part.values()) == p1
        assert tuple(part) == SCORES


def test_headcount_of_departments_weighs_them() -> None:
    found = occupational_risk(records(department_workers=np.array([60, 40, 9])), SCALE, DAY)
    plain = occupational_risk(records(), SCALE, DAY)
    assert found.department == plain.department
    assert found.enterprise[0] == (60 * plain.department[0] + 40 * plain.department[1]) / 100


def test_plain_mean_over_jobs() -> None:
    found = occupational_risk(records(), SCALE, DAY, {"department_mean": "plain"})
    own = risks(found)
    assert found.department[0] == (own[0] + own[1]) / 2
    assert found.enterprise[0] == (52 * found.department[0] + 15 * own[2]) / 67


def test_scores_in_which_higher_is_safer_are_turned_over() -> None:
    found = occupational_risk(records(), SCALE, DAY, {"protection_scores": "safety"})
    turned = tuple((*row[:3], (*row[3][:2], 600 - row[3][2], 600 - row[3][3], row[3][4])) for row in ROWS)
    assert risks(found) == risks(occupational_risk(records(turned), SCALE, DAY))  # type: ignore[arg-type]


def test_total_needs_both_other_scores() -> None:
    found = occupational_risk(
        records(injury_score=np.array([120, 55]), compliance_score=np.array([80, -1])), SCALE, DAY
    )
    assert found.total == (found.enterprise[0] + 2, None)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("XY"),
            st.sampled_from("ab"),
            st.integers(1, 10**7),
            st.tuples(*[st.integers(100, 500)] * 5),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_order_does_not_matter_and_means_lie_between(rows: list[Row]) -> None:
    found = occupational_risk(records(tuple(rows)), SCALE, DAY)
    other = occupational_risk(records(tuple(reversed(rows))), SCALE, DAY)
    names = list(dict.fromkeys(row[0] for row in rows))
    again = list(dict.fromkeys(row[0] for row in reversed(rows)))
    assert dict(zip(names, found.enterprise, strict=True)) == dict(zip(again, other.enterprise, strict=True))
    assert min(risks(found)) <= min(found.enterprise) <= max(found.enterprise) <= max(risks(found))
    assert 1 <= min(found.enterprise) <= max(found.enterprise) <= 5


def test_weights_on_record_add_up_to_1() -> None:
    for entry in tariffs.parameter("occupational_risk_weights").entries:
        assert sum(entry.value.values()) == 1
        assert entry.evidence == "D"


def test_date_without_weights() -> None:
    with pytest.raises(tariffs.LawError):
        occupational_risk(records(), SCALE, date(2020, 1, 1))


@pytest.mark.parametrize(
    ("low", "high"), [("5", "1"), ("1", "1"), ("-1", "5"), ("0", "1001"), ("0", "0.125")]
)
def test_scales_that_are_none(low: str, high: str) -> None:
    with pytest.raises(OccupationalRiskError, match="it must rise, inside 0-1000") as caught:
        Scale(Decimal(low), Decimal(high))
    assert caught.value.code == "E4802"


def test_unknown_choices() -> None:
    for given_choice in ({"mean": "plain"}, {"department_mean": "median"}):
        with pytest.raises(OccupationalRiskError) as caught:
            occupational_risk(records(), SCALE, DAY, given_choice)
        assert caught.value.code == "E4801"


# ---------------------------------------------------------------- the effect


def indicator(criterion: str, is_higher: bool, weight: int, *values: int) -> Indicator:
    return Indicator("", "x", criterion, is_higher, Fraction(weight), *map(Fraction, values))


def test_effect_by_hand() -> None:
    """Social (3·z1 + 1·z2)/4, economic one indicator that should fall."""
    (found,) = effects(
        [
            indicator("social", True, 3, 50, 100, 60, 90),  # 0.2 → 0.8
            indicator("social", False, 1, 0, 10, 8, 2),  # 0.2 → 0.8
            indicator("economic", False, 2, 100, 200, 150, 128),  # 0.5 → 0.72
        ]
    )
    assert found.before == {"economic": Fraction(1, 2), "social": Fraction(1, 5)}
    assert found.after == {"economic": Fraction(72, 100), "social": Fraction(4, 5)}
    assert found.ratio == {"economic": Fraction(144, 100), "social": Fraction(4)}
    # √0.1, √0.576; √5.76 = 2.4 is the root of the product of both ratios
    assert found.combined_before == Fraction("0.316227766017")
    assert found.combined_after == Fraction("0.758946638440")
    assert found.combined_ratio == Fraction(12, 5)


def test_effect_without_a_start_or_a_criterion() -> None:
    (found,) = effects([indicator("social", True, 1, 0, 10, 0, 5)])
    assert found.ratio == {"social": None}
    assert (found.combined_before, found.combined_after, found.combined_ratio) == (None, None, None)
    assert found.rows() == (("social", Fraction(0), Fraction(1, 2), None),)
    (both,) = effects(
        [indicator("social", True, 1, 0, 10, 0, 5), indicator("economic", True, 1, 0, 10, 1, 5)]
    )
    assert both.combined_before == 0
    assert both.combined_ratio is None


def test_effects_of_several_enterprises() -> None:
    rows = [
        Indicator(e, "x", "social", True, *map(Fraction, (1, 0, 10, 1, k))) for k, e in enumerate("BAB", 2)
    ]
    found: tuple[Effect, ...] = effects(rows)
    assert [effect.enterprise for effect in found] == ["B", "A"]
    assert found[0].after == {"social": Fraction(3, 10)}


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_square_root_is_rounded_once(numerator: int, denominator: int) -> None:
    x = Fraction(numerator, denominator)
    root = square_root(x)
    half = Fraction(1, 2 * 10**12)
    assert (root - half) ** 2 <= x or root < half
    assert x < (root + half) ** 2
