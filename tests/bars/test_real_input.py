"""The whole pipeline on real feeds and pages, through the command line and loopback servers."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest

from pipeline.store import Store, articles, feeds
from tests.conftest import Every
from tests.support.web import Web
from tests.support.world import rss, write_config

_COMMAND = [sys.executable, "-c", "from pipeline.cli import main; main()", "--config"]


def run(folder: Path, *words: str) -> str:
    """Run a command to its end; what it printed."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # too slow to be traced
    return subprocess.run(
        [*_COMMAND, str(folder), *words], capture_output=True, text=True, check=True, timeout=600, env=plain
    ).stdout


def distinct(document: bytes) -> int:
    """How many different entries feedparser finds."""
    entries = feedparser.parse(io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False).entries
    return len({e.get("id") or e.get("link") or (e.get("title"), e.get("summary")) for e in entries})


def put_feeds(web: Web, documents: Mapping[str, bytes]) -> dict[str, str]:
    """Serve the documents, by name; their URLs. Asked as a proxy, the server has them too and nothing else.

    So the names of the hosts that they link to are not looked up.
    """
    urls = {
        name: web.set(f"/{name}", body, "application/xml", ETag=f'"{sha256(body).hexdigest()}"')
        for name, body in documents.items()
    }
    web.answers |= {f"{web.base}{path}": answer for path, answer in web.answers.items()}
    return urls


def test_real_feeds(web: Web, tmp_path: Path, shared_data: Path, every: Every) -> None:
    """Feeds come in whole, by OPML; a second run asks conditionally, stores nothing and parses nothing."""
    documents = {path.name: path.read_bytes() for path in every(5, list((shared_data / "feeds").iterdir()))}
    urls = put_feeds(web, documents)
    folder = write_config(tmp_path / "config", http={"proxy": web.base})
    (folder / "feeds.yaml").write_text("feeds: []\n")
    opml = tmp_path / "feeds.opml"
    outlines = "".join(f'<outline text="{name}" xmlUrl="{url}"/>' for name, url in urls.items())
    opml.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')

    run(folder, "feeds", "import", str(opml))
    run(folder, "once", "--json")
    web.requests.clear()
    second = run(folder, "once", "--all", "--json")
    asked = list(web.requests)
    with Store(tmp_path / "state") as store, store.read() as session:
        failing, counts = feeds.failing(session), articles.counts(session)
        counted = feeds.listed_counts(session)
        listed = {feed.url: counted[feed.id or 0].entries for feed in feeds.all_active(session) if feed.id in counted}
        unexplained = [a for a in articles.find(session, articles.Filter(most=10**6)) if not (a.body or a.body_note)]

    wanted = {name: distinct(body) for name, body in documents.items()}
    missing = sum(max(0, count - listed.get(urls[name], 0)) for name, count in wanted.items())
    assert failing == []
    assert missing <= 0.01 * sum(wanted.values())
    assert counts.pending == 0
    assert unexplained == []
    assert len(asked) == len(urls)
    assert all("if-none-match" in request.headers for request in asked)
    assert json.loads(second)["poll"] == {"unchanged": len(urls), "polled": len(urls), "failures": []}


@pytest.mark.filterwarnings("ignore:SOCKS support in urllib3")
def test_real_pages(web: Web, tmp_path: Path, shared_data: Path, every: Every) -> None:
    """Stored bodies hold and omit the gold strings as well as trafilatura alone; each has a body or a reason."""
    import trafilatura

    folder = shared_data / "pages"
    pages = {path.name: path.read_bytes() for path in every(4, list(folder.glob("*.html")))}
    gold = [i for i in json.loads((folder / "gold.json").read_text(encoding="utf-8")) if i["file"] in pages]
    links = {web.set(f"/{quote(name)}", body): name for name, body in pages.items()}
    items = [{"title": f"Page {number}", "link": url} for number, url in enumerate(links)]
    config = write_config(tmp_path / "config", [web.set("/feed", rss(items), "application/rss+xml")])

    run(config, "once", "--json")
    with Store(tmp_path / "state") as store, store.read() as session:
        stored = {links[a.url]: a for a in articles.find(session, articles.Filter(most=10**6))}

    def f1(text: Callable[[str], str]) -> float:
        """Of the strings that must and must not be there, weighed alike: the harmonic mean of precision and recall."""
        found = [[wanted in text(item["file"]) for wanted in item["with"]] for item in gold]
        wrong = [[unwanted in text(item["file"]) for unwanted in item["without"]] for item in gold]
        recall = sum(map(sum, found)) / sum(map(len, found))
        noise = sum(map(sum, wrong)) / sum(map(len, wrong))
        precision = recall / (recall + noise)
        return 2 * precision * recall / (precision + recall)

    alone = {name: trafilatura.extract(body) or "" for name, body in pages.items()}
    assert len(stored) == len(pages)
    assert all(article.body or article.body_note for article in stored.values())
    assert f1(lambda name: stored[name].body) >= f1(lambda name: alone[name]) - 0.005
