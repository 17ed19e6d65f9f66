"""Pages of an enemy, through real workers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pipeline.errors import ExtractError
from pipeline.ingest.extract import Extractor
from tests.support import hostile_pages
from tests.support.world import DEAL, page

GOOD = page("OpenAI signs", DEAL, "Oracle builds it in Texas.").encode()
LIMIT = 10.0
SLACK = 60.0
"""Seconds that a busy machine may take to start a process and to notice a deadline."""


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(1, LIMIT) as extractor:
        extractor.read(GOOD)
        yield extractor


@pytest.mark.parametrize("name", hostile_pages.REFUSED)
def test_refused(extractor: Extractor, name: str) -> None:
    """A page that is too large or too deep is refused with the figure, and the article behind it is read."""
    make, reason = hostile_pages.REFUSED[name]
    with pytest.raises(ExtractError, match=reason):
        extractor.read(make())

    assert DEAL in extractor.read(GOOD).text


@pytest.mark.parametrize("name", hostile_pages.READ)
def test_read(extractor: Extractor, name: str) -> None:
    """Any other page ends in its time, in a text or a reason, and the article behind it is read."""
    html = hostile_pages.READ[name]()
    started = time.monotonic()
    try:
        ended = extractor.read(html).text
    except ExtractError as error:
        ended = str(error)
    took = time.monotonic() - started

    assert ended
    assert "\0" not in ended
    assert "crashed" not in ended
    assert took < LIMIT + SLACK
    assert DEAL in extractor.read(GOOD).text


def test_stalled() -> None:
    """A page that would take hours costs its time limit, and the article behind it waits no longer than that."""
    with Extractor(1, 5.0) as extractor:
        started = time.monotonic()
        with pytest.raises(ExtractError, match="longer than 5 s"):
            extractor.read(hostile_pages.stalling())
        took = time.monotonic() - started

        assert took < 5 + SLACK
        assert DEAL in extractor.read(GOOD).text


def test_enough() -> None:
    """There are pages of many kinds."""
    assert len(hostile_pages.REFUSED) + len(hostile_pages.READ) >= 50
