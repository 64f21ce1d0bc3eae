"""Words of click itself, so that our catalogues translate them: see `cli.wording.click_spoken`.

Nothing imports this module: it is read by who gathers the messages, and a test holds it against click.
"""

from __future__ import annotations

from actuarial.language import counted, text, texts

ALONE = texts(
    (
        "(dynamic)",
        "Choose from:\n\t{choices}",
        "Commands",
        "Could not open file {filename!r}: {message}",
        "Error: {message}",
        "Invalid value for {param_hint}: {message}",
        "Invalid value: {message}",
        "Missing argument",
        "Missing command.",
        "Missing option",
        "Missing parameter",
        "Missing parameter: {param_name}",
        "Missing {param_type}",
        "No such command {name!r}.",
        "No such option {name!r}.",
        "Option {name!r} does not take a value.",
        "Options",
        "Positional arguments",
        "Show this message and exit.",
        "Argument {name!r} takes {nargs} values.",
        "Try '{command} {option}' for help.",
        "Usage:",
        "Value must be an iterable.",
        "default: {default}",
        "env var: {var}",
        "unknown error",
        "{name} {filename!r} does not exist.",
        "{name} {filename!r} is a directory.",
        "{name} {filename!r} is a file.",
        "{name} {filename!r} is not executable.",
        "{name} {filename!r} is not readable.",
        "{name} {filename!r} is not writable.",
        "{value!r} is not a valid UUID.",
        "{value!r} is not a valid boolean. Recognized values: {states}",
        "{value!r} is not a valid {number_type}.",
        "{value} is not in the range {range}.",
    )
)
# single words look like codes to who gathers messages, so each is named
WORDS = (text("required"), text("file"), text("directory"), text("path"))
COUNTED = (
    counted("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", n=1, possibility=""),
    counted(
        "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", n=1, args=""
    ),
    counted(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", n=1, name=""
    ),
    counted(
        "Takes {nargs} values but 1 was given.", "Takes {nargs} values but {len} were given.", n=1, nargs=2
    ),
    counted("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", n=1, value="", choice=""),
    counted(
        "{value!r} does not match the format {format}.",
        "{value!r} does not match the formats {formats}.",
        n=1,
        value="",
        format="",
    ),
    counted(
        "{len_type} values are required, but {len_value} was given.",
        "{len_type} values are required, but {len_value} were given.",
        n=1,
        len_type=2,
        len_value=1,
    ),
)
