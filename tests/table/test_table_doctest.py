"""The examples in the docstrings of `mortality` are true."""

import doctest

import pytest

from mortality import fractional, reader, table, transition


@pytest.mark.parametrize("module", [fractional, reader, table, transition], ids=lambda m: m.__name__)
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
