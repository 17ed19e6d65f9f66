"""rulings: what a person decides of a deal, and takes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.domain import Entry, Kind, Mention, Status, Verb
from pipeline.errors import UsageError
from pipeline.flow import Tools, load_settings
from pipeline.flow.ledger import Ledger
from pipeline.flow.rulings import Wish, decide, undo
from pipeline.models import Deal, Decision
from pipeline.store import articles, entries, feeds, ledger
from tests.conftest import MakeTools
from tests.deals.samples import fact, mention
from tests.flow.conftest import all_deliveries
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.world import FixedClock, write_config

WATCH = "test-deals"
BN = 1e9


class World:
    """A ledger that articles are entered into by what they say."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.keepers = {name: Ledger(tools.settings, name) for name in tools.settings.watches}

    def say(self, *mentions: Mention, watch: str = WATCH) -> int:
        """An article that says this; its number. Each is published an hour after the one before."""
        now = self.tools.clock.now()
        self.tools.clock.advance(hours=1)  # type: ignore[attr-defined]
        with self.tools.store.write() as session:
            feeds.sync(session, [feeds.Known("https://n.example/feed", "n", "press")], now)
            session.flush()
            [feed] = feeds.all_active(session)
            url = f"https://n{now.timestamp()}.example/"
            entry = Entry(guid="", url=url, title=url, text="", author="", published=now)
            entries.add_entries(session, {feed.id or 0: [entry]}, now)
            [article] = articles.find(session, articles.Filter(most=1))
            self.keepers[watch].enter(session, article, [feed], mentions, now)
            return article.id or 0

    def decide(self, verb: Verb, deal: int, **how: Any) -> Decision:
        [made] = decide(self.tools.settings, self.tools.store, [Wish(verb, deal, **how)], self.tools.clock.now())
        return made

    def set(self, deal: int, **fields: str) -> None:
        wishes = [Wish(Verb.SET, deal, field=field, value=value) for field, value in fields.items()]
        decide(self.tools.settings, self.tools.store, wishes, self.tools.clock.now())

    def undo(self, number: int | None = None) -> Decision:
        return undo(self.tools.settings, self.tools.store, number, self.tools.clock.now())

    def deals(self) -> dict[str, Deal]:
        with self.tools.store.read() as session:
            return {deal.key: deal for deal in ledger.find(session, ledger.Filter(dismissed=True))}

    def id(self, key: str) -> int:
        return self.deals()[key].id or 0

    def articles(self, key: str) -> list[int]:
        return [source["article"] for source in self.deals()[key].data["sources"]]

    def shot(self) -> list[dict[str, Any]]:
        return [deal.model_dump() for deal in self.deals().values()]


@pytest.fixture
def world(make_tools: MakeTools) -> World:
    """Three articles on Oracle, one on Corewell."""
    made = World(make_tools(watches={WATCH: LEDGER_WATCH, "second": LEDGER_WATCH}, companies=COMPANIES))
    made.say(mention("oracle", Kind.COMPUTE, Status.ANNOUNCED, fact("amount", 30 * BN)))
    made.say(mention("oracle"))
    made.say(mention("corewell"))
    made.say(mention("oracle"))
    return made


def test_a_merge_holds_and_can_be_undone(world: World) -> None:
    """What later articles say of the merged deal goes where it went; after undoing all is as without the ruling."""
    oracle, corewell = world.id("oracle"), world.id("corewell")
    made = world.decide(Verb.MERGE, corewell, into=oracle)
    later = world.say(mention("corewell"))
    merged = world.articles("oracle")

    undone = world.undo()

    assert merged == [1, 2, 3, 4, later]
    assert (made.id, undone.id) == (1, 1)
    assert world.articles("corewell") == [3, later]
    assert world.articles("oracle") == [1, 2, 4]
    assert world.id("corewell") == corewell


def test_a_split_holds_and_can_be_undone(world: World) -> None:
    """The articles stay apart however many come, and go back when it is undone."""
    world.decide(Verb.SPLIT, world.id("oracle"), articles=(2, 4))
    later = world.say(mention("oracle"))
    apart = (world.articles("oracle"), world.articles("oracle+1"))

    world.undo(1)

    assert apart == ([1, later], [2, 4])
    assert world.articles("oracle") == [1, 2, 4, later]
    assert "oracle+1" not in world.deals()


