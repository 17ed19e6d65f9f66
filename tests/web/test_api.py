"""What programs get of the API: deals, articles, what was told, and how it goes."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
import requests
from structlog.testing import capture_logs

from pipeline.deals.rows import COLUMNS
from tests.deals.samples import mention
from tests.web.small import Small, copied, small

ORACLE, NVIDIA, COREWELL = 1, 2, 3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Small]:
    """Only for reading."""
    with small(tmp_path_factory.mktemp("api"), migrated) as made:
        yield made


@pytest.fixture
def own(site: Small, tmp_path: Path) -> Iterator[Small]:
    """One that a test may change."""
    with copied(site, tmp_path) as made:
        yield made


def ids(page: dict[str, Any]) -> list[int]:
    return [item["id"] for item in page["items"]]


def test_deals_are_listed_with_their_figures(site: Small) -> None:
    """The one spoken of last first; each figure with its sentence, article and time."""
    page = site.data("/deals")
    oracle = page["items"][-1]

    assert ids(page) == [COREWELL, NVIDIA, ORACLE]
    assert (page["page"], page["size"], page["total"]) == (1, 50, 3)
    assert (oracle["title"], oracle["status"], oracle["kind"]) == ("OpenAI and Oracle (compute)", "signed", "compute")
    assert oracle["parties"] == [{"slug": "oracle", "name": "Oracle", "role": "supplier", "known": True}]
    assert oracle["capacity"] is not None
    amount = oracle["amount"]
    assert (amount["shown"], amount["value"], amount["unit"]) == ("$30 billion", 30e9, "USD")
    assert (amount["article"], amount["quote"]) == (1, "It says amount 3e+10.")
    assert amount["url"] == site.article(1).url
    assert datetime.fromisoformat(amount["published"]) == site.article(1).published


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"party": "ORCL"}, [ORACLE]),
        ({"party": "nvidia"}, [NVIDIA]),
        ({"kind": "compute"}, [COREWELL, ORACLE]),
        ({"status": "rumoured"}, [COREWELL]),
        ({"words": "corew"}, [COREWELL]),
        ({"least_usd": "25e9"}, [ORACLE]),
        ({"least_gw": "0.5", "sort": "-capacity"}, [ORACLE, COREWELL]),
        ({"since": "2026-03-10T15:00:00Z"}, [COREWELL, NVIDIA]),
        ({"since": "2026-03-10T16:30:00+01:00"}, [COREWELL]),
        ({"since": "2026-03-11"}, []),
        ({"sort": "title"}, [COREWELL, NVIDIA, ORACLE]),
        ({"sort": "-amount"}, [ORACLE, NVIDIA, COREWELL]),
        ({"watch": "quiet"}, []),
        ({"watch": "test-deals", "kind": "equity"}, [NVIDIA]),
    ],
    ids=str,
)
def test_deals_are_narrowed_and_sorted(site: Small, query: dict[str, str], found: list[int]) -> None:
    """By company, kind, status, words, size, time and watch."""
    assert ids(site.data("/deals", **query)) == found


def test_a_deal_is_there_whole(site: Small) -> None:
    """With who disagrees, who reported it, what happened, and its articles."""
    deal = site.data(f"/deals/{ORACLE}")

    assert deal["live"]
    assert [(each["shown"], each["article"]) for each in deal["disagreements"]] == [("$18 billion", 2)]
    assert [report["articles"] for report in deal["reports"]] == [1, 1, 1]
    assert next(event["words"] for event in deal["history"]) == "new deal"
    assert "amount contradicted: $18 billion, not $30 billion" in [event["words"] for event in deal["history"]]
    assert [article["id"] for article in deal["articles"]] == [1, 2, 3]


def test_the_ledger_is_summed_up(own: Small) -> None:
    """Totals by status; and who puts money in and is paid."""
    own.post(f"/deals/{NVIDIA}/rulings", {"verb": "set", "fields": {"capacity": "5 GW"}})
    totals, circles = own.data("/deals/totals"), own.data("/deals/circles")

    assert totals["watch"] == "test-deals"
    assert totals["by_status"]["signed"] == {"usd": 30e9, "gw": 2.0, "deals": 1}
    assert totals["live"]["deals"] == 3
    assert any(note.startswith("Counted: 3 deals") for note in totals["notes"])
    assert [(each["slug"], each["puts_in"]["usd"]) for each in circles["circles"]] == [("nvidia", 20e9)]
    assert own.data("/deals/circles", watch="quiet")["circles"] == []


@pytest.mark.parametrize(("form", "media"), [("csv", "text/csv"), ("jsonl", "application/x-ndjson")])
def test_deals_are_had_as_a_file(site: Small, form: str, media: str) -> None:
    """With the same filters, every figure beside its sentence and address."""
    answer = site.get(f"/deals.{form}", params={"party": "ORCL"})

    [row] = csv.DictReader(io.StringIO(answer.text)) if form == "csv" else map(json.loads, answer.text.splitlines())
    assert answer.headers["Content-Type"].startswith(media)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="deals.{form}"'
    assert list(row) == list(COLUMNS)
    assert (row["amount"], row["amount_url"]) == ("$30 billion", site.article(1).url)


def test_deals_are_had_as_parquet(site: Small) -> None:
    """With the columns of the other files."""
    parquet = pytest.importorskip("pyarrow.parquet")

    table = parquet.read_table(io.BytesIO(site.get("/deals.parquet").content))

    assert table.column_names == list(COLUMNS)
    assert table.column("id").to_pylist() == [1, 2, 3]


def test_articles_are_searched(site: Small) -> None:
    """By words, which are marked where they stand; by watch, feed and time."""
    page = site.data("/articles", q="nvidia stake")
    [hit] = page["items"]

    assert (hit["id"], hit["sources"], hit["watches"]) == (4, ["Wire"], ["test-deals"])
    assert [piece["text"].lower() for piece in hit["title_marked"] if piece["marked"]] == ["nvidia", "stake"]
    assert ids(site.data("/articles")) == [6, 5, 4, 3, 2, 1]
    assert ids(site.data("/articles", watch="test-deals", since="2026-03-10T16:00:00Z")) == [6, 5]
    assert ids(site.data("/articles", feed="Wire", until="2026-03-10T14:00:00Z")) == [2, 1]
    assert ids(site.data("/articles", feed="Nobody")) == []
    assert ids(site.data("/articles", q="-oracle")) == ids(site.data("/articles"))


def test_an_article_is_there_whole(site: Small) -> None:
    """Its text, why it is flagged, and the deals it tells of."""
    article = site.data("/articles/1")
    [match] = article["matches"]
    [passage] = match["passages"]

    assert article["body"] == passage["quote"]
    assert (match["watch"], match["level"], match["score"]) == ("test-deals", "about", 0.9)
    assert passage["hits"] == [{"group": "who", "term": "OpenAI", "start": 0, "end": 6}]
    assert article["deals"] == [{"id": ORACLE, "title": "OpenAI and Oracle (compute)", "status": "signed"}]
    assert article["feeds"] == [{"name": "Wire", "url": "https://n.example/feed", "tier": "press"}]


def test_watches_feeds_and_status(site: Small) -> None:
    """What is in force, how feeds fare, and what waits."""
    watches = {watch["name"]: watch for watch in site.data("/watches")["items"]}
    [feed] = site.data("/feeds")["items"]
    status = site.data("/status")

    assert (watches["test-deals"]["flagged"], watches["test-deals"]["channels"]) == (6, ["files", "desk"])
    assert watches["quiet"]["channels"] == []
    assert (feed["name"], feed["entries"], feed["daily"][-1], len(feed["daily"])) == ("feed 1", 6, 6, 14)
    assert (status["articles"]["total"], status["articles"]["flagged"]) == (6, 6)
    assert status["daemon"]["state"] == "never"
    assert status["queues"]["deliver"]["size"] == status["deliveries"]["pending"]
    assert status["database_bytes"] > 0


def test_the_digest_of_a_day(site: Small) -> None:
    """That which is being gathered, and that of any day."""
    today, earlier = site.data("/digest"), site.data("/digest/2026-03-09")

    [section] = [each for each in today["sections"] if each["watch"] == "test-deals"]
    assert today["day"] == "2026-03-11"
    assert [news["deal"] for news in section["new"]] == [COREWELL, NVIDIA, ORACLE]
    assert earlier["complete"]
    assert all(not each["new"] for each in earlier["sections"])


def test_deliveries_are_listed(site: Small) -> None:
    """Newest first, of a state or a channel."""
    everything, delivered = site.data("/deliveries"), site.data("/deliveries", state="delivered")
    desk = site.data("/deliveries", channel="desk")

    assert ids(everything) == sorted(ids(everything), reverse=True)
    assert (delivered["total"], {row["state"] for row in delivered["items"]}) == (2, {"delivered"})
    assert desk["total"] * 2 == everything["total"]
    assert {row["kind"] for row in desk["items"]} == {"deal"}
    assert [row["deal"] for row in desk["items"]][-1] == ORACLE


def test_pages_lead_to_each_other(site: Small) -> None:
    """`Link` gives the next and the one before with all that was asked for, as far as there are any."""
    seen, address = [], "/deliveries?channel=desk&size=2"
    while address:
        answer = site.get(address)
        seen += ids(answer.json())
        address = answer.links.get("next", {}).get("url", "").removeprefix("/api/v1")

    last = answer.links
    assert seen == ids(site.data("/deliveries", channel="desk"))
    assert list(last) == ["prev"]
    assert "channel=desk" in last["prev"]["url"]
    assert site.get("/articles?size=200").links == {}
    assert site.get("/articles?size=4&page=2").links.keys() == {"prev"}
    assert ids(site.data("/deals", page=9)) == []


def test_alerts_are_feeds(site: Small) -> None:
    """Each alert once, however many channels it went to, the newest first; the same in both."""
    atom, data = feedparser.parse(site.get("/alerts.atom").content), site.data("/alerts.json")

    assert not atom.bozo
    assert [entry.title for entry in atom.entries] == [item["title"] for item in data["items"]]
    assert [entry.id for entry in atom.entries] == [item["id"] for item in data["items"]]
    assert len(data["items"]) == len({item["id"] for item in data["items"]}) == site.data("/deliveries")["total"] // 2
    assert data["items"][-1]["title"].startswith("New deal: OpenAI and Oracle (compute), $30 billion")
    assert data["items"][-1]["url"] == site.article(1).url
    assert site.data("/alerts.json", watch="quiet")["items"] == []
    assert feedparser.parse(site.get("/alerts.atom?watch=quiet").content).feed.title == "Dealwire alerts: Quiet"


GETS = [
    "/digest", "/digest/2026-03-10", "/deals", "/deals?sort=amount", "/deals.csv", "/deals.jsonl", "/deals/1",
    "/deals/totals", "/deals/circles", "/rulings", "/articles", "/articles/1", "/watches", "/feeds", "/deliveries",
    "/mutes", "/alerts.atom", "/alerts.json", "/status", "/session",
]  # fmt: skip


@pytest.mark.parametrize("path", GETS)
def test_what_a_program_has_is_not_sent_again(site: Small, path: str) -> None:
    """An answer's tag, sent back, brings 304 and nothing else; HEAD brings the headers alone."""
    first = site.get(path)
    again = site.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
    head = site.program.session.head(first.url, timeout=60)

    assert first.status_code == head.status_code == 200
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "private" in first.headers["Cache-Control"]
    assert (head.content, head.headers["Content-Length"]) == (b"", str(len(first.content)))
    assert site.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/deals", "/deals.csv", "/deals/1", "/deals/totals", "/deals/circles"])
