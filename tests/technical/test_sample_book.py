"""The shipped synthetic book is what its generator writes, and reads without a finding."""

from __future__ import annotations

from pathlib import Path

from actuarial.claim_record import BookExperience
from actuarial.portfolio.sample_book import NOTE, write_book


def test_the_shipped_book_is_generated(sample: Path, tmp_path: Path) -> None:
    made = write_book(tmp_path / "book")
    names = sorted(path.name for path in made.iterdir())
    assert names == ["README.txt", "accidents.csv", "claims.csv", "contract_parts.csv", "contracts.csv"]
    for name in names:
        assert (sample / name).read_bytes() == (made / name).read_bytes(), name


def test_it_is_labelled(sample: Path) -> None:
    assert (sample / "README.txt").read_text(encoding="utf-8") == NOTE
    lines = (sample / "contracts.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert all(line.startswith("SYN-") and "Synthetic employer" in line for line in lines)


def test_it_has_something_to_show(experience: BookExperience) -> None:
    assert len(experience.records) == 960
    assert len(experience.claims) == 326
    assert set(experience.claims.kind.tolist()) == {0, 1, 2}
    assert len(experience.policyholder_name) == 160
