"""One pass over all that is due, and the daemon as a process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import flow
from pipeline.domain import Message
from pipeline.engine.stages import drain, once, report_lines
from pipeline.flow import Report
from pipeline.models import Article
from pipeline.store import Store, articles, feeds, outbox
from tests.conftest import MakeTools
from tests.engine.daemon import config, daemon, eventually, stored, told
from tests.notify.smtp import mail_channel
from tests.support.web import Web
from tests.support.world import DEAL, OTHER, WATCH, FixedClock, page, rss

RSS = "application/rss+xml"

pytestmark = pytest.mark.usefixtures("empty_state")


def test_once_runs_the_stages_in_order(web: Web, make_tools: MakeTools, said: list[Message]) -> None:
    """What a stage makes the next one takes, progress is shown, and each stage reports."""
    items = [{"title": DEAL, "guid": "1"}, {"title": OTHER, "guid": "2"}]
    tools = make_tools(web.set("/feed", rss(items), RSS))
    shown: list[tuple[str, int, int]] = []
    reports = once(tools, lambda *step: shown.append(step))
    idle = once(tools, lambda *_: None)

    assert list(reports) == ["poll", "ingest", "deliver"]
    assert reports["poll"].counts == {"polled": 1, "entries": 2, "new": 2}
    assert reports["ingest"].counts == {"ingested": 2, "from none": 2, "flagged": 1, "alerts": 1}
    assert reports["deliver"].counts == {"delivered": 1}
    assert len(said) == 1
    assert [step for step in shown if step[1] == 0] == [("poll", 0, 1), ("ingest", 0, 2), ("deliver", 0, 1)]
    assert shown[-1] == ("deliver", 1, 1)
    assert all(not report.counts for report in idle.values())


def test_report_lines() -> None:
    """One line for each stage that did anything, without what did not happen."""
    reports = {"poll": Report({"polled": 1200, "new": 0, "failed": 2}), "ingest": Report(), "deliver": Report({"x": 0})}

    assert report_lines(reports) == ["poll: 1,200 polled, 2 failed"]


def test_drain_takes_batch_after_batch(web: Web, make_tools: MakeTools) -> None:
    """Everything due is done, in batches; a stop ends it between two."""
    items = [{"title": f"News {n}", "guid": str(n)} for n in range(150)]
    tools = make_tools(web.set("/feed", rss(items), RSS))
    once(tools, lambda *_: None)
    sizes: list[int] = []
    left = list(range(150))

    def unit(_: object, ids: list[int], __: object) -> Report:
        sizes.append(len(ids))
        del left[: len(ids)]
        if len(sizes) == 5:
            tools.stop.set()
        return Report({"done": len(ids)})

    report = drain(tools, lambda _, __, most: left[:most], unit)
    left.extend(range(1000))
    drain(tools, lambda _, __, most: left[:most], unit)

    assert report.counts == {"done": 150}
    assert sizes == [64, 64, 22, 64, 64]


def test_the_daemon_delivers_and_ends_when_told(tmp_path: Path, web: Web) -> None:
    """A new entry of a feed is on the disk soon after, once; SIGTERM ends it cleanly; a second one is refused."""
    feed = web.set("/feed", rss([{"title": "One", "link": f"{web.base}/1"}]), RSS)
    web.set("/1", page("One", DEAL))
    web.set("/2", page("Two", DEAL))
    folder = config(tmp_path, feed)
    with daemon(folder) as running:
        eventually(lambda: len(told(folder)) == 1, "the first alert")
        web.set(
            "/feed", rss([{"title": "Two", "link": f"{web.base}/2"}, {"title": "One", "link": f"{web.base}/1"}]), RSS
        )
        second = subprocess.run(
            [sys.executable, "-c", "from pipeline.cli import main; main()", "--config", str(folder), "run"],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        eventually(lambda: len(told(folder)) == 2, "the second alert")
        code, seconds = running.terminate()

    assert (second.returncode, f"process {running.process.pid}" in second.stderr) == (1, True)
    assert code == 0
    assert seconds < 30
    assert {json.loads(path.read_text(encoding="utf-8"))["title"] for path in told(folder)} == {"One", "Two"}
    assert running.logged("stopped")
    assert stored(folder)[1] == {"delivered": 2}


def test_the_daemon_ends_while_a_page_hangs(tmp_path: Path, web: Web) -> None:
    """A server that takes the connection and never answers holds nobody up; the page is fetched next time."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        hanging.settimeout(90)
        link = f"http://127.0.0.1:{hanging.getsockname()[1]}/"
        folder = config(tmp_path, web.set("/feed", rss([{"title": "One", "link": link}]), RSS))
        with daemon(folder) as running:
            connection, _ = hanging.accept()
            code, seconds = running.terminate()
            connection.close()

    assert code == 0
    assert seconds < 30
    assert stored(folder)[0].pending == 1


