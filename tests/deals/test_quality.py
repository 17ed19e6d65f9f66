"""How well a ledger is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.quality import Error, Found, LedgerQuality, Ratio, Told, Wanted, bcubed, measure, pair
from pipeline.domain import Fact, Kind, Mention, Party, Status
from tests.deals.samples import fact, mention


def wanted(key: str, *parties: str, quote: str = "so it says", sure: str = "kind status", **fields: Any) -> Wanted:
    values: dict[str, Any] = {"kind": "compute", "amount": None, "capacity": None, "status": "announced", **fields}
    return Wanted(key, frozenset(parties), quote=quote, sure=frozenset(sure.split()), **values)


def read(
    anchor: str, *facts: Fact, deal: str = "", parties: tuple[str, ...] | None = None, quote: str = "", **fields: Any
) -> Found:
    """A mention with the anchor's company as its party, unless others are given."""
    named = (anchor,) if parties is None else parties
    said: Mention = replace(
        mention(anchor, fields.get("kind", Kind.COMPUTE), fields.get("status", Status.ANNOUNCED), *facts, quote=quote),
        parties=tuple(Party(slug, slug.title(), "") for slug in named),
    )
    return Found(said, deal or anchor)


def piece(
    name: str,
    labels: list[Wanted],
    found: list[Found],
    told: tuple[str, ...] = (),
    yes: bool = True,
    alerted: bool = False,
) -> Told:
    return Told(name, yes, labels, found, alerted or bool(told), frozenset(told))


def one(label: Wanted, *found: Found) -> LedgerQuality:
    """The figures over one labelled deal."""
    return measure([piece("i1", [label], list(found))], 0)


@pytest.mark.parametrize(
    ("labels", "found", "expected"),
    [
        ([wanted("zephyr-acme", "acme")], [read("borealis"), read("acme")], {0: 1}),
        ([wanted("zephyr-acme", "acme"), wanted("zephyr-dyna", "dyna")], [read("dyna"), read("acme")], {0: 1, 1: 0}),
        (
            [wanted("zephyr-acme", "acme", "dyna")],
            [read("acme"), read("acme", parties=("acme", "dyna"))],
            {0: 1},
        ),
        ([wanted("skyhook-us")], [read("total", parties=()), read("programme:skyhook", parties=())], {0: 1}),
        ([wanted("zephyr-x", quote="It is  so.")], [read("total", parties=(), quote="As told: it is so!")], {0: 0}),
        ([wanted("zephyr-acme", "acme")], [read("borealis", quote="no")], {}),
        ([wanted("a-acme", "acme"), wanted("b-acme", "acme")], [read("acme")], {0: 0}),
        ([wanted("zephyr-acme", "acme")], [read("acme"), read("acme")], {0: 0}),
        ([wanted("zephyr-acme", "acme")], [], {}),
        ([], [read("acme")], {}),
    ],
    ids=[
        "parties", "two", "all the parties", "the key's words", "the sentence", "nothing in common", "one for two",
        "two for one", "none read", "none labelled",
    ],
)  # fmt: skip
def test_pairing(labels: list[Wanted], found: list[Found], expected: dict[int, int]) -> None:
    """Each labelled deal is paired with the mention that is most like it, and each mention once."""
    assert {row: found.index(mention) for row, mention in pair(labels, found).items()} == expected


def test_figures_do_not_pair() -> None:
    """A wrong deal with the right sum stays wrong."""
    label = wanted("zephyr-acme", "acme", amount=3e9)

    assert pair([label], [read("borealis", fact("amount", 3e9)), read("acme", fact("amount", 7e9))])[0].deal == "acme"


@pytest.mark.parametrize(
    ("right", "found", "labelled", "expected"),
    [(0, 0, 0, (1.0, 1.0)), (1, 2, 4, (0.5, 0.25)), (0, 0, 3, (1.0, 0.0)), (0, 3, 0, (0.0, 1.0))],
)
def test_ratios(right: int, found: int, labelled: int, expected: tuple[float, float]) -> None:
    """Precision is of what was found, recall of what was wanted; 1 where nothing could go wrong."""
    ratio = Ratio.of(right, found, labelled)

    assert (ratio.precision, ratio.recall, ratio.n) == (*expected, labelled)


