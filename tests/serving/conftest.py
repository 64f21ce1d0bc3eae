"""One server for the tests; the modules of this folder import each other by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")
pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")

sys.path.insert(0, str(Path(__file__).parent))

from page_server import Running, running


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def server(one_server: Running) -> Iterator[Running]:
    """The one server, without visits before and after."""
    yield one_server
    one_server.end_visits()
