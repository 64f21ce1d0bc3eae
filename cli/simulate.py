"""``actuarial simulate``: simulate annuities in payment and new claims, and write the run folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from actuarial.language import text
from cli import option
from cli.named import NEW_CLAIM_MODEL
from cli.outcome import show_run
from cli.reporting import ReportingCommand

MOST_SCENARIOS = 200_000
LARGEST_SEED = 2**32 - 1


@click.command(cls=ReportingCommand)
@click.option(
    "--portfolio",
    type=option.DATA,
    help="Annuities in payment: file, workbook or folder with the table of annuities.",
)
@click.option(
    "--contracts",
    type=option.DATA,
    help="Contracts in force, whose new claims are simulated: file, workbook or folder.",
)
@click.option(
    "--new-claims",
    type=NEW_CLAIM_MODEL,
    metavar="NAME|FILE",
    help="Shipped model or YAML file of new claims; with --contracts.",
)
@option.valuation_date()
@option.basis()
@click.option(
    "--scenarios",
    required=True,
    type=click.IntRange(2, MOST_SCENARIOS),
    help="Number of scenarios; even, as they come in pairs.",
)
@click.option(
    "--seed",
    required=True,
    type=click.IntRange(0, LARGEST_SEED),
    help="Same seed, same answer, whatever the order of rows.",
)
@option.run_folder("simulate-VALUATION-DATE")
@option.mapping(help="YAML file that maps the annuities' column names to ours.")
@option.mapping(help="YAML file that maps the contracts' column names to ours.", name="--contracts-mapping")
@option.choice()
@click.option(
    "--drivers/--no-drivers",
    default=True,
    help="Let the systematic drivers of the basis act (default) or not.",
)
@click.option(
    "--pairs/--no-pairs", default=True, help="Draw scenarios in antithetic pairs (default) or independently."
)
@click.option(
    "--attribution",
    type=click.IntRange(0, MOST_SCENARIOS),
    default=1000,
    show_default=True,
    help="Scenarios for the contribution of each source; 0 leaves it out.",
)
@click.option(
    "--cost-of-capital",
    type=option.FiniteRange(0, 100),
    default=6.0,
    show_default=True,
    help="Percent a year, for the risk adjustment.",
)
@option.threads
@option.run_ending
def command(
    portfolio: Path | None,
    contracts: Path | None,
    new_claims: str | None,
    valuation_date: date,
    basis: str,
    scenarios: int,
    seed: int,
    output: Path | None,
    mapping: Path | None,
    contracts_mapping: Path | None,
    choice: tuple[tuple[str, str], ...],
    drivers: bool,
    pairs: bool,
    attribution: int,
    cost_of_capital: float,
    with_report: bool,
    company: str,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Simulate annuities in payment, new claims, or both: how bad can it get.

    Writes a run folder (run.json, scenarios.parquet, payouts.csv, segments.csv, convergence.csv, report.html,
    report.xlsx, run.log) and prints the distribution of the present value with its errors. Bad rows are
    listed with their cells, all of them in checks.xlsx, and nothing is simulated: exit code 1.
    """
    if portfolio is None and contracts is None:
        raise click.UsageError("nothing to simulate: give --portfolio, or --contracts with --new-claims")
    if (contracts is None) != (new_claims is None):
        raise click.UsageError(
            "--contracts and --new-claims go together: the contracts and the model of claims"
        )
    from actuarial.report.new_claim_run import NewClaimRequest
    from actuarial.report.simulate_run import SimulateRequest, run_simulate
    from cli.progress import Progress
    from cli.simulate_table import print_simulation

    if pairs and scenarios % 2:
        raise click.BadParameter(
            text("{n} is odd: scenarios come in pairs; give an even number, or --no-pairs", n=scenarios),
            param_hint="'--scenarios'",
        )
    with Progress() as progress:
        request = SimulateRequest(
            portfolio=portfolio,
            valuation_date=valuation_date,
            basis=basis,
            scenarios=scenarios,
            seed=seed,
            target=output or Path(f"simulate-{valuation_date.isoformat()}"),
            with_drivers=drivers,
            antithetic=pairs,
            attribution=attribution,
            cost_of_capital=cost_of_capital / 100,
            mapping=mapping,
            threads=threads,
            replace=force,
            with_report=with_report,
            company=company,
            new_claims=(
                None
                if contracts is None or new_claims is None
                else NewClaimRequest(contracts, new_claims, contracts_mapping, dict(choice))
            ),
        )
        outcome = run_simulate(request, progress.step)
    return show_run(outcome, print_simulation, as_json=as_json)
