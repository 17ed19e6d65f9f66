"""What people decided, carried out."""

from __future__ import annotations

import pytest

from pipeline.deals.ledger import derive, linked
from pipeline.deals.rows import status_stated
from pipeline.deals.rulings import BY_HAND, anchor_of, kept, merged_into, written
from pipeline.deals.wording import shown
from pipeline.domain import Bound, DealState, Kind, Ruling, Status, Verb
from tests.deals.samples import fact, mention, source

ORACLE = [
    (source(1), mention("oracle", Kind.COMPUTE, Status.ANNOUNCED, fact("amount", 10e9))),
    (source(2, 1), mention("oracle", Kind.COMPUTE, Status.SIGNED)),
    (source(3, 2), mention("oracle")),
]
CORE = [(source(4, 0.5), mention("core"))]
TOLD = {"oracle": ORACLE, "core": CORE}


def deals(*rulings: Ruling, told: dict[str, list] = TOLD) -> dict[str, DealState]:
    return {deal.key: deal for deal in derive(told, rulings)}


def articles(deal: DealState) -> list[int]:
    return [source.article for source in deal.sources]


def merge(id_: int, deal: str, into: str) -> Ruling:
    return Ruling(id_, Verb.MERGE, deal, into=into)


def set_(field: str, value: str, deal: str = "oracle", id_: int = 1) -> Ruling:
    return Ruling(id_, Verb.SET, deal, field=field, value=value)


def test_a_merged_deal_is_one() -> None:
    """All that was said of both stands under the key of the one it was merged into, in the order of publication."""
    found = deals(merge(1, "core", "oracle"))

    assert list(found) == ["oracle"]
    assert articles(found["oracle"]) == [1, 4, 2, 3]


def test_merging_goes_on() -> None:
    """What was merged into a deal goes along when that one is merged, and what links the anchors is known."""
    told = TOLD | {"ibm": [(source(9, 9), mention("ibm"))]}
    rulings = [merge(1, "core", "oracle"), merge(2, "oracle", "ibm")]

    assert articles(deals(*rulings, told=told)["ibm"]) == [1, 4, 2, 3, 9]
    assert merged_into(rulings, "core") == "ibm"
    assert linked(["core"], rulings) == {"core", "oracle", "ibm"}
    assert linked(["hal"], rulings) == {"hal"}


def test_merging_with_itself_loses_nothing() -> None:
    """A ruling that makes no sense leaves the deal as it is, and a ring of them ends."""
    assert articles(deals(merge(1, "oracle", "oracle"))["oracle"]) == [1, 2, 3]
    assert merged_into([merge(1, "a", "b"), merge(2, "b", "a")], "a") in ("a", "b")


def test_a_split_makes_a_deal_of_its_own() -> None:
    """What the articles say goes to a new key; the rest stays."""
    found = deals(Ruling(7, Verb.SPLIT, "oracle", articles=(2,)))

    assert articles(found["oracle"]) == [1, 3]
    assert articles(found["oracle+7"]) == [2]
    assert found["oracle+7"].anchor == "oracle"


def test_a_split_survives_later_articles() -> None:
    """Also where a later article makes the deal fall into kinds, so that what was split off stands beside."""
    power = mention("oracle", Kind.POWER, central=False)
    told = {"oracle": [*ORACLE, (source(5, 3), power)]}
    split = Ruling(7, Verb.SPLIT, "oracle", articles=(5,))
    before = deals(split, told=told)
    told["oracle"].append((source(6, 4), mention("oracle", Kind.POWER)))

    after = deals(split, told=told)

    assert articles(before["oracle+7"]) == articles(after["oracle+7"]) == [5]
    assert articles(after["oracle/power"]) == [6]


def test_a_split_may_be_ruled_on() -> None:
    """A deal that a ruling made can be set, split and merged by later ones."""
    split = Ruling(1, Verb.SPLIT, "oracle", articles=(2, 3))
    again = Ruling(2, Verb.SPLIT, "oracle+1", articles=(3,))
    found = deals(split, again, set_("title", "Second", "oracle+1", 3), merge(4, "core", "oracle+1"))

    assert {key: articles(deal) for key, deal in found.items()} == {
        "oracle": [1],
        "oracle+1": [4, 2],
        "oracle+1+2": [3],
    }
    assert found["oracle+1"].title == "Second"
    assert anchor_of("oracle+1+2") == "oracle"


def test_a_dismissed_deal_stays_so() -> None:
    """However many articles come."""
    assert deals(Ruling(1, Verb.DISMISS, "oracle"))["oracle"].dismissed


@pytest.mark.parametrize(
    ("field", "value"), [("title", "My title"), ("kind", "chips"), ("status", "stalled"), ("part_of", "core")]
)
def test_a_field_is_as_it_was_set(field: str, value: str) -> None:
    """Whatever articles say; the last word counts."""
    found = deals(set_(field, "other" if field == "title" else value), set_(field, value, id_=2))

    assert str(getattr(found["oracle"], field)) == value


