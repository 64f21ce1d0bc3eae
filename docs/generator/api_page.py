"""Pages of the public names of the package, from their docstrings."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from markdown import code, leaf, page, plain, table
from wording import Wording

import actuarial

FOLDER = "reference/api"


def public_names() -> list[str]:
    """Names the package offers, in its own order, without the version."""
    return [name for name in actuarial.__all__ if not name.startswith("_")]


def _named(name: str) -> Any:
    """What a public name stands for, also where a module has the same name."""
    found = getattr(actuarial, name)
    return getattr(found, name) if inspect.ismodule(found) else found


def write_api(folder: Path, words: Wording) -> None:
    """Write the index and the page of every public name."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in public_names():
        thing = _named(name)
        first = (inspect.getdoc(thing) or "").partition("\n")[0]
        rows.append([f"[{code(name)}]({name}.md)", plain(first)])
        directive = "autoclass" if inspect.isclass(thing) else "autofunction"
        options = "   :members:\n" if inspect.isclass(thing) else ""
        body = leaf(
            code(name),
            words.say("Python names"),
            f"```python\nfrom actuarial import {name}\n```",
            f"```{{eval-rst}}\n.. {directive}:: {thing.__module__}.{name}\n{options}```",
        )
        (target / f"{name}.md").write_text(body, encoding="utf-8")
    index = page(
        f"# {words.say('Python names')}",
        plain(
            words.say(
                "Everything that can be imported from the package actuarial; texts are those of the code."
            )
        ),
        table([words.say("name"), words.say("what it is")], rows),
    )
    (target / "index.md").write_text(index, encoding="utf-8")
