"""Texts to verdicts."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.domain import Level, Passage, Verdict
from pipeline.watch.matcher import Matcher, Watch
from pipeline.watch.piece import Piece
from pipeline.watch.score import Linear, Weights
from pipeline.watch.terms import Company, Vocabulary
from pipeline.watch.text import Plain, tidy
from tests.watch.helpers import LONG, VARIANTS, run_soon, soon, wide

GROUPS = {"who": ["OpenAI"], "deal": ["sign", "contract"], "what": ["data center", "gigawatt*"]}
ALL = "OpenAI signs for a data center."


def judge(
    title: str, body: str, within: str = "sentence", feed: str = "", furniture: tuple[str, ...] = (), **options: Any
) -> Verdict:
    watch = Watch("w", within, options.pop("groups", GROUPS), **options)
    [verdict] = Matcher([watch], furniture=furniture).judge(Piece(title, body, feed))
    return verdict


def source(passage: Passage, piece: Piece) -> str:
    """The text that a passage's offsets count in."""
    return {"title": piece.title, "body": piece.body, "feed": piece.feed, "article": piece.text}[passage.where]


def quotes(verdict: Verdict) -> list[str]:
    return [passage.quote for passage in verdict.passages]


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
    ("title", "feed", "body", "within", "where"),
    [
        (ALL, "", "x", "sentence", "title"),
        (ALL, "y", "x", "sentence", "title"),
        ("x", "", ALL, "sentence", "body"),
        ("x", "y", ALL, "sentence", "body"),
        ("", "", ALL, "sentence", "body"),
        ("", "y", ALL, "paragraph", "body"),
        ("x", ALL, "y", "sentence", "feed"),
        ("", ALL, "y", "sentence", "feed"),
        ("", ALL, "", "sentence", "feed"),
        (ALL, "", "", "sentence", "title"),
        ("OpenAI signs", "", "A data center.", "article", "article"),
        ("OpenAI signs", "A data center.", "x", "article", "article"),
        ("x", "OpenAI signs.", "A data center.", "article", "article"),
        ("", "OpenAI signs.", "A data center.", "article", "article"),
        ("x", "", ALL, "article", "article"),
        (ALL, "", "", "article", "title"),
        ("", "", ALL, "article", "body"),
        ("", ALL, "", "article", "feed"),
    ],
)
def test_where(title: str, feed: str, body: str, within: str, where: str) -> None:
    """Offsets count in the text that `where` names, and cut out the quote and the hits."""
    piece = Piece(title, body, feed)
    [passage] = judge(title, body, within, feed).passages
    text = source(passage, piece)

    assert passage.where == where
    assert text[passage.start : passage.end] == passage.quote
    assert [text[hit.start : hit.end] for hit in passage.hits] == ["OpenAI", "signs", "data center"]


@pytest.mark.parametrize(
    ("feed", "body", "where"),
    [
        (ALL, "Nothing more.", ["feed"]),
        (ALL, f"{ALL} And more.", ["body"]),
        (f"{ALL} {'It is a very long story. ' * 3}", f"{ALL} {'It is a very long story. ' * 3}", ["body"]),
        (f"{ALL} {'It is a very long story. ' * 3} [more]", f"{ALL} {'It is a very long story. ' * 4}", ["body"]),
        (f"Never. {ALL}", "OpenAI signs another contract for a data center.", ["feed", "body"]),
        ("", ALL, ["body"]),
        (ALL.replace("for a", "“for” a"), ALL.replace("for a", '"for" a'), ["body"]),
        (ALL.replace("for a", "for\xa0a"), ALL, ["body"]),
    ],
)
def test_the_feeds_own_text(feed: str, body: str, where: list[str]) -> None:
    """The feed's text counts where the body does not repeat it, however it is printed."""
    assert sorted(passage.where for passage in judge("T", body, feed=feed).passages) == sorted(where)


@pytest.mark.parametrize("within", ["sentence", "paragraph", "20 words"])
def test_the_feeds_text_is_apart(within: str) -> None:
    """No window runs from the title into the feed's text, or from there into the body."""
    assert not judge("OpenAI", "a data center", within, feed="signs").matched
    assert judge("OpenAI", "a data center", "article", feed="signs").matched


