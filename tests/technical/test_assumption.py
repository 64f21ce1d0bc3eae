"""The file of assumptions: what is refused, each with the key at fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from actuarial.technical_premium.assumption import TechnicalPremiumError, load_study


def changed(sample: Path, folder: Path, **keys: object) -> Path:
    content = YAML(typ="safe", pure=True).load((sample / "adequacy.yaml").read_text(encoding="utf-8"))
    for dotted, value in keys.items():
        at = content
        *above, last = dotted.split("__")
        for name in above:
            at = at[name]
        if value is ...:
            del at[last]
        else:
            at[last] = value
    path = folder / "adequacy.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(content, file)
    return path


def test_the_shipped_assumptions_are_labelled(sample: Path) -> None:
    study = load_study(sample / "adequacy.yaml")
    assert study.is_illustrative
    assert "illustrative" in study.assumptions.name


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"loading__expence": 0.1}, r"unknown key loading.expence \(did you mean expense\?\)"),
        ({"loading__expense": ...}, "missing key loading.expense"),
        ({"loading__expense": 0.96}, "leave nothing of the premium for claims"),
        ({"severity__death": ...}, "severity lacks death"),
        ({"severity__injury": {"source": "annuity_model"}}, "cases belong to source annuity_model"),
        ({"severity__death__variation": ...}, "needs the variation"),
        ({"trend__severity": {"choice": "given"}}, "rate belongs to choice given"),
        ({"trend__severity": {"choice": "none", "rate": 0.1}}, "rate belongs to choice given"),
        ({"development": {"choice": "none", "counts": {"injury": [1.0]}}}, "belong to choice given"),
        ({"large_loss": {"threshold": 1.0, "choice": "given"}}, "load belongs to choice given"),
        ({"sections": ...}, None),
        ({"sections": ..., "credibility": "hierarchical"}, "need sections"),
        ({"sections__light": [1, 2]}, "each of the classes once"),
        ({"regression__factors": ["risk_class", "section"]}, "not both"),
        ({"size_groups": [251, 51]}, "headcounts that rise"),
        ({"market_frequency": {"injury": {1: 0.001}}}, "must give each of the classes"),
        ({"years": 0}, "years: Input should be greater than or equal to 1"),
    ],
)
def test_every_wrong_key_is_named(sample: Path, tmp_path: Path, keys: dict[str, object], says: str) -> None:
    path = changed(sample, tmp_path, **keys)
    if says is None:
        load_study(path)
        return
    with pytest.raises(TechnicalPremiumError, match=says) as caught:
        load_study(path)
    assert caught.value.code == "E4713"
    assert str(path) in str(caught.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(TechnicalPremiumError, match="cannot be read") as caught:
        load_study(tmp_path / "none.yaml")
    assert caught.value.code == "E4712"
    broken = tmp_path / "broken.yaml"
    broken.write_text("years: [1", encoding="utf-8")
    with pytest.raises(TechnicalPremiumError, match="not readable YAML"):
        load_study(broken)
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(TechnicalPremiumError, match="not readable YAML"):
        load_study(broken)
    broken.write_text("- 1\n", encoding="utf-8")
    with pytest.raises(TechnicalPremiumError, match="expected keys"):
        load_study(broken)
