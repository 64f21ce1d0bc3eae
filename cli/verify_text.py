"""A verification on the screen."""

from __future__ import annotations

from datetime import date

import click

from actuarial.language import Text, counted, digits, joined, said, text
from actuarial.report.verify_run import Verification
from cli.screen import print_note

SAME = text("as the run recorded them")


def print_verification(found: Verification) -> None:
    """Print what was compared, what differs, and the verdict."""
    record = found.record
    about = [record["command"]]
    if "valuation_date" in record:
        about.append(text("valuation date {day}", day=_day(record["valuation_date"])))
    if "basis_name" in record:
        about.append(text("basis {name}", name=record["basis_name"]))
    about.append(text("version {version}", version=record.get("engine_version")))
    lines = [text("Run {folder}: {about}", folder=found.folder, about=joined(about))]
    wrong = {part: sum(d.part == part for d in found.differences) for part in ("input", "output")}
    lines += [
        counted(
            "inputs: {n} file, {verdict}",
            "inputs: {n} files, {verdict}",
            n=found.n_inputs,
            verdict=_verdict(wrong["input"]),
        ),
        counted(
            "outputs: {n} file, {verdict}",
            "outputs: {n} files, {verdict}",
            n=found.n_outputs,
            verdict=_verdict(wrong["output"]),
        ),
    ]
    if found.is_recomputed:
        lines.append(
            counted(
                "recomputed in {seconds} s: {n} files the same, byte for byte",
                "recomputed in {seconds} s: {n} files the same, byte for byte",
                n=found.n_files,
                seconds=digits(found.seconds, ".1f"),
            )
        )
    lines += [text("  differs: {difference}", difference=d.message) for d in found.differences]
    for line in lines:
        click.echo(said(line))
    for note in found.notes:
        print_note(note)
    click.echo(said("verified") if found.is_verified else said("NOT verified"))


def _verdict(wrong: int) -> Text:
    if not wrong:
        return SAME
    return counted("{n} not as the run recorded them", "{n} not as the run recorded them", n=wrong)


def _day(written: str) -> date | str:
    """A day of a record, which may have been changed by hand."""
    try:
        return date.fromisoformat(written)
    except (TypeError, ValueError):
        return written
