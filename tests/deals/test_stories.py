"""Copies of a text, and the reports that sources go back to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.stories import alike, corroborated, fingerprint, origins
from pipeline.domain import Source

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
WORDS = [
    "harbour",
    "copper",
    "lantern",
    "orchard",
    "granite",
    "velvet",
    "meadow",
    "signal",
    "timber",
    "canyon",
    "ribbon",
]


def prose(seed: int, count: int = 200) -> list[str]:
    """Words without a meaning, always the same for a seed."""
    chosen = random.Random(seed)
    return [chosen.choice(WORDS) + chosen.choice(WORDS)[:3] for _ in range(count)]


def text(words: list[str]) -> str:
    return " ".join(words)


def source(article: int, hours: float = 0, seed: int | None = None, **other: object) -> Source:
    mark = fingerprint("", text(prose(seed))) if seed is not None else ""
    made = Source(article, f"https://n{article}.example/a", START + timedelta(hours=hours), f"n{article}", False, mark)
    return replace(made, **other)  # type: ignore[arg-type]


ORIGINAL = prose(1)
SWAPPED = [word if at % 14 else "otherwise" for at, word in enumerate(ORIGINAL)]


@pytest.mark.parametrize(
    "copy",
    [
        text(ORIGINAL).upper().replace(" ", ",\n"),
        text(ORIGINAL[:120]),
        text(["Subscribe", "to", "our", "morning", "letter.", *ORIGINAL, "All", "rights", "reserved"]),
        text(SWAPPED),
        text(ORIGINAL + prose(9, 400)),
        text(ORIGINAL[60:130] + ORIGINAL[:60] + ORIGINAL[130:]),
    ],
    ids=["letters and marks", "cut", "something around it", "words changed", "more after it", "parts moved"],
)
def test_a_copy_is_known_again(copy: str) -> None:
    """What syndication and light rewriting do to a text does not hide where it comes from."""
    assert alike(fingerprint("One headline", text(ORIGINAL)), fingerprint("Quite another", copy))


def test_other_texts_are_not_copies() -> None:
    """Texts of the same words in another order are not taken for each other."""
    marks = [fingerprint("", text(prose(seed))) for seed in range(20)]

    assert not any(alike(one, other) for at, one in enumerate(marks) for other in marks[:at])


def test_languages_without_spaces() -> None:
    """A text is known again where no spaces stand between words, by its characters."""
    one = "新しい港の倉庫で電力設備の工事が始まり来年の春までに稼働する予定だと会社は説明した"
    other = "古い橋を直す計画は住民の反対で止まり市議会は秋に改めて話し合うことを決めたという"

    assert alike(fingerprint("", one), fingerprint("", "速報：" + one))
    assert not alike(fingerprint("", one), fingerprint("", other))


@pytest.mark.parametrize("body", ["", "Too short to say.", text(prose(1, 29))])
def test_too_little_text_is_nobodys_copy(body: str) -> None:
    """A short text has no fingerprint, and what has none is like nothing, not even like itself."""
    mark = fingerprint("Title", body)

    assert mark == ""
    assert not alike(mark, mark)


def test_the_title_does_not_count() -> None:
    """A body that opens with its title has the fingerprint of the rest."""
    title = text(prose(5, 12))

    assert fingerprint(title, f"{title}\n{text(ORIGINAL)}") == fingerprint("", text(ORIGINAL))


def test_a_copy_has_the_origin_of_the_first() -> None:
    """The first to publish is the origin of its copies, also of those of copies; others keep their own."""
    given_ = [source(1, 0, 1), source(2, 1, 2), source(3, 2, 1), source(4, 3), source(5, 4, 1)]

    assert [one.origin for one in corroborated(given_)] == ["n1", "n2", "n1", "n4", "n1"]


def test_a_copy_of_a_copy() -> None:
    """What a rewrite keeps of the first is enough, even where the next rewrite keeps none of that."""
    words = prose(7, 220)
    marks = [fingerprint("", text(words[start:end])) for start, end in ((0, 120), (40, 160), (100, 210))]
    given_ = [source(at, at, fingerprint=mark) for at, mark in enumerate(marks)]

    assert not alike(marks[0], marks[2])
    assert [one.origin for one in corroborated(given_)] == ["n0", "n0", "n0"]


def test_a_copy_has_the_outlet_that_the_first_cites() -> None:
    """What passes on a report is copied as that report."""
    first = source(1, 0, 1, origin="bloomberg")

    assert [one.origin for one in corroborated([source(2, 1, 1), first])] == ["bloomberg", "bloomberg"]


def test_an_official_source_is_its_own_origin() -> None:
    """A press release keeps its origin and gives it to its copies, one that was out a moment before included."""
    early, release = source(1, 0, 1), source(2, 0.01, 1, official=True, origin="maker.example")

    assert [one.origin for one in corroborated([early, release, source(3, 1, 1)])] == ["maker.example"] * 3


def test_a_joint_release_has_an_origin_for_each_party() -> None:
    """Two official sources that publish one text both confirm the deal."""
    both = [source(1, 0, 1, official=True), source(2, 1, 1, official=True)]

    assert [one.origin for one in corroborated(both)] == ["n1", "n2"]


@st.composite
def many_sources(draw: st.DrawFn) -> list[Source]:
    drawn = st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 2)), st.booleans())
    return [
        source(at, hours, seed, official=official)
        for at, (hours, seed, official) in enumerate(draw(st.lists(drawn, max_size=8)))
    ]


@given(many_sources(), st.randoms())
def test_the_order_of_arrival_does_not_matter(given_: list[Source], chance: random.Random) -> None:
    """In whatever order the sources come, each has the same origin, and stands where it stood."""
    shuffled = chance.sample(given_, len(given_))
    found = {one.article: one for one in corroborated(given_)}

    assert [one.article for one in corroborated(shuffled)] == [one.article for one in shuffled]
    assert {one.article: one for one in corroborated(shuffled)} == found
    assert origins(shuffled) == origins(given_)


def test_origins_in_order_with_their_lag() -> None:
    """Each report stands once, with its first article, how many there are, and its seconds behind the first."""
    given_ = [source(3, 2, 1), source(1, 0, 1), source(2, 1), source(4, 5, 2, origin="n2", official=True)]

    found = [(o.name, o.article, o.lag, o.official, o.articles) for o in origins(given_)]

    assert found == [("n1", 1, 0.0, False, 2), ("n2", 2, 3600.0, True, 2)]


def test_no_sources_no_origins() -> None:
    """A deal that nothing tells of any more has none."""
    assert origins([]) == []
    assert corroborated([]) == []
