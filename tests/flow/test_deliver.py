"""deliver: pending deliveries to messages sent."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import pytest

from pipeline import flow
from pipeline.demo.catch import mail_server
from pipeline.domain import Message, Step, unsaid
from pipeline.engine.stages import deliveries, drain
from pipeline.flow import Tools
from pipeline.models import Delivery, DeliveryState
from pipeline.notify import render
from pipeline.store import channels, outbox
from tests.conftest import MakeTools
from tests.flow.conftest import all_deliveries, deliver, in_turn
from tests.notify.samples import ALERT
from tests.notify.smtp import Grumpy, Picky, mail_channel, smtp
from tests.support.web import Answer, Request, Web
from tests.support.world import FixedClock


def tell(tools: Tools, *channels: str, key: str = "k") -> None:
    with tools.store.write() as session:
        outbox.add(
            session,
            key=key,
            channels=channels,
            kind="alert",
            subject=render.alert_subject(ALERT),
            payload=render.pack(ALERT),
            now=tools.clock.now(),
        )


def only(tools: Tools) -> Delivery:
    [row] = all_deliveries(tools)
    return row


def test_by_mail(make_tools: MakeTools, clock: FixedClock) -> None:
    """The alert arrives at a mail server with its id, and is marked delivered."""
    with mail_server() as (mailbox, port):
        tools = make_tools(channels={"inbox": mail_channel(port)})
        tell(tools, "inbox")
        report = deliver(tools)
        deliver(tools)

    [mail] = mailbox.mails
    row = only(tools)
    assert report.counts == {"delivered": 1}
    assert mail["Subject"] == "Test deals: A contract for 2 gigawatts"
    assert mail["Message-ID"] == f"<{row.uid}@example.org>"
    assert (row.state, row.delivered_at, row.lease_until) == (DeliveryState.DELIVERED, clock.now(), None)


def test_by_webhook(web: Web, make_tools: MakeTools, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The envelope of Standard Webhooks with the alert as data, and the channel's own headers."""
    web.set("/hook", "")
    monkeypatch.setenv("TOKEN", "x")
    channel = {"type": "webhook", "url": f"{web.base}/hook", "headers": {"Authorization": "Bearer ${TOKEN}"}}
    tools = make_tools(channels={"desk": channel})
    tell(tools, "desk")
    deliver(tools)

    [request] = web.requests
    row = only(tools)
    assert (request.method, row.state) == ("POST", DeliveryState.DELIVERED)
    assert json.loads(request.body) == {
        "version": 1,
        "type": "alert",
        "timestamp": clock.now().isoformat(),
        "data": json.loads(json.dumps(row.payload)),
    }
    assert request.headers["webhook-id"] == row.uid
    assert request.headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer x"


