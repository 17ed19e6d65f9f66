"""feeds list, add, check, remove, import, export."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, World
from tests.support.web import Answer, Web
from tests.support.world import DEAL, page, rss

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
    added = dealwire("feeds", "add", "--as-is", "https://a.example/feed", "--name", "A  feed", "--tier", "official")
    listed = dealwire("feeds", "list", "--json").json
    again = dealwire("feeds", "add", "--as-is", "https://a.example/feed")
    removed = dealwire("feeds", "remove", "A feed")

    assert (added.code, added.out) == (0, "Added A feed (https://a.example/feed).\n")
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
    dealwire("feeds", "add", "--as-is", "https://a.example/one")

    assert dealwire("feeds", "add", "--as-is", "https://a.example/two").out == (
        "Added a.example (2) (https://a.example/two).\n"
    )


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
    dealwire("feeds", "add", "--as-is", "https://a.example/?a=1&b=2", "--name", "A <feed> & more")
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


FEED = "application/rss+xml"
ITEMS = [
    {"title": "One", "guid": "1", "link": "/1", "description": "Words.", "pubDate": "Tue, 10 Mar 2026 09:00:00 GMT"},
    {"title": "Two", "guid": "2", "link": "/2", "description": "Words.", "pubDate": "Mon, 09 Mar 2026 09:00:00 GMT"},
]


def listed(dealwire: Run) -> list[tuple[str, str]]:
    return [(feed["name"], feed["url"]) for feed in dealwire("feeds", "list", "--json").json]


@pytest.mark.usefixtures("config")
def test_a_feeds_own_address_is_added_under_its_title(dealwire: Run, web: Web) -> None:
    """And under the address to which it moved for good."""
    web.answers["/old"] = Answer("", 301, {"Location": "/feed"})
    web.set("/feed", rss(ITEMS, "Chip News"), FEED)
    dealwire("feeds", "add", f"{web.base}/old")

    assert listed(dealwire) == [("Chip News", f"{web.base}/feed")]


@pytest.mark.usefixtures("config")
def test_the_only_feed_of_a_site_is_added(dealwire: Run, web: Web) -> None:
    """What its page declares and what is no feed after all is passed over."""
    web.set(
        "/",
        '<link rel="alternate" type="application/rss+xml" href="/dead.xml">'
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml">',
    )
    web.set("/rss.xml", rss(ITEMS, "Chip News"), FEED)
    dealwire("feeds", "add", f"{web.base}/", "--tier", "official")

    assert listed(dealwire) == [("Chip News", f"{web.base}/rss.xml")]


@pytest.mark.usefixtures("config")
def test_a_site_that_names_no_feed_is_asked_in_the_usual_places(dealwire: Run, web: Web) -> None:
    """Among them the sitemaps that its robots.txt names."""
    web.set("/", "<p>News of chips.")
    web.set("/robots.txt", f"Sitemap: {web.base}/maps/news.xml", "text/plain")
    web.set(
        "/maps/news.xml",
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/1</loc><news:news>'
        "<news:publication><news:name>Chips</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2026-03-10</news:publication_date><news:title>One</news:title></news:news></url>"
        "</urlset>",
        "application/xml",
    )
    added = dealwire("feeds", "add", f"{web.base}/", "--name", "Chips")

    assert added.code == 0
    assert listed(dealwire) == [("Chips", f"{web.base}/maps/news.xml")]


def test_several_feeds_are_offered(dealwire: Run, config: Path, web: Web) -> None:
    """Nothing is added unasked; each stands there with its title and number of entries."""
    web.set(
        "/",
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
        '<link rel="alternate" type="application/rss+xml" href="/comments.xml">'
        '<link rel="alternate" type="application/rss+xml" href="/copy.xml">',
    )
    web.set("/rss.xml", rss(ITEMS, "Chip News"), FEED)
    web.set("/copy.xml", rss(ITEMS, "Chip News"), FEED)
    web.set("/comments.xml", rss(ITEMS[:1], "Comments"), FEED)
    offered = dealwire("feeds", "add", f"{web.base}/")

    assert offered.code == 2
    assert "Add the one you want: dealwire feeds add URL" in offered.err
    assert [line.split()[0] for line in offered.out.splitlines() if web.base in line] == ["1", "2"]
    assert "Chip News" in offered.out
    assert "copy.xml" not in offered.out
    assert (config / "feeds.yaml").read_text() == "# mine\nfeeds: []\n"


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_an_address_without_a_feed_is_told(dealwire: Run, config: Path, web: Web, path: str) -> None:
    """The way on is named, and the file stays."""
    web.set("/", "<p>No feed far and wide.")
    result = dealwire("feeds", "add", web.base + path)

    assert result.code == 2
    assert ("--search" if path == "/" else "HTTP 404 Not Found. With --as-is") in result.err
    assert (config / "feeds.yaml").read_text() == "# mine\nfeeds: []\n"


@pytest.mark.usefixtures("config")
def test_a_search_is_a_feed(dealwire: Run) -> None:
    """Words make the address of Google News' feed of them."""
    added = dealwire("feeds", "add", "--search", 'OpenAI "data center"')
    [feed] = dealwire("feeds", "list", "--json").json

    assert added.code == 0
    assert (feed["name"], feed["tier"]) == ('Google News: OpenAI "data center"', "aggregator")
    assert feed["url"].startswith("https://news.google.com/rss/search?q=OpenAI+%22data+center%22&")


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("words", [(), ("https://a.example/", "--search", "x")])
def test_an_address_or_a_search(dealwire: Run, words: tuple[str, ...]) -> None:
    """One of the two is needed, and not both."""
    assert "or --search WORDS" in dealwire("feeds", "add", *words).err


