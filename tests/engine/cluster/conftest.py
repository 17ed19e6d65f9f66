"""A PostgreSQL server, and workers on it as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.store import Store, workers
from pipeline.store.workers import Seen
from tests.engine.daemon import COMMAND, Running, eventually

Work = Callable[..., Running]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """Starts a worker with a configuration folder, and waits until it takes part; all are ended with the test."""
    with ExitStack() as stack:

        def begin(config: Path, *options: str) -> Running:
            errors = tmp_path / f"worker-{len(list(tmp_path.glob('worker-*')))}"
            sink = stack.enter_context(errors.open("ab"))
            process = subprocess.Popen(
                [*COMMAND, str(config), "worker", *options], stderr=sink, env={**os.environ, "DEALWIRE_LOG": "json"}
            )
            running = Running(process, errors)
            stack.callback(_end, running)
            eventually(lambda: running.logged("started") or process.poll() is not None, "the worker started")
            assert process.poll() is None, errors.read_text(encoding="utf-8")
            return running

        yield begin


def _end(running: Running) -> None:
    running.process.send_signal(signal.SIGCONT)
    running.terminate()


def seen(store: Store) -> list[Seen]:
    with store.read() as session:
        return workers.living(session)
