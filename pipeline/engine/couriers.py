"""Delivering: a thread for each channel that has something to send, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock, Thread


class Couriers:
    """Runs `work` with a channel's name in a thread of its own, until nothing is left to do for the channel.

    `work` gets one channel at a time only once at a time, and must not raise.
    """

    def __init__(self, work: Callable[[str], None]) -> None:
        self._work = work
        self._under_way: dict[str, Thread] = {}
        self._again: set[str] = set()
        self._lock = Lock()

    def rouse(self, channels: Iterable[str]) -> None:
        """Begin with those of the channels that are idle; the others are begun again when they end."""
        with self._lock:
            for channel in channels:
                if channel in self._under_way:
                    self._again.add(channel)
                else:
                    self._begin(channel)

    def join(self) -> None:
        """Wait until all have done their work."""
        while threads := self._threads():
            for thread in threads:
                thread.join()

    def _threads(self) -> list[Thread]:
        with self._lock:
            return list(self._under_way.values())

    def _begin(self, channel: str) -> None:
        """For whoever has the lock."""
        thread = Thread(target=self._run, args=(channel,), name=f"courier {channel}", daemon=True)
        thread.start()  # first, for it fails where the machine has no thread left
        self._under_way[channel] = thread

    def _run(self, channel: str) -> None:
        try:
            self._work(channel)
        finally:
            with self._lock:
                del self._under_way[channel]
                if channel in self._again:
                    self._again.discard(channel)
                    self._begin(channel)