def test_parts() -> None:
    """All of a piece is its parts, a line each, and each part begins where it says."""
    piece = Piece("Title", "Body", "Feed")

    assert piece.text == "Title\nFeed\nBody"
    assert {name: piece.text[start : start + 4] for name, start in piece.parts.items()} == {
        "title": "Titl",
        "feed": "Feed",
        "body": "Body",
    }


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
    """Windows of N words that overlap count once, by the first of them."""
    body = f"{ALL} {'and so on ' * 20}{ALL} And so on it goes."

    assert [quote.split()[0] for quote in quotes(judge("T", body, "8 words"))] == ["OpenAI", "so"]


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
    assert {hit.group for hit in verdict.nearest.hits} == GROUPS.keys() - set(lacking)


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
    vocabulary = Vocabulary({"oracle": Company(["Oracle"], ["ORCL"])})
    verdicts = Matcher(watches, vocabulary).judge(Piece("ORCL rises", "A data center is built."))

    assert [(verdict.watch, verdict.matched) for verdict in verdicts] == [
        ("far", True),
        ("near", False),
        ("other", False),
    ]


def test_no_watches() -> None:
    """Without watches there are no verdicts."""
    assert Matcher([]).judge(Piece("T", ALL)) == []


def test_lists_and_roles() -> None:
    """A hit names the list or the role that its term comes from."""
    vocabulary = Vocabulary({"amd": Company(["AMD"], roles=["chips"])}, {"deals": ["sign", "<more>"], "more": ["ink"]})
    watch = Watch("w", "sentence", {"who": ["@role:chips"], "deal": ["<deals>"]})
    [verdict] = Matcher([watch], vocabulary).judge(Piece("T", "AMD signs what it inks."))

    assert [(hit.group, hit.term) for hit in verdict.passages[0].hits] == [
        ("who", "@role:chips"),
        ("deal", "<deals>"),
        ("deal", "<more>"),
    ]


@pytest.mark.parametrize(
    ("term", "body"),
    [
        ("contrato", "La empresa firmó ayer dos contratos para construir centros de datos en el norte del país."),
        ("Vertrag", "Das Unternehmen unterzeichnete gestern mehrere Verträge über große Rechenzentren im Norden."),
        ("signer", "L'entreprise a signé hier deux accords pour construire des centres de données dans le nord."),
        ("lease", "The company is leasing two large data centers in the north of the country from today."),
        ("データセンター", "同社は北海道に新データセンターを建設する契約を結んだ。"),
        ("数据中心", "该公司昨日签署了在北方建设数据中心的合同。"),
    ],
)
@pytest.mark.parametrize("write", [str, wide, VARIANTS["NFD"]])
def test_languages(term: str, body: str, write: Any) -> None:
    """Terms are inflected as the piece's own language does, however the piece is printed."""
    body = tidy(write(body))
    verdict = judge("", body, groups={"it": [term]})

    assert quotes(verdict) == [body]


PIECES = st.lists(
    st.sampled_from(["OpenAI ", "signs ", "data center", ". ", "\n", "A ", "contract. ", "gigawatts ", "rumour ", "é "])
).map("".join)


WITHINS = ["sentence", "paragraph", "article", "4 words"]


@given(PIECES.map(lambda title: title.replace("\n", " ")), PIECES, PIECES | st.just(""))
def test_offsets_of_anything(title: str, body: str, feed: str) -> None:
    """Whatever matches: offsets lie in the named text, hits in the passage, and every group is there."""
    watches = [Watch(within, within, GROUPS, ["rumour"]) for within in WITHINS]
    piece = Piece(title, body, feed)
    for verdict in Matcher(watches).judge(piece):
        for passage in verdict.passages:
            text = source(passage, piece)

            assert text[passage.start : passage.end] == passage.quote
            assert {hit.group for hit in passage.hits} == set(GROUPS)
            assert all(passage.start <= hit.start < hit.end <= passage.end for hit in passage.hits)
            assert not re.search(r"\brumour\b", text[passage.start : passage.end])


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("OpenAI strikes a deal", "OpenAI strikes a deal\nMore on the OpenAI deal below."),
        ("OpenAI’s deal", "OpenAI’s deal\nMore on the OpenAI deal below."),
    ],
)
def test_a_title_that_the_body_repeats_is_quoted_once(title: str, body: str) -> None:
    """Pages carry their headline above the text; the passage of the title stands for both."""
    verdict = judge(title, body, groups={"who": ["OpenAI"], "what": ["deal"]})

    assert [passage.where for passage in verdict.passages] == ["title", "body"]


