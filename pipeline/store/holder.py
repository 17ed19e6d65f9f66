"""The one process that may write to a state folder, and who that is."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import StoreBusy, StoreError
from pipeline.store.sqlite import make_folder

LOCK = "dealwire.lock"
_TRIES = 5


@contextmanager
def sole_writer(state: Path) -> Iterator[None]:
    """Hold the state folder for this process. Raises StoreBusy with the holder where another process has it."""
    make_folder(state)
    try:
        handle = os.open(state / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{state / LOCK} cannot be written ({error.strerror}). "
            "Check that the file and its folder may be written by this user."
        ) from error
    try:
        if not _lock(handle):
            raise StoreBusy(
                f"{state} is in use by another Dealwire (process {_named_in(handle)}). "
                "Stop it first, or use another state folder."
            )
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def writer(state: Path) -> str | None:
    """The number of the process that holds the state folder, "unknown" while it is not yet written; None for none."""
    try:
        handle = os.open(state / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{state / LOCK} cannot be read ({error.strerror}). Check its permissions.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _named_in(handle)
    finally:
        os.close(handle)
    return None


def _lock(handle: int) -> bool:
    """Whether the lock could be had. Who only asks for its holder has it for a moment, so it is tried again."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def _named_in(handle: int) -> str:
    return os.read(handle, 20).decode(errors="replace").strip() or "unknown"
