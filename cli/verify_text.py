"""A verification on the screen."""

from __future__ import annotations

import click

from actuarial.report.verify_run import Verification


def print_verification(found: Verification) -> None:
    """Print what was compared, what differs, and the verdict."""
    record = found.record
    about = [
        f"{title} {record[key]}"
        for key, title in (("valuation_date", "valuation date"), ("basis_name", "basis"))
        if key in record
    ]
    version = f"version {record.get('engine_version')}"
    click.echo(f"Run {found.folder}: {', '.join((record['command'], *about, version))}")
    by_part = {part: [d for d in found.differences if d.part == part] for part in ("input", "output")}
    for part, count in (("input", found.n_inputs), ("output", found.n_outputs)):
        wrong = len(by_part[part])
        verdict = "as the run recorded them" if not wrong else f"{wrong} not as the run recorded them"
        click.echo(f"{part}s: {count} {'file' if count == 1 else 'files'}, {verdict}")
    if found.is_recomputed:
        click.echo(f"recomputed in {found.seconds:.1f} s: {found.n_files} files the same, byte for byte")
    for difference in found.differences:
        click.echo(f"  differs: {difference}")
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    click.echo("verified" if found.is_verified else "NOT verified")
