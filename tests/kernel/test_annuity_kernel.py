"""The annuity kernels: compiled equals plain Python, and both equal a sum written out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from actuarial.kernels import annuity

N = 40
NOTHING = 1e-5
GRID = 8192.0
SMALLEST = 1e-250
WIDTH = 200


def certified_arguments(seed: int, *, limit: bool = False, monthly_expense: bool = False) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    lives = np.exp(-np.cumsum(random.uniform(0, 0.01, (3, WIDTH)), axis=1))
    n = random.integers(1, 60, N).astype(np.int32)
    discount = np.exp(-np.cumsum(random.uniform(0, 0.01, (4, 60)), axis=1))
    return {
        "table_row": random.integers(0, 3, N).astype(np.int32),
        "age": random.integers(0, 120, N).astype(np.int32),
        "first_survival": random.uniform(0.9, 1, N),
        "amount": random.uniform(0, 1e5, N) * random.integers(0, 2, N),
        "n_payments": n,
        "part": random.uniform(0.1, 1, N),
        "index_row": random.integers(0, 5, N).astype(np.int32),
        "discount_row": random.integers(0, 4, N).astype(np.int32),
        "month": random.integers(0, 5, N).astype(np.int32),
        "segment": random.integers(0, 2, N).astype(np.int32),
        "limit": random.uniform(0, 2e6, N) if limit else np.full(N, np.inf),
        "ends_at_limit": random.integers(0, 2, N).astype(np.int8),
        "is_reviewed": random.integers(0, 2, N).astype(np.int8),
        "lives": lives,
        "cumulative": -np.log(lives[:1]),
        "multiplier": np.ones(8),
        "smallest": SMALLEST,
        "index": np.cumprod(random.uniform(1, 1.01, (5, 60)), axis=1),
        "discount": discount,
        "expense_discount": discount * 1.02 if monthly_expense else np.empty((0, 0)),
        "nothing": NOTHING,
        "grid": GRID,
    }


BY_VARIANT = ("amount", "own_amount", "other_amount", "index", "discount", "expense_discount")
NO_FURTHER = np.empty((0, 0, 0))


def as_variants(variants: list[dict[str, Any]], same: list[int], further: Any = NO_FURTHER) -> list[Any]:
    """Arguments of a kernel from those of each variant: what may differ is stacked."""
    words = {name: variants[0][name] for name in variants[0]}
    for name in BY_VARIANT:
        if name in words:
            words[name] = np.stack([variant[name] for variant in variants])
    if not words["expense_discount"].size:
        words["expense_discount"] = NO_FURTHER
    result = []
    for name, value in words.items():
        result.append(value)
        if name == "index":
            result.append(np.cumsum(value, axis=2))
        if name == "expense_discount":
            result += [further, np.array(same, dtype=np.int8)]
    return result


def run(function: Any, arguments: dict[str, Any], pieces: list[tuple[int, int]]) -> tuple[Any, ...]:
    return tuple(array[0] for array in run_variants(function, [arguments], [0], pieces))


def run_variants(
    function: Any, variants: list[dict[str, Any]], same: list[int], pieces: Any, further: Any = NO_FURTHER
) -> tuple[Any, ...]:
    v = len(variants)
    out = tuple(np.full((v, N), np.nan) for _ in range(3))
    flows = np.zeros((v, 2, 70), dtype=np.int64), np.zeros((v, 2, 70), dtype=np.int64)
    for start, stop in pieces:
        function(start, stop, *as_variants(variants, same, further), *out, *flows)
    return (*out, *flows)


def test_rows_too_small_to_divide_by() -> None:
    """The same hazards in a row that underflows and in one that does not give the same values."""
    usual = certified_arguments(4, limit=True, monthly_expense=True)
    usual["lives"] = usual["lives"][:1]
    usual["table_row"] = np.zeros(N, dtype=np.int32)
    usual["multiplier"] = np.ones(1)
    tiny = usual | {"lives": usual["lives"] * 1e-300}
    for a, b in zip(
        *(run(annuity.certified_values, given, [(0, N)]) for given in (usual, tiny)), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1)
    reviewed = expected_arguments(4, 12, [12, 12, 24, 0])
    reviewed["lives"] = np.exp(-np.outer(np.ones(8), reviewed["cumulative"][0]))
    reviewed["table_base"] = np.zeros(N, dtype=np.int32)
    tiny = reviewed | {"lives": reviewed["lives"] * 1e-300}
    results = (run_expected(annuity.expected_values, given, [(0, 4)]) for given in (reviewed, tiny))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1)


@pytest.mark.parametrize("limit", [False, True])
@pytest.mark.parametrize("monthly_expense", [False, True])
def test_compiled_equals_plain_python(limit: bool, monthly_expense: bool) -> None:
    arguments = certified_arguments(1, limit=limit, monthly_expense=monthly_expense)
    compiled = run(annuity.certified_values, arguments, [(0, N)])
    plain = run(annuity.certified_values.py_func, arguments, [(0, N)])
    for a, b in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(a, b)


def test_pieces_change_nothing() -> None:
    arguments = certified_arguments(2, limit=True, monthly_expense=True)
    whole = run(annuity.certified_values, arguments, [(0, N)])
    pieces = run(annuity.certified_values, arguments, [(17, N), (0, 3), (3, 17)])
    for a, b in zip(whole, pieces, strict=True):
        np.testing.assert_array_equal(a, b)


def test_equals_the_sum_by_hand() -> None:
    a = certified_arguments(3, limit=True, monthly_expense=True)
    value, recovery, expense, *flows = run(annuity.certified_values, a, [(0, N)])
    flow = np.zeros((2, 2, 70))
    for i in range(N):
        x, n = a["age"][i], a["n_payments"][i]
        if a["amount"][i] == 0:
            assert value[i] == recovery[i] == expense[i] == 0
            continue
        used, terms, excess, counts = 0.0, [], [], []
        for k in range(n):
            alive = (
                a["first_survival"][i]
                * a["lives"][a["table_row"][i], x + k]
                / a["lives"][a["table_row"][i], x]
            )
            amount = a["amount"][i] * a["index"][a["index_row"][i], k] * (a["part"][i] if k == n - 1 else 1)
            covered = min(amount, max(0.0, a["limit"][i] - used))
            used += amount
            paid = covered if a["ends_at_limit"][i] else amount
            v = a["discount"][a["discount_row"][i], k]
            terms.append(paid * alive * v)
            excess.append((paid - covered) * alive * v)
            counts.append((paid > 0) * alive * a["expense_discount"][a["discount_row"][i], k])
            flow[1 - a["is_reviewed"][i], a["segment"][i], a["month"][i] + k] += paid * alive
        assert value[i] == pytest.approx(math.fsum(terms), rel=1e-12)
        assert recovery[i] == pytest.approx(math.fsum(excess), rel=1e-10, abs=1e-9)
        assert expense[i] == pytest.approx(math.fsum(counts), rel=1e-12)
    np.testing.assert_allclose(np.array(flows) / GRID, flow, atol=N / GRID)


def expected_arguments(seed: int, step: int, terms: list[int]) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    lives = np.exp(-np.cumsum(random.uniform(0, 0.01, (8, WIDTH)), axis=1))
    matrices = random.uniform(0, 1, (3, 4, 5))
    matrices /= matrices.sum(axis=2, keepdims=True)
    group_start = np.array([0, 10, 11, 25, N], dtype=np.int64)
    group = np.repeat(np.arange(4), np.diff(group_start))
    age_at_node = random.integers(40, 120, 4)[group]
    node = random.integers(0, 30, N).astype(np.int32)
    discount = np.exp(-np.cumsum(random.uniform(0, 0.01, (4, 60)), axis=1))
    return {
        "group_start": group_start,
        "table_base": (random.integers(0, 2, 4)[group] * 4).astype(np.int32),
        "band": random.integers(0, 4, 4)[group].astype(np.int8),
        "duration": (random.integers(0, 4, 4)[group] * 12).astype(np.int32),
        "irregular_month": np.full(N, -1, dtype=np.int32),
        "age": (age_at_node - node).astype(np.int32),
        "node": node,
        "first_survival": random.uniform(0.9, 1, N),
        "own_amount": random.uniform(0, 1e5, N),
        "other_amount": random.uniform(0, 1e5, (N, 4)) * random.integers(0, 2, (N, 4)),
        "n_payments": random.integers(0, 60, N).astype(np.int32),
        "part": random.uniform(0.1, 1, N),
        "index_row": random.integers(0, 5, N).astype(np.int32),
        "discount_row": random.integers(0, 4, N).astype(np.int32),
        "month": random.integers(0, 5, N).astype(np.int32),
        "segment": random.integers(0, 2, N).astype(np.int32),
        "limit": np.where(random.integers(0, 2, N) == 1, random.uniform(0, 2e6, N), np.inf),
        "ends_at_limit": random.integers(0, 2, N).astype(np.int8),
        "lives": lives,
        "cumulative": -np.log(lives[:1]),
        "multiplier": np.ones(8),
        "smallest": SMALLEST,
        "index": np.cumprod(random.uniform(1, 1.01, (5, 60)), axis=1),
        "discount": discount,
        "expense_discount": discount * 1.02,
        "step": step,
        "terms": np.array(terms, dtype=np.int32),
        "matrices": matrices,
        "matrix_from": np.array([0, 2, 3], dtype=np.int32),
        "nothing": NOTHING,
        "grid": GRID,
    }


def run_expected(function: Any, arguments: dict[str, Any], pieces: list[tuple[int, int]]) -> tuple[Any, ...]:
    return tuple(array[0] for array in run_expected_variants(function, [arguments], [0], pieces))


def run_expected_variants(
    function: Any, variants: list[dict[str, Any]], same: list[int], pieces: Any, further: Any = NO_FURTHER
) -> tuple[Any, ...]:
    v = len(variants)
    out = tuple(np.full((v, N), np.nan) for _ in range(3))
    flow = np.zeros((v, 2, 70), dtype=np.int64)
    for first, last in pieces:
        function(first, last, *as_variants(variants, same, further), *out, flow)
    return (*out, flow)


@pytest.mark.parametrize(("step", "terms"), [(12, [12, 12, 24, 0]), (6, [6, 12, 24, 60]), (1, [5, 7, 36, 0])])
def test_expected_compiled_equals_plain_python(step: int, terms: list[int]) -> None:
    arguments = expected_arguments(5, step, terms)
    compiled = run_expected(annuity.expected_values, arguments, [(0, 4)])
    plain = run_expected(annuity.expected_values.py_func, arguments, [(0, 4)])
    split = run_expected(annuity.expected_values, arguments, [(2, 4), (0, 2)])
    for a, b, c in zip(compiled, plain, split, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
        np.testing.assert_array_equal(a, c)


@pytest.mark.parametrize("measure", ["certified", "expected"])
def test_variants_together_are_variants_alone(measure: str) -> None:
    """Amounts, index and discount of each variant; a flow is left out where the payments are the same."""
    base = (
        certified_arguments(7, limit=True, monthly_expense=True)
        if measure == "certified"
        else expected_arguments(7, 12, [12, 12, 24, 0])
    )
    amount = "amount" if measure == "certified" else "own_amount"
    variants = [
        base,
        base | {"discount": base["discount"] ** 1.5, "expense_discount": base["discount"]},
        base | {amount: base[amount] * 1.04 * (np.arange(N) % 3 > 0)},
        base | {"index": base["index"] ** 1.2},
    ]
    function = annuity.certified_values if measure == "certified" else annuity.expected_values
    together, alone = (run_variants, run) if measure == "certified" else (run_expected_variants, run_expected)
    pieces = [(0, N)] if measure == "certified" else [(0, 4)]
    stacked = together(function, variants, [0, 1, 0, 0], pieces)
    for s, variant in enumerate(variants):
        for one, many in zip(alone(function, variant, pieces), stacked, strict=True):
            if many.dtype == np.int64 and s == 1:
                assert not many[s].any()
            else:
                np.testing.assert_array_equal(many[s], one)


@pytest.mark.parametrize("measure", ["certified", "expected"])
def test_further_survival_is_a_factor_of_each_payment(measure: str) -> None:
    """Without an insured sum it acts like a factor of the discount, and on the cash-flow too."""
    expected = measure == "expected"
    base = (
        expected_arguments(8, 12, [12, 12, 24, 0])
        if expected
        else certified_arguments(8, monthly_expense=True)
    )
    base["limit"] = np.full(N, np.inf)
    base["part"] = np.ones(N)
    further = np.exp(-np.cumsum(np.random.default_rng(1).uniform(0, 0.01, (4, 60)), axis=1))
    function = annuity.expected_values if expected else annuity.certified_values
    together, pieces = (run_expected_variants, [(0, 4)]) if expected else (run_variants, [(0, N)])
    value, _, expense, *flows = together(function, [base], [0], pieces, further[None])
    discounted = base | {
        "discount": base["discount"] * further,
        "expense_discount": base["expense_discount"] * further,
    }
    plain_value, _, plain_expense, *_ = together(function, [discounted], [0], pieces)
    np.testing.assert_allclose(value, plain_value, rtol=1e-13)
    np.testing.assert_allclose(expense, plain_expense, rtol=1e-13)
    # undiscounted payments add up to the cash-flow
    ones = base | {"discount": np.ones_like(further), "expense_discount": np.ones_like(further)}
    undiscounted, *_ = together(function, [ones], [0], pieces, further[None])
    assert sum(flow.sum() for flow in flows) / GRID == pytest.approx(undiscounted.sum(), rel=1e-6)
