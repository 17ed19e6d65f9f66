"""The real feeds, served each from a host of its own, and Dealwire and its peers polling them."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import yaml

from pipeline.config.shipped import shipped_folder
from tests.bench.commands import DEALWIRE, Command, Taken
from tests.bench.figures import Figure
from tests.bench.peers import Missing, Poller
from tests.bench.site import Document, Site, serving
from tests.conftest import SHARED_DATA

FEEDS = SHARED_DATA / "feeds"


@contextmanager
def real_feeds() -> Iterator[Site]:
    """The real feeds, served."""
    with serving(
        {path.name: Document(path.read_bytes(), "application/xml") for path in sorted(FEEDS.iterdir())}
    ) as site:
        yield site


def configure(folder: Path, urls: Sequence[str]) -> Path:
    """The shipped configuration with these feeds, on loopback, and its state beside it; its folder."""
    config = folder / "config"
    shutil.copytree(shipped_folder(), config)
    feeds = [{"name": f"feed {number}", "url": url} for number, url in enumerate(urls, 1)]
    (config / "feeds.yaml").write_text(yaml.safe_dump({"feeds": feeds}), encoding="utf-8")
    general = yaml.safe_load((config / "dealwire.yaml").read_text(encoding="utf-8"))
    general["state"] = "../state"
    general["http"]["allow_private"] = ["127.0.0.0/8"]
    (config / "dealwire.yaml").write_text(yaml.safe_dump(general), encoding="utf-8")
    return config


def database(folder: Path) -> Path:
    return folder / "state" / "dealwire.db"


@dataclass(frozen=True)
class Dealwire:
    """Dealwire with the shipped configuration, but for the feeds."""

    peer: str = "Dealwire"
    way: str = "as it comes"

    def prepare(self, folder: Path, urls: Sequence[str]) -> None:
        configure(folder, urls)

    def poll(self, folder: Path) -> Command:
        return Command((DEALWIRE, "--config", f"{folder}/config", "once", "--all", "--only", "poll", "--json"))

    def stored(self, folder: Path) -> int:
        with closing(sqlite3.connect(f"{database(folder).as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM listing").fetchone()[0])


@dataclass(frozen=True)
class Polled:
    """What polling all feeds once took; how many entries are stored since; how many answers were 304."""

    taken: Taken
    stored: int
    unchanged: int


def polled(poller: Poller, folder: Path, site: Site) -> Polled:
    before = site.asked()
    taken = poller.poll(folder).taken()
    return Polled(taken, poller.stored(folder), (site.asked() - before).unchanged)


def runnable(peers: Iterable[Poller | Missing], url: str) -> tuple[list[Poller], list[Missing]]:
    """Which of the peers can poll a feed here, and which cannot be had or run."""
    able: list[Poller] = []
    missing: list[Missing] = []
    for peer in peers:
        if isinstance(peer, Missing):
            missing.append(peer)
            continue
        try:
            with TemporaryDirectory() as folder:
                peer.prepare(Path(folder), [url])
                peer.poll(Path(folder)).output()
                peer.stored(Path(folder))
            able.append(peer)
        except (RuntimeError, OSError, subprocess.SubprocessError, sqlite3.Error) as error:
            missing.append(Missing(peer.peer, f"it cannot be run here: {(str(error).splitlines() or [''])[-1]}"))
    return able, missing


def beside(
    figure: Figure,
    found: Mapping[Poller, Sequence[Polled]],
    missing: Iterable[Missing],
    most: Mapping[str, Fraction],
) -> Iterator[Figure]:
    """The figure beside each peer, in the way of setting it up that takes least. `most`: the part of its time asked."""
    ours = next(runs for poller, runs in found.items() if isinstance(poller, Dealwire))
    figure = replace(figure, runs=[run.taken.wall for run in ours])
    for name, group in groupby((p for p in found if not isinstance(p, Dealwire)), lambda poller: poller.peer):
        best = min(group, key=lambda poller: median(run.taken.wall for run in found[poller]))
        theirs = found[best]
        bar = most.get(name.split()[0])
        compared = replace(
            figure,
            peer=name,
            peer_runs=[run.taken.wall for run in theirs],
            bar="" if bar is None else f"at most {bar} of it" if bar != 1 else "no more than it",
            note=f"{_said(ours)}; {name}, {best.way}: {_said(theirs)}",
        )
        holds = None if bar is None or compared.ratio is None else compared.ratio <= bar
        yield replace(compared, holds=holds)
    for peer in missing:
        yield replace(figure, peer=peer.peer, note=peer.why)


def _said(runs: Sequence[Polled]) -> str:
    """What stands behind the figure: entries and 304 of the last run, and the median of the CPU time."""
    cpu = median(run.taken.cpu for run in runs)
    unchanged = f", {runs[-1].unchanged} times 304" if runs[-1].unchanged else ""
    return f"{runs[-1].stored:,} entries{unchanged}, {cpu:.3g} s of CPU"
