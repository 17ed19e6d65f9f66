"""The ledger of a watch summed up once for all who look at it, until it changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.config.names import ledger_watch
from pipeline.config.schema import Settings
from pipeline.deals import books
from pipeline.deals.books import Booked, Circle, Totals
from pipeline.deals.network import network
from pipeline.deals.progress import Progress, course, dots, trail
from pipeline.domain import Course, Dot, Network
from pipeline.flow.deal_search import booked
from pipeline.flow.mentions import Reader
from pipeline.store import Session, Store, around, ledger


@dataclass(frozen=True)
class Books:
    """All deals of a watch at a revision of the ledger, by number, and what they come to around its `subject`.

    `earlier` is the progress of earlier books, and `changed` are the deals that changed since.
    """

    watch: str
    subject: str
    revision: int
    deals: Sequence[Booked]
    earlier: Progress = field(default_factory=Progress)
    changed: frozenset[int] = frozenset()

    @cached_property
    def totals(self) -> Totals:
        return books.totals(self.deals)

    @cached_property
    def circles(self) -> Sequence[Circle]:
        return books.circles(self.deals)

    @cached_property
    def course(self) -> Course | None:
        return course(self.deals, self.progress)

    @cached_property
    def progress(self) -> Progress:
        now = {deal.id: deal for deal in self.deals if deal.id in self.changed}
        return self.earlier.updated({id_: trail(now[id_]) if id_ in now else None for id_ in self.changed})

    @property
    def worked_out(self) -> tuple[Progress, frozenset[int]]:
        """The latest progress that anybody asked for, and the deals that changed since."""
        return (self.progress, frozenset()) if "progress" in self.__dict__ else (self.earlier, self.changed)

    @cached_property
    def dots(self) -> Sequence[Dot]:
        return dots(self.deals)

    @cached_property
    def network(self) -> Network | None:
        return network(self.deals, self.subject)


class Shelf:
    """The books of each watch as they were last: what has not changed since is not read again."""

    def __init__(self) -> None:
        self._books: dict[str, Books] = {}
        self._subjects: dict[str, tuple[Settings, str]] = {}
        self._reading = threading.Lock()

    def books(self, settings: Settings, store: Store, watch: str = "") -> Books:
        """Those of a watch as it is now, or of the first that keeps a ledger; empty ones where none does.

        Raises UsageError where there is no such watch, or it keeps none.
        """
        if not watch and not any(rule.ledger for rule in settings.watches.values()):
            return Books("", "", 0, ())
        name = ledger_watch(settings, watch)
        with store.read() as session:
            revision = int(ledger.revision(session))
            with self._reading:
                subject = self._subject(settings, name)
                known = self._books.get(name)
                if known is None or known.revision != revision or known.subject != subject:
                    known = self._books[name] = _renewed(session, name, subject, revision, known)
                return known

    def _subject(self, settings: Settings, watch: str) -> str:
        of, subject = self._subjects.get(watch, (None, ""))
        if of is not settings:
            subject = Reader(settings, watch).subject
            self._subjects[watch] = settings, subject
        return subject


def _renewed(session: Session, watch: str, subject: str, revision: int, known: Books | None) -> Books:
    """The books at this revision: only the deals that changed since the last are read."""
    since = known if known and known.revision <= revision else Books(watch, subject, -1, ())
    by_number = {each.id: each for each in since.deals}
    changed = set()
    for deal in around.saved_since(session, watch, since.revision):
        changed.add(deal.id or 0)
        by_number.pop(deal.id or 0, None)
        if deal.live:
            by_number[deal.id or 0] = booked(deal)
    earlier, more = since.worked_out
    deals = [by_number[number] for number in sorted(by_number)]
    return Books(watch, subject, revision, deals, earlier, more | changed)
