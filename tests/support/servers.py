"""A PostgreSQL server for tests that are about it, whatever the stores of the others are on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.store import Store
from tests.support import postgresql
from tests.support.postgresql import Server


@contextmanager
def own(shared: Server | None) -> Iterator[Server]:
    """The one that the stores of all tests are on, or else one of its own. Its database `d1` is an empty store."""
    if shared is not None:
        yield shared
        return
    if postgresql.programs() is None:
        pytest.skip("no PostgreSQL server is installed")
    with postgresql.server() as running:
        Store(running.make()).close()
        yield running


@contextmanager
def emptied(server: Server, template: str = "d1") -> Iterator[str]:
    """The URL of a database that is an empty store, or nothing at all with the template `template1`."""
    url = server.make(template)
    try:
        yield url
    finally:
        server.drop(url)