FURNITURE = ("Read more", "About the author")


@pytest.mark.parametrize(
    "body",
    [
        f"Work starts.\nRead more: {ALL}\nWork ends.",
        f"Work starts.\nRead more\n- {ALL}\n- {ALL}\nWork ends.",
        f"Work starts.\nAbout the author: {ALL}",
        "Work starts.\n" + "\n".join(["OpenAI signs for a data center"] * 3) + "\nWork ends.",
    ],
)
@pytest.mark.parametrize("within", ["sentence", "paragraph", "article", "20 words"])
def test_furniture(within: str, body: str) -> None:
    """What stands around the piece is matched within no window."""
    assert not judge("News", body, within, furniture=FURNITURE).matched


@pytest.mark.parametrize("within", ["sentence", "paragraph", "article", "20 words"])
def test_furniture_forbids_nothing(within: str) -> None:
    """A term of `none` in what stands around the piece does not forbid the piece."""
    body = f"{ALL}\nRead more: a rumour.\nWork ends."

    assert judge("News", body, within, furniture=FURNITURE, none=["rumour"]).matched


def test_a_list_that_a_colon_opens() -> None:
    """A list that belongs to the piece is matched, though its lines look like headlines."""
    body = "It will bring:\n" + "\n".join(
        ["OpenAI signs for a data center", "Oracle builds all of it", "Acme pays for it too"]
    )

    assert judge("News", body, furniture=FURNITURE).matched


@pytest.mark.parametrize(
    ("title", "body", "lent"),
    [
        ("OpenAI grows", "It signs for a data center.", ["named in the title and just before"]),
        ("News", "OpenAI grows. It signs for a data center.", ["named just before"]),
        ("News", "OpenAI grows. So it is. It signs for a data center.", ["named just before"]),
        ("News", "OpenAI grows. So it is. Yes. It signs for a data center.", []),
        ("News", "It signs for a data center. OpenAI grows.", []),
        ("News", ALL, [""]),
        ("OpenAI grows", "Yes. No. Yes. No. It signs for a data center.", ["named in the title"]),
        ("Signed: a data center", "OpenAI grows.", []),
        ("OpenAI grows", "It signs.", []),
        ("OpenAI grows", "It signs a rumour of a data center.", []),
    ],
)
def test_subject(title: str, body: str, lent: list[str]) -> None:
    """The title, or a window just before, lends the subject, and the passage says so; other groups are not lent."""
    verdict = judge(title, body, subject="who", none=["rumour"])

    assert [passage.lent for passage in verdict.passages] == lent


def test_without_a_subject() -> None:
    """Where the watch names no subject, nothing is lent."""
    assert not judge("OpenAI grows", "It signs for a data center.").matched


def test_a_lent_subject_is_not_lacking() -> None:
    """What is lent is not among the groups that the nearest window lacks."""
    assert judge("OpenAI grows", "It signs.", subject="who").lacking == ("what",)


FILLER = "The weather was fine that day. " * 60


@pytest.mark.parametrize(
    ("title", "body", "level"),
    [
        (ALL, FILLER, Level.ABOUT),
        ("News", f"{ALL} The OpenAI contract for a data center is big. {FILLER}", Level.ABOUT),
        ("News", f"{FILLER}{ALL} {FILLER}", Level.MENTIONS),
        ("News", FILLER, None),
    ],
)
def test_level(title: str, body: str, level: Level | None) -> None:
    """A piece whose title or beginning says it is about it; one that says it far down mentions it."""
    verdict = judge(title, body)

    assert verdict.level is level
    assert (verdict.score >= 0.5) is (level is Level.ABOUT)
    assert bool(verdict.piece_reasons) is verdict.matched


def test_by_the_rule_a_window_is_certain_or_not() -> None:
    """Without weights a match is certain, a miss is not at all, and neither has reasons of its window."""
    match, miss = judge("T", ALL), judge("T", "OpenAI signs.")

    assert (match.certainty, [passage.certainty for passage in match.passages]) == (1.0, [1.0])
    assert (miss.certainty, miss.score) == (0.0, 0.0)
    assert match.window_reasons == miss.window_reasons == ()


