"""Texts to verdicts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Passage, Verdict
from pipeline.watch.matcher import Matcher, Watch

GROUPS = {"who": ["OpenAI"], "deal": ["sign", "contract"], "what": ["data center", "gigawatt*"]}
ALL = "OpenAI signs for a data center."


def judge(title: str, body: str, within: str = "sentence", **options: Any) -> Verdict:
    watch = Watch("w", within, options.pop("groups", GROUPS), **options)
    return Matcher([watch], {}).judge(title, body)[0]


def source(passage: Passage, title: str, body: str) -> str:
    """The text that a passage's offsets count in."""
    return {"title": title, "body": body, "article": f"{title}\n{body}"}[passage.where]


@pytest.mark.parametrize(
    ("within", "title", "body", "matched"),
    [
        ("sentence", "", ALL, True),
        ("sentence", ALL, "", True),
        ("sentence", "T", f"Before. {ALL} After.", True),
        ("sentence", "T", "OpenAI signs. A data center is built.", False),
        ("sentence", "OpenAI signs", "A data center is built.", False),
        ("sentence", "OpenAI signs for a data", "center in Texas", False),
        ("paragraph", "T", "OpenAI signs. A data center is built.", True),
        ("paragraph", "T", "OpenAI signs.\nA data center is built.", False),
        ("paragraph", "OpenAI signs", "A data center is built.", False),
        ("article", "T", "OpenAI signs.\nA data center is built.", True),
        ("article", "OpenAI signs", "A data center is built.", True),
        ("article", "OpenAI signs", "No more.", False),
        ("6 words", "T", ALL, True),
        ("5 words", "T", "OpenAI signs a data center.", True),
        ("5 words", "T", ALL, False),
        ("6 words", "T", "OpenAI. Signs! For a data center.", True),
        ("6 words", "T", "OpenAI signs for\na data center.", False),
        ("6 words", "OpenAI signs for", "a data center.", False),
        ("50 words", "T", ALL, True),
        ("1 words", "T", ALL, False),
        ("sentence", "", "", False),
        ("article", "", "", False),
        ("6 words", "", "", False),
    ],
)
def test_windows(within: str, title: str, body: str, matched: bool) -> None:
    """A term of every group must stand in one window; the title is one of its own, except within `article`."""
    assert judge(title, body, within).matched is matched


@pytest.mark.parametrize("missing", GROUPS)
def test_every_group_is_needed(missing: str) -> None:
    """A window that lacks one group does not match, and the verdict says which."""
    word = {"who": "OpenAI", "deal": "signs", "what": "data center"}[missing]
    verdict = judge("T", ALL.replace(word, "nothing"))

    assert not verdict.matched
    assert verdict.lacking == (missing,)


@pytest.mark.parametrize(
    ("within", "body", "matched"),
    [
        ("sentence", f"{ALL} A rumour.", True),
        ("sentence", "A rumour: OpenAI signs for a data center.", False),
        ("sentence", f"A rumour: OpenAI signs for a data center. {ALL}", True),
        ("paragraph", f"{ALL} A rumour.", False),
        ("paragraph", f"{ALL}\nA rumour.", True),
        ("article", f"{ALL}\nA rumour.", False),
        ("6 words", "OpenAI signs for a data center. A rumour.", True),
        ("7 words", "OpenAI signs for a rumoured data center.", True),
        ("7 words", "OpenAI signs for a rumour data center.", False),
    ],
)
def test_none(within: str, body: str, matched: bool) -> None:
    """A window that holds a term of `none` does not count; others do."""
    assert judge("T", body, within, none=['"rumour"']).matched is matched


def test_passage_of_the_body() -> None:
    """A passage of the body counts from the body's start, and its quote is the sentence."""
    title, body = "Some title", f"Before this. {ALL} After."
    (passage,) = judge(title, body).passages

    assert (passage.where, passage.quote) == ("body", ALL)
    assert (passage.start, passage.end) == (13, 13 + len(ALL))
    assert [body[hit.start : hit.end] for hit in passage.hits] == ["OpenAI", "signs", "data center"]
    assert [(hit.group, hit.term) for hit in passage.hits] == [
        ("who", "OpenAI"),
        ("deal", "sign"),
        ("what", "data center"),
    ]


@pytest.mark.parametrize(
    ("title", "body", "within", "where"),
    [
        (ALL, "x", "sentence", "title"),
        ("x", ALL, "sentence", "body"),
        ("", ALL, "sentence", "body"),
        (ALL, "", "sentence", "title"),
        ("OpenAI signs", "A data center.", "article", "article"),
        ("x", ALL, "article", "article"),
        (ALL, "", "article", "article"),
    ],
)
def test_where(title: str, body: str, within: str, where: str) -> None:
    """Offsets count in the text that `where` names, and cut out the quote and the hits."""
    (passage,) = judge(title, body, within).passages
    text = source(passage, title, body)

    assert passage.where == where
    assert text[passage.start : passage.end] == passage.quote
    assert [text[hit.start : hit.end] for hit in passage.hits] == ["OpenAI", "signs", "data center"][
        : len(passage.hits)
    ] or title == "OpenAI signs"


def test_hits_in_title_and_body() -> None:
    """Within `article`, offsets count in the title, a line end and the body."""
    title, body = "OpenAI signs", "A data center is built."
    (passage,) = judge(title, body, "article").passages

    assert (passage.start, passage.end) == (0, len(title) + 1 + len(body))
    assert [(hit.start, hit.end) for hit in passage.hits] == [(0, 6), (7, 12), (15, 26)]
    assert passage.quote == f"{title}\n{body}"


