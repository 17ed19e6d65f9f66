"""Whether two pieces of news tell of one event."""

from __future__ import annotations

import pytest

from pipeline.deals.headlines import News, Rarity, same_event
from pipeline.deals.stories import fingerprint
from pipeline.domain import Status

TITLES = [
    "OpenAI hires a new head of design",
    "Why OpenAI wants a phone of its own",
    "OpenAI opens an office in Lisbon",
    "Regulators question OpenAI about its data",
]
RARITY = Rarity(TITLES)
BODY = " ".join(f"word{at} and" for at in range(60))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OpenAI to rent $12B campus from Acme", "OpenAI will rent a $12 billion campus from Acme"),
        ("OpenAI to rent $12B campus from Acme", "Acme rents $12bn campus to OpenAI | Sample News"),
        ("OpenAI alquila a Acme un campus de US$ 12 mil millones", "Acme alquila a OpenAI un campus de $12B"),
        ("OpenAI orders 4,5 GW of turbines", "OpenAI orders turbines for 4.5 gigawatts"),
        ("Acme opens", "Acme opens"),
    ],
)
def test_one_event(one: str, other: str) -> None:
    """Headlines that say the same in other words, and write figures otherwise, are of one event."""
    assert same_event(News(one), News(other), RARITY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OpenAI to rent $12B campus from Acme", "OpenAI to rent $30B campus from Acme"),
        (
            "OpenAI and Acme join forces on the first big campus",
            "OpenAI and Zenith join forces on the first big campus",
        ),
        ("OpenAI opens", "OpenAI hires"),
        ("Introducing OpenAI for Peru", "Introducing OpenAI for Chile"),
        ("OpenAI to rent a campus from Acme", "OpenAI opens an office in Lisbon"),
        ("", ""),
    ],
    ids=["sums", "names", "two words", "template", "nothing shared", "no headline"],
)
def test_two_events(one: str, other: str) -> None:
    """Headlines that are made alike and name other sums or parties are of two events."""
    assert not same_event(News(one), News(other), RARITY)


def test_known_names_keep_apart() -> None:
    """Companies and places that the headlines name must not differ on both sides, capitals or not."""
    one, other = (f"OPENAI TO BUILD A GIANT CAMPUS IN {place}" for place in ("NORWAY", "KENYA"))

    assert same_event(News(one), News(other), RARITY)
    assert not same_event(
        News(one, names=frozenset(["place:norway"])), News(other, names=frozenset(["place:kenya"])), RARITY
    )
    assert same_event(News(one, names=frozenset(["place:norway"])), News(other), RARITY)


def test_the_same_parties_and_the_same_sum() -> None:
    """Two known names and a large sum in common make one event, in whatever words or language; less does not."""
    parties = frozenset(["@acme", "@openai"])
    one = News("OpenAI to rent a campus from Acme for $12B", names=parties)
    other = News("Der Zwölf-Jahres-Plan: 12 Mrd Dollar von OpenAI gehen an Acme", names=parties)

    assert same_event(one, other, RARITY)
    assert not same_event(one, News(other.title, names=frozenset(["@openai"])), RARITY)
    assert not same_event(one, News(other.title.replace("12 Mrd", "viele"), names=parties), RARITY)
    parts, questions = (
        "Reasons to doubt OpenAI and Acme in 12 long charts",
        "Acme stellt noch 12 bohrende Fragen an OpenAI",
    )
    assert not same_event(News(parts, names=parties), News(questions, names=parties), RARITY)


def test_a_turn_is_news() -> None:
    """That a deal was scrapped, or signed after talks, is another event than what was told before."""
    title = "OpenAI and Acme: the campus in the hills"
    plain, scrapped, signed, talks = (
        News(title, turns=frozenset(turns)) for turns in ([], [Status.CANCELLED], [Status.SIGNED], [Status.RUMOURED])
    )

    assert not same_event(plain, scrapped, RARITY)
    assert not same_event(signed, talks, RARITY)
    assert same_event(plain, signed, RARITY)


def test_copies_under_other_headlines() -> None:
    """A copied text is the same story at another outlet; at the same one it may be what stands under every piece."""
    mark = fingerprint("", BODY)
    one = News("OpenAI to rent campus from Acme", mark, "a.example")
    title = "ChatGPT maker in talks: Acme is the landlord"

    assert same_event(one, News(title, mark, "b.example"), RARITY)
    assert not same_event(one, News(title, mark, "a.example"), RARITY)
    assert not same_event(one, News(title, fingerprint("", BODY[::-1]), "b.example"), RARITY)
    assert not same_event(one, News("Weather: rain again", mark, "b.example"), RARITY)


def test_rare_words_count_for_more() -> None:
    """Sharing what all headlines of a watch have in common is not enough."""
    common = Rarity(["OpenAI data center deal news"] * 40)
    one, other = News("OpenAI data center deal irks neighbours"), News("OpenAI data center deal needs turbines")

    assert same_event(one, other, Rarity([]))
    assert not same_event(one, other, common)
