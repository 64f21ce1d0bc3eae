"""Premiums as frames: one quote step by step, and a book of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from actuarial.frame.column import (
    arrow_frame,
    exact,
    exact_series,
    law_frame,
    of_type,
    plain_number,
    tenge,
)
from actuarial.frame.portfolio import FindingsError, MappingInput, findings_frame, neither
from actuarial.language import text
from actuarial.money import exact_total
from actuarial.portfolio.claim_column import CLAIM_SCHEMA
from actuarial.portfolio.contract_check import Book, contracts_of_frames, read_contracts
from actuarial.portfolio.contract_column import CONTRACTS, SCHEMAS
from actuarial.portfolio.contract_read import table_mappings
from actuarial.portfolio.mapping import Mapping as ColumnMapping
from actuarial.portfolio.mapping import mappings_of
from actuarial.premium.book import BookPremium, book_premiums
from actuarial.premium.quote import Quote, quote_of
from actuarial.premium.quote_file import read_case
from actuarial.report.premium_run import TOTALS, parts_table, results_table

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, repr=False)
class PremiumQuote:
    """The premium of one contract; see `premium_quote`.

    Attributes
    ----------
    quote : actuarial.premium.quote.Quote
    """

    quote: Quote

    @property
    def premium(self) -> Decimal:
        """Premium [KZT], rounded once to the tiyn."""
        return exact(self.quote.premium.premium)

    @property
    def steps(self) -> pd.DataFrame:
        """How it comes about: ``section``, ``step``, ``formula``, ``value``, ``article``, as text."""
        rows = [
            (section, *map(str, (step.name, step.formula, step.value, step.article)))
            for section, steps in self.quote.steps()
            for step in steps
        ]
        return pd.DataFrame(rows, columns=["section", "step", "formula", "value", "article"])

    @property
    def instalments(self) -> pd.DataFrame:
        """Payments of the premium: ``date``, ``amount`` [KZT]; empty where none were asked for."""
        payments = self.quote.payments
        return pd.DataFrame(
            {
                "date": pd.to_datetime([p.due_date for p in payments]),
                "amount": tenge([p.amount for p in payments]),
            }
        )

    @property
    def answer(self) -> dict[str, Any]:
        """Everything, as ``actuarial quote --json`` writes it: amounts as text."""
        return self.quote.as_json(explain=True)

    @property
    def notes(self) -> list[str]:
        """Notes and warnings."""
        return [str(note) for note in self.quote.notes()]

    @property
    def law(self) -> pd.DataFrame:
        """Entries of the law used."""
        return law_frame(entry.as_json() for entry in self.quote.entries())

    def __repr__(self) -> str:
        return f"<PremiumQuote {self.premium}>"


def premium_quote(case: str | Path | Mapping[str, Any] | None = None, /, **keys: Any) -> PremiumQuote:
    """Compute the premium of one contract by the law on its day.

    Parameters
    ----------
    case : str, Path or mapping, optional
        A YAML file, or its keys (docs/quote.md).
    **keys
        Keys of a case, added to it: ``oked="62011"`` or ``risk_class=11``, ``payroll`` [KZT/year],
        ``workers``, ``contract_date``, ``injured={2023: 0, …}``, ``discount`` [percent], ``instalments``.
        Numbers, dates and booleans are taken as such; write codes as text.

    Returns
    -------
    PremiumQuote
        Premium [KZT], rounded once.

    Raises
    ------
    ActuarialError
        E43xx the case cannot be read or computed; E8609 another type.
    tariffs.LawError
        A value of the law that is not on record on a day.

    Examples
    --------
    >>> import actuarial
    >>> quote = actuarial.premium_quote(
    ...     oked="62011", payroll=100_000_000, workers=40, contract_date="2026-02-01"
    ... )
    >>> quote.premium
    Decimal('120000.00')
    """
    folder = Path()
    given: dict[str, Any] = {}
    if isinstance(case, str | Path):
        given, folder = read_case(Path(case)), Path(case).parent
    elif case is not None:
        given = dict(of_type(case, Mapping, "case", text("a YAML file, or its keys")))
    return PremiumQuote(quote_of(_as_text({**given, **keys}), folder))


def _as_text(value: Any) -> Any:
    """Values of Python, numpy or pandas as the text of a case file."""
    value = plain_number(value)
    if isinstance(value, Mapping):
        return {str(key): _as_text(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_as_text(item) for item in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, repr=False)
class ContractBook:
    """A book of contracts, read and checked; see `read_book`.

    Attributes
    ----------
    book : actuarial.portfolio.contract_check.Book
    """

    book: Book = field(repr=False)

    @property
    def findings(self) -> pd.DataFrame:
        """What is wrong or strange, one row a finding, errors first; columns as `Portfolio.findings`."""
        return findings_frame(self.book.findings)

    @property
    def has_errors(self) -> bool:
        """Whether a finding is an error: then nothing can be computed."""
        return self.book.records is None

    def __len__(self) -> int:
        """Contracts read, voluntary ones included."""
        return self.book.n_rows

    def __repr__(self) -> str:
        found = self.book.findings
        return f"<ContractBook: {len(self)} contracts, {found.n_errors} errors, {found.n_warnings} warnings>"


def read_book(
    data: str | Path | pd.DataFrame | Frames,
    *,
    choices: Mapping[str, str] | None = None,
    mapping: MappingInput | None = None,
) -> ContractBook:
    """Read and check a book of compulsory contracts.

    Parameters
    ----------
    data : str, Path, pandas.DataFrame or mapping of str to DataFrame
        A file, workbook or folder (docs/contract-file.md); a frame whose rows are parts with the columns of
        their contract; or frames by table: ``contracts``, ``contract_parts``, ``staff``, ``accidents``.
        Amounts [KZT], discounts [percent].
    choices : mapping of str to str, optional
        What the law leaves open (docs/premium.md).
    mapping : str, Path or mapping, optional
        Own headers and values by table: a YAML file or the same as pairs.

    Returns
    -------
    ContractBook
        Also where rows are wrong: look at ``findings``.

    Raises
    ------
    ActuarialError
        E8605 data of another type; E1001, E1002 a file; E16xx the mapping; E43xx a choice.

    Examples
    --------
    >>> import pandas as pd, actuarial
    >>> frame = pd.DataFrame({"contract_id": ["C-1"], "contract_date": ["2026-02-01"], "oked_code": ["62011"],
    ...                       "annual_payroll": [100_000_000], "n_workers": [40]})
    >>> actuarial.read_book(frame)
    <ContractBook: 1 contracts, 0 errors, 0 warnings>
    """
    mappings = book_mappings(mapping)
    if isinstance(data, str | Path):
        return ContractBook(read_contracts(Path(data), choices, mapping=mappings))
    return ContractBook(contracts_of_frames(frames_of(data), choices, mappings=mappings))


def frames_of(data: pd.DataFrame | Frames) -> dict[str, pd.DataFrame]:
    """Frames by table; one frame alone is the contracts."""
    if isinstance(data, pd.DataFrame):
        return {CONTRACTS: data}
    if not isinstance(data, Mapping):
        raise neither(data)
    for frame in data.values():
        if not isinstance(frame, pd.DataFrame):
            raise neither(frame)
    return dict(data)


def book_mappings(mapping: MappingInput | None) -> dict[str, ColumnMapping]:
    """Column mappings by table from a file or from pairs."""
    if mapping is None or isinstance(mapping, str | Path):
        return table_mappings(None if mapping is None else Path(mapping))
    return mappings_of(mapping, (*SCHEMAS, CLAIM_SCHEMA))


@dataclass(frozen=True, repr=False)
class PricedBook:
    """Premiums of a book; see `priced_book`.

    Attributes
    ----------
    book : ContractBook
    premium : actuarial.premium.book.BookPremium
        The arrays behind the frames, whole tiyn.
    """

    book: ContractBook
    premium: BookPremium

    @property
    def totals(self) -> pd.Series:
        """Payroll, insured sum, premium before the minimum, premium [KZT], exact `decimal.Decimal`."""
        return exact_series({name: exact_total(getattr(self.premium, name)) for name in TOTALS})

    @property
    def contracts(self) -> pd.DataFrame:
        """One row a contract, the columns of ``results.parquet``: amounts [KZT], rates and discounts [1]."""
        assert self.book.book.records is not None
        return arrow_frame(results_table(self.book.book.records, self.premium))

    @property
    def parts(self) -> pd.DataFrame:
        """One row a part: contract, class, tariff [1], payroll, insured sum and premium [KZT]."""
        assert self.book.book.records is not None
        return arrow_frame(parts_table(self.book.book, self.book.book.records, self.premium))

    @property
    def choices(self) -> dict[str, str]:
        """What the law leaves open, as chosen."""
        return dict(self.premium.choices)

    @property
    def law(self) -> pd.DataFrame:
        """Entries of the law used."""
        return law_frame(self.book.book.law.notes.used())

    def __repr__(self) -> str:
        return f"<PricedBook of {len(self.book)} contracts: premium {self.totals['premium']}>"


def priced_book(book: ContractBook, *, threads: int | None = None) -> PricedBook:
    """Price a book of compulsory contracts by the law on the day of each.

    docs/premium.md has the method. The figures are those of ``actuarial premium``, to the tiyn.

    Parameters
    ----------
    book : ContractBook
    threads : int, optional
        Results do not depend on it.

    Returns
    -------
    PricedBook
        Frames with amounts [KZT], each rounded once.

    Raises
    ------
    FindingsError
        E8602 the book has errors.
    ActuarialError
        E8609 another type.

    Examples
    --------
    >>> import pandas as pd, actuarial
    >>> frame = pd.DataFrame({"contract_id": ["C-1"], "contract_date": ["2026-02-01"], "oked_code": ["62011"],
    ...                       "annual_payroll": [100_000_000], "n_workers": [40]})
    >>> priced = actuarial.priced_book(actuarial.read_book(frame))
    >>> priced.contracts[["contract_id", "premium"]].values.tolist()
    [['C-1', 120000.0]]
    """
    of_type(book, ContractBook, "book", text("a ContractBook, from read_book"))
    if book.book.records is None:
        raise FindingsError(book.book.findings)
    found = book_premiums(book.book.records, book.book.choices, law=book.book.law, threads=threads)
    return PricedBook(book, found)