def test_quote_of_a_long_article() -> None:
    """Of a long article the quote runs from its first term to its last, at most 1,000 characters."""
    filler = "Nothing here. " * 100
    near = judge("T", f"{filler}OpenAI signs a data center. {filler}", "article").passages[0]
    far = judge("T", f"{filler}OpenAI signs. {filler} A data center. {filler}", "article").passages[0]

    assert near.quote == "OpenAI signs a data center"
    assert far.quote.startswith("OpenAI signs.")
    assert len(far.quote) == 1000


def test_order_of_passages() -> None:
    """The title comes first, then the passages with most different terms, then the text's order."""
    more = "OpenAI signs a contract for a data center of two gigawatts."
    body = f"One OpenAI signs for a data center. {more} Two OpenAI signs for a data center."
    passages = judge("OpenAI signs for a data center", body).passages

    assert [(p.where, p.quote.split()[0]) for p in passages] == [
        ("title", "OpenAI"),
        ("body", "OpenAI"),
        ("body", "One"),
        ("body", "Two"),
    ]
    assert passages[1].quote == more


def test_passages_are_not_endless() -> None:
    """A text that repeats itself gives 20 passages at most."""
    assert len(judge("T", " ".join(f"{n}: {ALL}" for n in range(100))).passages) == 20


def test_overlapping_windows_are_one_passage() -> None:
    """Windows of N words that overlap count once."""
    body = f"{ALL} {'and so on ' * 20} {ALL}"

    assert [p.quote.split()[0] for p in judge("T", body, "8 words").passages] == ["OpenAI", "so"]


@pytest.mark.parametrize(
    ("title", "body", "quote", "lacking"),
    [
        ("T", "OpenAI rests. OpenAI signs. A gigawatt.", "OpenAI signs.", ("what",)),
        ("OpenAI rests", "A gigawatt.", "OpenAI rests", ("deal", "what")),
        ("T", "OpenAI signs a rumour of a data center.", "OpenAI signs a rumour of a data center.", ()),
        ("T", "OpenAI has a rumour. OpenAI signs.", "OpenAI signs.", ("what",)),
        ("T", "A rumour. OpenAI rests.", "OpenAI rests.", ("deal", "what")),
    ],
)
def test_nearest(title: str, body: str, quote: str, lacking: tuple[str, ...]) -> None:
    """Without a match, the verdict shows the first window with most groups and what that lacks."""
    verdict = judge(title, body, none=["rumour"])

    assert not verdict.matched
    assert verdict.nearest is not None
    assert (verdict.nearest.quote, verdict.lacking) == (quote, lacking)


@pytest.mark.parametrize("body", ["", "Nothing of the kind.", "Only a rumour."])
def test_nothing_near(body: str) -> None:
    """A text without a term of any group lacks them all."""
    verdict = judge("T", body, none=["rumour"])

    assert (verdict.nearest, verdict.lacking) == (None, ("who", "deal", "what"))


def test_a_match_lacks_nothing() -> None:
    """With a match there is no nearest window."""
    verdict = judge("OpenAI rests", ALL)

    assert (verdict.nearest, verdict.lacking) == (None, ())


def test_many_watches() -> None:
    """Each watch has its own verdict, in their order, with its own window and companies."""
    watches = [
        Watch("far", "article", {"who": ["@oracle"], "what": ["data center"]}),
        Watch("near", "sentence", {"who": ["@oracle"], "what": ["data center"]}),
        Watch("other", "sentence", {"who": ["Google"]}),
    ]
    verdicts = Matcher(watches, {"oracle": (["Oracle"], ["ORCL"])}).judge("ORCL rises", "A data center is built.")

    assert [(verdict.watch, verdict.matched) for verdict in verdicts] == [
        ("far", True),
        ("near", False),
        ("other", False),
    ]


def test_no_watches() -> None:
    """Without watches there are no verdicts."""
    assert Matcher([], {}).judge("T", ALL) == []


PIECES = st.lists(
    st.sampled_from(["OpenAI ", "signs ", "data center", ". ", "\n", "A ", "contract. ", "gigawatts ", "rumour ", "é "])
).map("".join)


@given(PIECES.map(lambda title: title.replace("\n", " ")), PIECES)
def test_offsets_of_anything(title: str, body: str) -> None:
    """Whatever matches: offsets lie in the named text, hits in the passage, and every group is there."""
    withins = ["sentence", "paragraph", "article", "4 words"]
    for verdict in Matcher([Watch(within, within, GROUPS, ["rumour"]) for within in withins], {}).judge(title, body):
        for passage in verdict.passages:
            text = source(passage, title, body)

            assert text[passage.start : passage.end] == passage.quote or len(passage.quote) <= 1000 < len(text)
            assert {hit.group for hit in passage.hits} == set(GROUPS)
            assert all(passage.start <= hit.start < hit.end <= passage.end for hit in passage.hits)
            assert not re.search(r"\brumour\b", text[passage.start : passage.end])


def test_a_title_that_the_body_repeats_is_quoted_once() -> None:
    """Pages carry their headline above the text; the passage of the title stands for both."""
    matcher = Matcher([Watch("w", "sentence", {"who": ["OpenAI"], "what": ["deal"]})], {})

    [verdict] = matcher.judge("OpenAI strikes a deal", "OpenAI strikes a deal\nMore on the OpenAI deal below.")

    assert [passage.where for passage in verdict.passages] == ["title", "body"]
