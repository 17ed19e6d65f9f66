"""What became of deals in a stretch of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.domain import Change
from pipeline.store import Store, changes, ledger, outbox
from tests.support.ledger import FIRST, NEW, ORACLE, STATE, save, source, state

HOUR = timedelta(hours=1)
SIGNED = Change("status", "announced", "signed", "It is signed.", ORACLE)
AMD = state(key="amd", anchor="amd", changes=(replace(NEW, after="amd"),))


def fields(store: Store, start: datetime, end: datetime) -> list[tuple[str, list[str]]]:
    with store.read() as session:
        found = changes.found_between(session, start, end)
        return [(deal.key, [change.field for change in own]) for deal, own in found]


def test_changes_between_two_times(store: Store) -> None:
    """From the first moment to before the last, each deal once with all its changes, the last changed first."""
    with store.write() as session:
        save(session, "w", STATE, "Oracle", FIRST)
        save(session, "w", AMD, "AMD", FIRST + HOUR)
        save(session, "w", state(changes=(NEW, SIGNED)), "Oracle", FIRST + 2 * HOUR)

    assert fields(store, FIRST, FIRST + 3 * HOUR) == [("oracle", ["new", "status"]), ("amd", ["new"])]
    assert fields(store, FIRST + HOUR, FIRST + 2 * HOUR) == [("amd", ["new"])]
    assert fields(store, FIRST + 2 * HOUR, FIRST + 3 * HOUR) == [("oracle", ["status"])]


def test_what_was_dismissed_or_is_no_more_changes_nothing(store: Store) -> None:
    """Neither one that a person said is none, nor one that nothing is said of any more."""
    with store.write() as session:
        save(session, "w", state(dismissed=True), "Oracle", FIRST)
        save(session, "w", AMD, "AMD", FIRST)
        ledger.save(session, "w", ["amd"], [], FIRST)

    assert fields(store, FIRST, FIRST + HOUR) == []


def test_deals_that_articles_tell_of(store: Store) -> None:
    """Those with one of the articles among their sources, dismissed ones too, of this watch alone."""
    told = [source(n, "a.example") for n in (1, 2, 3)]
    with store.write() as session:
        save(session, "w", state(sources=(told[0], told[1])), "Oracle", FIRST)
        save(session, "w", replace(AMD, sources=(told[2],), dismissed=True), "AMD", FIRST)
        save(session, "other", state(sources=(told[2],)), "Oracle", FIRST)
    with store.read() as session:
        found = [[deal.key for deal, _ in changes.deals_of(session, "w", ids)] for ids in ({2}, {2, 3}, {9}, set())]

    assert [sorted(keys) for keys in found] == [["oracle"], ["amd", "oracle"], [], []]


def test_deals_that_were_mentioned_last_in_a_stretch(store: Store) -> None:
    """From its first moment to before its last, the latest first; none that was dismissed."""
    days = {"a": 3, "b": 5, "c": 4, "d": 4}
    with store.write() as session:
        for name, day in days.items():
            told = (source(1, "a.example", day=1), source(2, "b.example", day=day))
            save(session, "w", state(key=name, anchor=name, sources=told, dismissed=name == "d"), name, FIRST)
    start, end = (FIRST.replace(day=day) for day in (3, 5))
    with store.read() as session:
        found = [deal.key for deal in changes.quiet_between(session, start, end)]

    assert found == ["c", "a"]


def test_the_deals_around_one(store: Store) -> None:
    """Its programme, its parts, what it follows and what follows it; none that was dismissed."""
    programme = state(key="programme:stargate", anchor="programme:stargate")
    first = state(part_of="programme:stargate")
    second = state(key="oracle#2", part_of="programme:stargate", supersedes="oracle")
    with store.write() as session:
        save(session, "w", programme, "Stargate", FIRST)
        ledger.save(session, "w", ["oracle"], [(first, "First"), (second, "Second")], FIRST)
        save(session, "w", replace(AMD, part_of="programme:stargate", dismissed=True), "AMD", FIRST)
        deals = {deal.title: deal for deal in ledger.find(session, ledger.Filter(dismissed=True))}
        found = {
            title: [(how, other.title) for how, other in changes.related(session, deal)]
            for title, deal in deals.items()
        }

    assert found["Stargate"] == [("part", "First"), ("part", "Second")]
    assert found["First"] == [("part of", "Stargate"), ("superseded by", "Second")]
    assert found["Second"] == [("part of", "Stargate"), ("supersedes", "First")]


def test_the_topic_is_that_of_the_first_delivery(store: Store) -> None:
    """Whatever the deal is called by now; another deal whose number begins alike is another one."""
    with store.write() as session:
        for deal, topic in ((1, "Old name"), (1, "Re: Old name"), (12, "Twelve")):
            outbox.add(
                session, key=f"deal:{deal}:{topic}", channels=["a"], kind="deal", subject="s",
                payload={"topic": topic}, now=FIRST,
            )  # fmt: skip
        session.flush()

        assert [changes.topic(session, number) for number in (1, 12, 2)] == ["Old name", "Twelve", ""]
