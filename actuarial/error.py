"""Errors with a stable code: what was asked, what was found, where, what to do."""

from __future__ import annotations

from collections.abc import Callable


class ActuarialError(ValueError):
    """An error of configuration or use, with a stable code such as ``E4001``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BasisError(ActuarialError):
    """A basis file that cannot be used (E40xx)."""


class SafetyLimitError(ActuarialError):
    """An input beyond what is safe to open or can be computed exactly (E19xx, E90xx).

    ``record`` is the position of the record at fault; ``{record}`` in the message becomes its number.
    """

    def __init__(self, code: str, message: str, record: int | None = None) -> None:
        super().__init__(code, message if record is None else message.format(record=record + 1))
        self._template = message
        self._record = record

    def counted_from(self, start: int) -> SafetyLimitError:
        """The same error of rows that begin at ``start`` of the portfolio."""
        return self.renumbered(lambda record: record + start)

    def renumbered(self, position: Callable[[int], int]) -> SafetyLimitError:
        """The same error with the record's position in the portfolio, found from that in the rows."""
        record = None if self._record is None else position(self._record)
        return SafetyLimitError(self.code, self._template, record)