def test_a_figure_set_by_hand_is_in_force() -> None:
    """What the articles say in its place stands beside it."""
    deal = deals(set_("amount", "up to 20000000000 EUR"))["oracle"]

    assert shown(deal.facts["amount"]) == "up to €20 billion"
    assert deal.facts["amount"].quote == BY_HAND
    assert [(shown(rival), at.article) for rival, at in deal.disagreements] == [("$10 billion", 1)]


def test_a_figure_that_agrees_disagrees_with_none() -> None:
    """Setting what is stated anyway leaves no disagreement."""
    assert deals(set_("amount", "10000000000 USD"))["oracle"].disagreements == ()


def test_a_figure_can_be_taken_away() -> None:
    """It is in force no more, and still stands as what an article says."""
    deal = deals(set_("amount", ""))["oracle"]

    assert "amount" not in deal.facts
    assert [shown(rival) for rival, _ in deal.disagreements] == ["$10 billion"]


def test_what_was_set_is_no_news() -> None:
    """An article that says what was set makes no change; one that says something else does."""
    signed, stalled = deals(set_("status", "signed")), deals(set_("status", "stalled"))

    assert [change.field for change in signed["oracle"].changes] == ["new"]
    assert [change.field for change in stalled["oracle"].changes] == ["new", "status"]


def test_a_figure_that_was_set_is_no_news() -> None:
    """Nor is one that an article states later."""
    told = {"oracle": [*ORACLE, (source(5, 5), mention("oracle", Kind.COMPUTE, Status.SIGNED, fact("capacity", 2)))]}

    news = [
        [change.field for change in deals(*rulings, told=told)["oracle"].changes]
        for rulings in ((), (set_("capacity", "2 GW"),), (set_("capacity", "3 GW"),))
    ]

    assert news == [["new", "status", "capacity"], ["new", "status"], ["new", "status", "capacity"]]


def test_a_status_knows_who_said_it() -> None:
    """The words of the article that moved it last, or that told of the deal first; none where it was set by hand."""
    found = status_stated(deals()["oracle"])
    first = status_stated(deals()["core"])

    assert (found and found[0], first and first[0]) == ("oracle compute signed", "core compute announced")
    assert status_stated(deals(set_("status", "signed"))["oracle"]) is None
    assert status_stated(deals(set_("status", "stalled", "core"))["core"]) is None


def test_deals_point_to_where_others_were_merged() -> None:
    """Part of and supersedes follow a merge, and never lead a deal to itself."""
    told = TOLD | {"programme:delta": [(source(9, 9), mention("programme:delta", Kind.PROGRAMME))]}
    part = set_("part_of", "programme:delta")

    assert deals(part, merge(2, "programme:delta", "core"), told=told)["oracle"].part_of == "core"
    assert deals(part, merge(2, "programme:delta", "oracle"), told=told)["oracle"].part_of == ""


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("amount", "$300bn", "300000000000 USD"),
        ("amount", "US$22.4 billion", "22400000000 USD"),
        ("amount", "up to $100 billion", "up to 100000000000 USD"),
        ("amount", "€1.5 billion a year", "1500000000 EUR a year"),
        ("amount", "$10 billion to $15 billion", "10000000000-15000000000 USD"),
        ("amount", "$250 billion-plus", "more than 250000000000 USD"),
        ("amount", "$1,250.50", "1250.5 USD"),
        ("capacity", "4.5 GW", "4.5 GW"),
        ("capacity", "800 MW", "0.8 GW"),
        ("capacity", "10-gigawatt", "10 GW"),
        ("amount", "300", None),
        ("amount", "4.5 GW", None),
        ("amount", "-$5 billion", None),
        ("amount", "$5 billion or $6 billion", None),
        ("amount", "$5 billion of stock", None),
        ("amount", "$0", None),
        ("capacity", "4.5", None),
        ("capacity", "4 GWh", None),
        ("capacity", "about some GW", None),
        ("amount", "", None),
    ],
)
def test_figures_are_taken_as_people_write_them(field: str, text: str, value: str | None) -> None:
    """What is one figure and nothing else is kept in one form, whatever it was written in."""
    assert written(field, text) == value


@pytest.mark.parametrize("text", ["up to $100 billion", "€1.5 billion a year", "$10 billion to $15 billion", "$7"])
def test_a_kept_figure_reads_back(text: str) -> None:
    """The form that a ruling keeps gives back value, lower end, unit, bound and period."""
    value = written("amount", text)
    assert value

    found = kept("amount", value)

    assert found.per_year is ("a year" in text)
    assert (found.bound is Bound.UP_TO) is text.startswith("up to")
    assert found.low == (10e9 if "to $15" in text else None)
    assert found.unit == ("EUR" if "€" in text else "USD")


def test_a_bare_number_is_in_the_usual_unit() -> None:
    """A ruling without a unit is in dollars or gigawatts; one that is no figure is refused."""
    assert (kept("capacity", "2").value, kept("capacity", "2").unit) == (2.0, "GW")
    with pytest.raises(ValueError, match="is no figure"):
        kept("amount", "lots")
