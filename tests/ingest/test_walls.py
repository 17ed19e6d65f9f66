"""Pages that stand before an article or in its place are told from articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pipeline.errors import ExtractError
from pipeline.ingest.extract import Extracted, Extractor, extract
from tests.conftest import Every
from tests.support import wall_pages as pages


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(1, 60) as extractor:
        yield extractor


IN_PLACE: Mapping[str, tuple[Mapping[str, str], bool]] = {
    "bot check": (pages.BOT_CHECKS, True),
    "consent page": (pages.CONSENT_PAGES, False),
    "page not found": (pages.MISSING_PAGES, False),
    "error page": (pages.ERROR_PAGES, True),
    "login page": (pages.LOGIN_PAGES, False),
}


@pytest.mark.parametrize(
    ("wall", "retry", "name"), [(wall, retry, name) for wall, (some, retry) in IN_PLACE.items() for name in some]
)
def test_in_the_articles_place(wall: str, retry: bool, name: str) -> None:
    """A page that is no article is an error that says what it is, tried again where that may pass."""
    with pytest.raises(ExtractError, match=f"no article but an? {wall}$") as caught:
        extract(IN_PLACE[wall][0][name].encode())

    assert caught.value.retry is retry


@pytest.mark.parametrize("name", pages.DECLARED)
def test_declared_paywall(name: str) -> None:
    """Where the publisher, or an element of the page, says that one must pay, the text is kept and the wall told."""
    found = extract(pages.DECLARED[name].encode())

    assert found.wall == "paywall"
    assert found.text.endswith(pages.OPENING)
    assert "Subscribe" not in found.text


@pytest.mark.parametrize("line", pages.ASKING)
def test_closing_line(line: str) -> None:
    """What asks to pay or to register at the end of a text is taken off, with what follows it, and the wall is told."""
    found = extract(pages.article(line, "From 1 dollar a week.").encode())

    assert found.wall == "paywall"
    assert found.text.endswith(pages.OPENING)


def test_nothing_before_the_wall(extractor: Extractor) -> None:
    """A paywall without any text of the article is an error that says so."""
    html = pages.page(
        "<p>Subscribe to continue reading</p><p>From 1 dollar a week, for all that we write.</p>", "A title"
    )
    with pytest.raises(ExtractError, match="paywall, and shows no text"):
        extractor.read(html.encode())


@pytest.mark.parametrize("name", pages.ARTICLES)
def test_article(name: str) -> None:
    """An article is one, whatever it is about, and keeps all of its text."""
    found = extract(pages.ARTICLES[name].encode())

    assert found.wall == ""
    assert "of the same size" in found.text or found.text.count(pages.OPENING) == 1


def test_quotations() -> None:
    """A short note that quotes a wall is no wall."""
    found = extract(pages.QUOTATIONS.encode())

    assert found.wall == ""
    assert "press and hold" in found.text


@pytest.mark.parametrize(
    "html",
    [
        "<html><body></body></html>",
        "<title></title>",
        '<script type="application/ld+json"></script><p>x',
        '<script type="application/ld+json">null</script><p>x',
        '<script type="application/ld+json">{"@type": 5, "@graph": "x", "hasPart": 7}</script><p>x',
        f'<script type="application/ld+json">{"[" * 100_000}</script><p>x',
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "x": {"9" * 10_000}}}</script><p>x',
        "<div class='paywall'>" * 100,
        "<h1>" * 200,
    ],
)
def test_odd_pages(html: str) -> None:
    """Markup of any shape is judged without a failure."""
    assert extract(f"<html><body>{html}".encode()).wall == ""


def test_real_pages(shared_data: Path, every: Every) -> None:
    """Of real article pages none is taken for what stands in an article's place, and few are called a paywall."""
    files = every(5, list((shared_data / "pages").glob("*.html")))
    found: list[Extracted] = [extract(path.read_bytes()) for path in files]

    assert len(found) >= 38
    assert 0.02 <= sum(one.wall == "paywall" for one in found) / len(found) <= 0.052
