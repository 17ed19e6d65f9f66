"""Calls for workers, each a job of Procrastinate: what is called for, how urgently, and once at a time."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any, NamedTuple

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from pipeline.store import Session, Store, calls, part

POLL, PROMISING, INGEST, DELIVER, DIGEST, PRUNE = "poll", "promising", "ingest", "deliver", "digest", "prune"


class Kind(NamedTuple):
    """In which queue a call stands, and how urgent it is: of two the one of the higher priority goes first."""

    queue: str
    priority: int


KINDS = {
    DELIVER: Kind("deliver", 30),
    DIGEST: Kind("deliver", 20),
    PROMISING: Kind("ingest", 20),
    POLL: Kind("poll", 10),
    INGEST: Kind("ingest", 10),
    PRUNE: Kind("poll", 0),
}
QUEUES = tuple(dict.fromkeys(kind.queue for kind in KINDS.values()))


def subject(kind: str, of: str) -> str:
    """What is called for, as transactions note it: `poll`, or `deliver inbox` for one channel."""
    return f"{kind} {of}" if of else kind


class Calls:
    """Writes calls into transactions, where no equal one waits."""

    def __init__(self) -> None:
        self._app = App(connector=SyncPsycopgConnector())

    def of_what_was_made(self, session: Session) -> None:
        """Call for the work that the transaction makes."""
        for what in sorted(calls.noted(session)):  # in one order: else two could wait for each other
            self.call(session, what)

    def call(self, session: Session, what: str, times: int = 1) -> None:
        """Have so many calls for it wait, each to be answered with a batch."""
        names = [f"{what}#{number}" for number in range(times)]
        there = calls.waiting(session, names)
        for name in names:
            if name not in there:
                self._defer(session, what, name)

    def _defer(self, session: Session, what: str, name: str) -> None:
        kind, _, of = what.partition(" ")
        given: dict[str, Any] = {"of": of} if of else {}
        job = self._app.configure_task(
            kind,
            allow_unknown=True,
            queue=KINDS[kind].queue,
            priority=KINDS[kind].priority,
            queueing_lock=name,
            connection=calls.connection_of(session),
        )
        try:
            with part(session):  # else one that somebody made meanwhile would cost the whole transaction
                job.defer(**given)
        except AlreadyEnqueued:
            return


def set_up(store: Store) -> None:
    """Make the tables that jobs stand in, where there are none yet."""
    with store.write() as session:
        if not calls.is_set_up(session):
            schema = files("procrastinate.sql").joinpath("schema.sql").read_text(encoding="utf-8")
            calls.set_up(session, schema)


def queues_of(names: Iterable[str]) -> list[str]:
    """The queues of these names, in their own order, each once."""
    wanted = set(names)
    return [queue for queue in QUEUES if queue in wanted]