def test_parties_are_counted_one_by_one() -> None:
    """Over all labelled deals; of a deal that was not read all are missed."""
    quality = measure(
        [
            piece("i1", [wanted("k1", "acme", "dyna")], [read("acme", parties=("acme", "flint"))]),
            piece("i2", [wanted("k2", "quill")], []),
        ],
        0,
    )

    assert quality.parties == Ratio(1 / 2, 1 / 3, 3)
    assert quality.errors[:2] == (
        Error("i1", "k1", "parties", "acme, dyna", "acme, flint"),
        Error("i2", "k2", "parties", "quill", "-"),
    )


@pytest.mark.parametrize(
    ("label", "facts", "expected"),
    [
        ({"amount": 3e9}, [fact("amount", 3e9)], Ratio(1, 1, 1)),
        ({"amount": 3e9}, [fact("amount", 3.02e9)], Ratio(1, 1, 1)),
        ({"amount": 3e9}, [fact("amount", 3.1e9)], Ratio(0, 0, 1)),
        ({"amount": 3e9}, [], Ratio(1, 0, 1)),
        ({}, [fact("amount", 3e9)], Ratio(0, 1, 0)),
        ({}, [], Ratio(1, 1, 0)),
        ({"amount": 3e9}, [fact("amount", 3e9, "EUR")], Ratio(1, 0, 1)),
        ({"amount": 3e9}, [fact("yearly", 3e9, "USD")], Ratio(1, 1, 1)),
        ({"amount": 3e9}, [fact("amount", 9e9), fact("yearly", 3e9, "USD")], Ratio(0, 0, 1)),
        ({"amount": 3e9}, [fact("amount", 9e9), replace(fact("amount", 3e9), confidence=1.0)], Ratio(1, 1, 1)),
    ],
    ids=[
        "right", "rounded", "wrong", "missed", "made up", "none", "another currency", "a year", "both", "the surest"
    ],
)  # fmt: skip
def test_figures(label: dict[str, float], facts: list[Fact], expected: Ratio) -> None:
    """A figure is right within a hundredth; what is paid a year stands for a sum that is not stated."""
    assert one(wanted("k", "acme", **label), read("acme", *facts)).amount == expected


def test_capacity() -> None:
    """In gigawatts."""
    quality = one(wanted("k", "acme", capacity=2.0), read("acme", fact("capacity", 1)))

    assert quality.capacity == Ratio(0, 0, 1)
    assert Error("i1", "k", "capacity", "2", "1") in quality.errors


@pytest.mark.parametrize(
    ("label", "found", "kind", "status"),
    [
        ({}, {}, 1, 1),
        ({"kind": "power"}, {}, 0, 1),
        ({"status": "signed"}, {}, 1, 0),
        ({"status": "signed"}, {"status": Status.OPERATING}, 1, 1),
        ({"status": "talks"}, {"status": Status.RUMOURED}, 1, 1),
        ({"status": "cancelled"}, {"status": Status.STALLED}, 1, 1),
        ({"status": "unclear"}, {"status": Status.CHANGED}, 1, 1),
        ({"kind": "power", "status": "signed", "sure": ""}, {}, 1, 1),
        ({"kind": "power", "status": "signed", "sure": "kind"}, {}, 0, 1),
    ],
)
def test_kind_and_status(label: dict[str, Any], found: dict[str, Any], kind: float, status: float) -> None:
    """Only where two labellers agreed; several of our statuses can stand for one of theirs."""
    quality = one(wanted("k", "acme", **label), read("acme", **found))

    assert (quality.kind_accuracy, quality.status_accuracy) == (kind, status)
    assert {error.field for error in quality.errors} == {
        name for name, share in (("kind", kind), ("status", status)) if not share
    }


def test_what_was_not_read_has_neither_kind_nor_status() -> None:
    """A labelled deal without a mention is wrong in both."""
    quality = one(wanted("k", "acme"))

    assert (quality.kind_accuracy, quality.status_accuracy) == (0, 0)