WEIGHTS = Weights(
    Linear(-1.0, {"who": 0.5, "deal": 1.0, "what": 1.0, "doubt": -3.0, "who named in the title": 0.5}),
    Linear(-1.0, {"title says it": 2.0}),
)


@pytest.mark.parametrize(
    ("title", "body", "matched", "log_odds"),
    [
        ("T", ALL, True, 1.5),
        ("T", "OpenAI signs.", True, 0.5),
        ("T", "OpenAI rests.", False, -0.5),
        ("T", "OpenAI signs, perhaps, for a data center.", False, -1.5),
        ("OpenAI", "Yes. No. Yes. It signs for a data center.", True, 1.5),
    ],
)
def test_weights_decide(title: str, body: str, matched: bool, log_odds: float) -> None:
    """With weights a window is as certain as its features add up to; from one half on it matches."""
    verdict = judge(title, body, subject="who", weigh={"doubt": ["perhaps"]}, weights=WEIGHTS)

    assert verdict.matched is matched
    assert verdict.certainty == pytest.approx(Linear(log_odds, {}).probability({}))
    assert -1.0 + sum(reason.share for reason in verdict.window_reasons) == pytest.approx(log_odds)


@pytest.mark.parametrize("body", ["It signs for a data center.", "A rumour: OpenAI signs for a data center."])
def test_what_weights_do_not_decide(body: str) -> None:
    """However weighty the rest, no window counts without its subject, or with a term of `none`."""
    verdict = judge("T", body, subject="who", none=["rumour"], weights=WEIGHTS)

    assert not verdict.matched
    assert verdict.certainty == 0


def test_score_of_weights() -> None:
    """With weights the score, too, is what was learned, and its reasons make it up."""
    verdict = judge(ALL, "", subject="who", weights=WEIGHTS)
    certainty = Linear(1.5, {}).probability({})

    assert [(reason.name, reason.share) for reason in verdict.piece_reasons] == [
        ("title says it", pytest.approx(2 * certainty))
    ]
    assert verdict.score == pytest.approx(Linear(-1.0 + 2 * certainty, {}).probability({}))


def test_the_most_certain_passage_first() -> None:
    """After the title, passages come by how certain they are, however many terms they hold."""
    hedged = "OpenAI reportedly signs a contract for a gigawatt data center."
    weights = replace(WEIGHTS, window=replace(WEIGHTS.window, weights={**WEIGHTS.window.weights, "hedge": -0.7}))
    verdict = judge(
        "OpenAI signed",
        f"OpenAI signs. {hedged} {ALL}",
        subject="who",
        weigh={"hedge": ["reportedly"]},
        weights=weights,
    )

    assert [(passage.where, passage.quote) for passage in verdict.passages] == [
        ("title", "OpenAI signed"),
        ("body", ALL),
        ("body", hedged),
        ("body", "OpenAI signs."),
    ]


def test_weighed_groups_need_not_be_there() -> None:
    """Terms of `weigh` are hits of a passage, but the rule does not ask for them."""
    with_money = judge("T", f"{ALL[:-1]} for $5.", weigh={"money": [r"/\$\d/"]})
    without = judge("T", ALL, weigh={"money": [r"/\$\d/"]})

    assert [hit.group for hit in with_money.passages[0].hits] == ["who", "deal", "what", "money"]
    assert without.matched
    assert judge("T", "It costs $5.", weigh={"money": [r"/\$\d/"]}).nearest is None


WORDS = st.sampled_from(["OpenAI", "sign", "data center", "contract", "gigawatt", "rumour", "a", "b", "OpenAI's", "é"])
PARAGRAPHS = st.lists(st.lists(WORDS, min_size=1, max_size=7).map(" ".join).map("{}.".format), min_size=2, max_size=4)


MATCHERS = {
    within: Matcher([Watch("w", within, GROUPS, ["rumour"])]) for within in ("sentence", "paragraph", "5 words")
}


