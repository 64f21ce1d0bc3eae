"""Studies of experience as frames: claimants, tariffs, employers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from actuarial.basis import Basis, load_basis
from actuarial.experience.fitted_basis import FittedBasis, fitted_basis
from actuarial.experience.study import Study, StudyOptions, experience_study
from actuarial.experience_rating.assumption import load_rating_assumptions
from actuarial.experience_rating.comparison import RatingComparison, compare_ratings
from actuarial.experience_rating.experience import RatingBook, rating_book
from actuarial.frame.column import arrow_frame, day_of, table_frame, tenge
from actuarial.frame.portfolio import FindingsError, MappingInput, neither
from actuarial.frame.premium import Frames, book_mappings, frames_of
from actuarial.portfolio.claim_check import ExperienceReading, experience_of_frames, read_experience
from actuarial.portfolio.history_check import HistoryReading, history_of_frame, read_history
from actuarial.premium.book import book_premiums
from actuarial.report import adequacy_table, fit_table
from actuarial.report.rating_run import results_table
from actuarial.technical_premium.adequacy import TariffStudy, tariff_study
from actuarial.technical_premium.assumption import load_study


@dataclass(frozen=True, repr=False)
class HistoryStudy:
    """What a history of claimants says; see `history_study`.

    Attributes
    ----------
    study : actuarial.experience.study.Study
    """

    study: Study
    _fitted: FittedBasis

    @property
    def multipliers(self) -> pd.DataFrame:
        """Multipliers of mortality by band: observed, credibility, prior, fitted."""
        return table_frame(fit_table.multiplier_table(self.study))

    def actual_expected(self, dimension: str) -> pd.DataFrame:
        """Deaths against those expected, by ``sex``, ``band``, ``age``, ``duration`` or ``year``."""
        return table_frame(fit_table.actual_expected_table(self.study, dimension))

    @property
    def recovery(self) -> pd.DataFrame:
        """Recovery rates [1/year]."""
        return table_frame(fit_table.recovery_table(self.study))

    def matrix(self, number: int) -> pd.DataFrame:
        """Certification matrix ``number`` (from 0), with the counts behind it."""
        return table_frame(fit_table.matrix_table(self.study, number))

    @property
    def notes(self) -> list[str]:
        """What could not be estimated, and why."""
        return [str(note) for note in self.study.notes]

    @property
    def basis(self) -> Basis:
        """The prior basis with what was fitted in its place, checked as a file is."""
        with TemporaryDirectory() as folder:
            return load_basis(self.write_basis(folder))

    def write_basis(self, folder: str | Path) -> Path:
        """Write ``basis.yaml`` and the tables it names; give its path."""
        path = Path(folder) / "basis.yaml"
        for file, content in {path.name: self._fitted.text, **self._fitted.files}.items():
            (Path(folder) / file).write_text(content, encoding="utf-8", newline="\n")
        return path

    def __repr__(self) -> str:
        return f"<HistoryStudy of {self.study.n_spells} spells, {self.study.n_claims} claims>"


def history_study(
    data: str | Path | pd.DataFrame,
    prior: Basis,
    options: StudyOptions | None = None,
    *,
    name: str = "fitted",
) -> HistoryStudy:
    """Fit a basis to a history of claimants.

    docs/fit.md has the methods; the figures are those of ``actuarial fit``. Needs the extra ``experience``.

    Parameters
    ----------
    data : str, Path or pandas.DataFrame
        A file, or a frame with the columns of the table ``history``.
    prior : Basis
        Tables, multipliers [1] and matrices to compare with and to lean on.
    options : actuarial.experience.study.StudyOptions, optional
    name : str
        Of the fitted basis.

    Returns
    -------
    HistoryStudy
        Rates [1/year], multipliers and chances [1].

    Raises
    ------
    FindingsError
        E8602.
    ActuarialError
        E8605 data of another type; E62xx the study.

    Examples
    --------
    >>> import pandas as pd, actuarial
    >>> history = pd.read_csv("actuarial/sample/history-synthetic.csv", dtype=str).head(1500)
    >>> study = actuarial.history_study(history, actuarial.load_basis("illustrative-2026"), name="own-2026")
    >>> study.basis.name, study.multipliers["deaths"].sum().item()
    ('own-2026', 23)
    """
    reading = _history(data)
    if reading.records is None:
        raise FindingsError(reading.findings)
    study = experience_study(reading.records, prior, options)
    source = ", ".join(f"{Path(s.path).name} {s.sha256[:12]}".strip() for s in reading.sources)
    return HistoryStudy(study, fitted_basis(study, name, source, prior.name))


def _history(data: Any) -> HistoryReading:
    if isinstance(data, pd.DataFrame):
        return history_of_frame(data)
    if isinstance(data, str | Path):
        return read_history(Path(data))
    raise neither(data)


@dataclass(frozen=True, repr=False)
class TariffAdequacy:
    """Tariffs of the law against technical premiums; see `tariff_adequacy`.

    Attributes
    ----------
    study : actuarial.technical_premium.adequacy.TariffStudy
    """

    study: TariffStudy
    _reading: ExperienceReading

    @property
    def classes(self) -> pd.DataFrame:
        """Technical rates [1] of the classes beside the law's, with adequacy; the rows of ``classes.csv``."""
        return table_frame(adequacy_table.rate_table(self.study))

    @property
    def development(self) -> pd.DataFrame:
        """Development of counts and amounts; the rows of ``development.csv``."""
        return table_frame(adequacy_table.development_table(self.study))

    @property
    def policyholders(self) -> pd.DataFrame:
        """Experience and technical premium of each policyholder [KZT]; the rows of ``policyholders.csv``."""
        assert self._reading.experience is not None
        return table_frame(adequacy_table.policyholder_table(self.study, self._reading.experience))

    @property
    def notes(self) -> list[str]:
        """What a reader must know beside the figures."""
        return [str(note) for note in self.study.notes]

    def __repr__(self) -> str:
        return f"<TariffAdequacy on {self.study.valuation_date}, {len(self.classes)} classes>"


