"""The basis a study gives: the prior one with fitted multipliers, matrices and, if asked, tables."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import Any

import mortality
from actuarial import __version__
from actuarial.curve import SpotCurve
from actuarial.experience.record import DEAD
from actuarial.experience.study import Study
from actuarial.record import BANDS, SEXES
from mortality.matrix_estimate import rounded_rows

SPOT_FILE = "spot-rates.csv"


@dataclass(frozen=True)
class FittedBasis:
    """A basis file with the files it names.

    Attributes
    ----------
    text : str
        Content of ``basis.yaml``.
    files : dict of str to str
        Content of each further file by its name beside it.
    """

    text: str
    files: dict[str, str]


def fitted_basis(study: Study, name: str, source: str, prior: str) -> FittedBasis:
    """Write the basis of a study.

    Parameters
    ----------
    study : Study
    name : str
        Name of the new basis.
    source, prior : str
        What the history and the prior basis are, with SHA-256, for the note.

    Returns
    -------
    FittedBasis
        `actuarial.basis.load_basis` reads it once all files stand in one folder. What was not fitted is as
        in the prior basis; tables and spot rates that the prior takes from files are written out.
    """
    content = study.prior.assumptions.model_dump(mode="json", exclude_unset=True)
    content["name"] = name
    content["note"] = _note(study, source, prior)
    files = {f"graduated-{sex}.csv": table_text(graduated(study, sex)) for sex in study.tables}
    own = content["mortality"]
    for sex in SEXES:
        if study.choices["table"] == "graduated":
            own[sex] = f"graduated-{sex}.csv"
        elif own[sex] not in mortality.table_ids():
            own[sex] = f"table-{sex}.csv"
            files[own[sex]] = table_text(study.prior.tables[sex])
    own["multiplier"] |= {m.band: m.fitted for m in study.multipliers}
    content["certification"]["matrices"] = [
        {"duration_from": duration, **dict(zip(BANDS, rows, strict=True))}
        for duration, rows in zip(
            study.prior.matrices.duration_from, rounded_rows(study.matrices.fitted), strict=True
        )
    ]
    if content["interest"].get("spot") is not None:
        curve = study.prior.curve
        assert isinstance(curve, SpotCurve)
        rates = zip(curve.years, curve.rates, strict=True)
        files[SPOT_FILE] = "years,rate\n" + "".join(f"{t!r},{rate!r}\n" for t, rate in rates)
        content["interest"]["spot"] = SPOT_FILE
    return FittedBasis(_yaml(content), files)


def graduated(study: Study, sex: str) -> mortality.Table:
    """The graduated table of one sex, with where it comes from."""
    reference = study.prior.tables[sex]
    found = study.tables[sex]
    last = found.first_age + len(found.deaths) - 1
    return mortality.Table(
        id=f"graduated-{sex}",
        title=f"Graduated from a history of claimants: {sex}s, relative to {reference.id}",
        sex=sex,
        first_age=reference.first_age,
        qx=found.qx,
        period=f"{study.first_day} to {study.last_day}; at the level of {reference.id} ({reference.period})",
        period_middle=reference.period_middle,
        source=f"{int(found.deaths.sum())} deaths at ages {found.first_age}-{last}; "
        f"{reference.id}: {reference.source}",
        licence=reference.licence,
        attribution=reference.attribution,
        note="For use with the multipliers fitted with it; elsewhere the ratio of the nearest age.",
    )


def table_text(table: mortality.Table) -> str:
    """A table as the CSV that `mortality.load_table` reads; ultimate rates only, as reserves use them."""
    lines = [f"# id: {table.id}", f"# title: {table.title}", f"# sex: {table.sex}"]
    if table.period_middle is not None:
        lines.append(f"# period_middle: {table.period_middle.isoformat()}")
    for key in ("period", "source", "licence", "attribution", "note"):
        value = " ".join(str(getattr(table, key)).split())
        if value:
            lines.append(f"# {key}: {value}")
    lines.append("age,qx")
    lines += [f"{table.first_age + i},{q!r}" for i, q in enumerate(table.qx.tolist())]
    return "\n".join(lines) + "\n"


def _note(study: Study, source: str, prior: str) -> str:
    deaths = int(study.cells.exits[:, DEAD].sum())
    matrices = study.matrices
    strength = (
        "no certification, prior matrices"
        if matrices.strength is None
        else f"prior strength {matrices.strength:.6g} certifications "
        f"({'estimated' if matrices.is_estimated else 'given'})"
    )
    as_of = f", as known on {study.options.as_of}" if study.options.as_of else ""
    choices = ", ".join(f"{name}={value}" for name, value in study.choices.items())
    return (
        f"Fitted by actuarial {__version__} from {source}, observed {study.first_day} to {study.last_day}"
        f"{as_of}: {study.n_claims} claims, {float(study.cells.years.sum()):.1f} person-years, "
        f"{deaths} deaths, {int(matrices.counts.sum())} certifications. Choices: {choices}; {strength}. "
        f"Not fitted, as in the prior basis {prior}: everything else. Its note: "
        f"{study.prior.assumptions.note}"
    )


def _yaml(content: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None
    writer.allow_unicode = True
    writer.width = 100
    writer.sort_base_mapping_type_on_output = False
    stream = StringIO()
    writer.dump(content, stream)
    return stream.getvalue()
