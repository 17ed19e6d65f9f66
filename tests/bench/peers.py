"""Other programs that poll feeds, each with its defaults and with as many threads as there are cores.

They are installed on first use, those of PyPI in an environment of their own under `.cache/peers`.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.bench.commands import Command

_PLACE = Path(__file__).parents[2] / ".cache" / "peers"
_PYTHON = _PLACE / "bin" / "python"


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


class Poller(Protocol):
    """A program that polls feeds, in one of the ways in which it can be set up."""

    @property
    def peer(self) -> str:
        """The program's name and version."""
        ...

    @property
    def way(self) -> str:
        """How it is set up."""
        ...

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        """Make it know the feeds, in an empty folder, with nothing polled yet."""
        ...

    def poll(self, folder: Path) -> Command:
        """Polls all feeds now, due or not."""
        ...

    def stored(self, folder: Path) -> int:
        """How many entries it has kept."""
        ...


@dataclass(frozen=True)
class Newsboat:
    """Debian's newsboat."""

    peer: str
    threads: int

    @property
    def way(self) -> str:
        return f"reload-threads {self.threads}"

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        (folder / "urls").write_text("\n".join(urls) + "\n", encoding="utf-8")
        (folder / "config").write_text(f"reload-threads {self.threads}\n", encoding="utf-8")

    def poll(self, folder: Path) -> Command:
        files = ("-u", f"{folder}/urls", "-c", f"{folder}/cache.db", "-C", f"{folder}/config")
        return Command(("newsboat", *files, "-x", "reload"), {"HOME": str(folder)})

    def stored(self, folder: Path) -> int:
        return _count(folder / "cache.db", "rss_item")


_READER_ADDS = """
import sys
from reader import make_reader
with make_reader(sys.argv[1], feed_root=None) as reader:
    for url in open(sys.argv[2]).read().split():
        reader.add_feed(url)
"""

_READER_POLLS = """
import sys
from reader import make_reader
with make_reader(sys.argv[1], feed_root=None) as reader:
    reader.update_feeds(scheduled=False, workers=int(sys.argv[2]))
"""


@dataclass(frozen=True)
class Reader:
    """reader, through its Python API. What polls it is told to ask for feeds whatever its own schedule."""

    peer: str
    workers: int

    @property
    def way(self) -> str:
        return f"workers={self.workers}"

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        (folder / "urls").write_text("\n".join(urls), encoding="utf-8")
        Command((str(_PYTHON), "-c", _READER_ADDS, str(folder / "reader.db"), str(folder / "urls"))).output()

    def poll(self, folder: Path) -> Command:
        return Command((str(_PYTHON), "-c", _READER_POLLS, str(folder / "reader.db"), str(self.workers)))

    def stored(self, folder: Path) -> int:
        return _count(folder / "reader.db", "entries")


@dataclass(frozen=True)
class Newswatcher:
    """newswatcher, with a topic that nothing is on: it would fetch the page of what is, and have a model sum it up.

    So of each entry it keeps that it has seen it, and nothing else.
    """

    peer: str
    way: str = "as it comes"

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        config = folder / "newswatcher"
        config.mkdir()
        sources = (
            f'[[source]]\nname = "{n}"\nkind = "rss"\nurl = {json.dumps(url)}\ntopics = ["none"]\n'
            for n, url in enumerate(urls)
        )
        (config / "sources.toml").write_text("\n".join(sources), encoding="utf-8")
        (config / "topics.toml").write_text('[[topic]]\nname = "none"\nincludes = ["nothing is on this"]\n')

    def poll(self, folder: Path) -> Command:
        homes = {f"XDG_{kind}_HOME": str(folder) for kind in ("CONFIG", "DATA", "STATE")}
        return Command(
            (str(_PYTHON), "-m", "newswatcher", "poll", "--no-mail", "--no-heal"), {"HOME": str(folder), **homes}
        )

    def stored(self, folder: Path) -> int:
        state = json.loads((folder / "newswatcher" / "state.json").read_text(encoding="utf-8"))
        return sum(len(seen) for seen in state["seen_guids_by_source"].values())


def _count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@dataclass(frozen=True)
class Missing:
    """A peer that cannot be run here, and why."""

    peer: str
    why: str


def installed() -> Iterator[Poller | Missing]:
    """Every peer, each way that it can be set up; got on first use."""
    widths = sorted({1, cores()})
    if version := _newsboat():
        yield from (Newsboat(version, threads) for threads in widths)
    else:
        yield Missing("newsboat", "not installed, and apt-get does not give it")
    versions = _from_pypi()
    if "reader" in versions:
        yield from (Reader(f"reader {versions['reader']}", workers) for workers in widths)
    else:
        yield Missing("reader", "pip does not give it")
    if "newswatcher" in versions:
        yield Newswatcher(f"newswatcher {versions['newswatcher']}")
    else:
        yield Missing("newswatcher", "pip does not give it")


def _newsboat() -> str:
    """Its name and version; empty where it cannot be had."""
    if not shutil.which("newsboat") and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (("update",), ("install", "-y", "--no-install-recommends", "newsboat")):
            subprocess.run(["apt-get", "-qq", *words], env=environment, stdout=subprocess.DEVNULL, check=False)
    if not shutil.which("newsboat"):
        return ""
    said = subprocess.run(["newsboat", "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[:2])


_UNNAMED = {"reader": "sgmllib3k", "newswatcher": "lxml_html_clean"}
"""What the peers of PyPI load too and do not say that they need."""


def _from_pypi() -> dict[str, str]:
    """The versions of those that could be installed; each by itself, as the next may be had where one is not."""
    if not _PYTHON.exists():
        shutil.rmtree(_PLACE, ignore_errors=True)
        if subprocess.run([sys.executable, "-m", "venv", str(_PLACE)], check=False).returncode:
            return {}
    found: dict[str, str] = {}
    for package, unnamed in _UNNAMED.items():
        if not (_version(package) and _version(unnamed)):
            words = (str(_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", package, unnamed)
            subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        found[package] = _version(package)
    return {package: version for package, version in found.items() if version}


def _version(package: str) -> str:
    """Of an installed package; empty where it is not."""
    asks = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    return subprocess.run(
        [str(_PYTHON), "-c", asks, package], capture_output=True, text=True, check=False
    ).stdout.strip()