def test_set_fields_hold_and_can_be_undone(world: World) -> None:
    """What was set stays through later articles; undoing gives back what these say."""
    world.set(world.id("oracle"), status="Signed", amount="up to $45bn", capacity="800 MW", title="  My \x1b[31m deal ")
    world.say(mention("oracle", Kind.COMPUTE, Status.STALLED, fact("amount", 99 * BN)))
    found = world.deals()["oracle"]
    for _ in range(4):
        world.undo()
    bare = world.deals()["oracle"]

    assert (found.status, found.amount_usd, found.capacity_gw) == (Status.SIGNED, 45 * BN, 0.8)
    assert found.title == "My [31m deal"
    assert (bare.status, bare.amount_usd, bare.capacity_gw) == (Status.STALLED, 30 * BN, None)
    assert bare.title == "OpenAI and Oracle (compute)"


def test_a_dismissed_deal_is_told_no_more(world: World) -> None:
    """Its later changes reach nobody, until the ruling is undone."""
    world.decide(Verb.DISMISS, world.id("oracle"))
    world.say(mention("oracle", Kind.COMPUTE, Status.SIGNED))
    dismissed = world.deals()["oracle"].dismissed

    world.undo()

    assert dismissed
    assert not world.deals()["oracle"].dismissed


def test_part_of_is_given_by_number(world: World) -> None:
    """It is kept by key, follows a merge and its undoing, and is taken away by `none`."""
    oracle, corewell = world.id("oracle"), world.id("corewell")
    nvidia = world.say(mention("nvidia", Kind.CHIPS)) and world.id("nvidia")
    world.set(nvidia, part_of=str(corewell))
    parts = [world.deals()["nvidia"].part_of]
    world.decide(Verb.MERGE, corewell, into=oracle)
    parts.append(world.deals()["nvidia"].part_of)
    world.undo()
    parts.append(world.deals()["nvidia"].part_of)
    world.set(nvidia, part_of="none")
    parts.append(world.deals()["nvidia"].part_of)

    assert parts == ["corewell", "oracle", "corewell", ""]


def test_nobody_is_told(world: World) -> None:
    """A ruling writes no delivery, and what it makes of a deal is not found again as new by the next article."""
    world.decide(Verb.SPLIT, world.id("oracle"), articles=(2,))
    world.set(world.id("oracle"), status="signed")
    with world.tools.store.write() as session:
        found = world.keepers[WATCH].derive(session, ["oracle", "corewell"], world.tools.clock.now())

    assert found == []
    assert all_deliveries(world.tools) == []


def test_rulings_are_undone_from_the_latest(world: World) -> None:
    """One after another, each once; undone ones are kept with the time."""
    for title in ("One", "Two"):
        world.set(world.id("oracle"), title=title)

    undone = [world.undo().value, world.undo().value]
    with world.tools.store.read() as session:
        rows = ledger.decisions(session)

    assert undone == ["Two", "One"]
    assert [(row.id, row.undone_at is not None) for row in rows] == [(2, True), (1, True)]
    with pytest.raises(UsageError, match="There is no ruling to undo"):
        world.undo()