def test_a_webhook_that_fails_is_tried_on_schedule(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """Failures wait longer each time, every try carries the same id, and success ends it."""
    web.answers["/hook"] = in_turn(Answer("", 500), Answer("", 302, {"Location": "/x"}), Answer("", 400), Answer(""))
    tools = make_tools(channels={"desk": {"type": "webhook", "url": f"{web.base}/hook"}})
    tell(tools, "desk")
    seen = []
    for _ in range(4):
        deliver(tools)
        row = only(tools)
        seen.append((row.state.value, row.attempts, row.last_error.partition(";")[0]))
        wait = (row.next_try - clock.now()).total_seconds()
        if row.state is DeliveryState.PENDING:
            planned = [5, 300, 1800][row.attempts - 1]
            assert planned <= wait <= planned * 1.1
            assert deliver(tools).counts == {}
            clock.advance(seconds=wait)

    assert seen == [
        ("pending", 1, "HTTP 500 Internal Server Error"),
        ("pending", 2, "HTTP 302 Found"),
        ("pending", 3, "HTTP 400 Bad Request"),
        ("delivered", 4, ""),
    ]
    assert {request.headers["webhook-id"] for request in web.requests} == {only(tools).uid}
    assert len(web.requests) == 4


def test_a_webhooks_retry_after_is_honoured(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """A receiver may ask for a longer wait."""
    web.answers["/hook"] = Answer("", 429, {"Retry-After": "600"})
    tools = make_tools(channels={"desk": {"type": "webhook", "url": f"{web.base}/hook"}})
    tell(tools, "desk")
    deliver(tools)

    assert (only(tools).next_try - clock.now()).total_seconds() == 600


def test_a_webhook_that_is_gone_disables_its_channel(
    web: Web, make_tools: MakeTools, clock: FixedClock, said: list[Message]
) -> None:
    """After 410 nothing more is sent there: it waits, the log and the digest say so, and other channels go on."""
    web.answers["/hook"] = in_turn(Answer("", 410), Answer(""))
    tools = make_tools(channels={"desk": {"type": "webhook", "url": f"{web.base}/hook"}, "files": {"type": "local"}})
    tell(tools, "desk", "files")
    report = deliver(tools)
    tell(tools, "desk", "files", key="k2")
    clock.advance(days=30)
    deliver(tools)
    with tools.store.read() as session:
        edition = flow.gather(tools.settings, session, clock.now(), flow.current_day(tools.settings, clock.now()))
    told = len(web.requests)
    with tools.store.write() as session:
        channels.enable(session, "desk")
    deliver(tools)

    assert report.counts == {"delivered": 1, "failed": 1, "disabled": 1}
    [(name, note)] = report.notes
    assert (name, "HTTP 410 Gone" in note, "channels enable desk" in note) == ("desk", True, True)
    [disabled] = edition.disabled
    assert (disabled.name, disabled.reason[:13], disabled.waiting) == ("desk", "HTTP 410 Gone", 2)
    assert "channels enable desk" in render.render(edition, tools.settings.zone)[0]
    assert (told, len(said)) == (1, 2)
    assert [row.state for row in all_deliveries(tools)] == [DeliveryState.DELIVERED] * 4
    assert len(web.requests) == 3


def test_a_webhook_that_hangs_delays_none_at_the_same_host(web: Web, make_tools: MakeTools) -> None:
    """While every sender of one channel waits for an answer, what is for another channel there arrives."""
    taken, free = threading.Semaphore(0), threading.Event()

    def hang(_: Request) -> Answer:
        taken.release()
        free.wait(60)
        return Answer("")

    web.answers["/slow"] = hang
    web.set("/quick", "")
    paths = ("slow", "quick")
    hooks = {name: {"type": "webhook", "url": f"{web.base}/{name}"} for name in paths}
    tools = make_tools(channels=hooks, http={"per_host": 2, "spacing": "1h", "timeout": "90s"})
    for number in range(4):
        tell(tools, *paths, key=f"k{number}")
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(lambda: drain(tools, deliveries("slow")))
        for _ in range(4):
            assert taken.acquire(timeout=60)
        quick = drain(tools, deliveries("quick"))
        free.set()

    assert (quick.counts, slow.result().counts) == ({"delivered": 4}, {"delivered": 4})


def test_thirty_hours_of_a_receiver_that_is_down(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """Everything found meanwhile arrives after it is back, each once, under the id of its first try."""
    web.answers["/hook"] = Answer("", 503)
    tools = make_tools(channels={"desk": {"type": "webhook", "url": f"{web.base}/hook"}})
    for minute in range(0, 30 * 60, 10):
        if minute % 60 == 0:
            tell(tools, "desk", key=f"k{minute}")
        deliver(tools)
        clock.advance(minutes=10)
    down = len(web.requests)
    web.set("/hook", "")
    for _ in range(48 * 2):
        deliver(tools)
        clock.advance(minutes=30)

    rows = all_deliveries(tools)
    assert [row.state for row in rows] == [DeliveryState.DELIVERED] * 30
    assert sorted(request.headers["webhook-id"] for request in web.requests[down:]) == sorted(row.uid for row in rows)


def test_giving_up_and_trying_again_by_hand(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """After ten failures a delivery is dead; sent again by hand it goes out with its old id."""
    web.answers["/hook"] = Answer("", 500)
    tools = make_tools(channels={"desk": {"type": "webhook", "url": f"{web.base}/hook"}})
    tell(tools, "desk")
    for _ in range(12):
        deliver(tools)
        clock.advance(hours=30)
    dead, tries = only(tools), len(web.requests)
    web.set("/hook", "")
    with tools.store.write() as session:
        outbox.retry(session, [dead.id or 0], clock.now())
    deliver(tools)

    assert (dead.state, tries) == (DeliveryState.DEAD, 10)
    assert only(tools).state is DeliveryState.DELIVERED
    assert web.requests[-1].headers["webhook-id"] == dead.uid


def test_a_channel_that_left_the_configuration(make_tools: MakeTools, said: list[Message]) -> None:
    """A delivery for it is dead with the reason, and the others go out."""
    tools = make_tools()
    tell(tools, "gone", "local")
    report = deliver(tools)

    gone, local = all_deliveries(tools)
    assert report.counts == {"dead": 1, "failed": 1, "delivered": 1}
    assert (gone.state, local.state) == (DeliveryState.DEAD, DeliveryState.DELIVERED)
    assert "no channel 'gone' in dealwire.yaml" in gone.last_error
    assert [message.id for message in said] == [local.uid]


@pytest.mark.parametrize(("answer", "state"), [("451 later", DeliveryState.PENDING), ("550 no", DeliveryState.DEAD)])
def test_mail_refused_for_now_or_for_good(make_tools: MakeTools, answer: str, state: DeliveryState) -> None:
    """A 4xx of the mail server is tried again, a 5xx is not."""
    with smtp(Grumpy(answer)) as port:
        tools = make_tools(channels={"inbox": mail_channel(port)})
        tell(tools, "inbox")
        deliver(tools)

    assert (only(tools).state, only(tools).last_error) == (state, answer)


def test_those_a_mail_has_reached_do_not_get_it_again(make_tools: MakeTools, clock: FixedClock) -> None:
    """Of several recipients only those who were refused for now are tried again, until none is left."""
    desk = Picky({"b@example.org": "451 greylisted", "c@example.org": "451 greylisted"})
    with smtp(desk) as port:
        to = ["Ann <a@example.org>", "b@example.org", "c@example.org"]
        tools = make_tools(channels={"inbox": {**mail_channel(port), "to": to}})
        tell(tools, "inbox")
        seen = []
        for better in ("", "b@example.org", "c@example.org"):
            desk.answers.pop(better, None)
            deliver(tools)
            seen.append((only(tools).state.value, only(tools).reached))
            clock.advance(hours=1)

    assert seen == [
        ("pending", ["a@example.org"]),
        ("pending", ["a@example.org", "b@example.org"]),
        ("delivered", ["a@example.org", "b@example.org"]),
    ]
    assert dict(desk.mails) == {"a@example.org": 1, "b@example.org": 1, "c@example.org": 1}


def test_a_recipient_who_is_refused_for_good(make_tools: MakeTools) -> None:
    """The mail is dead with the reason once nobody is left who may take it later; the others have got it."""
    desk = Picky({"b@example.org": "550 no such user"})
    with smtp(desk) as port:
        tools = make_tools(channels={"inbox": {**mail_channel(port), "to": ["a@example.org", "b@example.org"]}})
        tell(tools, "inbox")
        deliver(tools)

    assert (only(tools).state, only(tools).reached) == (DeliveryState.DEAD, ["a@example.org"])
    assert "sent to the others, but refused: b@example.org: 550 no such user" in only(tools).last_error
    assert dict(desk.mails) == {"a@example.org": 1}


class Broken:
    """A channel with a fault."""

    def send(self, message: Message, step: Step = unsaid) -> None:  # noqa: ARG002
        raise RuntimeError(f"cannot send {message.kind}")

    def probe(self) -> None: ...


def test_one_broken_delivery_harms_no_other(make_tools: MakeTools, said: list[Message]) -> None:
    """A channel that fails in a way nobody foresaw is tried later; the others are sent once and marked."""
    tools = make_tools()
    tools = replace(tools, channels={**tools.channels, "broken": Broken()})
    tell(tools, "broken", "local")
    tell(tools, "broken", "local", key="k2")
    for _ in range(3):
        deliver(tools)

    assert len(said) == 2
    states = [(row.channel, row.state.value, row.last_error) for row in all_deliveries(tools)]
    broken = ("broken", "pending", "RuntimeError: cannot send alert")
    assert states == [broken, ("local", "delivered", "")] * 2


def test_a_stop_before_anything_was_sent_hands_leases_back(make_tools: MakeTools, said: list[Message]) -> None:
    """Every delivery is either sent and marked, or due again; none is both."""
    tools = make_tools()
    for n in range(30):
        tell(tools, "local", key=f"k{n}")
    tools.stop.set()
    with tools.store.read() as session:
        ids = outbox.due(session, tools.clock.now(), 100)
    flow.deliver(tools, ids)

    rows = all_deliveries(tools)
    assert all(row.lease_until is None for row in rows)
    assert {row.uid for row in rows if row.state is DeliveryState.DELIVERED} == {message.id for message in said}
    tools.stop.clear()
    deliver(tools)
    assert sorted(message.id for message in said) == sorted(row.uid for row in rows)


def test_all_channels_of_a_message(web: Web, make_tools: MakeTools) -> None:
    """Mail, webhook and files get the same alert, each under an id of its own."""
    web.set("/hook", "")
    with ExitStack() as stack:
        mailbox, port = stack.enter_context(mail_server())
        channels = {
            "inbox": mail_channel(port),
            "desk": {"type": "webhook", "url": f"{web.base}/hook"},
            "files": {"type": "local"},
        }
        tools = make_tools(channels=channels)
        tell(tools, *channels)
        deliver(tools)

    written = sorted((tools.settings.state / "outbox").glob("*.json"))
    assert (len(mailbox.mails), len(web.requests), len(written)) == (1, 1, 1)
    assert json.loads(written[0].read_text(encoding="utf-8")) == json.loads(web.requests[0].body)["data"]


def test_by_feed(make_tools: MakeTools) -> None:
    """A feed channel writes into its folder, which starts at the state folder."""
    settings = {"type": "feed", "folder": "public", "title": "Desk", "url": "https://desk.example/feeds"}
    tools = make_tools(channels={"feed": settings})
    tools.channels["feed"].probe()
    tell(tools, "feed")
    deliver(tools)

    written = json.loads((tools.settings.state / "public" / "alerts.json").read_text(encoding="utf-8"))
    assert only(tools).state is DeliveryState.DELIVERED
    assert (written["title"], written["feed_url"]) == ("Desk", "https://desk.example/feeds/alerts.json")
    assert [item["title"] for item in written["items"]] == [only(tools).subject]
