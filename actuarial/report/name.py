"""What a reader calls what data name by identifiers: products, beneficiaries, classes, values of the law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import tariffs
from actuarial.language import SOURCE, Text, is_message, language, text
from actuarial.record import BANDS

PRODUCTS: Final[Mapping[str, Text]] = {"compulsory": text("compulsory"), "voluntary": text("voluntary")}
BENEFICIARIES: Final[Mapping[str, Text]] = {
    "worker": text("worker"),
    "child": text("child"),
    "student": text("student"),
    "spouse": text("spouse"),
    "parent": text("parent"),
    "disabled_dependant": text("disabled dependant"),
    "carer": text("carer"),
    "pre_retirement": text("pre retirement"),
}
SEXES: Final[Mapping[str, Text]] = {"male": text("male"), "female": text("female")}
SEX_GROUPS: Final = (text("men"), text("women"))
"""In the order of `actuarial.record.SEXES`."""
CLASSES: Final[Mapping[str, str]] = {
    **{band: band for band in BANDS},
    "dependant": text("dependant"),
    "pre_retirement": text("pre retirement"),
}
CLASS_CODES: Final[Mapping[str, str]] = {**CLASSES, "pre_retirement": text("pre_retirement")}
"""The same as files name them, in English."""
MEASURES: Final[Mapping[str, Text]] = {"certified": text("certified"), "expected": text("expected")}
ALL: Final = text("all")
YES, NO = text("yes"), text("no")
WITHOUT_BAND: Final = text("survivors and pre-retirement")


def band_names() -> dict[str, str]:
    """Bands with their degrees in percent as the law has them, and the name of those without a band."""
    bands = tariffs.parameter("degree_bands").entries[-1].value
    names: dict[str, str] = {band: f"{band} {bands[band][0]}–{bands[band][1]}\u00a0%" for band in BANDS}
    return {**names, "": WITHOUT_BAND}


class _Parameter(Text):
    """Name of a value of the law: in other languages the title that its file gives."""

    name: str

    def said(self) -> str:
        if language() == SOURCE or self.name not in tariffs.parameter_names():
            return str(self)
        return tariffs.parameter(self.name).title[language()]

    def changed(self, change: Callable[[str], str]) -> Text:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return parameter_name, (self.name, str(self))


def parameter_name(name: str, english: str | None = None) -> Text:
    """The title of a value of the law as a message; in English its name, or what is given."""
    made = _Parameter(name if english is None else english)
    made.template, made.values, made.name = str(made), {}, name
    return made


def as_message(wording: str) -> str:
    """Wording of ours as a message, where it is not one yet: for cells, which show strings as they are."""
    return wording if is_message(wording) else text(wording)
