"""The windows of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.text import Plain, Words, paragraphs
from pipeline.watch.windows import Window, windows
from tests.watch.helpers import LONG, soon

TITLE = "Big news"


def cut_up(text: str, within: str, title: str = TITLE) -> list[Window]:
    return windows(text, paragraphs(text), within, len(title))


def texts(text: str, within: str) -> list[str]:
    return [text[window.span.start : window.span.end] for window in cut_up(text, within)]


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ("sentence", ["Big news", "One two.", "Three four five!", "Six"]),
        ("paragraph", ["Big news", "One two. Three four five!", "Six"]),
        ("article", ["Big news\nOne two. Three four five!\n\nSix"]),
        ("2 words", ["Big news", "One two", "two. Three", "Three four", "four five", "Six"]),
        ("4 words", ["Big news", "One two. Three four", "two. Three four five", "Six"]),
        ("25 words", ["Big news", "One two. Three four five", "Six"]),
        ("5  words", ["Big news", "One two. Three four five", "Six"]),
    ],
)
def test_windows(within: str, expected: list[str]) -> None:
    """A text is cut as `within` says; no window but that of the article crosses a line end."""
    assert texts("Big news\nOne two. Three four five!\n\nSix", within) == expected


@pytest.mark.parametrize("within", ["sentence", "paragraph", "article", "5 words"])
@pytest.mark.parametrize("text", ["", "\n", " \n "])
def test_nothing(within: str, text: str) -> None:
    """A text without a line has no window."""
    assert cut_up(text, within) == []


def test_lines_without_words() -> None:
    """A line of marks has no window of words."""
    assert texts("...\n---\na b", "2 words") == ["a b"]


@pytest.mark.parametrize("within", ["sentence", "paragraph", "2 words"])
def test_title(within: str) -> None:
    """The windows of the title, and no others, are marked so."""
    found = cut_up("Big news\nBig news are here.", within)

    assert [window.title for window in found] == [window.span.end <= len(TITLE) for window in found]
    assert [window.title for window in found].count(True) == 1


def test_article_is_no_title() -> None:
    """The one window of an article counts as the lede, and not as the title."""
    [window] = cut_up("Big news\nBody.", "article")

    assert (window.title, window.lede) == (False, True)


def test_lede() -> None:
    """What begins within the first 600 characters of the body is its lede; the title is none of it."""
    body = "".join(f"{'word ' * 18}end {n:04}.\n" for n in range(10))
    found = cut_up(f"{TITLE}\n{body}", "sentence")

    assert [window.lede for window in found] == [False] + [True] * 6 + [False] * 4


def test_only_the_given_lines() -> None:
    """Lines that are none of the piece have no window."""
    text = "Title here.\nOne.\nTwo.\nThree."
    lines = paragraphs(text)
    found = windows(text, [lines[0], lines[3]], "sentence", 11)

    assert [text[window.span.start : window.span.end] for window in found] == ["Title here.", "Three."]


@given(st.text(alphabet="ab .\n'é数…!\""), st.integers(2, 5))
def test_windows_of_words(text: str, size: int) -> None:
    """A window of N words holds N of them, or, in a shorter line, all; each word begins the next window."""
    text = Plain(text).text
    expected = []
    for line in text.split("\n"):
        count = sum(map(bool, Words(line).forms))
        expected += [min(size, count)] * max(0, count - size + 1) if count >= size else [count] * bool(count)

    assert [sum(map(bool, Words(window).forms)) for window in texts(text, f"{size} words")] == expected


@pytest.mark.parametrize("size", [2, 49, 50, 100, 149, 1000])
@pytest.mark.parametrize("more", [0, 1, 2, 19, 20, 500])
def test_windows_of_words_leave_nothing_out(size: int, more: int) -> None:
    """The first word of a line begins a window of N words, the last one ends one, and all are in one."""
    line = " ".join(f"w{number}" for number in range(size + more))
    found = [window.split() for window in texts(line, f"{size} words")]

    assert (found[0][0], found[-1][-1]) == ("w0", f"w{size + more - 1}")
    assert set().union(*found) == set(line.split())
    assert all(len(words) == size for words in found)


@pytest.mark.parametrize("within", ["sentence", "paragraph", "article", "25 words", "1000 words"])
@pytest.mark.parametrize("piece", ["a ", "a\n", ".", "a. A ", "数", "\n", "A.b"])
def test_hostile_text_is_quick(within: str, piece: str) -> None:
    """No text, however odd, takes more than linear time."""
    with soon():
        texts(piece * (LONG // len(piece)), within)
