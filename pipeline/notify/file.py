"""A message as a line at the end of a file, or on standard output: for other programs to follow."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from pipeline.clock import Clock
from pipeline.domain import Message, Step, unsaid
from pipeline.errors import DeliveryError
from pipeline.notify.envelope import envelope
from pipeline.notify.folder import make_ready


@cache
def _turn(_: Path | None) -> Lock:
    """Whose turn it is to write there: deliveries go out side by side, and their lines must not mix."""
    return Lock()


@dataclass(frozen=True)
class FileChannel:
    """Appends a line for each message to `path`, or to standard output where there is none.

    `form` json: the envelope that webhooks are sent, with the message's `id`. `form` text: the subject and the URL.
    A message that is sent again stands there again, under the same id.
    """

    path: Path | None
    form: str
    clock: Clock

    def __post_init__(self) -> None:
        _turn(self.path)  # made before several threads ask for it

    def send(self, message: Message, step: Step = unsaid) -> None:
        line = self._line(message).encode() + b"\n"
        try:
            with _turn(self.path):
                self._append(line)
        except OSError as error:
            raise DeliveryError(f"{self.path or 'standard output'}: {error.strerror}") from error
        step(f"{len(line):,} bytes written to {self.path or 'standard output'}")

    def probe(self) -> None:
        if self.path is None:
            return
        make_ready(self.path.parent)
        if self.path.exists() and not (self.path.is_file() and os.access(self.path, os.W_OK)):
            raise DeliveryError(f"{self.path} is no file that may be written")

    def _line(self, message: Message) -> str:
        if self.form == "text":
            return " ".join(f"{message.subject} {message.data.get('url', '')}".split())
        return envelope(message, self.clock.now(), id=message.id)

    def _append(self, line: bytes) -> None:
        if self.path is None:
            sys.stdout.write(line.decode())
            sys.stdout.flush()
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "ab+") as file:
            if file.tell() and not self._ends_well(file.fileno(), file.tell()):
                line = b"\n" + line  # what a crash cut off stays a line by itself
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def _ends_well(file: int, size: int) -> bool:
        return os.pread(file, 1, size - 1) == b"\n"
