"""Units of work while the database cannot be written: what is done is not lost, and no more is begun."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from pipeline.errors import StoreError
from pipeline.flow import Report, Tools
from pipeline.flow.pacing import PacedOutbox
from pipeline.flow.side_by_side import Work, side_by_side
from pipeline.models import Delivery, DeliveryState
from pipeline.store import Session, Store, outbox
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_deliveries, deliver, ingest, poll
from tests.support.trouble import SAYS, Trouble, trouble
from tests.support.web import Web
from tests.support.world import DEAL, FixedClock, page, rss

PATIENCE = 60
COUNT = 30
TROUBLES = ["readonly", "locked"]


class Pause(threading.Event):
    """A stop that is asked to wait: what then happens instead of time passing."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.then, self.waits = then, 0

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002
        self.waits += 1
        self.then()
        return self.is_set()


@dataclass
class Sender:
    """Sends deliveries: the first at once, with the trouble beginning thereby, and the others when told to go."""

    tools: Tools
    trouble: Trouble
    go: threading.Event = field(default_factory=threading.Event)
    sent: list[int] = field(default_factory=list)
    report: Report = field(default_factory=Report)

    def send(self, row: Delivery) -> None:
        self.sent.append(row.id or 0)
        if len(self.sent) == 1:
            self.trouble.on()
        else:
            self.go.wait(PATIENCE)

    def keep(self, session: Session, sent: Sequence[tuple[Delivery, None]]) -> None:
        for row, _ in sent:
            row.state, row.attempts, row.lease_until = DeliveryState.DELIVERED, row.attempts + 1, None
            row.last_error = "x" * 10_000  # which a full disk has no room for
            outbox.save(session, row)
            self.report.add("delivered")

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        work = Work(
            PacedOutbox(self.tools.settings),
            self.tools.senders,
            lambda row: row.channel,
            self.send,
            self.keep,
            _unforeseen,
            self.report,
            6.0,
        )
        side_by_side(self.tools, work, list(range(1, COUNT + 1)), progress, waits=(0, 0))


def _unforeseen(_: Session, row: Delivery, why: str) -> None:
    raise AssertionError(f"{row.id} is spoilt: {why}")


@pytest.fixture
def waiting(make_tools: MakeTools) -> Iterator[Tools]:
    """Tools with deliveries that wait, on a store that has no patience with a lock."""
    tools = make_tools()
    with Store(tools.settings.place, patience=0.01) as store:
        tools = replace(tools, store=store)
        with tools.store.write() as session:
            for n in range(COUNT):
                outbox.add(
                    session, key=f"k{n}", channels=["local"], kind="x", subject="", payload={}, now=tools.clock.now()
                )
        yield tools


@pytest.mark.parametrize("kind", [*TROUBLES, pytest.param("full", marks=pytest.mark.sqlite)])
def test_trouble_that_passes_costs_nothing(waiting: Tools, kind: str) -> None:
    """What was sent is marked once it can be, counted once, and what was not begun is due again at once."""
    tools = waiting
    with trouble(kind, tools.store.name) as wrong:
        sender = Sender(tools, wrong)
        sender.tools = replace(tools, stop=Pause(lambda: (wrong.off(), sender.go.set())))
        sender.run()
        first = len(sender.sent)
        sender.run()

    rows = all_deliveries(tools)
    assert first < COUNT
    assert sorted(sender.sent) == [row.id for row in rows]
    assert {(row.state, row.attempts, row.lease_until) for row in rows} == {(DeliveryState.DELIVERED, 1, None)}
    assert sender.report.counts == {"delivered": COUNT}


