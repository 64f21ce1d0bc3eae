"""Stress tests of portfolios as frames: scenarios, groups, cash-flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
from pydantic import ValidationError

from actuarial.basis import Basis
from actuarial.frame.column import amount, of_type, rows_frame
from actuarial.frame.portfolio import Portfolio, portfolio_of
from actuarial.language import joined, text
from actuarial.money import exact_tiyn
from actuarial.payout_law import PayoutLaw
from actuarial.report.stress_run import flow_rows, stress_rows
from actuarial.reserve import AMOUNTS
from actuarial.stress.aggregation import DEFAULT, load_correlation
from actuarial.stress.error import StressError
from actuarial.stress.scenario import BASE, Scenario, load_scenarios, problems
from actuarial.stress.study import MARKET, Insurer, Line, Question, Study, stress_study

PORTFOLIO = "portfolio"
"""Name of a portfolio that stands alone."""
SCENARIO_COLUMNS = (
    "scenario", "title", "risk", "insurer", "certified", "expected", "delta_certified", "delta_expected",
    "relative_expected", "loss", "own_funds_after", "notes",
)  # fmt: skip
MONEY = (
    "certified", "expected", "delta_certified", "delta_expected", "loss", "own_funds_after",
)  # fmt: skip
_SCENARIO_KEYS = (*Scenario.model_fields, "parameter", "multiply", "add", "set", "from", "months")


@dataclass(frozen=True, repr=False)
class PortfolioStress:
    """Portfolios under scenarios; see `portfolio_stress`.

    Attributes
    ----------
    basis : Basis
    study : actuarial.stress.study.Study
    """

    basis: Basis
    study: Study

    @property
    def scenarios(self) -> pd.DataFrame:
        """The base and each scenario by insurer, with ``market`` behind several insurers.

        Columns: ``scenario``, ``title``, ``risk``, ``insurer``, ``certified`` and ``expected`` totals [KZT],
        their changes ``delta_…`` [KZT] and ``relative_expected`` [1], ``loss`` of own funds [KZT],
        ``own_funds_after`` [KZT], ``notes``. Empty where a scenario does not bear on annuities in payment.
        """
        study = self.study
        rows: list[tuple[Any, ...]] = []
        for insurer in study.names:
            base = study.totals(None, insurer)
            start = base["total_certified"], base["total_expected"]
            own_funds = study.own_funds.get(insurer)
            rows.append((BASE, "Base", None, insurer, *start, 0, 0, 0.0, 0, own_funds, ""))
            rows += [self._row(line, insurer, base, own_funds) for line in study.lines]
        return rows_frame(SCENARIO_COLUMNS, rows, MONEY)

    def _row(
        self, line: Line, insurer: str, base: Mapping[str, int], own_funds: int | None
    ) -> tuple[Any, ...]:
        head = line.scenario.name, str(line.scenario.title), line.scenario.risk, insurer
        notes = "; ".join(str(note) for note in line.notes)
        if not line.is_computed:
            return (*head, *(None,) * 7, notes)
        totals = self.study.totals(line, insurer)
        certified, expected = totals["total_certified"], totals["total_expected"]
        change = expected - base["total_expected"]
        loss = self.study.loss(line, insurer)
        after = None if loss is None or own_funds is None else own_funds - loss
        relative = change / base["total_expected"] if base["total_expected"] else None
        deltas = certified - base["total_certified"], change, relative
        return *head, certified, expected, *deltas, loss, after, notes

    @property
    def groups(self) -> pd.DataFrame:
        """Reserves by scenario, insurer, product, beneficiary and band [KZT]; the rows of ``stress.csv``."""
        head = ("scenario", "insurer", "product", "beneficiary", "band", "records", *AMOUNTS)
        return rows_frame(head, stress_rows(self.study), AMOUNTS)

    @property
    def cash_flows(self) -> pd.DataFrame:
        """Expected nominal payments by scenario, insurer, year, product and class [KZT]."""
        head = ("scenario", "insurer", "year", "product", "class", "certified", "expected")
        rows = [row for row in flow_rows(self.study) if row[3] != "all"]
        return rows_frame(head, rows, head[5:])

    @property
    def aggregation(self) -> pd.DataFrame:
        """Losses of the risks together, by the square root of the correlation matrix [KZT].

        ``part`` is risk, module or total.
        """
        rows: list[tuple[str, str, str, int]] = []
        for insurer in self.study.names:
            found = self.study.aggregate(insurer)
            rows += [(insurer, "risk", name, loss) for name, loss in found.losses.items()]
            rows += [(insurer, "module", name, round(loss)) for name, loss in found.modules.items()]
            rows.append((insurer, "total", "all", round(found.total)))
        return rows_frame(("insurer", "part", "name", "loss"), rows, ("loss",))

    @property
    def reversals(self) -> pd.DataFrame:
        """The multiple of each reversed scenario that exhausts own funds; empty where none does."""
        rows = [(found.scenario, found.insurer, found.multiple) for found in self.study.reversals]
        return pd.DataFrame(rows, columns=["scenario", "insurer", "multiple"])

    def __repr__(self) -> str:
        return f"<PortfolioStress of {', '.join(self.study.base)}: {len(self.study.lines)} scenarios>"


def portfolio_stress(
    portfolio: Portfolio | Mapping[str, Portfolio],
    basis: Basis,
    scenarios: str | Sequence[str | Mapping[str, Any]] = "all",
    *,
    own_funds: Mapping[str, Decimal | float] | Decimal | float | None = None,
    correlation: str = DEFAULT,
    reverse: str | Sequence[str] = (),
    threads: int | None = None,
) -> PortfolioStress:
    """Value a portfolio, or those of several insurers, under scenarios.

    docs/stress.md has the parameters. The figures are those of ``actuarial stress``, to the tiyn.

    Parameters
    ----------
    portfolio : Portfolio or mapping of str to Portfolio
        One, or by insurer; then the market as a whole is shown too.
    basis : Basis
    scenarios : str or sequence
        ``all``, names of shipped scenarios, YAML files, separated by commas; or a list of these and of own
        scenarios as mappings with ``name``, ``title``, ``source`` and ``changes``, as in a YAML file.
    own_funds : Decimal, int, float, or mapping of str to these, optional [KZT]
    correlation : str
        ``default`` or a file.
    reverse : str or sequence of str
        Scenarios, among ``scenarios``, whose smallest multiple that exhausts own funds is sought.
    threads : int, optional
        Results do not depend on it.

    Returns
    -------
    PortfolioStress
        Frames with amounts [KZT] and their changes.

    Raises
    ------
    FindingsError
        E8602.
    ActuarialError
        E46xx a scenario, the correlation or the names of insurers; E8610 own funds that are no amount; others
        as `portfolio_reserve`.

    Examples
    --------
    >>> import actuarial
    >>> portfolio = actuarial.read_portfolio("docs/example/one-worker.csv", "2026-01-01")
    >>> stress = actuarial.portfolio_stress(portfolio, actuarial.load_basis("illustrative-2026"), "longevity")
    >>> stress.scenarios[["scenario", "relative_expected"]].round(4).values.tolist()
    [['base', 0.0], ['longevity', 0.043]]
    """
    portfolios = dict(portfolio) if isinstance(portfolio, Mapping) else {PORTFOLIO: portfolio_of(portfolio)}
    funds = own_funds if isinstance(own_funds, Mapping) else dict.fromkeys(portfolios, own_funds)
    when = _one_date(portfolios)
    if strange := sorted(funds.keys() - portfolios.keys()):
        raise StressError(
            "E4608",
            "{given}: no portfolio is named {name!r}; there are {insurers}",
            given="own_funds",
            name=strange[0],
            insurers=", ".join(portfolios),
        )
    insurers = [
        Insurer(name, one.records_on(basis), own_funds=_tiyn(funds.get(name)))
        for name, one in portfolios.items()
    ]
    asked = _chosen(scenarios)
    has_funds = any(one is not None for one in funds.values())
    names = _reversed(reverse, [scenario.name for scenario in asked], has_funds=has_funds)
    question = Question(basis, when, load_correlation(correlation), reverse=names)
    return PortfolioStress(basis, stress_study(insurers, asked, question, law=PayoutLaw(), threads=threads))


def _reversed(reverse: str | Sequence[str], names: Sequence[str], *, has_funds: bool) -> tuple[str, ...]:
    words = reverse.split(",") if isinstance(reverse, str) else reverse
    asked = tuple(word.strip() for word in words if word.strip())
    if strange := [name for name in asked if name not in names]:
        raise StressError(
            "E4609",
            "reverse asks for {asked}, which is not among the scenarios {names}",
            asked=", ".join(strange),
            names=", ".join(names),
        )
    if asked and not has_funds:
        raise StressError("E4609", "reverse asks what exhausts own funds: give own_funds")
    return asked


def _one_date(portfolios: Mapping[str, Portfolio]) -> Any:
    found = sorted({portfolio_of(one).valuation_date for one in portfolios.values()})
    if MARKET in portfolios or len(found) != 1:
        raise StressError(
            "E4608",
            "portfolios {names} on {dates}: give at least one, all on one valuation date, none named "
            "{market}",
            names=", ".join(portfolios) or "–",
            dates=", ".join(map(str, found)) or "–",
            market=MARKET,
        )
    return found[0]


def _tiyn(funds: Decimal | float | None) -> int | None:
    return None if funds is None else exact_tiyn(amount(funds, "own_funds"))


def _chosen(scenarios: str | Sequence[str | Mapping[str, Any]]) -> list[Scenario]:
    """Scenarios of names, files and mappings, each name once."""
    found: list[Scenario] = []
    for item in [scenarios] if isinstance(scenarios, str) else scenarios:
        if isinstance(item, str):
            found += [scenario for file in load_scenarios(item) for scenario in file.scenarios]
        else:
            found.append(_own(of_type(item, Mapping, "scenarios", text("names, files or mappings"))))
    taken = [scenario.name for scenario in found]
    double = sorted({name for name in taken if taken.count(name) > 1})
    if double:
        raise StressError("E4603", "scenario names are given twice: {names}", names=", ".join(double))
    return found


def _own(given: Mapping[str, Any]) -> Scenario:
    try:
        return Scenario.model_validate(dict(given))
    except ValidationError as error:
        what = joined(problems(error, None, _SCENARIO_KEYS), "; ")
        raise StressError(
            "E4603", "scenario {name}: {problems}", name=str(given.get("name", "?")), problems=what
        ) from None
