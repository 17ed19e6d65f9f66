"""Deliveries alone, gathered, later or muted, up to the receiver."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline import flow
from pipeline.demo.catch import mail_server
from pipeline.domain import DealAlert
from pipeline.flow import Tools
from pipeline.flow.pacing import PacedOutbox
from pipeline.flow.tools import LEASE
from pipeline.models import Deal, DeliveryState
from pipeline.notify import render
from pipeline.store import Store, mutes, outbox
from tests.conftest import MakeTools
from tests.flow.conftest import all_deliveries, deliver
from tests.notify.samples import DEAL
from tests.notify.smtp import mail_channel
from tests.support.web import Web
from tests.support.world import FixedClock


def hook(web: Web, **pace: Any) -> dict[str, Any]:
    web.set("/hook", "")
    return {"desk": {"type": "webhook", "url": f"{web.base}/hook", **pace}}


def known_deals(tools: Tools) -> None:
    """Deals 1 to 3, so that deliveries may tell of them."""
    with tools.store.write() as session:
        for number in (1, 2, 3):
            names = {"watch": "test-deals", "key": str(number), "anchor": str(number), "title": "A deal"}
            when = tools.clock.now()
            session.add(Deal(**names, kind="compute", status="signed", first=when, last=when, origins=1))


def tell(tools: Tools, deal: int, happened: str, channel: str = "desk") -> None:
    alert: DealAlert = replace(DEAL, deal=deal, happened=happened, thread=f"deal-{deal}", topic=f"Deal {deal}")
    with tools.store.write() as session:
        outbox.add(
            session,
            key=f"deal:{deal}:{happened}",
            channels=[channel],
            kind="deal",
            subject=render.deal_subject(alert),
            payload=render.pack(alert),
            now=tools.clock.now(),
            watch="test-deals",
            deal_id=deal,
        )


def posts(web: Web) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in web.requests]


def test_changes_of_a_deal_within_the_wait_are_one_message(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """They come together, each with the id it would have had; another deal's by itself, with its own shape."""
    tools = make_tools(channels=hook(web, group_wait="30s"))
    known_deals(tools)
    tell(tools, 1, "first")
    deliver(tools)
    clock.advance(seconds=20)
    tell(tools, 1, "second")
    tell(tools, 2, "other")
    deliver(tools)
    early = len(web.requests)
    clock.advance(seconds=10)
    deliver(tools)
    clock.advance(seconds=20)
    deliver(tools)

    first, second, other, bundle = all_deliveries(tools)
    together, alone = posts(web)
    assert early == 0
    assert (together["type"], alone["type"]) == ("bundle", "deal")
    assert [part["data"]["happened"] for part in together["data"]["alerts"]] == ["first", "second"]
    assert [part["id"] for part in together["data"]["alerts"]] == [first.uid, second.uid]
    assert [request.headers["webhook-id"] for request in web.requests] == [bundle.uid, other.uid]
    assert (first.state, first.gathered_in, bundle.deal_id) == (DeliveryState.GATHERED, bundle.id, 1)


@pytest.mark.parametrize(("by", "messages"), [("deal", 3), ("watch", 1), ("channel", 1)])
def test_what_is_grouped(web: Web, make_tools: MakeTools, clock: FixedClock, by: str, messages: int) -> None:
    """By deal, by watch, or all that is for the channel."""
    tools = make_tools(channels=hook(web, group_wait="30s", group_by=by))
    known_deals(tools)
    for number in (1, 2, 3):
        tell(tools, number, "new")
    clock.advance(minutes=1)
    deliver(tools)

    assert len(web.requests) == messages