def test_tags_follow_the_ledger(own: Small, path: str) -> None:
    """What anybody says or decides of a deal makes another answer of it."""
    before = own.get(path).headers["ETag"]
    own.say("Oracle again", mention("oracle"))
    told = own.get(path, headers={"If-None-Match": before})

    assert told.status_code == 200
    own.post("/deals/1/rulings", {"verb": "dismiss"})
    assert own.get(path, headers={"If-None-Match": told.headers["ETag"]}).status_code == 200


BAD = {
    "/deals/99": (404, "There is no deal 99."),
    "/articles/99": (404, "There is no article 99."),
    "/nothing": (404, "There is nothing at this address."),
    "/deals/0": (422, "path.id: input should be greater than or equal to 1"),
    f"/deals/{2**63}": (422, "path.id: input should be less than or equal to 9223372036854775807"),
    "/deals/x": (422, "path.id: input should be a valid integer"),
    "/deals?page=0": (422, "query.page: "),
    "/deals?page=1000001": (422, "query.page: "),
    "/deals?size=201": (422, "query.size: input should be less than or equal to 200"),
    "/deals?kind=chps": (422, "query.kind: input should be 'compute', 'chips'"),
    "/deals?party=Orcale": (422, "No company 'Orcale' is known, or party to a deal. Did you mean Oracle?"),
    "/deals?watch=nope": (422, "There is no watch 'nope'."),
    "/deals?sort=colour": (422, "Deals cannot be sorted by 'colour'."),
    "/deals?least_usd=nan": (422, "query.least_usd: "),
    "/deals?since=yesterday": (422, "query.since: must be a day such as 2026-01-31, or a time with its zone"),
    "/deals?since=1770000000": (422, "query.since: must be a day"),
    "/deals?since=2026-02-30": (422, "query.since: day is out of range for month"),
    "/deals?since=2026-01-01T00:00:00": (422, "query.since: must be a day"),
    "/deals.xlsx": (422, "path.form: "),
    "/deals/totals?watch=nope": (422, "There is no watch 'nope'."),
    "/digest/today": (422, "path.day: must be a day such as 2026-01-31"),
    "/digest/0001-01-01": (404, "There can be no edition of 0001-01-01."),
    "/articles?watch=nope": (422, "There is no watch 'nope'."),
    "/deliveries?state=lost": (422, "query.state: input should be 'pending', 'delivered'"),
    "/alerts.atom?watch=nope": (422, "There is no watch 'nope'."),
    "/openapi": (404, "There is nothing at this address."),
}


