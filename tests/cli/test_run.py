"""init, once, check, demo."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.cli.conftest import Run, World, run, sample_site
from tests.support.web import Web
from tests.support.world import rss, write_config


def test_init_writes_what_check_accepts(tmp_path: Path) -> None:
    """The shipped files land in ./config, valid, and what to do next is said."""
    result = run("init")

    assert result.code == 0
    assert "Next: `dealwire check`" in result.out
    assert len(list((tmp_path / "config").glob("*.yaml"))) == 6
    assert run("check").code == 0


def test_init_takes_a_folder() -> None:
    """With another folder, the commands to run next name it."""
    result = run("init", "mine")

    assert "`dealwire --config mine check`" in result.out
    assert run("--config", "mine", "check").code == 0


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """A second time is refused, and edits stay."""
    run("init")
    (tmp_path / "config" / "feeds.yaml").write_text("feeds: []\n")

    result = run("init")

    assert result.code == 2
    files = "companies, dealwire, feeds, infrastructure-deals.weights, ledger, watches"
    assert f"already holds {files.replace(',', '.yaml,')}.yaml" in result.err
    assert (tmp_path / "config" / "feeds.yaml").read_text() == "feeds: []\n"


def test_init_tells_what_it_cannot_write(tmp_path: Path) -> None:
    """A file in the way is named."""
    (tmp_path / "file").write_text("")

    result = run("init", "file/config")

    assert result.code == 2
    assert "file/config cannot be written" in result.err


def test_check_counts(dealwire: Run, config: Path) -> None:
    """A valid folder is summed up, for people and for programs."""
    result = dealwire("check")
    data = dealwire("check", "--json").json

    assert "is in order: 0 feeds, 1 watches, 1 companies, channels: local." in result.out
    assert data == {"folder": str(config), "feeds": 0, "watches": 1, "channels": ["local"], "live": []}


def test_check_live_forgives_a_dead_feed(dealwire: Run, web: Web, tmp_path: Path) -> None:
    """Feeds come and go: one that does not answer is told, and is no failure. Nothing is stored."""
    write_config(tmp_path / "config", sample_site(web))

    result = dealwire("check", "--live")

    assert result.code == 0
    assert "ok   feed feed 1\n" in result.out
    assert "FAIL feed feed 2: HTTP 404 Not Found" in result.out
    assert "ok   channel local" in result.out
    assert not (tmp_path / "state" / "dealwire.db").exists()


def test_check_live_tells_a_page_from_a_feed(dealwire: Run, web: Web, tmp_path: Path) -> None:
    """What answers but is no feed is told too."""
    write_config(tmp_path / "config", [web.set("/page", "<html><body>Hello</body></html>")])

    live = dealwire("check", "--live", "--json").json["live"]

    assert [(probe["kind"], probe["name"], probe["ok"]) for probe in live] == [
        ("feed", "feed 1", False),
        ("channel", "local", True),
    ]
    assert live[0]["error"]


def test_check_live_fails_for_a_dead_channel(dealwire: Run, web: Web, tmp_path: Path) -> None:
    """Alerts that could not be told are a failure; a receiver that only takes posts is none."""
    closed = "http://127.0.0.1:1/hook"
    channels = {"dead": {"type": "webhook", "url": closed}, "posts": {"type": "webhook", "url": f"{web.base}/hook"}}
    write_config(tmp_path / "config", channels=channels)

    result = dealwire("check", "--live")

    assert result.code == 1
    assert "FAIL channel dead: 127.0.0.1 refused the connection" in result.out
    assert "ok   channel posts" in result.out


def test_once_tells_and_counts(world: World) -> None:
    """One pass shows the alert, what each stage did, and on stderr what failed."""
    result = world.once

    assert result.code == 1  # a delivery failed
    assert "OpenAI signs a contract for 2 gigawatts" in result.out
    told = dict(line.split(": ", 1) for line in result.out.splitlines()[-3:])
    assert set(told["poll"].split(", ")) == {"2 polled", "2 entries", "2 new", "1 failed"}
    assert {"2 ingested", "1 flagged"} <= set(told["ingest"].split(", "))
    assert set(told["deliver"].split(", ")) == {"1 delivered", "1 dead", "1 failed"}
    assert "warning: feed 2: HTTP 404 Not Found" in result.err
    assert "550 no such desk" in result.err
    assert list((world.folder.parent / "state" / "outbox").glob("alert-*.txt"))


def test_once_again_has_nothing_to_do(world: World) -> None:
    """Feeds that are not due are not polled."""
    before = len(world.web.requests)
    result = world.dealwire("once")

    assert "Nothing was due." in result.out
    assert len(world.web.requests) == before


def test_once_all_polls_what_is_not_due(dealwire: Run, web: Web, tmp_path: Path) -> None:
    """--all polls every feed now; what did not change costs a 304 and makes no article. --json says only JSON."""
    good, _ = sample_site(web)
    write_config(tmp_path / "config", [good])

    first = dealwire("once", "--json").json
    again = dealwire("once", "--all", "--json").json

    assert (first["poll"]["new"], first["ingest"]["flagged"], first["deliver"]["delivered"]) == (2, 1, 1)
    assert again["poll"] == {"polled": 1, "unchanged": 1, "failures": []}
    assert [request.path for request in web.requests].count("/feed") == 2


def test_once_only_does_one_stage(dealwire: Run, web: Web, tmp_path: Path) -> None:
    """Each stage can be had by itself; what it leaves for the next stays due."""
    write_config(tmp_path / "config", [web.set("/feed", rss([{"title": "T", "link": f"{web.base}/a"}]))])

    polled = dealwire("once", "--only", "poll", "--json").json
    asked = [request.path for request in web.requests]
    read = dealwire("once", "--only", "ingest", "--json").json

    assert (list(polled), polled["poll"]["new"], asked) == (["poll"], 1, ["/feed"])
    assert (list(read), read["ingest"]["ingested"]) == (["ingest"], 1)


def test_demo_flags_what_it_should(tmp_path: Path) -> None:
    """The sample site's pieces on deals, and only those, are flagged; each of their deals is told and in the digest."""
    content = yaml.safe_load((Path(__file__).parents[2] / "pipeline/demo/site.yaml").read_text(encoding="utf-8"))
    expected = {" ".join(piece["title"].split()) for piece in content["articles"] if piece["flagged"]}

    result = run("demo", "--keep", tmp_path / "kept")
    flagged = run("--config", tmp_path / "kept" / "config", "articles", "--flagged", "--json", "-n", "100").json

    assert result.code == 0
    assert {article["title"] for article in flagged} == expected
    assert f"; {len(expected)} flagged." in result.out
    assert "ALERTS, as they arrived by mail" in result.out
    assert "DEALWIRE DIGEST" in result.out
    alerts, digest = result.out.split("THE DIGEST")
    flat = " ".join(alerts.split()), " ".join(digest.split())
    deals = run("--config", tmp_path / "kept" / "config", "deals", "--json").json
    told = [deal["title"] for deal in deals if deal["title"] in flat[0]]
    assert f"They tell of {len(deals)} deals" in result.out
    assert len(told) >= len(deals) - 1 >= 9  # all but what is only brought up
    assert [title for title in told if title not in flat[1]] == []
    others = {" ".join(piece["title"].split()) for piece in content["articles"]} - expected
    assert [title for title in others if title in flat[0] or title in flat[1]] == []
    assert run("demo", "--keep", tmp_path / "kept").code == 2


def test_demo_refuses_a_folder_in_use(tmp_path: Path) -> None:
    """A folder that is not empty is refused before anything is started."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("")

    result = run("demo", "--keep", "mine")

    assert result.code == 2
    assert "mine is not empty" in result.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]


def test_demo_of_months_lists_alerts() -> None:
    """`demo --months` lists each alert with its reason, and keeps nothing."""
    result = run("demo", "--months")
    refused = run("demo", "--months", "--keep", "folder")

    assert result.code == 0
    assert "New deal: OpenAI and Nebius (compute), $9 billion, 5 years, announced" in result.out
    assert "Nobody had told of it before. Harbour Wire (sample):" in result.out
    assert "stories brought none." in result.out
    assert refused.code == 2
    assert "--months keeps nothing" in refused.err
