"""Workers as people run them: processes with a configuration folder each."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.store import Store, articles, feeds, workers
from tests.engine.cluster.conftest import Work, seen
from tests.engine.daemon import COMMAND, eventually
from tests.support.web import Answer, Request, Web
from tests.support.world import DEAL, WATCH, page, rss, write_config


def configured(folder: Path, url: str, *feeds: str, **more: object) -> Path:
    return write_config(
        folder / "config",
        feeds,
        **{
            "store": url,
            "schedule": {"poll_every": "1m", "ticks": "0.2s"},
            "extraction": {"processes": 1},
            "channels": {"log": {"type": "file", "path": "told.jsonl"}},
            **more,
        },
    )


def test_one_of_the_workers_schedules_and_another_takes_over(
    tmp_path: Path, web: Web, url: str, store: Store, work: Work
) -> None:
    """Where the one that schedules hangs, its place is taken within 30 s, and it does not come back to it."""
    config = configured(tmp_path, url, web.set("/feed", rss([]), "application/rss+xml"))
    workers = {running.process.pid: running for running in (work(config), work(config))}
    eventually(lambda: [worker.schedules for worker in seen(store)].count(True) == 1, "one schedules")
    [first] = [worker.pid for worker in seen(store) if worker.schedules]
    workers[first].process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    eventually(lambda: any(worker.schedules and worker.pid != first for worker in seen(store)), "another schedules")
    took = time.monotonic() - began
    workers[first].process.send_signal(signal.SIGCONT)

    eventually(lambda: [w.schedules for w in seen(store) if w.pid == first] == [False], "the first lets it be")
    assert took < 30
    assert [worker.schedules for worker in seen(store)] in ([True, False], [False, True])


def test_an_edit_reaches_all_workers(tmp_path: Path, web: Web, url: str, store: Store, work: Work) -> None:
    """An edit in the folder of the one that schedules, and what `publish` puts in force, whoever's folder it is."""
    web.set("/a", page("Big news", DEAL))
    feed = web.set("/feed", rss([{"title": "Big news", "link": f"{web.base}/a"}]), "application/rss+xml")
    config = configured(tmp_path / "one", url, feed)
    other = configured(tmp_path / "other", url, feed)
    work(config)
    work(other)
    eventually(lambda: any(worker.schedules for worker in seen(store)), "one schedules")
    rule = {"watches": {"renamed-deals": WATCH}}
    (config / "watches.yaml").write_text(json.dumps(rule), encoding="utf-8")
    eventually(lambda: {worker.version for worker in seen(store)} == {2}, "all work by the edit")
    published = subprocess.run([*COMMAND, str(other), "publish"], check=True, capture_output=True, text=True)
    began = time.monotonic()
    eventually(lambda: {worker.version for worker in seen(store)} == {3}, "all work by what was published")
    took = time.monotonic() - began

    assert "Version 3 is in force" in published.stdout
    assert took < 20


def test_a_version_that_cannot_be_in_force_here(tmp_path: Path, web: Web, url: str, store: Store, work: Work) -> None:
    """It is told, and the work goes on by the version before."""
    web.set("/a", page("Big news", DEAL))
    config = configured(tmp_path, url, web.set("/feed", rss([]), "application/rss+xml"))
    worker = work(config)
    eventually(lambda: {each.version for each in seen(store)} == {1}, "the first version in force")
    with store.write() as session:
        first = workers.published(session, 1)
        assert first is not None
        moved = {**json.loads(first.files["dealwire.yaml"]), "state": str(tmp_path / "elsewhere")}
        workers.publish(session, {**first.files, "dealwire.yaml": json.dumps(moved)}, "")
    eventually(lambda: worker.logged("configuration refused"), "the second version refused")
    items = [{"title": "Big news", "link": f"{web.base}/a"}]
    web.set("/feed", rss(items), "application/rss+xml")
    with store.write(aside=True) as session:
        feeds.make_due(session, workers.now(session))

    def is_read() -> bool:
        with store.read() as session:
            return articles.counts(session).flagged == 1

    eventually(is_read, "the news read")
    assert {each.version for each in seen(store)} == {1}


def test_a_host_is_asked_by_all_together_as_by_one(tmp_path: Path, web: Web, url: str, work: Work) -> None:
    """Between the starts of two requests lies the spacing, whichever workers make them."""
    times: list[float] = []

    def answer(_: Request) -> Answer:
        times.append(time.monotonic())
        return Answer(rss([]), headers={"Content-Type": "application/rss+xml"})

    feeds = [f"{web.base}/feed/{number}" for number in range(8)]
    for number in range(8):
        web.answers[f"/feed/{number}"] = answer
    http = {"spacing": "1s", "per_host": 2, "allow_private": ["127.0.0.1"], "robots": False}
    config = configured(tmp_path, url, *feeds, http=http)
    for _ in range(2):
        work(config, "--queues", "poll")
    eventually(lambda: len(times) == len(feeds), "all feeds polled")

    assert min(after - before for before, after in pairwise(times)) > 0.8


def test_what_a_killed_worker_held_is_done_by_another(
    tmp_path: Path, web: Web, url: str, store: Store, work: Work
) -> None:
    """Its article is read by the other once it has been silent for some time."""
    hung: list[Request] = []

    def hang_once(request: Request) -> Answer:
        hung.append(request)
        if len(hung) == 1:
            time.sleep(5)
        return Answer(page("Big news", DEAL), headers={"Content-Type": "text/html"})

    web.answers["/a"] = hang_once
    feed = web.set("/feed", rss([{"title": "Big news", "link": f"{web.base}/a"}]), "application/rss+xml")
    config = configured(tmp_path, url, feed)
    first = work(config)
    eventually(lambda: hung, "the page asked for")
    first.kill()
    work(config)

    def is_read() -> bool:
        with store.read() as session:
            return articles.counts(session).flagged == 1

    eventually(is_read, "the page read by the other")
    assert len(hung) == 2


@pytest.mark.parametrize(
    ("store_url", "options", "says"),
    [
        (None, [], "Set `store` in dealwire.yaml"),
        ("postgresql://nobody@127.0.0.1:1/none", [], "Check that the PostgreSQL server runs"),
    ],
)
def test_where_nobody_can_work_together(tmp_path: Path, store_url: str | None, options: list[str], says: str) -> None:
    """Without a store on PostgreSQL, or a server that answers, the way out is told."""
    config = configured(tmp_path, store_url or "")
    general = json.loads((config / "dealwire.yaml").read_text(encoding="utf-8"))
    general["store"] = store_url
    (config / "dealwire.yaml").write_text(json.dumps(general), encoding="utf-8")
    ended = subprocess.run([*COMMAND, str(config), "worker", *options], capture_output=True, text=True, check=False)

    assert ended.returncode != 0
    assert says in " ".join(ended.stderr.split())
