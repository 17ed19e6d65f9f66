"""OPML in and out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FeedError
from pipeline.ingest.opml import Outline, read, write

SUBSCRIPTIONS = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>Mine</title></head>
  <body>
    <outline text="Top" title="Top of all" type="rss" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
    <outline text="Chips">
      <!-- a comment -->
      <outline text="  Fab \n news " XMLURL=" https://b.example/feed "/>
      <outline text="Power"><outline xmlurl="http://c.example/rss?x=1&amp;y=2"/></outline>
    </outline>
    <outline text="A note"/>
    <outline text="Bad" xmlUrl="javascript:alert(1)"/>
    <outline text="Local" xmlUrl="file:///etc/passwd"/>
    <outline text="Empty" xmlUrl=""/>
  </body>
</opml>"""


def test_read() -> None:
    """Every http(s) subscription comes in order, named, with its folders from the outside in."""
    assert read(SUBSCRIPTIONS) == [
        Outline("Top of all", "https://a.example/feed"),
        Outline("Fab news", "https://b.example/feed", ("Chips",)),
        Outline("c.example", "http://c.example/rss?x=1&y=2", ("Chips", "Power")),
    ]


def test_namespaces_and_case() -> None:
    """A namespace or another case of the outermost element does no harm."""
    document = b'<OPML xmlns="urn:x"><body><outline text="n" xmlUrl="https://a.example/"/></body></OPML>'

    assert read(document) == [Outline("n", "https://a.example/")]


def test_round_trip() -> None:
    """What was written reads back, folders included."""
    outlines = read(SUBSCRIPTIONS)

    assert read(write("Mine & yours", outlines)) == outlines


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1).filter(
    lambda text: text == " ".join(text.split()) and text != ""
)


@given(st.lists(st.builds(Outline, TEXT, st.just("https://a.example/"), st.lists(TEXT, max_size=3).map(tuple))))
def test_any_round_trip(outlines: list[Outline]) -> None:
    """Any names and folders survive writing and reading, whatever their order."""
    found = read(write("t", outlines))

    assert found == outlines


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not OPML"),
        (b"\0", "not OPML"),
        (b"no markup", "not OPML"),
        (b"<opml><body>", r"not OPML \(.*line 1"),
        (b"<opml><body></opml>", "not OPML"),
        (b"<rss version='2.0'/>", "outermost element is <rss>"),
        (b"<html><body>x</body></html>", "outermost element is <html>"),
        (b'<?xml version="1.0" encoding="klingon"?><opml/>', "not OPML"),
        (b"\xff\xfe\x00", "not OPML"),
    ],
)
def test_bad_documents(document: bytes, reason: str) -> None:
    """What is no OPML is told with the reason."""
    with pytest.raises(FeedError, match=reason):
        read(document)


def test_entity_bomb() -> None:
    """A billion laughs end quickly."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    document = f'<!DOCTYPE opml [<!ENTITY e0 "ha">{entities}]><opml><body><outline text="&e9;"/></body></opml>'
    started = time.monotonic()
    try:
        found = read(document.encode())
    except FeedError:
        found = []

    assert found == []
    assert time.monotonic() - started < 60  # what this guards against takes far longer


def test_no_file_is_read() -> None:
    """An external entity brings nothing in."""
    document = b"""<!DOCTYPE opml [<!ENTITY leak SYSTEM "file:///etc/passwd">]>
    <opml><body><outline text="a" xmlUrl="https://a.example/"/>&leak;</body></opml>"""

    assert read(document) == [Outline("a", "https://a.example/")]
