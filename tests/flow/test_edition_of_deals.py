"""digest: what became of deals in a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipeline import flow
from pipeline.domain import Change, ChangeLine, DealState, Digest, DigestSection, Source, Status
from pipeline.flow import Tools
from pipeline.notify import render
from pipeline.store import ledger, outbox
from tests.conftest import MakeTools
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.ledger import AMOUNT, NEW, QUOTE, STATE, article, save, source, state
from tests.support.world import WATCH

DAY = date(2026, 3, 11)
TODAY = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)
WATCHES: dict[str, Any] = {
    "w": {**LEDGER_WATCH, "title": "Deals"},
    "plain": {**WATCH, "title": "Plain"},
}


@pytest.fixture
def tools(make_tools: MakeTools) -> Tools:
    return make_tools(watches=WATCHES, companies=COMPANIES)


def pieces(tools: Tools, count: int, when: datetime, watch: str = "w") -> list[int]:
    """Articles that a watch flagged then; their numbers."""
    with tools.store.write() as session:
        return [article(session, f"Piece {watch} {when:%d-%H} {n}", when, watch).id or 0 for n in range(count)]


def put(tools: Tools, given: DealState, title: str, when: datetime) -> None:
    with tools.store.write() as session:
        save(session, "w", given, title, when)


def of(articles: list[int], hosts: int = 1, official: bool = False) -> tuple[Source, ...]:
    """Sources of these articles, from so many origins."""
    return tuple(source(n, f"{at % hosts}.example", official, day=10) for at, n in enumerate(articles))


def named(key: str, sources: tuple[Source, ...], *changes: Change) -> DealState:
    new = replace(NEW, after=key, source=sources[0])
    return state(key=key, anchor=key, sources=sources, changes=(new, *changes))


def edition(tools: Tools) -> Digest:
    with tools.store.read() as session:
        return flow.gather(tools.settings, session, TODAY, DAY)


def section(tools: Tools) -> DigestSection:
    return edition(tools).sections[0]


def test_forty_rewrites_of_a_new_deal_are_one_entry(tools: Tools) -> None:
    """With how many pieces from how many origins told of it; they do not stand by themselves."""
    put(tools, named("oracle", of(pieces(tools, 40, TODAY), 6)), "OpenAI and Oracle", TODAY)
    [other] = pieces(tools, 1, TODAY + timedelta(hours=1))
    found = edition(tools)
    text, html = render.render(found, UTC)

    [new] = found.sections[0].new
    assert (new.title, new.happened, new.status) == ("OpenAI and Oracle", "$300 billion, 4.5 GW", "announced")
    assert (new.articles, new.origins, new.official, new.changes) == (40, 6, False, ())
    assert (new.proof.quote, new.proof.url) == (QUOTE, "https://0.example/1")
    assert [alert.article for alert in found.sections[0].alerts] == [other]
    assert found.flagged == 41
    for form in (text, html):
        assert form.count("Piece") == 1


def test_the_words_beside_a_new_deal_are_those_that_give_its_figures(tools: Tools) -> None:
    """The first piece on a deal seldom knows them; where nobody does, its words stand there."""
    told = named("oracle", of(pieces(tools, 2, TODAY)))
    figure = replace(AMOUNT, quote="It is $300 billion.", article=2)
    put(tools, replace(told, facts={"amount": figure}), "OpenAI and Oracle", TODAY)
    bare = named("amd", of(pieces(tools, 1, TODAY + timedelta(hours=1))))
    put(tools, replace(bare, facts={}), "OpenAI and AMD", TODAY)

    proofs = {entry.title: (entry.proof.quote, entry.proof.url) for entry in section(tools).new}
    assert proofs["OpenAI and Oracle"] == ("It is $300 billion.", "https://0.example/2")
    assert proofs["OpenAI and AMD"] == (QUOTE, "https://0.example/3")


def test_a_change_says_what_it_was_before(tools: Tools) -> None:
    """Of a deal that was known yesterday; only today's pieces count."""
    old, new = pieces(tools, 2, YESTERDAY), pieces(tools, 3, TODAY)
    put(tools, named("oracle", of(old)), "OpenAI and Oracle", YESTERDAY)
    cut = Change("amount", "$300 billion", "$250 billion", "It is cut.", source(new[0], "paper.example", day=10))
    signed = Change("status", "announced", "signed", "It is signed.", source(new[1], "b.example", day=10))
    put(tools, named("oracle", of(old) + of(new, 2, official=True), cut, signed), "OpenAI and Oracle", TODAY)

    found = section(tools)
    [changed] = found.changed
    assert changed.happened == "amount changed, $300 billion to $250 billion; signed (was: announced)"
    assert (changed.articles, changed.origins, changed.official) == (3, 2, True)
    assert changed.proof.quote == "It is signed."
    assert changed.changes == (
        ChangeLine("amount", "$300 billion", "$250 billion"),
        ChangeLine("status", "announced", "signed"),
    )
    assert (found.new, found.corroborated, found.alerts) == ((), (), ())


@pytest.mark.parametrize(("days", "status", "told"), [
    (30, "announced", True), (29, "announced", False), (31, "announced", False), (30, "cancelled", False),
    (30, "operating", False),
])  # fmt: skip
def test_what_nobody_spoke_of_for_a_month_went_quiet(tools: Tools, days: int, status: str, told: bool) -> None:
    """On the day on which the month is over, and on no other; of what is done with, nothing is awaited."""
    last = TODAY - timedelta(days=days)
    [piece] = pieces(tools, 1, last)
    spoken = replace(source(piece, "paper.example"), published=last)
    put(tools, replace(named("oracle", (spoken,)), status=Status(status)), "OpenAI and Oracle", last)

    assert [deal.title for deal in section(tools).gone_quiet] == (["OpenAI and Oracle"] if told else [])


