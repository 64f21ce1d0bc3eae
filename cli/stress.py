"""``actuarial stress``: value portfolios under scenarios and write the run folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli import option
from cli.named import SCENARIOS, NamedPath
from cli.option import NamedChoice
from cli.outcome import show_run
from cli.reporting import ReportingCommand


@click.command(cls=ReportingCommand)
@click.option(
    "--portfolio",
    "portfolios",
    required=True,
    multiple=True,
    type=NamedPath(),
    metavar="[NAME=]PATH",
    help="Portfolio of annuities; again for further insurers. A folder may hold several insurers.",
)
@option.valuation_date()
@option.basis()
@click.option(
    "--scenarios",
    required=True,
    type=SCENARIOS,
    metavar="all|NAME,…|FILE",
    help="Shipped scenarios by name, or YAML files, separated by commas.",
)
@click.option(
    "--contracts",
    multiple=True,
    type=NamedPath(),
    metavar="[NAME=]PATH",
    help="Contracts in force of an insurer: premiums under the scenarios.",
)
@click.option("--loss-ratio", metavar="PERCENT", help="Expected claims of the contracts over their premium.")
@click.option("--lapse-rate", metavar="PERCENT", help="Contracts that will end early or not be renewed.")
@click.option(
    "--case-cost",
    type=NamedChoice("death=50000000"),
    multiple=True,
    metavar="KIND=AMOUNT",
    help="Cost of a case at the largest site, ₸: death, disability, medical.",
)
@click.option(
    "--own-funds",
    multiple=True,
    metavar="[NAME=]AMOUNT",
    help="Own funds of an insurer, ₸: what is left of them under each scenario.",
)
@click.option(
    "--reverse",
    type=SCENARIOS,
    metavar="NAME,…",
    help="Scenarios of which to find the smallest multiple that exhausts own funds.",
)
@click.option(
    "--correlation",
    default="default",
    metavar="FILE",
    help="Correlation matrix of the risks, YAML or CSV; default the shipped one.",
)
@option.run_folder("stress-VALUATION-DATE")
@option.mapping(help="YAML file that maps the annuities' column names to ours.")
@option.mapping(help="YAML file that maps the contracts' column names to ours.", name="--contracts-mapping")
@option.threads
@option.run_ending
def command(
    portfolios: tuple[str, ...],
    valuation_date: date,
    basis: str,
    scenarios: str,
    contracts: tuple[str, ...],
    loss_ratio: str | None,
    lapse_rate: str | None,
    case_cost: tuple[tuple[str, str], ...],
    own_funds: tuple[str, ...],
    reverse: str | None,
    correlation: str,
    output: Path | None,
    mapping: Path | None,
    contracts_mapping: Path | None,
    with_report: bool,
    company: str,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Stress portfolios of annuities, and contracts in force, of one insurer or of a market.

    Writes a run folder (run.json, stress.csv, cashflows.csv, contracts.csv, report.html, report.xlsx,
    run.log) and prints base and scenarios. Bad rows of any file are listed with their cells, all of them in
    checks.xlsx, and nothing is stressed: exit code 1.
    """
    from actuarial.report.stress_input import amount, contract_input, matched, named_paths
    from actuarial.report.stress_run import StressRequest, run_stress
    from cli.progress import Progress
    from cli.stress_table import print_stress

    paths = named_paths(portfolios, "--portfolio")
    books = {}
    if contracts:
        # a book alone belongs to the insurer alone, whatever its name
        named = named_paths(contracts, "--contracts")
        words = [f"{name}={path}" for name, path in named.items()]
        alone = len(paths) == len(named) == 1 and "=" not in contracts[0]
        words = [str(path) for path in named.values()] if alone else words
        books = {name: Path(path) for name, path in matched(words, list(paths), "--contracts").items()}
    funds = matched(own_funds, list(paths), "--own-funds")
    with Progress() as progress:
        request = StressRequest(
            portfolios=paths,
            valuation_date=valuation_date,
            basis=basis,
            scenarios=scenarios,
            target=output or Path(f"stress-{valuation_date.isoformat()}"),
            contracts=books,
            own_funds={name: amount(text, "--own-funds") for name, text in funds.items()},
            inputs=contract_input(loss_ratio, lapse_rate, dict(case_cost)),
            correlation=correlation,
            reverse=tuple(word.strip() for word in (reverse or "").split(",") if word.strip()),
            mapping=mapping,
            contract_mapping=contracts_mapping,
            threads=threads,
            replace=force,
            with_report=with_report,
            company=company,
        )
        outcome = run_stress(request, progress.step)
    return show_run(outcome, print_stress, as_json=as_json)