def wish(verb: Verb, deal: int = 1, **how: Any) -> Wish:
    return Wish(verb, deal, **how)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ([wish(Verb.DISMISS, 99)], "There is no deal 99. `dealwire deals` lists them."),
        ([wish(Verb.MERGE, into=99)], "There is no deal 99."),
        ([wish(Verb.MERGE, into=1)], "Deal 1 cannot be merged with itself"),
        ([wish(Verb.MERGE, into=3)], "Deals 1 and 3 are of different watches: test-deals and second."),
        ([wish(Verb.SPLIT, articles=(2, 3, 77))], "Article 3, 77 is not of deal 1. Its articles: 1, 2, 4."),
        ([wish(Verb.SPLIT)], "Name the articles to split off. Its articles: 1, 2, 4."),
        ([wish(Verb.SPLIT, articles=(1, 2, 4, 4))], "These are all articles of deal 1"),
        ([wish(Verb.SET, field="amuont", value="$1bn")], "'amuont' cannot be set. Did you mean amount?"),
        ([wish(Verb.SET, field="status", value="sgined")], "'sgined' is no status. Did you mean signed?"),
        ([wish(Verb.SET, field="kind", value="chip")], "'chip' is no kind. Did you mean chips?"),
        ([wish(Verb.SET, field="kind", value="none")], "'none' is no kind."),
        ([wish(Verb.SET, field="amount", value="4.5 GW")], "'4.5 GW' is no amount. Write it as $300bn"),
        ([wish(Verb.SET, field="capacity", value="$3bn")], "'$3bn' is no capacity. Write it as 4.5 GW"),
        ([wish(Verb.SET, field="title", value=" \n ")], "Give title a value, or `title=none` to take it away."),
        ([wish(Verb.SET, field="title", value="x" * 201)], "A title has at most 200 characters; this one has 201."),
        ([wish(Verb.SET, field="part_of", value="oracle")], "'oracle' is no deal's number."),
        ([wish(Verb.SET, field="part_of", value="1")], "Deal 1 cannot be merged with itself, or be part of itself."),
        ([wish(Verb.SET, field="part_of", value="99")], "There is no deal 99."),
        ([wish(Verb.DISMISS), wish(Verb.DISMISS)], "Deal 1 is dismissed already."),
        ([wish(Verb.MERGE, into=2), wish(Verb.DISMISS)], "Deal 1 was merged into deal 2 by ruling 1."),
        (
            [wish(Verb.SET, field="part_of", value="2"), wish(Verb.SET, 2, field="part_of", value="1")],
            "Deal 1 is itself part of deal 2.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused(world: World, wishes: Sequence[Wish], says: str) -> None:
    """In words that say what is wrong, and nothing of it is done."""
    world.say(mention("nvidia"), watch="second")
    before = world.shot()

    with pytest.raises(UsageError) as error:
        decide(world.tools.settings, world.tools.store, wishes, world.tools.clock.now())

    assert says in str(error.value)
    assert world.shot() == before
    with world.tools.store.read() as session:
        assert ledger.decisions(session) == []


def test_what_a_later_ruling_leans_on_stays(world: World) -> None:
    """A split is undone only after what was ruled of the deal that it made."""
    world.decide(Verb.SPLIT, world.id("oracle"), articles=(2,))
    world.set(world.id("oracle+1"), title="Other")

    with pytest.raises(UsageError, match=r"The deal that ruling 1 made is ruled on by 2. Undo that first."):
        world.undo(1)

    world.undo(2)
    world.undo(1)
    assert world.articles("oracle") == [1, 2, 4]


@pytest.mark.parametrize(("number", "says"), [(5, "There is no ruling 5"), (1, "Ruling 1 was undone already")])
def test_undoing_what_is_not_is_refused(world: World, number: int, says: str) -> None:
    """A ruling that is not there, or was undone."""
    world.decide(Verb.DISMISS, world.id("oracle"))
    world.undo()

    with pytest.raises(UsageError, match=says):
        world.undo(number)


def test_a_deal_that_nothing_is_said_of_cannot_be_ruled_on(world: World) -> None:
    """It says that it is in the ledger no more."""
    number = world.id("corewell")
    with world.tools.store.write() as session:
        article = articles.get(session, 3)
        assert article
        world.keepers[WATCH].enter(session, article, [], [], world.tools.clock.now())

    with pytest.raises(UsageError, match=f"Deal {number} is in the ledger no more: no article speaks of it"):
        world.decide(Verb.DISMISS, number)


def test_a_watch_without_a_ledger_cannot_be_ruled_on(world: World, clock: FixedClock) -> None:
    """A deal of a watch that the configuration does not have any more, or that keeps no ledger."""
    plain = LEDGER_WATCH | {"ledger": False}
    folder = write_config(world.tools.settings.folder, watches={WATCH: plain}, companies=COMPANIES)

    with pytest.raises(UsageError, match=r"which watches.yaml does not have with `ledger: true`"):
        decide(load_settings(folder), world.tools.store, [wish(Verb.DISMISS)], clock.now())


def test_a_ruling_reaches_what_was_merged_before(world: World) -> None:
    """Undoing the first of two merges takes only its own back."""
    world.say(mention("nvidia", Kind.CHIPS))
    oracle, corewell, nvidia = (world.id(key) for key in ("oracle", "corewell", "nvidia"))
    world.decide(Verb.MERGE, nvidia, into=corewell)
    world.decide(Verb.MERGE, corewell, into=oracle)
    whole = world.articles("oracle")

    world.undo(1)

    assert whole == [1, 2, 3, 4, 5]
    assert (world.articles("oracle"), world.articles("nvidia")) == ([1, 2, 3, 4], [5])
