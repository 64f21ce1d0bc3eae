"""What a stress test reads: insurers by name, each with a portfolio, maybe contracts and own funds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from actuarial.basis import Basis
from actuarial.money import TIYN, may_be_thousands
from actuarial.portfolio.column import TABLE_INDEX, normalised
from actuarial.portfolio.finding import Findings, combined
from actuarial.portfolio.read import SUFFIXES, read_annuities
from actuarial.portfolio.source import Source
from actuarial.portfolio.stress_book import read_stress_book
from actuarial.premium.book import MOST_TIYN
from actuarial.report.reserve_run import add_ages_outside_table
from actuarial.stress.contract_stress import ContractInput
from actuarial.stress.error import StressError
from actuarial.stress.scenario import SITE
from actuarial.stress.study import MARKET, Insurer

_MOST_OWN_FUNDS = MOST_TIYN * 1000


@dataclass(frozen=True)
class ReadInsurers:
    """Insurers as read, and what the checks found.

    Attributes
    ----------
    insurers : list of Insurer
        Only those without errors.
    findings : Findings
        Of all files; with several insurers each file has its insurer before its name.
    sources : list of Source
    """

    insurers: list[Insurer]
    findings: Findings
    sources: list[Source]


def named_paths(values: Sequence[str], option: str) -> dict[str, Path]:
    """Paths by insurer: ``NAME=PATH``, a path alone (its stem is the name), or a folder of several.

    A folder holds several insurers when it has no file named by a table and at least two portfolios: files,
    or folders.

    Raises
    ------
    StressError
        E4608 a name that stands twice or may not be used.
    """
    found: list[tuple[str, Path]] = []
    for value in values:
        name, sign, rest = value.partition("=")
        if sign and name.strip() and not Path(value).exists():
            found.append((name.strip(), Path(rest)))
            continue
        path = Path(value)
        members = _members(path) if path.is_dir() else []
        found += [(member.stem, member) for member in members] or [(path.stem or str(path), path)]
    names = [name for name, _ in found]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise StressError(
            "E4608",
            "{option}: {names} stands twice; name the insurers, as {example}",
            option=option,
            names=", ".join(double),
            example=f"{option} NAME=PATH",
        )
    if MARKET in names:
        raise StressError(
            "E4608",
            "{option}: {name!r} means all insurers together; choose another name",
            option=option,
            name=MARKET,
        )
    return dict(found)


def _members(folder: Path) -> list[Path]:
    """Portfolios of several insurers in a folder; none where it is one portfolio."""
    entries = sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~$")))
    files = [p for p in entries if p.is_file() and p.suffix.lower() in SUFFIXES]
    if any(normalised(p.stem) in TABLE_INDEX for p in files):
        return []
    members = [p for p in entries if p.is_dir() or p in files]
    return members if len(members) > 1 else []


def matched(values: Sequence[str], insurers: Sequence[str], option: str) -> dict[str, str]:
    """Values by insurer from ``NAME=VALUE``; without a name where there is one insurer.

    Raises
    ------
    StressError
        E4608 a name that no portfolio has, or none where there are several.
    """
    found: dict[str, str] = {}
    for value in values:
        name, sign, rest = value.partition("=")
        if not sign:
            if len(insurers) > 1:
                raise StressError(
                    "E4608",
                    "{given}: say whose, as {example}",
                    given=f"{option} {value}",
                    example=f"{option} {insurers[0]}={value}",
                )
            name, rest = insurers[0], value
        name = name.strip()
        if name not in insurers:
            raise StressError(
                "E4608",
                "{given}: no portfolio is named {name!r}; there are {insurers}",
                given=f"{option} {value}",
                name=name,
                insurers=", ".join(insurers),
            )
        if name in found:
            raise StressError("E4608", "{option}: {name} stands twice", option=option, name=name)
        found[name] = rest
    return found


def amount(written: str, option: str) -> int:
    """An amount of tenge with at most two decimals as whole tiyn.

    Raises
    ------
    StressError
        E4610.
    """
    try:
        tiyn = Decimal(written.replace(" ", "").replace("\u00a0", "").replace(",", ".")) * TIYN
    except InvalidOperation:
        tiyn = Decimal("NaN")
    is_exact = tiyn.is_finite() and not may_be_thousands(written)
    if not is_exact or tiyn < 0 or tiyn != tiyn.to_integral_value() or tiyn > _MOST_OWN_FUNDS:
        raise StressError(
            "E4610",
            "{option}: {written!r} is not an amount of tenge; write it as 1500000000 or 1500000000.50",
            option=option,
            written=written,
        )
    return int(tiyn)


def share(written: str | None, option: str, most: int) -> Decimal | None:
    """A percentage between 0 and ``most`` as a fraction [1], exact; None for none.

    Raises
    ------
    StressError
        E4610.
    """
    if written is None:
        return None
    try:
        percent = Decimal(written.replace(",", ".").removesuffix("%").strip())
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not 0 <= percent < most:
        raise StressError(
            "E4610",
            "{option}: {written!r} is not a percentage from 0 to below {most}; write 45 or 12.5",
            option=option,
            written=written,
            most=most,
        )
    return percent / 100


def contract_input(
    loss_ratio: str | None, lapse_rate: str | None, case_costs: Mapping[str, str]
) -> ContractInput:
    """What a book of contracts does not hold, from the words of the command line."""
    kinds = tuple(SITE.values())
    costs = {}
    for kind, written in case_costs.items():
        if kind not in kinds:
            raise StressError(
                "E4610",
                "--case-cost: no kind of case {kind!r}; there are {kinds}",
                kind=kind,
                kinds=", ".join(kinds),
            )
        costs[kind] = amount(written, f"--case-cost {kind}")
    return ContractInput(
        share(loss_ratio, "--loss-ratio", 1000), share(lapse_rate, "--lapse-rate", 100), costs
    )


def read_insurers(
    portfolios: Mapping[str, Path],
    contracts: Mapping[str, Path],
    own_funds: Mapping[str, int],
    basis: Basis,
    valuation_date: date,
    *,
    mapping: Path | None = None,
    contract_mapping: Path | None = None,
    threads: int | None = None,
) -> ReadInsurers:
    """Read and check every file before anything is valued.

    Raises
    ------
    PortfolioFileError, MappingError, SafetyLimitError
        As `read_annuities` and `read_stress_book`.
    """
    insurers: list[Insurer] = []
    findings: list[Findings] = []
    sources: list[Source] = []
    several = len(portfolios) > 1
    for name, path in portfolios.items():
        reading = read_annuities(path, valuation_date=valuation_date, mapping=mapping, threads=threads)
        if reading.records is not None:
            add_ages_outside_table(reading, reading.records, basis)
        sources += reading.sources
        found = [reading.findings]
        book = None
        if name in contracts:
            checked, book = read_stress_book(contracts[name], mapping=contract_mapping, threads=threads)
            sources += checked.sources
            found.append(checked.findings)
        findings += [_labelled(one, name) if several else one for one in found]
        if reading.records is not None and not any(one.has_errors for one in found):
            insurers.append(Insurer(name, reading.records, book, own_funds.get(name)))
    return ReadInsurers(insurers, combined(findings), sources)


def _labelled(findings: Findings, insurer: str) -> Findings:
    """The same findings, their files with the insurer's name before them."""

    def named(file: str) -> str:
        return f"{insurer}: {file}" if file else insurer

    together = combined([findings])
    groups = [
        replace(
            group,
            file=named(group.file) if group.file else group.file,
            place=None if group.place is None else replace(group.place, file=named(group.place.file)),
        )
        for group in together.groups
    ]
    return Findings(groups)