@pytest.mark.parametrize("within", MATCHERS)
@given(paragraphs=PARAGRAPHS)
@example(paragraphs=["OpenAI sign a data center.", "OpenAI sign a data center OpenAI."])
def test_paragraphs_in_any_order(within: str, paragraphs: list[str]) -> None:
    """Where nothing is lent, the same quotes match in whatever order the paragraphs come."""
    matcher = MATCHERS[within]
    found = [set(quotes(matcher.judge(Piece("Title", "\n".join(order)))[0])) for order in permutations(paragraphs)]

    assert all(some == found[0] for some in found)


PRINTED = st.lists(
    st.sampled_from(
        [
            "OpenAI",
            "OpenAI's",
            "sign",
            "data center",
            "data-center",
            "contract.",
            "gigawatts!",
            '"So it is."',
            "(efficient)",
            "fl, ffi -",
            "rumour?",
            "Électricité",
            "Inc.",
            "It cost $2.5 bn.",
            "\n",
        ]
    ),
    max_size=20,
).map(" ".join)


def told(verdict: Verdict) -> list[Any]:
    """A verdict with its quotes and terms in plain print, and without offsets."""
    shown = [*verdict.passages, *([verdict.nearest] if verdict.nearest else [])]
    return [
        verdict.matched,
        verdict.level,
        pytest.approx(verdict.score),
        verdict.lacking,
        [
            (p.where, Plain(VARIANTS["NFC"](p.quote)).text, p.lent, [(hit.group, hit.term) for hit in p.hits])
            for p in shown
        ],
    ]


PRINT_GROUPS = {"who": ["OpenAI"], "what": ["data center", "contract", "électricité"]}
PRINT_MATCHERS = {
    within: Matcher([Watch("w", within, PRINT_GROUPS, ["rumour"])])
    for within in ("sentence", "paragraph", "article", "4 words")
}


@pytest.mark.parametrize("within", PRINT_MATCHERS)
@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=40)
@given(title=PRINTED, body=PRINTED)
@example(title="OpenAI's électricité", body="OpenAI's contract, a data center with électricité.")
@example(title="T", body='"OpenAI\'s contract? A data-center - of $2.5 bn." So it is! And fl, ffi.')
def test_print_does_not_matter(variant: str, within: str, title: str, body: str) -> None:
    """However quotes, spaces, hyphens and letters are printed: the same verdict, and offsets of the text as given."""
    matcher = PRINT_MATCHERS[within]
    title, write = title.replace("\n", " "), VARIANTS[variant]
    piece = Piece(write(title), write(body))
    [expected], [verdict] = matcher.judge(Piece(title, body)), matcher.judge(piece)

    assert told(verdict) == told(expected)
    for passage, other in zip(verdict.passages, expected.passages, strict=True):
        text, as_usual = source(passage, piece), source(other, Piece(title, body))
        assert text[passage.start : passage.end] == passage.quote
        for hit, same in zip(passage.hits, other.hits, strict=True):
            assert text[hit.start : hit.end] == write(as_usual[same.start : same.end])


HOSTILE_WATCHES = [
    Watch(
        within,
        within,
        {"a": ["a", "b a", '"A"'], "b": ["b", "é*", "数"]},
        ["x y"],
        "a",
        {"c": [r"/\s+b/", "c"]},
    )
    for within in ("sentence", "paragraph", "article", "2 words", "25 words")
]


@settings(max_examples=5)
@given(st.text(alphabet="abAB1 é数\u0301.-'\"\n(…！?:•\u2028ﬃx", min_size=1, max_size=12))
@example("a b ")
@example("a\n")
@example("a b. A")
@example("- a b c d\n")
@example("a é\n")
def test_hostile_texts_are_quick(piece: str) -> None:
    """No text, however odd, takes more than linear time, whatever the window."""
    matcher = Matcher(HOSTILE_WATCHES, furniture=["x", "Read more"])
    text = piece * (LONG // 4 // len(piece))

    with soon():
        matcher.judge(Piece(text[:1000], text, text))


def test_the_widest_window_is_quick() -> None:
    """A thousand words of nothing but terms, moved through a long text, take no more than linear time."""
    run_soon(
        "from pipeline.watch.matcher import Matcher, Piece, Watch\n"
        "[verdict] = Matcher([Watch('w', '1000 words', {'a': ['a']})]).judge(Piece('T', 'a ' * 30_000))\n"
        "assert verdict.matched\n"
    )
