"""How the ledgers came to where they are, for the digest."""

from __future__ import annotations

import threading

from pipeline.deals.progress import Progress, trail
from pipeline.flow.deal_search import booked
from pipeline.store import Session, around, ledger


class Courses:
    """The progress of each ledger as it was last: what has not changed since is not read again."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Progress]] = {}
        self._reading = threading.Lock()

    def progress(self, session: Session, watch: str) -> Progress:
        """That of the watch's ledger as it is now."""
        with self._reading:
            since, known = self._known.get(watch, (-1, Progress()))
            now = int(ledger.revision(session))
            if now < since:  # it is another store, such as a backup that was put in place
                since, known = -1, Progress()
            rows = around.saved_since(session, watch, since)
            known = known.updated({row.id or 0: trail(booked(row)) if row.live else None for row in rows})
            self._known[watch] = now, known
            return known
