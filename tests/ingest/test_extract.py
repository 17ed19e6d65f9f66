"""Article text from pages, in processes that can be killed."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ExtractError
from pipeline.ingest.extract import Extracted, Extractor, extract, page_title
from tests.support.hostile_pages import stalling
from tests.support.world import DEAL, page

GOOD = page("OpenAI signs", DEAL, "Oracle builds it in Texas.").encode()


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(1, 60) as extractor:
        yield extractor


def test_good_page(extractor: Extractor) -> None:
    """The article's text comes out, a paragraph a line, without markup."""
    found = extractor.read(GOOD)

    assert DEAL in found.text
    assert len([line for line in found.text.splitlines() if line.startswith(("OpenAI signs a", "Oracle builds"))]) == 2
    assert "<" not in found.text
    assert "\n\n" not in found.text
    assert found.wall == ""


@pytest.mark.parametrize(
    "html", [b"", b" ", b"\0\0", b"<html><body></body></html>", b"<html><body><script>x = 1</script></body></html>"]
)
def test_nothing_to_extract(extractor: Extractor, html: bytes) -> None:
    """A page without an article is an error that says so, and no crash."""
    with pytest.raises(ExtractError, match="no article text") as caught:
        extractor.read(html)

    assert extract(html) == Extracted("")
    assert not caught.value.retry


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (b"<p>" * 312_004, "the page has 312,004 tags; more than 100,000 are not read"),
        (b"<html><p>" + b"x<br>" * 40_000, "the page has 40,003 elements; more than 30,000 are not read"),
        (b"<html>" + b"<div>" * 300, "the page nests its elements deeper than 250, which is not read"),
        (b" " * 10_485_761, "the page has 10,485,761 bytes; more than 10,485,760 are not read"),
        (
            b"<html><p>" + b"x" * 1_000_001 + b"<p>",
            "the page has 1,000,001 characters without a tag; more than 1,000,000 are not read",
        ),
        (
            b"<html><p>x</p>" + b"x" * 1_000_001 + b"<p>",
            "the page has 1,000,001 characters without a tag; more than 1,000,000 are not read",
        ),
    ],
)
def test_too_large(html: bytes, reason: str) -> None:
    """What would take too long is refused with the figure and the limit, and not tried again."""
    with pytest.raises(ExtractError) as caught:
        extract(html)

    assert str(caught.value) == reason
    assert not caught.value.retry


def test_large_but_read() -> None:
    """A page with much code around the article, and one that nests deep for a real one, are read."""
    code = f"<script>{'x=1;' * 300_000}</script>"
    found = extract(GOOD.replace(b"<article>", code.encode() + b"<div>" * 90 + b"<article>"))

    assert DEAL in found.text


def test_text_of_great_length() -> None:
    """A text is cut off behind a paragraph."""
    paragraphs = [f"Paragraph {number} of many that come one after another. " * 10 for number in range(2_000)]
    found = extract(page("Long", *paragraphs).encode())

    assert 490_000 < len(found.text) <= 500_000
    assert found.text.endswith("of the usual length.")


def workers() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


def test_nothing_runs_before_the_first_page() -> None:
    """Making an extractor and closing it starts no process."""
    before = workers()
    with Extractor(2, 5):
        during = workers()

    assert during == before


def test_nothing_runs_once_closed() -> None:
    """A page that comes after the end is refused, to be tried again, and starts no process."""
    before = workers()
    extractor = Extractor(1, 5)
    extractor.close()

    with pytest.raises(ExtractError, match="stopped") as caught:
        extractor.read(GOOD)
    assert caught.value.retry
    assert workers() == before


def test_too_slow_page() -> None:
    """A page that passes its time is an error, not to be tried again."""
    before = workers()
    with (
        Extractor(1, 1) as extractor,
        pytest.raises(ExtractError, match=r"^extraction took longer than 1 s$") as caught,
    ):
        extractor.read(stalling())

    assert not caught.value.retry
    assert workers() == before


def test_page_that_crashes() -> None:
    """A page whose process dies twice is set aside with the reason, to be tried again; the next one is read."""
    before, ended = workers(), threading.Event()

    def kill() -> None:
        while not ended.wait(0.05):
            for child in multiprocessing.active_children():
                if child.pid not in before:
                    child.kill()

    with Extractor(1, 120) as extractor, ThreadPoolExecutor(1) as threads:
        killer = threads.submit(kill)
        with pytest.raises(ExtractError, match=r"^the page crashed extraction twice$") as caught:
            extractor.read(stalling())
        ended.set()
        killer.result()

        assert caught.value.retry
        assert DEAL in extractor.read(GOOD).text


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (b"<html><head><title> A\n title </title></head></html>", "A title"),
        (b"<title>Only</title>", "Only"),
        (b"<TITLE>Loud</TITLE>", "Loud"),
        (b"<title>AT&amp;T</title>", "AT&T"),
        ("<title>Zürich</title>".encode(), "Zürich"),
        ('<meta charset="latin-1"><title>Zürich</title>'.encode("latin-1"), "Zürich"),
        ('<?xml version="1.0" encoding="utf-8"?><html><head><title>Zürich</title></head></html>'.encode(), "Zürich"),
        ('<meta charset="shift_jis"><title>電力</title>'.encode("shift_jis"), "電力"),
        (b"<html><body><p>none</p></body></html>", ""),
        (b"<title></title>", ""),
        (b"", ""),
        (b"\0\0", ""),
        (b"<!-- only a comment -->", ""),
    ],
)
def test_page_title(html: bytes, title: str) -> None:
    """The page's own title in its own encoding, on one line; empty where there is none."""
    assert page_title(html) == title


@given(st.binary() | st.builds(b"<html>%b<title>%b".__mod__, st.tuples(st.binary(), st.binary())))
def test_page_title_of_anything(html: bytes) -> None:
    """Whatever the bytes, there is a title or none."""
    assert isinstance(page_title(html), str)


def test_real_pages(shared_data: Path, extractor: Extractor) -> None:
    """Of real article pages, nearly all give a text."""
    pages = sorted((shared_data / "pages").glob("*.html"))[::10]
    found = 0
    for path in pages:
        try:
            found += bool(extractor.read(path.read_bytes()).text)
        except ExtractError:
            continue

    assert found >= 0.9 * len(pages) > 10
