"""feeds list, add, remove, import, export."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, World

OPML = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Energy"><outline text="Grid" xmlUrl="https://grid.example/feed"/></outline>
<outline text=" "><outline text="Chips" xmlUrl="https://chips.example/feed"/></outline>
<outline text="Bad" xmlUrl="https://bad example/feed"/>
<outline text="Secret" xmlUrl="https://evil.example/?${HOME}"/>
<outline text="Folder without feed"/></body></opml>"""


def test_list_shows_health(world: World) -> None:
    """Each feed with its entries and how polling goes, for people and for programs."""
    text, data = world.dealwire("feeds", "list").out, world.dealwire("feeds", "list", "--json").json

    assert "1 failed: HTTP 404 Not Found" in text
    assert [(feed["name"], feed["entries"], feed["failures"]) for feed in data] == [("feed 1", 2, 0), ("feed 2", 0, 1)]
    assert data[1]["error"] == "HTTP 404 Not Found"
    assert data[0]["last_poll"]


def test_add_list_remove(dealwire: Run, config: Path) -> None:
    """A feed can be added, is listed, and can be taken out; the file's comment stays all along."""
    added = dealwire("feeds", "add", "https://a.example/feed", "--name", "A  feed", "--tier", "official")
    listed = dealwire("feeds", "list", "--json").json
    again = dealwire("feeds", "add", "https://a.example/feed")
    removed = dealwire("feeds", "remove", "A feed")

    assert (added.code, added.out) == (0, "Added A feed.\n")
    assert [(feed["name"], feed["url"], feed["tier"]) for feed in listed] == [
        ("A feed", "https://a.example/feed", "official")
    ]
    assert listed[0]["last_poll"] is None
    assert "there already" in again.out
    assert (removed.code, removed.out) == (0, "Removed A feed (https://a.example/feed).\n")
    assert (config / "feeds.yaml").read_text() == "# mine\nfeeds: []\n"


@pytest.mark.usefixtures("config")
def test_a_feed_without_name_is_called_by_its_host(dealwire: Run) -> None:
    """The second of a host gets a number."""
    dealwire("feeds", "add", "https://a.example/one")

    assert dealwire("feeds", "add", "https://a.example/two").out == "Added a.example (2).\n"


@pytest.mark.usefixtures("config")
def test_the_empty_list_is_told(dealwire: Run) -> None:
    """Without feeds, the way to add one is shown."""
    assert "`dealwire feeds add URL`" in dealwire("feeds", "list").out


@pytest.mark.parametrize(
    "url", ["a.example", "ftp://a.example/", "https://", "https://[::1", "https://a b.example/", "https://a.example:x/"]
)
def test_a_bad_url_is_told(dealwire: Run, config: Path, url: str) -> None:
    """What is no web address is refused, and the file stays."""
    result = dealwire("feeds", "add", url)

    assert result.code == 2
    assert "is no web address. Write it as https://example.org/feed.xml." in result.err
    assert (config / "feeds.yaml").read_text() == "# mine\nfeeds: []\n"


@pytest.mark.usefixtures("config")
def test_a_bad_tier_is_told(dealwire: Run) -> None:
    """The tiers there are are named."""
    result = dealwire("feeds", "add", "https://a.example/", "--tier", "best")

    assert result.code == 2
    assert "Use one of: official, press, aggregator." in result.err


@pytest.mark.usefixtures("config")
def test_an_unknown_feed_is_told(dealwire: Run) -> None:
    """Removing what is not there is refused."""
    result = dealwire("feeds", "remove", "Nine")

    assert result.code == 2
    assert "There is no feed 'Nine'" in result.err


@pytest.mark.usefixtures("config")
def test_import_adds_what_is_new(dealwire: Run, tmp_path: Path) -> None:
    """Feeds of an OPML file are added once, with their folders as tags and without what the environment holds."""
    (tmp_path / "feeds.opml").write_text(OPML)

    first = dealwire("feeds", "import", "feeds.opml")
    second = dealwire("feeds", "import", "feeds.opml")
    listed = dealwire("feeds", "list", "--json").json

    assert (first.code, first.out) == (0, "Added 3 of 3 feeds; the others were there already.\n")
    assert (second.code, second.out) == (0, "Added 0 of 3 feeds; the others were there already.\n")
    assert [(feed["name"], feed["tags"]) for feed in listed] == [("Grid", ["Energy"]), ("Chips", []), ("Secret", [])]
    assert listed[2]["url"] == "https://evil.example/?$%7BHOME}"


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("not xml", 1, "the file is not OPML"),
        ("<rss/>", 1, "the file is not OPML"),
        ("<opml/>", 2, "lists no feeds"),
        (None, 2, "cannot be read (No such file or directory)"),
    ],
)
def test_a_bad_opml_file_is_told(
    dealwire: Run, config: Path, tmp_path: Path, content: str | None, code: int, says: str
) -> None:
    """What is no list of feeds changes nothing."""
    if content is not None:
        (tmp_path / "feeds.opml").write_text(content)

    result = dealwire("feeds", "import", "feeds.opml")

    assert result.code == code
    assert says in result.err
    assert (config / "feeds.yaml").read_text() == "# mine\nfeeds: []\n"


@pytest.mark.usefixtures("config")
def test_export_can_be_imported(dealwire: Run, tmp_path: Path) -> None:
    """What is exported to a file or the terminal is the same, and gives the same feeds back."""
    dealwire("feeds", "add", "https://a.example/?a=1&b=2", "--name", "A <feed> & more")
    shown = dealwire("feeds", "export").out
    told = dealwire("feeds", "export", "out.opml").out
    dealwire("feeds", "remove", "A <feed> & more")
    dealwire("feeds", "import", "out.opml")
    listed = dealwire("feeds", "list", "--json").json

    assert told == "Wrote out.opml.\n"
    assert (tmp_path / "out.opml").read_text() == shown
    assert [(feed["name"], feed["url"]) for feed in listed] == [("A <feed> & more", "https://a.example/?a=1&b=2")]


@pytest.mark.usefixtures("config")
def test_an_export_that_cannot_be_written_is_told(dealwire: Run) -> None:
    """A folder that is not there is no traceback."""
    result = dealwire("feeds", "export", "nowhere/out.opml")

    assert result.code == 2
    assert "cannot be written" in result.err


def test_a_broken_file_is_not_edited(dealwire: Run, config: Path) -> None:
    """A configuration that is not in order is told before anything is written."""
    (config / "feeds.yaml").write_text("feeds:\n  - name: One\n")

    result = dealwire("feeds", "add", "https://a.example/")

    assert result.code == 2
    assert "feeds.yaml:2: feeds.0.url: is missing" in result.err
    assert (config / "feeds.yaml").read_text() == "feeds:\n  - name: One\n"
