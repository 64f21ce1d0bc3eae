"""Errors with a stable code: what was asked, what was found, where, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actuarial.language import Text, text


class ActuarialError(ValueError):
    """An error of configuration or use, with a stable code such as ``E4001``.

    Parameters
    ----------
    code : str
    message : str
        English, with ``{name}`` for each of the values.
    **values
        See `actuarial.language.text`; the error's first argument is the message made of them.
    """

    def __init__(self, code: str, message: str, /, **values: Any) -> None:
        super().__init__(message if isinstance(message, Text) or not values else text(message, **values))
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        # an error crosses from a process of a pool to the one that asked
        return _restored, (type(self), self.args, vars(self))


def _restored(kind: type[ActuarialError], args: tuple[Any, ...], state: Mapping[str, Any]) -> ActuarialError:
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


class BasisError(ActuarialError):
    """A basis file that cannot be used (E40xx)."""


class SafetyLimitError(ActuarialError):
    """An input beyond what is safe to open or can be computed exactly (E19xx, E90xx).

    ``record`` is the position of the record at fault; ``{record}`` in the message becomes its number.
    """

    def __init__(self, code: str, message: str, /, record: int | None = None, **values: Any) -> None:
        shown = values if record is None else {**values, "record": record + 1}
        super().__init__(code, message, **shown)
        self._template = message
        self._values = values
        self._record = record

    def counted_from(self, start: int) -> SafetyLimitError:
        """The same error of rows that begin at ``start`` of the portfolio."""
        return self.renumbered(lambda record: record + start)

    def renumbered(self, position: Callable[[int], int]) -> SafetyLimitError:
        """The same error with the record's position in the portfolio, found from that in the rows."""
        record = None if self._record is None else position(self._record)
        return SafetyLimitError(self.code, self._template, record, **self._values)