@pytest.mark.parametrize("path", BAD)
def test_what_is_wrong_is_told_as_a_problem(site: Small, path: str) -> None:
    """In the form of RFC 9457, in plain words."""
    status, words = BAD[path]
    answer = site.get(path)
    problem = answer.json()

    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert words in problem["detail"]
    assert problem.keys() == {"type", "title", "status", "detail", "errors"}


ODD = ("%00", "%ED%A0%80", "%FF%FE", "%F0%9F%98%80", "%E2%80%AE", "a" * 200, "%22%27%3B--", "%25", "1e400", "-1", "*")


@pytest.mark.parametrize("value", ODD)
def test_odd_values_break_nothing(site: Small, value: str) -> None:
    """NUL, halves of characters and the like are answered, wherever they stand."""
    places = [
        f"{path}?{name}={value}"
        for path, names in {
            "/deals": (
                "watch",
                "party",
                "kind",
                "status",
                "since",
                "words",
                "least_usd",
                "sort",
                "page",
                "size",
                value,
            ),
            "/deals.jsonl": ("party", "words"),
            "/articles": ("q", "watch", "feed", "since", "until", "sort", "flagged"),
            "/deliveries": ("state", "channel", "page"),
            "/alerts.json": ("watch",),
        }.items()
        for name in names
    ]
    places += [f"{path}/{value}" for path in ("/deals", "/articles", "/digest", "", "/watches")]

    for place in places:
        assert site.get(place).status_code in (200, 404, 405, 422), place