def test_a_deal_that_is_new_and_changed_in_one_day_is_new(tools: Tools) -> None:
    """Nobody had heard of it before."""
    sources = of(pieces(tools, 2, TODAY))
    put(tools, named("oracle", sources), "OpenAI and Oracle", TODAY)
    put(tools, named("oracle", sources, Change("term", "", "5 years", "q", sources[1])), "OpenAI and Oracle", TODAY)

    found = section(tools)
    assert [entry.happened for entry in found.new] == ["$300 billion, 4.5 GW"]
    assert found.changed == ()


def test_further_pieces_on_a_known_deal_corroborate_it(tools: Tools) -> None:
    """One line with how many of today, and nothing of a deal that nobody spoke of."""
    old, new = pieces(tools, 3, YESTERDAY), pieces(tools, 5, TODAY)
    put(tools, named("oracle", of(old[:1]) + of(new, 3)), "OpenAI and Oracle", YESTERDAY)
    put(tools, named("amd", of(old)), "OpenAI and AMD", YESTERDAY)

    found = section(tools)
    assert [(c.title, c.articles, c.origins) for c in found.corroborated] == [("OpenAI and Oracle", 5, 3)]
    assert (found.new, found.changed, found.alerts) == ((), (), ())


def test_what_a_person_dismissed_is_told_no_more(tools: Tools) -> None:
    """Neither the deal nor the pieces that told of it."""
    put(tools, replace(named("oracle", of(pieces(tools, 3, TODAY))), dismissed=True), "OpenAI and Oracle", TODAY)

    assert section(tools).quiet


def test_articles_of_a_deal_that_is_no_more_are_mentions(tools: Tools) -> None:
    """Where nothing is left of a deal, its pieces stand by themselves."""
    put(tools, named("oracle", of(pieces(tools, 2, TODAY))), "OpenAI and Oracle", TODAY)
    with tools.store.write() as session:
        ledger.save(session, "w", ["oracle"], [], TODAY)

    found = section(tools)
    assert found.new == ()
    assert len(found.alerts) == 2


def test_a_watch_without_a_ledger_lists_its_articles(tools: Tools) -> None:
    """Whatever a ledger beside it makes of them."""
    ids = pieces(tools, 2, TODAY, "plain")
    put(tools, named("oracle", of(ids)), "OpenAI and Oracle", TODAY)

    _, plain = edition(tools).sections
    assert {alert.article for alert in plain.alerts} == set(ids)
    assert not plain.ledger


def test_each_ledger_has_its_own_deals(make_tools: MakeTools) -> None:
    """What one watch makes of an article is nothing to another that keeps a ledger too."""
    watches = {"w": WATCHES["w"], "v": {**WATCHES["w"], "title": "Others"}}
    tools = make_tools(watches=watches, companies=COMPANIES)
    known = of(pieces(tools, 1, YESTERDAY) + pieces(tools, 1, TODAY, "v"))
    put(tools, named("oracle", known), "OpenAI and Oracle", YESTERDAY)
    put(tools, named("amd", of(pieces(tools, 1, TODAY))), "OpenAI and AMD", TODAY)

    own, other = edition(tools).sections
    assert [entry.title for entry in own.new] == ["OpenAI and AMD"]
    assert own.corroborated == ()
    assert (other.new, other.corroborated) == ((), ())
    assert len(other.alerts) == 1


def test_a_ledger_that_was_made_anew_is_no_news(tools: Tools) -> None:
    """Changes that come of reading old articles again stand in no edition."""
    put(tools, named("oracle", of(pieces(tools, 3, YESTERDAY))), "OpenAI and Oracle", TODAY)

    assert section(tools).quiet


def test_the_next_day_has_nothing_of_it(tools: Tools) -> None:
    """A change stands in one edition."""
    put(tools, STATE, "OpenAI and Oracle", YESTERDAY)

    assert section(tools).quiet


def sent(tools: Tools, now: datetime = TODAY) -> Digest:
    """The edition as it lies in the outbox."""
    flow.digest(tools.settings, tools.store, now, DAY)
    with tools.store.read() as session:
        found: Digest = render.unpack("digest", outbox.listing(session, most=1)[0].payload)
    return found


def test_an_edition_holds_what_its_chart_is_drawn_of(tools: Tools) -> None:
    """What the ledger comes to, and how much of it the edition's articles brought."""
    put(tools, named("oracle", of(pieces(tools, 1, YESTERDAY))), "OpenAI and Oracle", YESTERDAY)
    today = named("amd", of(pieces(tools, 1, TODAY)))
    put(tools, replace(today, facts={"amount": replace(AMOUNT, value=5e9)}), "OpenAI and AMD", TODAY)

    growth = sent(tools).growth
    assert growth
    assert (growth.title, growth.bars[-1].usd, growth.added) == ("Deals", 305e9, 5e9)
    assert edition(tools).growth is None  # who only wants to read it does not pay for it


def test_an_edition_of_long_ago_has_no_chart(tools: Tools) -> None:
    """What the ledger came to then is not kept."""
    put(tools, named("oracle", of(pieces(tools, 1, TODAY))), "OpenAI and Oracle", TODAY)

    assert sent(tools, TODAY + timedelta(days=9)).growth is None
    assert sent(tools).growth


def test_a_ledger_without_dollars_has_no_chart(tools: Tools) -> None:
    """Nor a digest of watches without a ledger."""
    put(tools, replace(named("oracle", of(pieces(tools, 1, TODAY))), facts={}), "OpenAI and Oracle", TODAY)

    assert sent(tools).growth is None
