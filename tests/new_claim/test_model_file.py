"""The file of a model: every key checked, every fault named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_book import model_of, plain_content

from actuarial.new_claim.model import NewClaimError, load_new_claim_model, new_claim_model_names

HEADER = "risk_class,death,A,B,C,D\n"


def refused(folder: Path, content: dict[str, Any]) -> str:
    with pytest.raises(NewClaimError) as caught:
        model_of(folder, content)
    assert caught.value.code == "E4503"
    return str(caught.value)


def test_the_shipped_model_says_what_it_is() -> None:
    assert new_claim_model_names() == ("illustrative-2026",)
    model = load_new_claim_model("illustrative-2026")
    assert model.is_illustrative
    assert "Not the experience of any insurer" in model.assumptions.note
    assert not np.isnan(model.frequency).any()
    resolved = model.resolved()
    assert len(resolved["frequency_table"]) == 22
    assert set(resolved["sources"]) == {"illustrative-2026", "illustrative-2026-frequency.csv"}


def test_the_shipped_frequencies_are_the_market_figures_by_tariff() -> None:
    """death 202, injuries 900 of 1408 / 0.2 per 1000 employed; times the tariff over 0.59 %."""
    model = load_new_claim_model("illustrative-2026")
    employed = 1408 / 0.2 * 1000
    tariff = {1: 0.12, 9: 0.56, 22: 2.96}
    for number, rate in tariff.items():
        row = model.frequency[number - 1]
        assert row[0] == pytest.approx(202 / employed * rate / 0.59, abs=5e-10)
        assert row[1:].sum() == pytest.approx(900 / employed * rate / 0.59, abs=2e-9)
        assert row[1:] / row[1:].sum() == pytest.approx([0.505, 0.345, 0.128, 0.022], abs=1e-3)


def test_an_unknown_key_has_a_suggestion(tmp_path: Path) -> None:
    content = plain_content()
    content["victim"]["male_shar"] = content["victim"].pop("male_share")
    message = refused(tmp_path, content)
    assert "missing key victim.male_share" in message
    assert "unknown key victim.male_shar (did you mean male_share?)" in message


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("frequency", "dispersion"), 0.5, "dispersion belongs to count negative_binomial"),
        (("frequency", "class_cv"), "much", "frequency.class_cv"),
        (("event_size", "default"), {1: 0.9}, "the shares of default add up to 0.9, expected 1"),
        (("event_size", "classes"), {5: {1: 0.4, 2: 0.5}}, "the shares of class 5 add up to 0.9"),
        (("victim", "ages"), [{"first": 30, "last": 29, "share": 1.0}], "last is 29, below first 30"),
        (
            ("victim", "ages"),
            [{"first": 30, "last": 40, "share": 0.5}, {"first": 40, "last": 50, "share": 0.5}],
            "ages overlap: 30-40 and 40-50",
        ),
        (("degree", "B"), {29: 1.0}, "B has the degree 29: the band is 30-59 percent"),
        (("social_payment", "service_months"), None, "service_months belongs to choice by_law"),
        (("social_payment", "share"), 0.3, "share belongs to choice share"),
        (("dependants", "families"), [], "dependants.families"),
        (
            ("dependants", "families"),
            [{"share": 1.0, "members": [{"beneficiary": "carer", "age": [20, 30]}]}],
            "child_age, the ages of the child cared for",
        ),
        (
            ("dependants", "families"),
            [{"share": 1.0, "members": [{"beneficiary": "child", "age": [0, 3], "entitled_months": 4}]}],
            "entitled_months belongs to a disabled_dependant",
        ),
        (("reinsurance",), {"excess_of_loss": [{"retention": 1, "limit": 0}]}, "limit"),
        (
            ("catastrophes",),
            [{"name": "x", "events_per_year": 1.0, "n_workers": 3}],
            "missing key catastrophes.0.kinds",
        ),
        (("earnings", "cv"), float("nan"), "earnings.cv"),
    ],
)
def test_values_that_cannot_be(tmp_path: Path, path: tuple[str, ...], value: Any, words: str) -> None:
    content = plain_content()
    target = content
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert words in refused(tmp_path, content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found nothing"),
        ("class,death\n1,0\n", "expected the columns risk_class,death,A,B,C,D, found class,death"),
        (HEADER, "it has no rows"),
        (HEADER + "23,0,0,0,0,0\n", "row 2: risk_class is '23', expected 1-22"),
        (HEADER + "1,0,0,0,0\n", "row 2 has 5 cells, expected 6"),
        (HEADER + "1,0,0,0,0,0\n1,0,0,0,0,0\n", "row 3: class 1 stands twice"),
        (HEADER + "1,0,x,0,-1,nan\n", "row 2, A: 'x' is not a number of persons"),
        (HEADER + "1,0,x,0,-1,nan\n", "row 2, D: 'nan'"),
        (HEADER + "1,0.5,0.5,0.1,0,0\n", "row 2: more than one claim a worker-year"),
    ],
)
def test_frequency_tables_that_cannot_be(tmp_path: Path, text: str, words: str) -> None:
    model_of(tmp_path, plain_content())
    (tmp_path / "frequency.csv").write_text(text, encoding="utf-8")
    with pytest.raises(NewClaimError, match=words.replace("(", r"\(")) as caught:
        load_new_claim_model(tmp_path / "model.yaml")
    assert caught.value.code == "E4504"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name, data, code in (
        ("nowhere", None, "E4501"),
        ("tab.yaml", b"a:\n\t- b", "E4502"),
        ("twice.yaml", b"name: a\nname: b\n", "E4502"),
        ("list.yaml", b"- 1\n", "E4502"),
        ("binary.yaml", b"\xff\xfe\x00", "E4502"),
    ):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(NewClaimError) as caught:
            load_new_claim_model(tmp_path / name)
        assert caught.value.code == code
    model_of(tmp_path, plain_content())
    (tmp_path / "frequency.csv").unlink()
    with pytest.raises(NewClaimError, match="no file") as caught:
        load_new_claim_model(tmp_path / "model.yaml")
    assert caught.value.code == "E4501"
