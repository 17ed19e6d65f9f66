"""A daemon that is watched over: by signals, a service manager, a monitoring system, and another command."""

from __future__ import annotations

import json
import os
import pty
import shlex
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.engine.daemon import COMMAND, Running, asked, config, daemon, eventually, free_port
from tests.engine.test_metrics import Samples, samples
from tests.support.web import Web
from tests.support.world import DEAL, rss

pytestmark = pytest.mark.usefixtures("empty_state")


def feed(web: Web) -> str:
    return web.set("/feed", rss([{"title": DEAL, "guid": "1"}]), "application/rss+xml")


def edit(folder: Path, **sections: Any) -> None:
    """Set sections of dealwire.yaml."""
    place = folder / "dealwire.yaml"
    place.write_text(json.dumps({**json.loads(place.read_text(encoding="utf-8")), **sections}), encoding="utf-8")


def test_a_service_manager_is_told(tmp_path: Path, web: Web) -> None:
    """When it is ready, that it lives, that SIGHUP makes it look at its configuration and is done, and that it ends.

    An unchanged configuration is told, a changed one taken up.
    """
    folder, address = config(tmp_path, feed(web)), str(tmp_path / "notify")
    heard: list[str] = []
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(address)
        manager.settimeout(0.05)

        def hears(start: str) -> bool:
            try:
                while True:
                    heard.append(manager.recv(4096).decode())
            except TimeoutError:
                return any(each.startswith(start) for each in heard)

        with daemon(folder, NOTIFY_SOCKET=address, WATCHDOG_USEC="2000000") as running:
            eventually(lambda: hears("READY=1"), "ready")
            eventually(lambda: hears("WATCHDOG=1"), "a sign of life")
            eventually(lambda: hears("STATUS=1 feeds, 1 watches; last full cycle: 2"), "a full cycle")
            heard.clear()
            running.hang_up()
            eventually(lambda: hears("RELOADING=1\nMONOTONIC_USEC="), "that it reloads")
            eventually(lambda: hears("READY=1"), "that it reloaded")
            eventually(lambda: running.logged("configuration unchanged"), "that nothing changed")
            edit(folder, schedule={"poll_every": "2s", "ticks": "0.2s"})
            running.hang_up()
            eventually(lambda: running.logged("configuration reloaded"), "the edit in force")
            running.terminate()
            stopping = hears("STOPPING=1")

    assert stopping
    assert running.logged("stopped")


def scraped(port: int) -> Samples:
    status, body = asked(port, "/metrics")
    return samples(body) if status == 200 else {}


def failures(running: Running) -> list[dict[str, Any]]:
    return [line for line in running.log() if line["event"] == "stage failed" and line["stage"] == "poll"]


def test_a_store_that_fails_is_told_with_measure(tmp_path: Path, web: Web) -> None:
    """The stage that fails is tried ever more rarely and told of once, health says so, and all recovers by itself.

    What it says of errors holds no secret. A changed address of monitoring is taken up on the way.
    """
    first, second, said = free_port(), free_port(), tmp_path / "state" / "daemon.json"
    secret = {"type": "webhook", "url": f"{web.base}/hook", "headers": {"X": "no such table"}}
    folder = config(tmp_path, feed(web), operation={"listen": f"127.0.0.1:{first}"}, channels={"hook": secret})
    failed = ("dealwire_stage_failures_total", (("stage", "poll"),))
    with daemon(folder) as running:
        eventually(lambda: asked(first, "/healthz") == (200, b"ok\n"), "health")
        eventually(lambda: scraped(first).get(("dealwire_articles_total", (("outcome", "ingested"),))) == 1, "metrics")
        with closing(sqlite3.connect(tmp_path / "state" / "dealwire.db", timeout=60)) as store:
            store.execute("ALTER TABLE feed RENAME TO feed_away")
            eventually(lambda: asked(first, "/healthz")[0] == 503, "that it is unwell")
            eventually(lambda: scraped(first).get(failed, 0) >= 3, "three failures")
            reasons = json.loads(asked(first, "/healthz")[1])["reasons"]
            eventually(lambda: "***: feed" in said.read_text(encoding="utf-8"), "what it says of itself")
            store.execute("ALTER TABLE feed_away RENAME TO feed")
        eventually(lambda: running.logged("stage recovered", stage="poll"), "that it recovers")
        eventually(lambda: asked(first, "/healthz")[0] == 200, "health again")
        edit(folder, operation={"listen": f"127.0.0.1:{second}"})
        eventually(lambda: asked(second, "/healthz")[0] == 200, "the new address")
        old = asked(first, "/healthz")[0]
        running.terminate()

    recovered = next(line for line in running.log() if line["event"] == "stage recovered" and line["stage"] == "poll")
    assert "the store cannot be read" in reasons
    assert recovered["failures"] >= 3
    assert len(failures(running)) < recovered["failures"]
    assert [line["times"] for line in failures(running)][:1] == [1]
    assert old == 0
    assert "no such table" not in running.errors.read_text(encoding="utf-8") + said.read_text(encoding="utf-8")


def test_an_address_in_use_is_told_and_tried_again(tmp_path: Path, web: Web) -> None:
    """Where monitoring cannot listen, work goes on, and it listens once it can."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        folder = config(tmp_path, feed(web), operation={"listen": f"127.0.0.1:{port}"})
        with daemon(folder) as running:
            eventually(lambda: running.logged("stage failed", stage="listen"), "that it cannot listen")
            eventually(lambda: running.logged("ingest"), "work all the same")
            taken.close()
            eventually(lambda: asked(port, "/healthz")[0] == 200, "the address once it is free")
            running.terminate()

    assert any("cannot be listened on" in line.get("error", "") for line in running.log())


def test_a_cycle_is_pinged(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a full cycle the address is asked for; it shows in no line of the log."""
    web.set("/ping/0a1b2c3d", "ok")
    monkeypatch.setenv("PING_URL", f"{web.base}/ping/0a1b2c3d")
    folder = config(tmp_path, feed(web), operation={"ping": "${PING_URL}"})
    with daemon(folder) as running:
        eventually(lambda: any(r.path == "/ping/0a1b2c3d" for r in web.requests), "the ping")
        running.terminate()

    assert "0a1b2c3d" not in running.errors.read_text(encoding="utf-8")


def test_it_ends_with_its_terminal(tmp_path: Path, web: Web) -> None:
    """One that a person started in a terminal does not outlive that: there SIGHUP means what it says."""
    folder = config(tmp_path, feed(web))
    ours, theirs = pty.openpty()
    # A session's first process that opens a terminal gets it for its own.
    command = f"exec {shlex.join([*COMMAND, str(folder), 'run'])} < {shlex.quote(os.ttyname(theirs))}"
    with subprocess.Popen(["sh", "-c", command], stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            os.close(theirs)
            eventually(lambda: (tmp_path / "state" / "daemon.json").exists(), "the start")
            os.close(ours)
            code = process.wait(90)
        finally:
            process.kill()

    assert code == 0
