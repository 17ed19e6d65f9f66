"""What is told of the changes of deals."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from pipeline.domain import Change, DealAlert, DealState, Fact, OtherFigure, Party, Proof, Status
from pipeline.flow import Tools, deal_alerts
from pipeline.models import Deal, Feed
from pipeline.notify import render
from pipeline.notify.render import adapter
from pipeline.store import Session, articles
from tests.conftest import MakeTools
from tests.flow.conftest import all_deliveries
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.ledger import AMOUNT, CAPACITY, FIRST, NEW, QUOTE, STATE, article, listed, save, source, state

CHANNELS = {"a": {"type": "local", "folder": "a"}}
LATER = source(2, "paper.example", day=5)
CUT = Fact("amount", 2.5e11, "The order is cut to $250 billion.", "body", 0, 9, 1.0, "USD", article=2)


def change(field: str, before: str, after: str, quote: str = "It says so.", by: int = 2) -> Change:
    return Change(field, before, after, quote, replace(LATER, article=by))


def line(*changes: Change) -> str:
    deal = Deal(
        watch="w", key="oracle", anchor="oracle", title="OpenAI and Oracle", kind=STATE.kind, status=STATE.status,
        first=FIRST, last=FIRST, origins=1,
    )  # fmt: skip
    return deal_alerts.headline(deal, changes, STATE)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([NEW], "New deal: OpenAI and Oracle, $300 billion, 4.5 GW, announced"),
        (
            [NEW, change("amount", "", "$300 billion"), change("status", "rumoured", "announced")],
            "New deal: OpenAI and Oracle, $300 billion, 4.5 GW, announced",
        ),
        (
            [change("amount", "$300 billion", "$250 billion")],
            "OpenAI and Oracle: amount changed, $300 billion to $250 billion",
        ),
        ([change("term", "", "5 years")], "OpenAI and Oracle: term now known, 5 years"),
        ([change("status", "announced", "signed")], "OpenAI and Oracle: signed (was: announced)"),
        ([change("status", "signed", "cancelled")], "OpenAI and Oracle: cancelled (was: signed)"),
        (
            [change("confirmed", "", "openai.com")],
            "OpenAI and Oracle: first confirmed by an official source (paper.example)",
        ),
        (
            [change("contradicted", "$10 billion", "$13 billion")],
            "OpenAI and Oracle: sources now disagree, $10 billion against $13 billion",
        ),
        ([change("party", "", "Crusoe")], "OpenAI and Oracle: now also with Crusoe"),
        ([change("party", "Crusoe", "")], "OpenAI and Oracle: Crusoe no longer a party"),
        ([change("party", "Crusoe", "Vantage")], "OpenAI and Oracle: Vantage in place of Crusoe"),
        (
            [change("amount", "$1", "$2"), change("status", "announced", "signed")],
            "OpenAI and Oracle: amount changed, $1 to $2; signed (was: announced)",
        ),
        (
            [change("amount", "$1", "$2"), change("amount", "$2", "$3")],
            "OpenAI and Oracle: amount changed, $1 to $3",
        ),
    ],
)
def test_what_happened_in_one_line(changes: list[Change], words: str) -> None:
    """Each change in a few words; changes of one field are one, and of a new deal nobody knew what it was before."""
    assert line(*changes) == words


@pytest.fixture
def tools(make_tools: MakeTools) -> Tools:
    """A ledger's watch with one channel."""
    return make_tools(channels=CHANNELS, watches={"w": {**LEDGER_WATCH, "title": "Deals"}}, companies=COMPANIES)


def pieces(session: Session) -> None:
    """Two articles, the second in two feeds."""
    article(session, "They talk", FIRST, "w")
    later = article(session, "The order is cut", FIRST.replace(day=5), "w")
    feeds = [
        Feed(url=f"https://{n}.example/", name=n, tier="press", created_at=FIRST, next_poll=FIRST)
        for n in ("Wire", "Paper")
    ]
    listed(session, later, *feeds)


def tell(tools: Tools, given: DealState, title: str = "OpenAI and Oracle", now: datetime = FIRST) -> int:
    """Store the deal and tell of what is new of it, as ingest of the first article does."""
    with tools.store.write() as session:
        if not session.get(Deal, 1) and now == FIRST:
            pieces(session)
        changed = save(session, "w", given, title, now)
        first = articles.get(session, 1)
        assert first
        return deal_alerts.tell(tools.settings, session, "w", first, changed, now)


def told(tools: Tools) -> list[DealAlert]:
    return [adapter("deal").validate_python(row.payload) for row in all_deliveries(tools)]


def test_a_new_deal(tools: Tools) -> None:
    """Its facts, each with the words, address and day that say so, its parties, and how sure it is."""
    count = tell(tools, state(parties=(Party("oracle", "Oracle", "supplier"), Party("x", "Xenon", "", known=False))))

    [alert] = told(tools)
    proof = Proof(QUOTE, "https://www.wire.example/oracle", FIRST)
    assert count == 1
    assert alert.happened == "New deal: OpenAI and Oracle, $300 billion, 4.5 GW, announced"
    assert [(fact.field, fact.value, fact.before, fact.proof) for fact in alert.facts] == [
        ("amount", "$300 billion", "", proof),
        ("capacity", "4.5 GW", "", proof),
        ("status", "announced", "", proof),
    ]
    assert [(p.name, p.role, p.known, p.proof) for p in alert.parties] == [
        ("Oracle", "supplier", True, proof),
        ("Xenon", "", False, None),
    ]
    assert (alert.status, alert.origins, alert.official, alert.quote) == (Status.ANNOUNCED, 1, "", QUOTE)
    assert (alert.article, alert.headline, alert.watch, alert.watch_title) == (1, "They talk", "w", "Deals")
    assert all_deliveries(tools)[0].subject == alert.happened


