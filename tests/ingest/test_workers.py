"""Processes that can be killed."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pipeline.errors import ExtractError, PipelineError
from pipeline.ingest.workers import Crashed, Raised, Stopped, TookTooLong, Workers
from tests.engine.daemon import eventually

LONG = 60.0
HELD: list[bytearray] = []


def double(number: int) -> int:
    return 2 * number


def echo(data: bytes) -> bytes:
    return data


def process(*_: object) -> int:
    return os.getpid()


def hold(size: int) -> int:
    """Keep this much memory for good."""
    HELD.append(bytearray(b"x") * size)
    return os.getpid()


def allocate(size: int) -> int:
    return len(bytearray(size))


def refuse() -> NoReturn:
    raise ExtractError("no", retry=True)


def local_object() -> object:
    return lambda: None


class Odd(Exception):
    """One that cannot be pickled back."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def odd() -> NoReturn:
    raise Odd("this", "that")


def local_error() -> NoReturn:
    class Local(Exception):
        pass

    raise Local("inside")


def leave() -> NoReturn:
    sys.exit("bye")


def recurse() -> None:
    recurse()


def die(how: int) -> None:
    os.kill(os.getpid(), how)


def die_once(flag: str) -> str:
    if not Path(flag).exists():
        Path(flag).touch()
        die(signal.SIGSEGV)
    return "lived"


def stall() -> None:
    """Hours in C code that holds the interpreter."""
    re.match(r"(a|a)*b", "a" * 60)


def wait_for(mine: str, other: str) -> bool:
    """Say that this one is here, and wait for another to be."""
    Path(mine).touch()
    for _ in range(6_000):
        if Path(other).exists():
            return True
        time.sleep(0.01)
    return False


def note(file: str, line: str) -> None:
    with open(file, "a", encoding="utf-8") as lines:
        lines.write(f"{line}\n")


def shout() -> None:
    os.write(1, b"noise of C code\n")
    os.write(2, b"noise of C code\n")
    print("noise")  # noqa: T201
    for number in range(1_000):
        warnings.warn(f"noise {number}", stacklevel=1)


def mark() -> None:
    os.environ["MARKED"] = "yes"


def marked() -> str | None:
    return os.environ.get("MARKED")


def children() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1, LONG) as workers:
        yield workers


def test_result(workers: Workers) -> None:
    """The function's value comes back, from another process."""
    assert workers.run(double, 21) == 42
    assert workers.run(process) != os.getpid()


def test_large_argument_and_result(workers: Workers) -> None:
    """Megabytes go there and back."""
    data = bytes(range(256)) * 100_000

    assert workers.run(echo, data) == data


def test_error_of_ours(workers: Workers) -> None:
    """A PipelineError passes through as it is."""
    with pytest.raises(ExtractError, match=r"^no$") as caught:
        workers.run(refuse)

    assert caught.value.retry


@pytest.mark.parametrize(
    ("function", "arguments", "kind"),
    [
        (odd, (), "Odd"),
        (local_error, (), "Local"),
        (leave, (), "SystemExit"),
        (recurse, (), "RecursionError"),
        (local_object, (), "AttributeError|PicklingError"),
        (allocate, (8 * 2**30,), "MemoryError"),
    ],
)
def test_raised(workers: Workers, function: Callable[..., object], arguments: tuple[Any, ...], kind: str) -> None:
    """Whatever else a task raises is told by name, also what cannot be pickled; the worker goes on."""
    before = workers.run(process)
    with pytest.raises(Raised) as caught:
        workers.run(function, *arguments)

    assert re.fullmatch(kind, caught.value.kind)
    assert workers.run(process) == before


def test_too_long() -> None:
    """A task that passes its time is ended, even in C code; the next one runs."""
    with Workers(1, 1) as workers:
        with pytest.raises(TookTooLong, match="longer than 1 s"):
            workers.run(stall)

        workers.timeout = LONG
        assert workers.run(double, 1) == 2


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
def test_crashed(workers: Workers, how: int) -> None:
    """A task that takes its process down twice is told apart; the next one runs."""
    with pytest.raises(Crashed):
        workers.run(die, how)

    assert workers.run(double, 1) == 2


def test_crashed_once(workers: Workers, tmp_path: Path) -> None:
    """A task whose process died is run again at once, and ends well where it was not to blame."""
    assert workers.run(die_once, str(tmp_path / "flag")) == "lived"


def test_killed_while_idle(workers: Workers) -> None:
    """A process that is killed between two tasks costs neither."""
    for _ in range(3):
        os.kill(workers.run(process), signal.SIGKILL)

        assert workers.run(double, 1) == 2


