"""The ledger of a watch summed up once for all who look at it, until it changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.deals import books
from pipeline.deals.books import Booked, Circle, Totals
from pipeline.flow.deal_search import booked
from pipeline.store import Session, Store, around, ledger


@dataclass(frozen=True)
class Books:
    """All deals of a watch at a revision of the ledger, by number, and what they come to."""

    watch: str
    revision: str
    deals: Sequence[Booked]

    @cached_property
    def totals(self) -> Totals:
        return books.totals(self.deals)

    @cached_property
    def circles(self) -> Sequence[Circle]:
        return books.circles(self.deals)


class Shelf:
    """The books of each watch as they were last; what has not changed since is not read again."""

    def __init__(self) -> None:
        self._books: dict[str, Books] = {}
        self._reading = threading.Lock()

    def books(self, store: Store, watch: str) -> Books:
        """The books of a watch by the ledger as it is now."""
        with store.read() as session:
            revision = ledger.revision(session)
            known = self._books.get(watch)
            if known and known.revision == revision:
                return known
            with self._reading:
                return self._renewed(session, watch, revision)

    def _renewed(self, session: Session, watch: str, revision: str) -> Books:
        known = self._books.get(watch)
        if known and int(known.revision) >= int(revision):
            return known
        by_number = {each.id: each for each in known.deals} if known else {}
        for deal in around.saved_since(session, watch, int(known.revision) if known else -1):
            by_number.pop(deal.id or 0, None)
            if deal.live:
                by_number[deal.id or 0] = booked(deal)
        fresh = Books(watch, revision, [by_number[number] for number in sorted(by_number)])
        self._books[watch] = fresh
        return fresh
