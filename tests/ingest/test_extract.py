"""Article text from pages, in processes that can be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ExtractError
from pipeline.ingest.extract import Extractor, page_title
from tests.support.world import DEAL, page

GOOD = page("OpenAI signs", DEAL, "Oracle builds it in Texas.").encode()
SLOW = b"<article>" + b"<p>word <b>word</b> <a href='/x'>word</a> and some more words of text here</p>" * 200_000


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(1, 30) as extractor:
        yield extractor


def test_good_page(extractor: Extractor) -> None:
    """The article's text comes out, a paragraph a line, without markup."""
    text = extractor.text(extractor.submit(GOOD))

    assert DEAL in text
    assert len([line for line in text.splitlines() if line.startswith(("OpenAI signs a", "Oracle builds"))]) == 2
    assert "<" not in text
    assert "\n\n" not in text


@pytest.mark.parametrize(
    "html", [b"", b" ", b"\0\0", b"<html><body></body></html>", b"<html><body><script>x = 1</script></body></html>"]
)
def test_nothing_to_extract(extractor: Extractor, html: bytes) -> None:
    """A page without an article is an error that says so, and no crash."""
    with pytest.raises(ExtractError, match="no article text"):
        extractor.text(extractor.submit(html))


def test_failure_of_the_library_is_a_reason(extractor: Extractor) -> None:
    """What the library raises becomes our error, with its cause."""
    failed: Future[str] = Future()
    failed.set_exception(RecursionError("deep"))

    with pytest.raises(ExtractError, match=r"extraction failed \(RecursionError\)") as caught:
        extractor.text(failed)

    assert isinstance(caught.value.__cause__, RecursionError)


def workers() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


def test_nothing_runs_before_the_first_page() -> None:
    """Making an extractor and closing it starts no process."""
    before = workers()
    with Extractor(2, 5):
        during = workers()

    assert during == before


def test_nothing_runs_once_closed() -> None:
    """A page that comes after the end is refused, and starts no process."""
    before = workers()
    extractor = Extractor(1, 5)
    extractor.close()

    with pytest.raises(ExtractError, match="stopped"):
        extractor.submit(GOOD)
    assert workers() == before


def test_too_slow_and_crashed_pages() -> None:
    """A page that passes its time, or takes its process down, is an error; the next page is extracted all the same."""
    before = workers()
    with Extractor(1, 3) as extractor:
        extractor.text(extractor.submit(GOOD))
        with pytest.raises(ExtractError, match="longer than 3 s"):
            extractor.text(extractor.submit(SLOW))
        extractor.text(extractor.submit(GOOD))

        future = extractor.submit(SLOW)
        while not future.running():
            time.sleep(0.01)
        for worker in workers() - before:
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(ExtractError, match="crashed"):
            extractor.text(future)
        text = extractor.text(extractor.submit(GOOD))

    assert DEAL in text
    assert workers() == before


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
    futures = [extractor.submit(path.read_bytes()) for path in sorted((shared_data / "pages").glob("*.html"))[::10]]
    found = 0
    for future in futures:
        try:
            found += bool(extractor.text(future))
        except ExtractError:
            continue

    assert found >= 0.9 * len(futures) > 10