def test_the_daemon_ends_while_a_mail_server_hangs(tmp_path: Path, web: Web) -> None:
    """What it had of a message stays with it until the next start, what was not begun is handed back."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        hanging.settimeout(90)
        items = [{"title": f"{DEAL} No. {number}", "guid": str(number)} for number in range(12)]
        folder = config(
            tmp_path,
            web.set("/feed", rss(items), RSS),
            watches={"test-deals": {**WATCH, "story_window": 0}},
            channels={"inbox": {**mail_channel(hanging.getsockname()[1]), "most_per_hour": 0}},
        )
        with daemon(folder) as running:
            connection, _ = hanging.accept()
            eventually(lambda: stored(folder)[1] == {"pending": 12}, "all alerts")
            code, seconds = running.terminate()
            connection.close()

    assert code == 0
    assert seconds < 30
    with Store(tmp_path / "state") as store, store.read() as session:
        assert sum(row.lease_until is not None for row in outbox.listing(session)) <= 4


def test_an_edited_configuration_takes_effect(tmp_path: Path, web: Web) -> None:
    """An edit counts within seconds; a broken one is refused with the error in the log, and the old one stays."""
    items = [{"title": "Nothing of note", "guid": "1"}]
    feed = web.set("/feed", rss(items), RSS)
    folder = config(tmp_path, feed)
    watches = folder / "watches.yaml"

    def publish(title: str) -> None:
        items.insert(0, {"title": title, "guid": title})
        web.set("/feed", rss(items), RSS)

    with daemon(folder) as running:
        eventually(lambda: running.logged("ingest"), "the first entry ingested")
        edited = {"weather": {"title": "Weather", "all": {"what": ["thunderstorm"]}}, "test-deals": WATCH}
        watches.write_text(json.dumps({"watches": edited}), encoding="utf-8")
        eventually(lambda: running.logged("configuration reloaded", watches=2), "the edit in force")
        publish("A thunderstorm nears")
        eventually(lambda: len(told(folder)) == 1, "an alert of the new watch")
        watches.write_text('{"watches": {"weather": {"title": "W", "al": {}}}}', encoding="utf-8")
        eventually(lambda: running.logged("configuration refused"), "the broken edit refused")
        publish("A second thunderstorm")
        eventually(lambda: len(told(folder)) == 2, "an alert of the watch as it was")
        code, seconds = running.terminate()

    refused = [line["problem"] for line in running.log() if line["event"].startswith("configuration refused")]
    assert any("watches.yaml:1" in problem and "weather.al" in problem for problem in refused)
    assert code == 0
    assert seconds < 30


def test_what_a_crash_left_is_due_at_the_next_start(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """What a process that is gone had leased is due again for the next one: a feed an interval later, at the soonest.

    So a daemon that dies over a feed and is restarted each time asks its host no more often than it should.
    """
    tools = make_tools(web.set("/feed", rss([{"title": DEAL, "guid": "1"}]), RSS))
    with tools.store.write() as session:
        feeds.lease(session, [1], clock.now(), clock.now() + timedelta(hours=10))
    flow.recover(tools.store, clock.now())
    before = once(tools, lambda *_: None)["poll"].counts
    clock.advance(minutes=15)
    after = once(tools, lambda *_: None)["poll"].counts

    assert (before, after["polled"]) == ({}, 1)
    with tools.store.read() as session:
        assert articles.counts(session).total == 1


def test_the_daemon_prunes(tmp_path: Path) -> None:
    """Old texts that no watch flags go when it starts, and every day from then on."""
    folder = config(tmp_path)
    at = datetime.now(UTC) - timedelta(days=100)
    with Store(tmp_path / "state") as store, store.write() as session:
        session.add(Article(identity="x", url="", title="Old", found_at=at, body="12345"))
    with daemon(folder) as running:
        eventually(lambda: running.logged("prune", pruned=1, bytes=5), "the old text is pruned")
