"""When to run again: jumps of the machine's clock, and waits after failures. Pure; times are in seconds."""

from __future__ import annotations

import threading

_TOLERANCE = 5.0
_FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
_REMIND_AFTER = 60.0


class Jumps:
    """Compares the wall clock with one that only ever goes forward, a look at a time: slow drift is no jump."""

    def __init__(self, wall: float, steady: float) -> None:
        self._ahead = wall - steady

    def seen(self, wall: float, steady: float) -> float:
        """How far the wall clock jumped since the last look: less than nothing where it was set back, 0 for no jump."""
        before, self._ahead = self._ahead, wall - steady
        jump = self._ahead - before
        return jump if abs(jump) > _TOLERANCE else 0.0


class Backoff:
    """Lets work that failed wait 1, 2, 4 ... 60 s before its next try, and says of which failures to speak.

    Each distinct reason is spoken of once; what repeats is counted, and spoken of once a minute. A success resets
    all that. For several threads.
    """

    def __init__(self, longest: float = LONGEST_WAIT) -> None:
        """`longest`: where not 60 s, the longest wait."""
        self._longest = longest
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._until = self._wait = 0.0
        self._failed_at = float("-inf")
        self._failures = self._unsaid = 0
        self._said_at = 0.0
        self._reasons: set[str] = set()

    def ready(self, now: float) -> bool:
        """Whether the wait is over."""
        with self._lock:
            return now >= self._until

    def failed(self, why: str, began: float, now: float) -> int:
        """Note that work begun then failed. Gives how many failures to speak of; 0 for keeping quiet.

        Tries that ran side by side and failed together lengthen the wait once.
        """
        with self._lock:
            if began >= self._failed_at:
                self._wait = min(self._wait * 2 or _FIRST_WAIT, self._longest)
                self._until = now + self._wait
            self._failed_at = now
            self._failures += 1
            if why not in self._reasons:
                self._reasons.add(why)
                self._said_at = now
                return 1
            self._unsaid += 1
            if now - self._said_at < _REMIND_AFTER:
                return 0
            count, self._unsaid, self._said_at = self._unsaid, 0, now
            return count

    def succeeded(self) -> int:
        """Note a success. Gives how many failures it ends."""
        with self._lock:
            ended = self._failures
            if ended:
                self._reset()
            return ended