def test_a_flood_is_capped_and_nothing_of_it_lost(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """Of a hundred alerts five messages go out, the last with all the rest; an hour later what waited meanwhile."""
    tools = make_tools(channels=hook(web, most_per_hour=5))
    known_deals(tools)
    for number in range(100):
        tell(tools, 1, f"change {number}")
    deliver(tools)
    flood = posts(web)
    clock.advance(minutes=30)
    tell(tools, 1, "later")
    tell(tools, 1, "later still")
    deliver(tools)
    waiting = len(web.requests)
    clock.advance(minutes=31)
    deliver(tools)

    told = [
        part["data"]["happened"] for body in posts(web) if body["type"] == "bundle" for part in body["data"]["alerts"]
    ]
    told += [body["data"]["happened"] for body in posts(web) if body["type"] == "deal"]
    assert [body["type"] for body in flood].count("bundle") == 1
    assert (len(flood), waiting, len(web.requests)) == (5, 5, 7)
    assert sorted(told) == sorted([f"change {number}" for number in range(100)] + ["later", "later still"])


def test_the_night_is_quiet(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """What is found in quiet hours arrives in the morning as one message."""
    tools = make_tools(channels=hook(web, quiet="11:00-13:00"))
    known_deals(tools)
    for number in (1, 2):
        tell(tools, number, "found in the night")
        deliver(tools)
    held = len(web.requests)
    clock.advance(hours=1)
    deliver(tools)

    assert held == 0
    assert [body["type"] for body in posts(web)] == ["bundle"]


def test_a_gathered_message_that_fails_keeps_its_id(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """Once gathered it is one delivery: tried on schedule, with the same content, whatever comes meanwhile."""
    tools = make_tools(channels=hook(web, group_wait="30s"))
    known_deals(tools)
    web.answers.pop("/hook")
    tell(tools, 1, "first")
    tell(tools, 1, "second")
    clock.advance(seconds=30)
    deliver(tools)
    tell(tools, 1, "third")
    web.set("/hook", "")
    clock.advance(minutes=1)
    deliver(tools)

    failed, *later = web.requests
    [again] = [request for request in later if request.headers["webhook-id"] == failed.headers["webhook-id"]]
    assert json.loads(again.body)["data"] == json.loads(failed.body)["data"]
    assert len(later) == 2


@pytest.mark.parametrize("pace", [{"most_per_hour": 1}, {"group_wait": "1h"}, {"quiet": "09:00-11:00"}])
@pytest.mark.parametrize("ahead", [timedelta(hours=20), timedelta(days=365, hours=20)])
def test_a_clock_set_back_holds_nothing_up(
    web: Web, make_tools: MakeTools, clock: FixedClock, pace: dict[str, Any], ahead: timedelta
) -> None:
    """What was sent and found while the clock ran ahead, however far, holds nothing back once it is right."""
    tools = make_tools(channels=hook(web, **pace))
    known_deals(tools)
    right = clock.now() + timedelta(hours=2)
    clock.at = right + ahead
    tell(tools, 1, "first")
    deliver(tools)
    tell(tools, 1, "second")
    deliver(tools)
    clock.at = right
    flow.mend_times(tools.store, clock.now())
    deliver(tools)
    clock.advance(hours=1)
    deliver(tools)

    assert {row.state for row in all_deliveries(tools)} <= {DeliveryState.DELIVERED, DeliveryState.GATHERED}


@pytest.mark.parametrize("again", [flow.recover, flow.mend_times], ids=["a new process", "the same"])
def test_what_may_have_arrived_is_not_gathered(
    web: Web, make_tools: MakeTools, clock: FixedClock, again: Callable[[Store, datetime], None]
) -> None:
    """A message whose end nobody saw goes again by itself, under its own id."""
    tools = make_tools(channels=hook(web, group_wait="30s"))
    known_deals(tools)
    tell(tools, 1, "first")
    clock.advance(seconds=30)
    [first] = all_deliveries(tools)
    with tools.store.write() as session:
        PacedOutbox(tools.settings).lease(session, [first.id or 0], clock.now(), clock.now() + LEASE)
    tell(tools, 1, "second")
    clock.advance(minutes=31)
    again(tools.store, clock.now())
    deliver(tools)

    assert sorted(request.headers["webhook-id"] for request in web.requests) == sorted(
        row.uid for row in all_deliveries(tools)
    )
    assert {body["type"] for body in posts(web)} == {"deal"}


def test_what_is_sent_again_by_hand_is_not_gathered(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """It may have arrived before, so that its id has to stay what it was."""
    tools = make_tools(channels=hook(web, group_wait="30s"))
    known_deals(tools)
    web.answers.pop("/hook")
    tell(tools, 1, "first")
    clock.advance(seconds=30)
    deliver(tools)
    web.set("/hook", "")
    tell(tools, 1, "second")
    clock.advance(seconds=30)
    with tools.store.write() as session:
        outbox.retry(session, [row.id or 0 for row in all_deliveries(tools)], clock.now())
    deliver(tools)

    assert [row.state for row in all_deliveries(tools)] == [DeliveryState.DELIVERED] * 2


def test_a_flood_without_a_cap_is_taken_bit_by_bit(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """So that neither an edit of the configuration nor the end of a lease comes while most of it still waits."""
    tools = make_tools(channels=hook(web))
    known_deals(tools)
    for number in range(100):
        tell(tools, 1, f"change {number}")
    with tools.store.write() as session:
        ids = outbox.due(session, clock.now(), 10)
        taken = PacedOutbox(tools.settings).lease(session, ids, clock.now(), clock.now() + LEASE)

    assert [row.id for row in taken] == ids


def test_a_gathered_mail_of_one_deal_is_of_its_thread(make_tools: MakeTools, clock: FixedClock) -> None:
    """A bundle of one deal stands in the deal's thread under its subject; one of several stands alone."""
    with mail_server() as (mailbox, port):
        tools = make_tools(channels={"inbox": {**mail_channel(port), "group_wait": "30s", "group_by": "watch"}})
        known_deals(tools)
        for deals in ([1, 1], [2, 3]):
            for number, deal in enumerate(deals):
                tell(tools, deal, f"change {number}", "inbox")
            clock.advance(minutes=1)
            deliver(tools)

    of_one, of_two = mailbox.mails
    assert (of_one["Subject"], of_one["In-Reply-To"]) == ("Deal 1", "<deal-1@example.org>")
    assert (of_two["Subject"], of_two["In-Reply-To"]) == ("2 alerts: change 0", None)


def test_a_message_names_those_before_it(make_tools: MakeTools) -> None:
    """A message of a deal knows the ids of what was told of it before on the channel; muted ones are none."""
    tools = make_tools(channels={"a": {"type": "local"}, "b": {"type": "local", "folder": "b"}})
    known_deals(tools)
    tell(tools, 1, "one", "a")
    tell(tools, 1, "one", "b")
    with tools.store.write() as session:
        mutes.mute(session, "test-deals", 1, tools.clock.now().replace(year=2027), tools.clock.now())
        mutes.unmute(session, "test-deals", 1)
    tell(tools, 1, "two", "a")
    tell(tools, 2, "elsewhere", "a")
    tell(tools, 1, "three", "a")

    with tools.store.read() as session:
        _, _, two, _, three = outbox.listing(session)[::-1]
        assert outbox.earlier(session, two) == []
        assert outbox.earlier(session, three) == [two.uid]


def test_what_cannot_be_read_harms_itself_only(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """A payload that is none is left out of the message that gathers the others, and is tried by itself."""
    tools = make_tools(channels=hook(web, group_wait="30s"))
    known_deals(tools)
    for name in ("first", "odd", "second"):
        tell(tools, 1, name)
    with tools.store.write() as session:
        [odd] = [row for row in outbox.listing(session) if row.subject == "odd"]
        odd.payload = {"nothing": "that we know"}
        outbox.save(session, odd)
    clock.advance(minutes=1)
    deliver(tools)

    [body] = posts(web)
    assert [part["data"]["happened"] for part in body["data"]["alerts"]] == ["first", "second"]
    [odd] = [row for row in all_deliveries(tools) if row.subject == "odd"]
    assert (odd.state, "ValidationError" in odd.last_error) == (DeliveryState.PENDING, True)