def test_of_a_new_deal_nothing_is_said_of_before(tools: Tools) -> None:
    """Nobody was told of what it was, where several pieces on it come in together."""
    moved = (change("amount", "$200 billion", "$300 billion"), change("status", "rumoured", "announced"))
    tell(tools, state(changes=(NEW, *moved)))

    [alert] = told(tools)
    assert [fact.before for fact in alert.facts] == ["", "", ""]


def changed_state() -> DealState:
    """The order was cut, signed and confirmed by one later piece."""
    official = source(2, "openai.example", official=True, day=5)
    brought = [
        change("amount", "$300 billion", "$250 billion", CUT.quote),
        change("status", "announced", "signed", "It is signed."),
        change("confirmed", "", "openai.example"),
    ]
    changes = (NEW, *[replace(one, source=official) for one in brought])
    return state(
        status=Status.SIGNED, facts={"amount": CUT, "capacity": CAPACITY}, changes=changes,
        sources=(STATE.sources[0], official), disagreements=((AMOUNT, official),),
    )  # fmt: skip


def test_all_that_one_article_changed_is_one_alert(tools: Tools) -> None:
    """With what each was before; what a figure replaced is no disagreement, and the piece is that which brought it."""
    tell(tools, STATE)
    count = tell(tools, changed_state(), now=FIRST.replace(day=5))

    _, alert = told(tools)
    assert count == 1
    assert alert.happened == (
        "OpenAI and Oracle: amount changed, $300 billion to $250 billion; signed (was: announced); "
        "first confirmed by an official source (openai.example)"
    )
    assert [(fact.field, fact.value, fact.before, fact.proof.quote) for fact in alert.facts] == [
        ("amount", "$250 billion", "$300 billion", CUT.quote),
        ("capacity", "4.5 GW", "", QUOTE),
        ("status", "signed", "announced", "It is signed."),
    ]
    assert [fact.others for fact in alert.facts] == [()] * 3
    assert (alert.official, alert.origins) == ("openai.example", 2)
    assert (alert.article, alert.headline, alert.sources) == (2, "The order is cut", ("Wire", "Paper"))
    assert alert.quote == "It is signed."


def test_what_others_say_stands_beside_the_fact(tools: Tools) -> None:
    """A figure that came later and is not in force, once, with its words."""
    rival = replace(CUT, value=2.8e11, quote="They put it at $280 billion.")
    tell(tools, state(sources=(STATE.sources[0], LATER), disagreements=((rival, LATER), (rival, LATER))))

    [alert] = told(tools)
    proof = Proof("They put it at $280 billion.", "https://paper.example/2", LATER.published)
    assert alert.facts[0].others == (OtherFigure("$280 billion", proof),)


def test_found_twice_is_told_once(tools: Tools) -> None:
    """The same change again makes no alert, nor does one that came to nothing."""
    tell(tools, STATE)
    back_and_forth = (change("amount", "$300 billion", "$1"), change("amount", "$1", "$300 billion"))
    counts = [tell(tools, STATE), tell(tools, state(changes=(NEW, *back_and_forth)))]

    assert counts == [0, 0]
    assert len(all_deliveries(tools)) == 1


def test_all_alerts_of_a_deal_are_one_thread(tools: Tools) -> None:
    """One thread and one topic, also where the deal is called otherwise by now; another deal has its own."""
    tell(tools, STATE)
    tell(tools, changed_state(), "OpenAI, Oracle and Crusoe", FIRST.replace(day=5))
    tell(tools, state(key="amd", anchor="amd", changes=(replace(NEW, after="amd"),)), "OpenAI and AMD")

    first, second, other = told(tools)
    assert first.thread == second.thread != other.thread
    assert [alert.topic for alert in (first, second, other)] == [
        "OpenAI and Oracle",
        "Re: OpenAI and Oracle",
        "OpenAI and AMD",
    ]


def test_the_deals_around_it_are_named(tools: Tools) -> None:
    """The programme that it is part of, with its number."""
    key = "programme:stargate"
    tell(tools, state(key=key, anchor=key, changes=(replace(NEW, after=key),)), "Stargate")
    tell(tools, state(part_of=key))

    assert [[(r.how, r.deal, r.title) for r in alert.related] for alert in told(tools)] == [
        [],
        [("part of", 1, "Stargate")],
    ]


def test_a_deal_arrives_by_mail_as_it_was_told(tools: Tools) -> None:
    """What is in the outbox renders, with its thread."""
    tell(tools, STATE)
    [row] = all_deliveries(tools)
    message = render.message(row.kind, row.uid, row.subject, row.payload, tools.settings.zone)

    assert message.thread.startswith("deal-")
    assert message.topic == "OpenAI and Oracle"
    assert "  Amount    $300 billion [1]" in message.text
