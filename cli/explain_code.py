"""``actuarial explain-code``: what the code of an error or finding means, and what to do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click

from actuarial.language import SOURCE, language, said, text
from cli import option
from cli.command import Command
from cli.named import ERROR_CODE

if TYPE_CHECKING:
    from actuarial.error_code import ErrorCode

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@click.command(cls=Command)
@click.argument("code", required=False, type=ERROR_CODE)
@option.json_answer(help="Print one JSON object instead of the text.")
def command(code: str | None, as_json: bool) -> None:
    """Explain the code of an error or finding: meaning, what to do, page, example.

    Without CODE all codes are listed, by group.
    """
    from actuarial.error_code import error_code, error_codes

    asked = list(error_codes().values()) if code is None else [error_code(code)]
    if as_json:
        answer = [_plain(one) for one in asked]
        click.echo(json.dumps({"codes": answer} if code is None else answer[0], ensure_ascii=False))
    elif code is None:
        _print_list(asked)
    else:
        _print_code(asked[0])


def _plain(code: ErrorCode) -> dict[str, object]:
    return {
        "code": code.code,
        "group": code.group.title,
        "severity": "warning" if code.is_warning else "error",
        "meaning": code.meaning,
        "fix": code.fix,
        "example": code.example or None,
        "page": f"docs/{code.group.page}.md",
        "exit_code": code.exit_code,
    }


def shown(template: str) -> str:
    """The wording in the language in force, with … for each value."""
    return _PLACEHOLDER.sub("…", said(template))


def _print_list(codes: list[ErrorCode]) -> None:
    group = None
    for code in codes:
        if code.group is not group:
            click.echo(("\n" if group else "") + said(code.group.title))
            group = code.group
        click.echo(f"  {code.code}  {shown(code.meaning)}")


def _print_code(code: ErrorCode) -> None:
    suffix = "" if language() == SOURCE else ".ru"
    severity = said(text("warning") if code.is_warning else text("error"))
    click.echo(f"{code.code}  {severity} · {said(code.group.title)}")
    lines = [
        (text("meaning"), shown(code.meaning)),
        (text("what to do"), shown(code.fix)),
        (text("example"), code.example),
        (text("exit code"), str(code.exit_code)),
        (text("page"), f"docs/{code.group.page}{suffix}.md"),
    ]
    named = [(said(name), words) for name, words in lines if words]
    width = max(len(name) for name, _ in named)
    for name, words in named:
        click.echo(f"  {name:<{width}}  {words}")
