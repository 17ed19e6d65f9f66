"""Fixtures for all rooms: a loopback web server, a configuration folder, and tools on both."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from pipeline import flow
from pipeline.domain import Message
from pipeline.flow import Tools
from pipeline.ingest.feed_parser import FeedParser
from pipeline.store import Store
from pipeline.store.sqlite import FILE
from tests.support import postgresql
from tests.support.postgresql import Server
from tests.support.web import Web, serve
from tests.support.world import FixedClock, write_config

settings.register_profile("steady", deadline=None, max_examples=50)  # a busy machine is no failure
settings.load_profile("steady")

MakeTools = Callable[..., Tools]
Every = Callable[[int, Sequence[Path]], list[Path]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgresql", action="store_true", help="only tests with a store, which is on a PostgreSQL server"
    )
    parser.addoption("--screens", action="store_true", help="keep a picture of each page in .cache/screens")
    parser.addoption(
        "--whole", action="store_true", help="take all of the measuring data, where the suite takes a part"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: of what only a store on SQLite has, left out with --postgresql")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --postgresql, only what has a store and may have it there: the rest is the same on either."""
    if config.getoption("--postgresql"):
        items[:] = [
            item
            for item in items
            if "place" in getattr(item, "fixturenames", ()) and item.get_closest_marker("sqlite") is None
        ]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, of which some wait: for daemons, deadlines and servers that end."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Keep the garbage collector off what lasts to the end: some thousand tests, and all that they import."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def said() -> list[Message]:
    """What local channels showed."""
    return []


@pytest.fixture(scope="session")
def parser() -> Iterator[FeedParser]:
    """One for all tests: starting its process takes time."""
    with FeedParser(1, 60) as shared:
        yield shared


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations leave it, to be copied: they take longer than most tests."""
    folder = tmp_path_factory.mktemp("migrated")
    Store(folder).close()
    return folder / FILE


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server; the test is skipped where none is installed."""
    if postgresql.programs() is None:
        pytest.skip("no PostgreSQL server is installed here (scripts/postgresql gets it)")
    with postgresql.server() as running:
        yield running


@pytest.fixture(scope="session")
def database(server: Server) -> str:
    """The URL of a database of the current schema. Whoever puts something in it empties it."""
    url = server.make()
    Store(url).close()
    return url


@pytest.fixture
def emptied(server: Server, database: str) -> Iterator[str]:
    """The URL of a database that holds nothing yet."""
    yield database
    server.empty(database)


@pytest.fixture(scope="session")
def untouched(server: Server) -> str:
    """The URL of a database of the current schema, to be copied."""
    url = server.make()
    Store(url).close()
    return url


@pytest.fixture
def url(server: Server, untouched: str) -> Iterator[str]:
    """The URL of an empty store of its own, to do with as one likes."""
    made = server.make(untouched)
    yield made
    server.drop(made)


@pytest.fixture
def place(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Path | str:
    """Where an empty store is: a state folder, or the URL of a database where they are asked to be on a server."""
    found: Path | str = request.getfixturevalue("emptied" if pytestconfig.getoption("--postgresql") else "empty_state")
    return found


@pytest.fixture
def empty_state(tmp_path: Path, migrated: Path) -> Path:
    """The state folder of a store that holds nothing yet."""
    folder = tmp_path / "state"
    folder.mkdir()
    shutil.copyfile(migrated, folder / FILE)
    return folder


@pytest.fixture
def make_tools(
    tmp_path: Path,
    empty_state: Path,
    place: Path | str,
    clock: FixedClock,
    said: list[Message],
    parser: FeedParser,
) -> Iterator[MakeTools]:
    """Tools for feeds of these URLs; keywords as for `write_config`. Closed at the end of the test."""
    with ExitStack() as stack:

        def make(*feeds: str, **config: Any) -> Tools:
            where = {"state": str(empty_state), "store": None if isinstance(place, Path) else place}
            settings = flow.load_settings(write_config(tmp_path / "config", feeds, **{**where, **config}))
            store = stack.enter_context(flow.open_store(settings))
            return replace(stack.enter_context(flow.open_tools(settings, store, said.append, clock)), parser=parser)

        yield make


SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Real feeds, pages and news to measure on; the test is skipped where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no measuring data at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def every(pytestconfig: pytest.Config) -> Every:
    """`every(4, files)`: each fourth of the files by name, or all of them where `--whole` is asked for."""
    whole = pytestconfig.getoption("--whole")
    return lambda step, files: sorted(files)[:: 1 if whole else step]
