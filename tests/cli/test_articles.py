"""articles, show."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.models import Earlier
from pipeline.store import Store
from tests.cli.conftest import Run, World
from tests.support.web import Web
from tests.support.world import rss


@pytest.mark.parametrize(
    ("args", "titles"),
    [
        ((), ["Big news", "Small news"]),
        (("--flagged",), ["Big news"]),
        (("--watch", "test-deals"), ["Big news"]),
        (("gigawatts", "oracle"), ["Big news"]),
        (("research",), ["Small news"]),
        (("nowhere",), []),
        (('q"(*',), []),
        (("--since", "1h"), ["Big news", "Small news"]),
        (("--since", "2020-01-31"), ["Big news", "Small news"]),
        (("--since", "9000-01-31"), []),
        (("--since", "2020-01-31T10:00:00+02:00"), ["Big news", "Small news"]),
    ],
)
def test_articles_can_be_chosen(world: World, args: tuple[str, ...], titles: list[str]) -> None:
    """Flags, watch, words and time each narrow the list; the table and the JSON show the same."""
    data = world.dealwire("articles", *args, "--json").json
    text = world.dealwire("articles", *args).out

    assert sorted(article["title"] for article in data) == titles
    assert [title for title in ("Big news", "Small news") if title in text] == titles
    assert titles or "No articles." in text


def test_the_most_is_kept(world: World) -> None:
    """-n bounds the rows."""
    assert len(world.dealwire("articles", "-n", "1", "--json").json) == 1


def test_an_article_has_its_facts(world: World) -> None:
    """Programs get the source, the times and the watches."""
    article = world.dealwire("articles", "--flagged", "--json").json[0]

    assert article["sources"] == ["feed 1"]
    assert article["published"] == "2026-03-09T08:00:00+00:00"
    assert article["watches"] == ["test-deals"]
    assert article["body_source"] == "page"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--since", "soon"), "'soon' is no time. Write 12h, 30d, 2w or a date"),
        (("--since", "0001-01-01T00:00:00+05:00"), "is no time"),
        (("--watch", "nope"), "There is no watch 'nope'. `dealwire watches list`"),
    ],
)
def test_a_bad_choice_is_told(world: World, args: tuple[str, ...], says: str) -> None:
    """What is not there or not a time is told with the way out."""
    result = world.dealwire("articles", *args)

    assert result.code == 2
    assert says in result.err


def test_show_says_why(world: World) -> None:
    """A flagged article is shown with its sentence, its terms by group, and its text."""
    number = world.dealwire("articles", "--flagged", "--json").json[0]["id"]
    text, data = world.dealwire("show", str(number)).out, world.dealwire("show", str(number), "--json").json

    assert "Test deals: flagged, about it (score" in text
    assert "body: OpenAI signs a contract for 2 gigawatts of data center capacity with Oracle." in text
    assert "gigawatt*" in text
    assert "Text from the page:" in text
    assert data["matches"][0]["passages"][0]["where"] == "body"
    assert data["sources"][0]["name"] == "feed 1"
    assert not {"identity", "lease_until"} & set(data)


def test_show_says_that_nothing_flags(world: World) -> None:
    """An article that no watch flags says so, and what it lacks."""
    number = world.dealwire("articles", "research", "--json").json[0]["id"]

    assert "Test deals: not flagged; what came nearest lacks" in world.dealwire("show", str(number)).out


def test_an_unknown_article_is_told(world: World) -> None:
    """The command that lists the articles is named."""
    result = world.dealwire("show", "999")

    assert result.code == 2
    assert "There is no article 999. `dealwire articles` lists them." in result.err


def test_show_of_an_edited_article(dealwire: Run, config: Path, web: Web) -> None:
    """That it was edited is said, and what it said before is shown where it is asked for."""
    feed = web.set("/feed", rss([{"title": "Now", "guid": "1", "description": "The later words."}]), "text/xml")
    (config / "feeds.yaml").write_text(json.dumps({"feeds": [{"name": "F", "url": feed}]}))
    dealwire("once")
    with Store(config.parent / "state") as store, store.write() as session:
        session.add(Earlier(article_id=1, title="Then", body="The first words.", until=datetime.now(UTC)))
    short, long = dealwire("show", "1").out, dealwire("show", "1", "--earlier").out

    assert "Edited; `dealwire show 1 --earlier`" in short
    assert "The first words." not in short
    assert ": Then" in long
    assert "The first words." in long
    assert dealwire("show", "1", "--json").json["earlier"][0]["body"] == "The first words."
