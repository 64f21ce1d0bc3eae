"""Errors of stress tests."""

from __future__ import annotations

from actuarial.error import ActuarialError


class StressError(ActuarialError):
    """A scenario, a correlation matrix or an option of a stress test that cannot be used (E46xx)."""