@pytest.mark.parametrize("kind", TROUBLES)
def test_trouble_that_stays_is_told_and_nothing_more_is_begun(waiting: Tools, clock: FixedClock, kind: str) -> None:
    """The error names it; afterwards all go out, and only what was sent unmarked goes twice."""
    tools = waiting
    with trouble(kind, tools.store.name) as wrong:
        sender = Sender(tools, wrong)
        pause = Pause(sender.go.set)
        sender.tools = replace(tools, stop=pause)
        with pytest.raises(StoreError, match=SAYS[kind]) as raised:
            sender.run()
        begun = len(sender.sent)
        wrong.off()
        clock.advance(minutes=31)
        sender.sent.append(0)  # not the first one any more
        sender.run()

    assert pause.waits == 2
    assert "lease will run out" in raised.value.__notes__[0]
    assert begun <= 5
    assert all(row.state is DeliveryState.DELIVERED for row in all_deliveries(tools))
    assert len(sender.sent) == begun + 1 + COUNT


@pytest.mark.parametrize("error", [StoreError("for a while"), ValueError("for good")])
def test_what_did_not_come_about_is_not_counted(waiting: Tools, error: Exception) -> None:
    """Neither of a group that is stored at the second try, nor of a row that is spoilt."""
    tools = replace(waiting, stop=Pause(lambda: None))
    report, failing = Report(), [error]

    def keep(_session: Session, sent: Sequence[tuple[Delivery, None]]) -> None:
        for row, _ in sent:
            report.add("kept")
            if row.id == 2 and failing:
                raise failing.pop() if isinstance(error, StoreError) else error

    def spoilt(_session: Session, row: Delivery, why: str) -> None:
        report.fail(str(row.id), why)

    queue = PacedOutbox(tools.settings)
    work = Work(queue, tools.senders, lambda row: row.channel, lambda _: None, keep, spoilt, report)
    side_by_side(tools, work, [1, 2], lambda _: None)

    foreseen = isinstance(error, StoreError)
    assert report.counts == ({"kept": 2} if foreseen else {"kept": 1, "failed": 1})


def test_a_stop_ends_the_tries(waiting: Tools) -> None:
    """While the database cannot be written, a stop leaves one more try and no wait."""
    tools = waiting
    with trouble("readonly", tools.store.name) as wrong:
        sender = Sender(tools, wrong)
        pause = Pause(lambda: (sender.go.set(), pause.set()))
        sender.tools = replace(tools, stop=pause)
        with pytest.raises(StoreError, match=SAYS["readonly"]):
            sender.run()

    assert pause.waits == 1


def test_the_first_error_is_the_one_told(waiting: Tools) -> None:
    """What goes wrong while handing back stands beside it as a note."""
    tools = waiting
    with trouble("readonly", tools.store.name) as wrong:
        sender = Sender(tools, wrong)
        sender.tools = replace(tools, stop=Pause(lambda: (wrong.off(), sender.go.set())))

        def stumble(_: int) -> None:
            wrong.on()
            raise RuntimeError("the first")

        with pytest.raises(RuntimeError, match="the first") as raised:
            sender.run(stumble)

    assert re.search(SAYS["readonly"], raised.value.__notes__[0])


@pytest.mark.sqlite
def test_a_full_disk_loses_nothing(web: Web, make: MakeTools, clock: FixedClock) -> None:
    """Ingestion fails with a clear error while the disk is full, and goes on afterwards: one alert."""
    web.set("/a", page("Big news", DEAL, *(f"Paragraph {n} of a long text that needs room." for n in range(500))))
    items = [{"title": "Big news", "link": f"{web.base}/a", "guid": "a"}]
    tools = make(web.set("/feed", rss(items), "application/rss+xml"))
    tools = replace(tools, stop=Pause(lambda: None))
    poll(tools)
    with trouble("full", tools.store.name) as wrong:
        wrong.on()
        with pytest.raises(StoreError, match=r"disk is full\. Check the free space"):
            ingest(tools)
        wrong.off()
        clock.advance(minutes=31)
        ingest(tools)
        deliver(tools)

    [article] = all_articles(tools)
    assert (article.attempts, DEAL in article.body) == (1, True)
    assert [row.state for row in all_deliveries(tools)] == [DeliveryState.DELIVERED]
