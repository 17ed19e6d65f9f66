"""The command line, run in this process, and a state that a pass over a sample site left."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from pipeline.cli.app import run_command
from tests.notify.smtp import Grumpy, mail_channel, smtp
from tests.support.deals import COMPANIES, LEDGER_WATCH, stories
from tests.support.postgresql import Server
from tests.support.servers import emptied
from tests.support.servers import own as own_server
from tests.support.web import Web, serve
from tests.support.world import DEAL, OTHER, page, rss, write_config


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]

_command = cache(typer.main.get_command)
"""Typer makes all commands anew for each call, which takes longer than most of them."""


def run(*args: str | Path, stdin: bytes = b"") -> Result:
    """`dealwire` with these arguments; never lets a traceback pass."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(typer.main, "get_command", _command)
        patch.setattr(sys, "argv", ["dealwire", *map(str, args)])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run_command()
    assert "Traceback" not in out.getvalue() + err.getvalue()
    return Result(code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of whoever runs the tests is seen."""
    for name in ("DEALWIRE_CONFIG", "DEALWIRE_DEBUG", "DEALWIRE_STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def dealwire(tmp_path: Path) -> Run:
    """`dealwire --config tmp_path/config` with the arguments that follow."""
    return lambda *args, **kwargs: run("--config", tmp_path / "config", *args, **kwargs)


@pytest.fixture
def config(tmp_path: Path, empty_state: Path) -> Path:
    """A configuration without feeds, whose list of feeds is written as a person would."""
    folder = write_config(tmp_path / "config", state=str(empty_state))
    (folder / "feeds.yaml").write_text("# mine\nfeeds: []\n", encoding="utf-8")
    return folder


@dataclass(frozen=True)
class World:
    """What one pass left: its configuration, the site it polled, and what `once` printed."""

    folder: Path
    web: Web
    once: Result

    def dealwire(self, *args: str | Path, **kwargs: Any) -> Result:
        return run("--config", self.folder, *args, **kwargs)


def sample_site(web: Web) -> tuple[str, str]:
    """A feed of two articles, one of them flagged, and the URL of a feed that is not there."""
    web.set("/a", page("Big news", DEAL))
    web.set("/b", page("Small news", OTHER))
    items = [
        {"title": "Big news", "link": f"{web.base}/a", "guid": "a", "pubDate": "Mon, 09 Mar 2026 08:00:00 GMT"},
        {"title": "Small news", "link": f"{web.base}/b", "guid": "b", "pubDate": "Mon, 09 Mar 2026 09:00:00 GMT"},
    ]
    return web.set("/feed", rss(items), "application/rss+xml", ETag='"1"'), f"{web.base}/gone"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """After one pass: two articles, one alert delivered and one dead, one feed that fails. Only for reading."""
    place = tmp_path_factory.mktemp("world")
    with serve() as web, smtp(Grumpy("550 no such desk")) as port:
        good, gone = sample_site(web)
        channels = {"files": {"type": "local", "folder": "outbox"}, "inbox": mail_channel(port)}
        folder = write_config(place / "config", [good, gone], channels=channels)
        yield World(folder, web, run("--config", folder, "once"))


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """After one pass over the sample stories: deals with Oracle, Nvidia and Corewell. Only for reading."""
    place = tmp_path_factory.mktemp("told")
    with serve() as web:
        feed = web.set("/feed", stories(web.base), "application/rss+xml")
        folder = write_config(place / "config", [feed], watches={"test-deals": LEDGER_WATCH}, companies=COMPANIES)
        yield World(folder, web, run("--config", folder, "once"))


@pytest.fixture
def own(told: World, tmp_path: Path) -> World:
    """A copy of it that a test may change."""
    shutil.copytree(told.folder.parent, tmp_path / "own")
    return replace(told, folder=tmp_path / "own" / "config")


@pytest.fixture(scope="session")
def postgresql(server: Server | None) -> Iterator[Server]:
    """A server, also where the stores of other tests are on none."""
    with own_server(server) as running:
        yield running


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    """An empty store on it."""
    with emptied(postgresql) as made:
        yield made