@pytest.mark.parametrize(
    "moment", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00"]
)
def test_the_ends_of_time_are_times(site: Small, moment: str) -> None:
    """Before all, or after all, that is stored."""
    assert site.data(f"/deals?since={moment}")["total"] == (3 if moment.startswith("0001") else 0)
    assert site.data(f"/articles?since={moment}")["total"] == (6 if moment.startswith("0001") else 0)


def test_everything_is_described_and_can_be_read(site: Small) -> None:
    """The page lists every operation with what it is for, and each value that it leads to; it loads nothing strange."""
    document = site.data("/openapi.json")
    page = site.program.get("/api").text

    operations = [(path, each) for path, each in document["paths"].items()]
    assert {path for path, _ in operations} >= {"/deals", "/deals/{id}", "/alerts.atom", "/session"}
    for path, methods in operations:
        for method, operation in methods.items():
            assert operation["summary"]
            assert f"<code>{method.upper()} {path}</code>" in page
            for parameter in operation.get("parameters", ()):
                assert parameter["description"], (path, parameter)
    anchors = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


def test_a_failure_here_is_a_problem_too(own: Small) -> None:
    """It says nothing of what failed: that stands in the log."""
    with closing(sqlite3.connect(Path(own.site.store.name))) as database, database:
        database.execute("UPDATE deal SET data = '{}'")

    with capture_logs() as logs:
        answer = own.get("/deals")

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["detail"] == "This request failed; the log says why."
    assert [log["path"] for log in logs if log["log_level"] == "error"] == ["/api/v1/deals"]


def test_the_password_is_asked_for(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every address, and the answer is a problem; who sends it gets in."""
    monkeypatch.setenv("DOOR", "open sesame")
    with small(tmp_path, migrated, web={"password": "${DOOR}"}) as site:
        for path in [*GETS, "/openapi.json", "/nothing"]:
            refused = site.get(path)
            assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/problem+json"), path
        known = site.get("/deals", headers={"Authorization": "Bearer open sesame"})
        assert (known.status_code, known.json()["total"]) == (200, 3)


def test_only_asking_is_no_change(site: Small) -> None:
    """Another method is refused with those that may be used."""
    answer = requests.delete(f"{site.program.base}/api/v1/deals", timeout=60)

    assert answer.status_code in (403, 405)