@pytest.mark.usefixtures("config")
def test_check_explains_step_by_step(dealwire: Run, web: Web) -> None:
    """How it answers, what it holds, how often it will be polled, and what its first page gives."""
    web.set("/feed", rss(ITEMS, "Chip News"), FEED, ETag='"1"')
    web.set("/1", page("One", DEAL))
    text = dealwire("feeds", "check", f"{web.base}/feed")
    steps = {step["what"]: step for step in dealwire("feeds", "check", f"{web.base}/feed", "--json").json}

    assert text.code == 0
    assert [line.split()[1] for line in text.out.splitlines()] == [
        "answer", "format", "entries", "rhythm", "repeat", "first", "its",
    ]  # fmt: skip
    assert steps["answer"]["said"].startswith("HTTP 200, ")
    assert steps["format"]["said"] == "a feed: Chip News"
    assert steps["entries"]["said"] == "2, dated 09 Mar 2026 to 10 Mar 2026, 6 characters of text each"
    assert "polled every" in steps["rhythm"]["said"]
    assert steps["repeat"]["said"] == "it says when nothing changed (304)"
    assert steps["first link"]["said"] == f"{web.base}/1"
    assert "characters of text" in steps["its page"]["said"]


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer("no", 503), "FAIL  answer      HTTP 503 Service Unavailable"),
        (Answer('<link rel="alternate" type="application/rss+xml" href="/rss">'), "ok    offers"),
    ],
)
def test_check_says_what_is_wrong(dealwire: Run, web: Web, answer: Answer, says: str) -> None:
    """An error, or a page with the feeds that it names, ends in failure."""
    web.answers["/feed"] = answer
    result = dealwire("feeds", "check", f"{web.base}/feed")

    assert result.code == 1
    assert says in result.out


def test_feeds_alone_lists_them(world: World) -> None:
    """`dealwire feeds` is the list, with what each brings."""
    alone, full = world.dealwire("feeds").out, world.dealwire("feeds", "list").out

    assert alone.splitlines()[0] == full.splitlines()[0]
    assert "Answered" in alone
