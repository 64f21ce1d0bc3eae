"""Terms of the voluntary load from a book, and a quote that uses them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from actuarial.credibility import CredibilityError
from actuarial.experience_rating.modification import RatingError
from actuarial.experience_rating.underwriting_load import PolicyholderYear, fitted_load, read_statistics
from cli.quote import command as quote

YEARS = (2024, 2025)
# policyholder, class, workers and accidents of both years
ROWS = (
    ("A", 7, (1000, 1100), (9, 12)),
    ("B", 7, (500, 500), (0, 1)),
    ("C", 7, (2000, 1900), (3, 4)),
    ("D", 7, (800, 900), (1, 0)),
)


def statistics(rows: Any = ROWS) -> list[PolicyholderYear]:
    return [
        PolicyholderYear(name, year, risk_class, n, k)
        for name, risk_class, workers, accidents in rows
        for year, n, k in zip(YEARS, workers, accidents, strict=True)
    ]


def by_hand() -> tuple[Fraction, Fraction]:
    """Frequency and K = s² / a of one class, in fractions."""
    n_workers = sum(sum(workers) for _, _, workers, _ in ROWS)
    frequency = Fraction(sum(sum(accidents) for *_, accidents in ROWS), n_workers)
    weight = [[frequency * n for n in workers] for _, _, workers, _ in ROWS]
    ratio = [
        [k / w for k, w in zip(accidents, ws, strict=True)]
        for (*_, accidents), ws in zip(ROWS, weight, strict=True)
    ]
    total = [sum(ws) for ws in weight]
    mean = [
        sum(w * x for w, x in zip(ws, xs, strict=True)) / sum(ws)
        for ws, xs in zip(weight, ratio, strict=True)
    ]
    within = sum(
        w * (x - m) ** 2
        for ws, xs, m in zip(weight, ratio, mean, strict=True)
        for w, x in zip(ws, xs, strict=True)
    ) / len(ROWS)
    overall = sum(w * m for w, m in zip(total, mean, strict=True)) / sum(total)
    spread = sum(w * (m - overall) ** 2 for w, m in zip(total, mean, strict=True)) - (len(ROWS) - 1) * within
    between = spread / (sum(total) - sum(w * w for w in total) / sum(total))
    return frequency, within / between


def test_one_class_by_hand() -> None:
    frequency, constant = by_hand()
    found = fitted_load(statistics(), YEARS)
    assert found.frequency == {7: pytest.approx(float(frequency), rel=1e-12)}
    assert found.credibility_accidents == pytest.approx(float(constant), rel=1e-10)
    assert (found.n_policyholders, found.n_workers, found.n_accidents) == (4, 8700, 30)


def test_classes_expect_what_happened() -> None:
    rows = (*ROWS, ("E", 3, (5000, 5200), (1, 2)), ("F", 3, (900, 950), (0, 0)), ("A", 3, (100, 100), (0, 1)))
    found = fitted_load(statistics(rows), YEARS)
    expected = sum(found.frequency[risk_class] * sum(workers) for _, risk_class, workers, _ in rows)
    assert expected == pytest.approx(34)
    assert found.frequency[7] > found.frequency[3]
    assert found.n_policyholders == 6


def test_order_and_other_years_do_not_matter() -> None:
    rows = statistics()
    found = fitted_load(rows, YEARS)
    assert fitted_load([*reversed(rows), PolicyholderYear("A", 2020, 9, 10**6, 99)], YEARS) == found


def test_policyholders_that_do_not_differ_give_no_weight() -> None:
    alike = [("A", 7, (1000, 1000), (5, 7)), ("B", 7, (1000, 1000), (7, 5)), ("C", 7, (1000, 1000), (6, 6))]
    found = fitted_load(statistics(alike), YEARS)
    assert found.credibility_accidents == float("inf")


def case(folder: Path, load: str, **more: str) -> Path:
    lines = {
        "product": "voluntary",
        "contract_date": "2026-02-01",
        "risk_class": "7",
        "insured_sum": "50000000",
        "tariff": "{7: 0.4}",
        "statistics": "[{year: 2024, workers: 1000, accidents: 9}, "
        "{year: 2025, workers: 1100, accidents: 12}]",
        "load": load,
    } | more
    path = folder / "case.yaml"
    path.write_text("".join(f"{key}: {text}\n" for key, text in lines.items()), encoding="utf-8")
    return path


def write_statistics(folder: Path, rows: Any = ROWS) -> None:
    lines = ["policyholder,year,risk_class,workers,accidents"]
    lines += [
        f"{r.policyholder},{r.year},{r.risk_class},{r.n_workers},{r.n_accidents}" for r in statistics(rows)
    ]
    (folder / "book.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def answer(path: Path) -> dict[str, Any]:
    result = CliRunner().invoke(quote, [str(path), "--json"], standalone_mode=False, catch_exceptions=False)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_quote_with_the_load_of_a_book(tmp_path: Path) -> None:
    """E = f · 2 100, Z = E / (E + K), load = Z · 21 / E + 1 − Z."""
    write_statistics(tmp_path)
    frequency, constant = by_hand()
    expected = frequency * 2100
    z = expected / (expected + constant)
    load = z * 21 / expected + 1 - z
    assert Fraction(3, 2) < load < 3
    found = answer(case(tmp_path, "{statistics: book.csv, smallest: 0.5, largest: 4}"))
    assert float(found["underwriting_load"]) == pytest.approx(float(load), abs=5e-7)
    assert any("4 policyholders, 8700 worker-years, 30 accidents of 2024-2025" in n for n in found["notes"])
    # 50 m × 0.4 % × load
    assert float(found["premium"]) == pytest.approx(200_000 * float(load), abs=0.01)
    bounded = answer(case(tmp_path, "{statistics: book.csv, smallest: 0.5, largest: 1.5}"))
    assert bounded["premium"] == "300000.00"


def test_quote_with_a_credibility_constant(tmp_path: Path) -> None:
    """0.01 × 2 100 = 21 expected, K = 21: Z = ½; 21 accidents: load 1."""
    terms = "{expected_frequency: 0.01, credibility_accidents: 21, smallest: 0.5, largest: 4}"
    assert answer(case(tmp_path, terms))["premium"] == "200000.00"
    terms = "{expected_frequency: 0.005, credibility_accidents: 10.5, smallest: 0.5, largest: 4}"
    # 10.5 expected, Z = ½, A/E = 2: load 1.5
    assert answer(case(tmp_path, terms))["premium"] == "300000.00"


def test_quote_without_weight(tmp_path: Path) -> None:
    alike = [("A", 7, (1000, 1000), (5, 7)), ("B", 7, (1000, 1000), (7, 5)), ("C", 7, (1000, 1000), (6, 6))]
    write_statistics(tmp_path, alike)
    assert (
        answer(case(tmp_path, "{statistics: book.csv, smallest: 0.5, largest: 4}"))["premium"] == "200000.00"
    )


@pytest.mark.parametrize(
    ("load", "words"),
    [
        ("{expected_frequency: 0.01, smallest: 0.5, largest: 4}", "one of full_credibility_accidents"),
        (
            "{expected_frequency: 0.01, full_credibility_accidents: 5, credibility_accidents: 5, smallest: 1,"
            " largest: 4}",
            "one of full_credibility_accidents",
        ),
        ("{expected_frequency: 0.01, credibility_accidents: 0, smallest: 0.5, largest: 4}", "all above 0"),
        ("{statistics: book.csv, smallest: 0.5, largest: 4, expected_frequency: 1}", "unknown key"),
    ],
)
def test_terms_that_are_none(tmp_path: Path, load: str, words: str) -> None:
    write_statistics(tmp_path)
    with pytest.raises(ValueError, match=words):
        answer(case(tmp_path, load))


def test_class_and_years_that_the_book_has_not(tmp_path: Path) -> None:
    write_statistics(tmp_path)
    with pytest.raises(RatingError, match="the statistics have no class 5; they have 7") as caught:
        answer(
            case(tmp_path, "{statistics: book.csv, smallest: 1, largest: 4}", risk_class="5", tariff="{5: 1}")
        )
    assert caught.value.code == "E4817"
    with pytest.raises(RatingError, match="hold 0 workers and 0 accidents"):
        fitted_load(statistics(), (2020, 2021))
    with pytest.raises(CredibilityError):
        fitted_load(statistics(ROWS[:1]), YEARS)


@pytest.mark.parametrize(
    "text",
    ["a,b\n", "", "policyholder,year,risk_class,workers,accidents\nA,2024,7,-5,1\nB,2024,7,5\n"],
)
def test_statistics_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "book.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RatingError) as caught:
        read_statistics(tmp_path / "book.csv")
    assert caught.value.code == "E4817"
    if "-5" in text:
        assert "line 2" in str(caught.value)
        assert "line 3" in str(caught.value)