def test_bcubed_by_hand() -> None:
    """Labelled 1: a a b; labelled 2: b b. Precision (1+1+1/3+2/3+2/3)/5, recall (2/3+2/3+1/3+1+1)/5, both 11/15."""
    pairs = [("1", "a"), ("1", "a"), ("1", "b"), ("2", "b"), ("2", "b")]

    assert bcubed(pairs) == pytest.approx(11 / 15)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], 1.0),
        ([("1", "a"), ("1", "a"), ("2", "b")], 1.0),
        ([("1", "a"), ("1", "b")], 2 / 3),
        ([("1", "a"), ("2", "a")], 2 / 3),
    ],
    ids=["nothing", "alike", "all apart", "all in one"],
)
def test_bcubed(pairs: list[tuple[str, str]], expected: float) -> None:
    """Groups that are split or thrown together cost as much."""
    assert bcubed(pairs) == pytest.approx(expected)


NAMES = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1), st.randoms(use_true_random=False))
def test_any_bcubed(pairs: list[tuple[str, str]], random: Any) -> None:
    """From 0 to 1, whatever the groups are called and in whatever order; 1 where they are the same."""
    shuffled = [(f"labelled {one}", f"found {other}") for one, other in random.sample(pairs, len(pairs))]
    same = len(set(pairs)) == len({one for one, _ in pairs}) == len({other for _, other in pairs})

    assert bcubed(shuffled) == pytest.approx(bcubed(pairs))
    assert 0 < bcubed(pairs) <= 1 + 1e-9
    assert (bcubed(pairs) > 1 - 1e-9) is same


def test_a_deal_that_was_not_read_is_in_no_group() -> None:
    """Two of them are not taken for one."""
    missed = [piece(f"i{n}", [wanted("k", "acme")], []) for n in (1, 2)]

    assert measure(missed, 0).bcubed_f1 == pytest.approx(2 / 3)


LABEL = wanted("zephyr-acme", "acme")


@pytest.mark.parametrize(
    ("pieces", "silent"),
    [
        ([piece("1", [LABEL], [read("acme")]), piece("2", [LABEL], [read("acme")])], ("zephyr-acme",)),
        ([piece("1", [LABEL], [read("acme")], ("acme",)), piece("2", [LABEL], [read("acme")])], ()),
        ([piece("1", [LABEL], [read("acme")], ("dyna",)), piece("2", [LABEL], [read("acme")])], ("zephyr-acme",)),
        (
            [*[piece(n, [LABEL], [read("acme")]) for n in "12"], piece("3", [], [], ("acme",))],
            (),
        ),
        ([piece("1", [LABEL], [], ("acme",)), piece("2", [LABEL], [])], ("zephyr-acme",)),
        ([piece("1", [LABEL], [read("acme")])], ()),
    ],
    ids=["untold", "told", "of another deal told", "told by another piece", "not read", "labelled once"],
)
def test_is_told(pieces: list[Told], silent: tuple[str, ...]) -> None:
    """A deal that is labelled more than once should have brought an alert: a piece of its own, or of its usual deal."""
    assert measure(pieces, 0).deals_without_alert == silent


def test_alerts() -> None:
    """Those of new deals are counted per labelled deal; those by pieces labelled no are listed."""
    pieces = [
        piece("a", [LABEL, wanted("zephyr-dyna", "dyna")], [read("acme"), read("dyna"), read("flint")]),
        piece("b", [], [read("flint")], yes=False, alerted=True),
        piece("c", [], [], yes=False),
    ]

    quality = measure(pieces, 3)

    assert (quality.new_deal_alerts_per_deal, quality.deals, quality.mentions, quality.extra) == (1.5, 2, 2, 1)
    assert quality.alerts_on_no == ("b",)


def test_nothing_to_measure() -> None:
    """Nothing is wrong then."""
    quality = measure([], 0)

    assert (quality.kind_accuracy, quality.bcubed_f1, quality.new_deal_alerts_per_deal) == (1.0, 1.0, 0.0)
    assert quality.errors == ()


def test_as_data() -> None:
    """Plain and rounded, without the errors."""
    data = measure([piece("a", [wanted("k", "acme", "dyna", "flint")], [read("acme")])], 1).data()

    assert json.loads(json.dumps(data))["parties"] == {"precision": 1.0, "recall": 0.3333, "n": 3}
    assert "errors" not in data
