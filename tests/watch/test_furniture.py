"""What of a page is the piece, and what stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.finder import Finder
from pipeline.watch.furniture import lines_of
from pipeline.watch.terms import Vocabulary, parse
from pipeline.watch.text import Plain
from tests.watch.helpers import LONG, cut, run_soon, soon

FURNITURE = [
    "Read more",
    "Related",
    "Reporting by",
    '"By"',
    "is a reporter",
    "Our reporter",
    "This article is for information only",
    "Subscribe",
    "Follow us",
    r"/\d+ min(ute)? read/",
]
FINDER = Finder([parse(term) for term in FURNITURE], Vocabulary())
TITLE = "Acme signs a deal for a data center"


def kept(text: str) -> list[str]:
    """The lines that are the piece, as written. The first is the title."""
    plain = Plain(text)
    furniture = [place.span for place in FINDER.find(plain.text, "en")]
    lines = lines_of(plain.text, furniture, len(plain.text.partition("\n")[0]))
    return cut(text, [plain.original(line) for line in lines])


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Oracle signs for a data center.",
        "READ MORE about the deal.",
        "Related: who builds what.",
        "Reporting by Ann Nobody; editing by Bob Nobody.",
        "By Ann Nobody, in Austin.",
        "Our reporter Ann Nobody covers chips.",
        "This article is for information only and no advice.",
        "Subscribe to hear of every deal.",
        "5 min read",
        "12 minute read.",
        "  Read more: Oracle signs.",
        "## Read more",
        "**Read more:** Oracle signs.",
        "_Reporting by Ann Nobody._",
        "> Read more: Oracle signs.",
        "- Read more: Oracle signs.",
        "• Read more: Oracle signs.",
        "– Read more: Oracle signs.",
        "— Read more: Oracle signs.",
        "· Read more: Oracle signs.",
        "· ● Read more: Oracle signs.",
    ],
)
def test_furniture(line: str) -> None:
    """A line that a term of furniture opens is none of the piece, whatever marks stand before it."""
    assert kept(f"{TITLE}\nWork starts.\n{line}\nWork ends.") == [TITLE, "Work starts.", "Work ends."]


@pytest.mark.parametrize(
    "line",
    [
        "There is more to read more of.",
        "Oracle follows; read more here.",
        "Sold by Oracle.",
        "by and by it was built.",
        "Already, a 5 min read tells it.",
        "Ann Nobody is a reporter.",
        "Ready more.",
    ],
)
def test_furniture_within_a_line(line: str) -> None:
    """Terms of furniture within a line, or in another form, leave it in the piece."""
    assert kept(f"{TITLE}\n{line}\nWork ends.") == [TITLE, line, "Work ends."]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Work starts.\nRead more\n- Oracle builds.\n- Acme sells.\nWork ends.", ["Work starts.", "Work ends."]),
        ("Work starts.\nRead more\n• Oracle builds\n* Acme sells\n1. Third\n2) Fourth\nEnd.", ["Work starts.", "End."]),
        ("Work starts.\nRead more\n\n- Oracle builds.\n\n- Acme sells.\n\nEnd.", ["Work starts.", "End."]),
        ("Read more\nWork starts.\n- Oracle builds.", ["Work starts.", "- Oracle builds."]),
        ("Read more\n-5% was lost.", ["-5% was lost."]),
        ("Work starts.\n- Oracle builds.\n- Acme sells.", ["Work starts.", "- Oracle builds.", "- Acme sells."]),
        ("Read more\n- One.\nRelated\n- Two.\nEnd.", ["End."]),
    ],
)
def test_lists_of_links(body: str, expected: list[str]) -> None:
    """The list that a line of furniture opens goes with it; other lists stay."""
    assert kept(f"{TITLE}\n{body}") == [TITLE, *expected]


LINKS = [
    "Oracle builds a data center in Ohio",
    "Five things to know about chips",
    "Who pays for all the power",
    "What the storm left behind there",
]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["Work starts.", *LINKS[:3], "Work ends."], ["Work starts.", "Work ends."]),
        (["Work starts.", *LINKS], ["Work starts."]),
        (["Work starts.", *LINKS[:2], "Work ends."], ["Work starts.", *LINKS[:2], "Work ends."]),
        (LINKS, []),
        ([f"- {link}" for link in LINKS], []),
        (["It will bring:", *LINKS], ["It will bring:", *LINKS]),
        (["It will bring: ", *(f"• {link}" for link in LINKS)], ["It will bring: ", *(f"• {link}" for link in LINKS)]),
        (["Work starts.", *(f"{link}." for link in LINKS)], ["Work starts.", *(f"{link}." for link in LINKS)]),
        ([f"{link}?" for link in LINKS], [f"{link}?" for link in LINKS]),
        ([f"{link}.”" for link in LINKS], [f"{link}.”" for link in LINKS]),
        ([f"{link}…" for link in LINKS], [f"{link}…" for link in LINKS]),
        (["Deals", "More deals", "Power"], ["Deals", "More deals", "Power"]),
        (["word " * 24 + "word"] * 3, [("word " * 24 + "word")] * 3),
        ([("word " * 23 + "word")] * 3, []),
        (["数据中心建设合同"] * 3, ["数据中心建设合同"] * 3),
    ],
)
def test_runs_of_headlines(body: list[str], expected: list[str]) -> None:
    """Three lines or more in a row that look like headlines are links; a list that a colon opens is none."""
    assert kept("\n".join([TITLE, *body])) == [TITLE, *expected]


@pytest.mark.parametrize(
    "title", [TITLE, "Read more about it", "- Read more", "By the way, a very long headline stands here"]
)
def test_the_title_stays(title: str) -> None:
    """The title is part of the piece, whatever it looks like."""
    assert kept("\n".join([title, *LINKS])) == [title]
    assert kept(f"{title}\nWork starts.") == [title, "Work starts."]


def test_a_list_after_the_title() -> None:
    """A title that looks like furniture does not take the list below it along."""
    assert kept("Read more books\n- Oracle builds.") == ["Read more books", "- Oracle builds."]


def test_without_a_title() -> None:
    """Where there is no title, the first line of the body may still be furniture."""
    assert kept("\nRead more: Oracle signs.\nWork starts.") == ["Work starts."]


@pytest.mark.parametrize("text", ["", "\n", " \n "])
def test_nothing(text: str) -> None:
    """A text without a line has none."""
    assert kept(text) == []


@given(st.lists(st.sampled_from([*LINKS, "Work starts.", "Read more", "- One.", "It brings:", "", " ", "• Two"])))
def test_any_page(lines: list[str]) -> None:
    """What is kept are whole lines in their order, the title among them."""
    left = iter([TITLE, *lines])
    piece = kept("\n".join([TITLE, *lines]))

    assert piece[0] == TITLE
    assert all(line in left for line in piece)


@pytest.mark.parametrize(
    "piece", ["\n", "a\n", "- a\n", "Read more\n", "a b c d\n", "#", " ", "- ", "a ", ".)", "1.\n"]
)
def test_hostile_pages_are_quick(piece: str) -> None:
    """No page, however odd, takes more than linear time."""
    with soon():
        kept(piece * (LONG // len(piece)))


def test_lists_of_nothing_but_furniture_are_quick() -> None:
    """A list whose every line opens a list of links takes no more than linear time."""
    run_soon(
        "from tests.watch.test_furniture import LONG, kept\n"
        "assert kept('Title\\n' + '- By\\n' * (LONG // 5)) == ['Title']\n"
    )