def test_side_by_side(tmp_path: Path) -> None:
    """As many tasks run at once as there are processes."""
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    with Workers(2, 2 * LONG) as workers, ThreadPoolExecutor(2) as threads:
        found = [threads.submit(workers.run, wait_for, *pair) for pair in ((one, other), (other, one))]

        assert [future.result() for future in found] == [True, True]


def test_what_is_to_be_next_goes_before_what_waits(workers: Workers, tmp_path: Path) -> None:
    """In the order in which it came, and then the rest in its own."""
    begun, go, noted = (str(tmp_path / name) for name in ("begun", "go", "noted"))
    with ThreadPoolExecutor(5) as threads:
        threads.submit(workers.run, wait_for, begun, go)
        for number, run in enumerate([workers.run, workers.run, workers.run_next, workers.run_next]):
            threads.submit(run, note, noted, str(number))
            eventually(lambda most=number + 1: workers.waiting == most, "it waits")
        Path(go).touch()

    assert Path(noted).read_text().split() == ["2", "3", "0", "1"]


def test_started_as_needed() -> None:
    """Nothing runs before the first task, and tasks one after another need one process."""
    before = children()
    with Workers(4, LONG) as workers:
        made = children()
        pids = {workers.run(process) for _ in range(5)}

    assert made == before
    assert len(pids) == 1
    assert children() == before


def test_replaced_after_many_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process lives for ever."""
    monkeypatch.setattr("pipeline.ingest.workers._TASKS_PER_PROCESS", 50)
    with Workers(1, LONG) as workers, ThreadPoolExecutor(4) as threads:
        pids = set(threads.map(lambda _: workers.run(process), range(60)))

    assert len(pids) == 2


def test_replaced_when_large(workers: Workers) -> None:
    """A process that has grown large gives its memory back by ending."""
    small = workers.run(process)
    large = workers.run(hold, 250 * 2**20)

    assert large == small
    assert workers.run(process) != large


def test_silent(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing that a task writes reaches the terminal, or the output of a command."""
    with Workers(1, LONG) as workers:
        workers.run(shout)

    assert capfd.readouterr() == ("", "")


def test_prepared(workers: Workers) -> None:
    """Each process is prepared before its first task."""
    with Workers(1, LONG, mark) as ready:
        assert ready.run(marked) == "yes"
        os.kill(ready.run(process), signal.SIGKILL)
        assert ready.run(marked) == "yes"
    assert workers.run(marked) is None


def test_preparation_that_fails(capfd: pytest.CaptureFixture[str]) -> None:
    """Where no process can be made ready, a task ends in an error that tells so, not in a wait."""
    with Workers(1, LONG, refuse) as workers, pytest.raises(Crashed):
        workers.run(double, 1)

    assert "ExtractError: no" in capfd.readouterr().err


def test_closed() -> None:
    """Closing ends the task under way, the one that waits, and all that come later; no process stays."""
    before = children()
    workers = Workers(1, LONG)
    pid = workers.run(process)
    with ThreadPoolExecutor(2) as threads:
        under_way = [threads.submit(workers.run, stall) for _ in range(2)]
        while not all(future.running() for future in under_way):
            time.sleep(0.01)
        workers.close()
        for future in under_way:
            with pytest.raises(Stopped):
                future.result()
    with pytest.raises(Stopped):
        workers.run(double, 1)

    assert pid not in children()
    assert children() == before


def test_no_result_is_lost_to_kills() -> None:
    """Of tasks with large documents, under kills at random moments, each ends with its own result."""
    before, chance = children(), random.Random(5)
    documents = [bytes([number]) * chance.randrange(1, 400_000) for number in range(50)]

    def kill() -> None:
        for _ in range(40):  # an end to it, as a slow machine starts no process in the time between two kills
            time.sleep(chance.uniform(0.0, 0.2))
            for pid in chance.sample(sorted(found := children() - before), min(1, len(found))):
                with suppress(ProcessLookupError):
                    os.kill(pid, chance.choice([signal.SIGKILL, signal.SIGSEGV]))

    def run(document: bytes) -> bool:
        while True:
            try:
                return workers.run(echo, document) == document
            except (Crashed, TookTooLong):
                continue

    with Workers(2, LONG) as workers, ThreadPoolExecutor(5) as threads:
        killer = threads.submit(kill)
        found = list(threads.map(run, documents))
        while not killer.done():
            found += threads.map(run, documents)

    assert all(found)
    assert children() == before


def test_errors_are_not_for_users() -> None:
    """What a worker raises has to be put into words by who gave it the task."""
    assert not any(issubclass(kind, PipelineError) for kind in (Crashed, Raised, Stopped, TookTooLong))
