"""`watches.yaml` as a text that people edit: read, checked, and put back if it is still what they read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import yaml
from pipeline.config.fill import references
from pipeline.errors import ConfigError, Problem, UsageError

FILE = "watches.yaml"
LARGEST = 256 * 1024
"""How many bytes a text may have."""

_MARK = "\ufeff"


@dataclass(frozen=True)
class WatchesText:
    """The text with plain line ends and no byte order mark; `digest` tells one state of the file from another."""

    text: str
    digest: str


def read(folder: Path) -> WatchesText:
    """What stands in the file. Raises ConfigError where it cannot be read."""
    data = _bytes(folder)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ConfigError([Problem(FILE, 1, "", "is not UTF-8 text", "Save it as UTF-8.")]) from None
    return WatchesText(_unmarked(text), hashlib.sha256(data).hexdigest())


def document(folder: Path, text: str) -> yaml.Document:
    """What would be read if the file held this text; faults are in its `problems`.

    The text may be from someone who may not read what lies on this machine, so it leads to nothing outside itself that
    the file does not lead to: neither by `${...}` nor by a file of weights in another folder. Raises UsageError where
    it is too long, and ConfigError where the file cannot be read.
    """
    return _parsed(folder, _encoded(_unmarked(text)))


def save(folder: Path, text: str, digest: str) -> None:
    """Put the text in place of the file, whose state before is kept as `watches.yaml.bak`.

    Byte order mark, line ends, mode and links stay. What the text says is not looked at. Raises UsageError where the
    file is no longer in the state of that `digest`, or cannot be written.
    """
    path = folder / FILE
    with _alone(folder):
        before = _bytes(folder)
        if hashlib.sha256(before).hexdigest() != digest:
            raise UsageError(f"{FILE} was changed by someone else meanwhile, so nothing was saved. Load it again.")
        written = _as_before(_encoded(_unmarked(text)).decode(), before)
        if written == before.decode():
            return
        _keep(path)
        yaml.write(path, [written])


def _parsed(folder: Path, data: bytes) -> yaml.Document:
    known = _bytes(folder).decode(errors="replace")
    found = yaml.parse(data, FILE, folder, frozenset(references(known)))
    watches = found.data.get("watches") if isinstance(found.data, dict) else None
    for name, watch in watches.items() if isinstance(watches, dict) else ():
        weights = watch.get("weights") if isinstance(watch, dict) else None
        if isinstance(weights, str) and Path(weights).name != weights and weights not in known:
            found.complain(("watches", name, "weights"), "is in another folder", "Name a file beside watches.yaml.")
            del watch["weights"]
    return found


def _bytes(folder: Path) -> bytes:
    try:
        return (folder / FILE).read_bytes()
    except OSError as error:
        remedy = "Run `dealwire init` to get the shipped one, or check its permissions."
        raise ConfigError([Problem(FILE, 0, "", f"cannot be read ({error.strerror})", remedy)]) from error


def _unmarked(text: str) -> str:
    return text.removeprefix(_MARK).replace("\r\n", "\n")


def _as_before(text: str, before: bytes) -> str:
    """The text with the line ends that most lines of the file have, and its byte order mark."""
    mark = _MARK if before.startswith(_MARK.encode()) else ""
    windows = before.count(b"\r\n") * 2 > before.count(b"\n")
    return mark + (text.replace("\n", "\r\n") if windows else text)


def _encoded(text: str) -> bytes:
    data = text.encode(errors="replace")  # half a surrogate pair is no text
    if len(data) > LARGEST:
        raise UsageError(
            f"The text has {len(data):,} bytes, and may have {LARGEST:,}. Move lists that nothing uses out."
        )
    return data


def _keep(path: Path) -> None:
    try:
        shutil.copy2(path, path.with_name(f"{path.name}.bak"))
    except OSError as error:
        raise UsageError(f"{path.parent} cannot be written to ({error.strerror}). Check its permissions.") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else saves meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
