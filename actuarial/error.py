"""Errors with a stable code: what was asked, what was found, where, what to do."""

from __future__ import annotations


class ActuarialError(ValueError):
    """An error of configuration or use, with a stable code such as ``E4001``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BasisError(ActuarialError):
    """A basis file that cannot be used (E40xx)."""


class SafetyLimitError(ActuarialError):
    """An input beyond what is safe to open or can be computed exactly (E19xx, E90xx)."""