def tariff_adequacy(
    data: str | Path | Frames,
    assumptions: str | Path,
    basis: Basis,
    valuation_date: date | str,
    *,
    claims: str | Path | None = None,
    choices: Mapping[str, str] | None = None,
    mapping: MappingInput | None = None,
) -> TariffAdequacy:
    """Compare the tariffs of the law with technical premiums of a book with claims.

    docs/adequacy.md has the method; the figures are those of ``actuarial adequacy``. Needs the extra
    ``experience``.

    Parameters
    ----------
    data : str, Path or mapping of str to DataFrame
        Workbook, folder or file; or frames by table: ``contracts``, ``contract_parts``, ``accidents``,
        ``claims``. Amounts [KZT].
    assumptions : str or Path
        YAML file.
    basis : Basis
        Of the annuity model.
    valuation_date : date or str
        Everything before it is experience.
    claims : str or Path, optional
        File of the claims, where they are not with the contracts.
    choices : mapping of str to str, optional
    mapping : str, Path or mapping, optional
        Own headers and values by table.

    Returns
    -------
    TariffAdequacy
        Rates as fractions of payroll [1], amounts [KZT].

    Raises
    ------
    FindingsError
        E8602.
    ActuarialError
        E47xx the study; E8601 not a date.

    Examples
    --------
    >>> import actuarial
    >>> book = "actuarial/sample/book-synthetic"
    >>> study = actuarial.tariff_adequacy(
    ...     book, f"{book}/adequacy.yaml", actuarial.load_basis("illustrative-2026"), "2026-01-01"
    ... )
    >>> len(study.classes)
    22
    """
    day = day_of(valuation_date, "valuation_date")
    assumed = load_study(Path(assumptions))
    reading = _experience(data, claims, day, choices, mapping)
    assert reading.experience is not None
    return TariffAdequacy(tariff_study(reading.experience, assumed.assumptions, basis, day), reading)


