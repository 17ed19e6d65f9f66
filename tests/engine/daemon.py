"""The daemon as a process of its own, and waiting for what it does."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.store import Store, articles, outbox
from tests.support.world import write_config

COMMAND = [sys.executable, "-c", "from pipeline.cli import main; main()", "--config"]


def eventually(holds: Callable[[], Any], what: str, seconds: float = 90.0) -> None:
    """Wait until it holds; fail with `what` when it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.05)


@dataclass
class Running:
    """A daemon under way."""

    process: subprocess.Popen[bytes]
    errors: Path

    def log(self) -> list[dict[str, Any]]:
        """The whole lines it logged so far."""
        lines = self.errors.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def logged(self, event: str, **fields: Any) -> bool:
        return any(
            line["event"].startswith(event) and all(line.get(k) == v for k, v in fields.items()) for line in self.log()
        )

    def terminate(self) -> tuple[int, float]:
        """Ask it to end; its exit code, and how many seconds that took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90), time.monotonic() - started

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def config(folder: Path, *feeds: str, **more: Any) -> Path:
    """A configuration for a quick daemon."""
    return write_config(
        folder / "config",
        feeds,
        schedule={"poll_every": "1s", "ticks": "0.2s"},
        extraction={"processes": 1},
        **more,
    )


@contextmanager
def daemon(folder: Path, **environ: str) -> Iterator[Running]:
    """`dealwire run` on this configuration, with more in its environment; killed at the end if it still runs."""
    errors = folder.parent / f"stderr-{len(list(folder.parent.glob('stderr-*')))}"
    with (
        errors.open("ab") as sink,
        subprocess.Popen(
            [*COMMAND, str(folder), "run"], stderr=sink, env={**os.environ, "DEALWIRE_LOG": "json", **environ}
        ) as process,
    ):
        try:
            yield Running(process, errors)
        finally:
            process.kill()


def told(folder: Path, outbox_folder: str = "outbox") -> list[Path]:
    """The alerts in the local channel's folder, as JSON files."""
    return sorted((folder.parent / "state" / outbox_folder).glob("alert-*.json"))


def stored(folder: Path) -> tuple[articles.Counts, dict[str, int], list[tuple[int | None, str]]]:
    """Counts of articles and deliveries, and each delivery as (article, channel)."""
    with Store(folder.parent / "state") as store, store.read() as session:
        rows = outbox.listing(session, most=10_000)
        return articles.counts(session), outbox.counts(session), [(row.article_id, row.channel) for row in rows]


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as some:
        port: int = some.getsockname()[1]
        return port


def asked(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of what the daemon serves there; 0 where nobody answers."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read()
    except ConnectionError:
        return 0, b""
    finally:
        client.close()