def _experience(
    data: str | Path | Frames,
    claims: str | Path | None,
    day: date,
    choices: Mapping[str, str] | None,
    mapping: MappingInput | None,
) -> ExperienceReading:
    mappings = book_mappings(mapping)
    if isinstance(data, str | Path):
        apart = None if claims is None else Path(claims)
        reading = read_experience(Path(data), apart, day, choices, mapping=mappings)
    else:
        reading = experience_of_frames(frames_of(data), day, choices, mappings=mappings)
    if reading.experience is None:
        raise FindingsError(reading.findings)
    return reading


@dataclass(frozen=True, repr=False)
class EmployerRating:
    """Employers by the law and by their own losses; see `employer_rating`.

    Attributes
    ----------
    comparison : actuarial.experience_rating.comparison.RatingComparison
    """

    comparison: RatingComparison
    _book: RatingBook

    @property
    def contracts(self) -> pd.DataFrame:
        """One row a contract of the test years: premiums [KZT], factors [1], losses [KZT]."""
        return arrow_frame(results_table(self._book, self.comparison.contracts))

    @property
    def groups(self) -> pd.DataFrame:
        """Premiums, losses [KZT] and loss ratios [1] by group; the rows of ``groups.csv``."""
        rows = [
            {
                "by": key,
                "name": str(group.name),
                "contracts": group.n_contracts,
                "base_premium": tenge(group.base_premium).item(),
                "law_premium": tenge(group.law_premium).item(),
                "experience_premium": tenge(group.experience_premium).item(),
                "loss": tenge(group.loss).item(),
                **{f"loss_ratio_{premium}": group.loss_ratio(premium) for premium in group.earned},
            }
            for key, groups in (*self.comparison.groups.items(), ("all", (self.comparison.total,)))
            for group in groups
        ]
        return pd.DataFrame(rows)

    @property
    def lorenz(self) -> pd.DataFrame:
        """Ordered Lorenz curves: shares of premium and of losses [1] by ``base`` and ``score``."""
        frames = [
            pd.DataFrame(
                {
                    "base": base,
                    "score": score,
                    "premium_share": curve.premium_share,
                    "loss_share": curve.loss_share,
                }
            )
            for (base, score), curve in self.comparison.lorenz.items()
        ]
        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        return f"<EmployerRating of {len(self.comparison.contracts)} contracts>"


def employer_rating(
    data: str | Path | Frames,
    assumptions: str | Path,
    *,
    claims: str | Path | None = None,
    choices: Mapping[str, str] | None = None,
    mapping: MappingInput | None = None,
) -> EmployerRating:
    """Rate employers by their own losses beside the coefficient of the law.

    docs/rating.md has the method; the figures are those of ``actuarial rating``.

    Parameters
    ----------
    data : str, Path or mapping of str to DataFrame
        As in `tariff_adequacy`.
    assumptions : str or Path
        YAML file; it names the valuation date.
    claims : str or Path, optional
    choices : mapping of str to str, optional
    mapping : str, Path or mapping, optional

    Returns
    -------
    EmployerRating
        Amounts [KZT], factors and ratios [1].

    Raises
    ------
    FindingsError
        E8602.
    ActuarialError
        E47xx, E48xx the rating.

    Examples
    --------
    >>> import actuarial
    >>> rating = actuarial.employer_rating("actuarial/sample/book-synthetic", "docs/example/rating.yaml")
    >>> rating.groups.query("by == 'all'")["contracts"].tolist()
    [320]
    """
    rating = load_rating_assumptions(Path(assumptions))
    reading = _experience(data, claims, rating.assumptions.valuation_date, choices, mapping)
    found = reading.experience
    assert found is not None
    premium = book_premiums(found.records, found.choices, law=found.law)
    ids: list[str] = found.records.contract_id.to_pylist()  # type: ignore[attr-defined]
    book = rating_book(found, ids)
    return EmployerRating(compare_ratings(book, premium, rating), book)
