"""A configuration folder, a clock that stands still, and sample documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

DEAL = "OpenAI signs a contract for 2 gigawatts of data center capacity with Oracle."
"""A sentence that the test watch flags."""

OTHER = "OpenAI talks about its research priorities for the coming year."
"""One that it does not."""

WATCH: dict[str, Any] = {
    "title": "Test deals",
    "all": {"who": ["OpenAI"], "deal": ["contract", "deal"], "what": ["data center", "gigawatt*"]},
}

LEDGER: dict[str, Any] = {
    "kinds": {},
    "roles": {},
    "statuses": {},
    **{name: ["no such words"] for name in ("other_sums", "totals", "hearsay", "asides")},
    "places": {"nowhere": ["no such place"]},
}
"""A ledger.yaml for watches that keep no ledger: to load the shipped one takes longer than most tests."""


@dataclass
class FixedClock:
    """A clock that moves only when told to."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 10, 12, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> None:
        self.at += timedelta(**delta)


def write_config(
    folder: Path,
    feeds: Sequence[str] = (),
    *,
    channels: dict[str, Any] | None = None,
    watches: dict[str, Any] | None = None,
    companies: dict[str, Any] | None = None,
    **general: Any,
) -> Path:
    """A valid configuration in `folder` (JSON is YAML), with feeds of these URLs; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "state": "../state",
        "digest": {"timezone": "UTC"},
        **general,
        "http": {
            "allow_private": ["127.0.0.1"],
            "per_host": 16,
            "spacing": 0,
            "robots": False,
            **general.get("http", {}),
        },
    }
    if channels:
        settings["channels"] = channels
    files = {
        "dealwire.yaml": settings,
        "feeds.yaml": {"feeds": [{"name": f"feed {n}", "url": url} for n, url in enumerate(feeds, 1)]},
        "watches.yaml": {"watches": watches or {"test-deals": WATCH}},
        "companies.yaml": {"companies": companies or {"oracle": {"name": "Oracle", "tickers": ["ORCL"]}}},
    }
    (folder / "ledger.yaml").unlink(missing_ok=True)
    if not any(watch.get("ledger") for watch in files["watches.yaml"]["watches"].values()):
        files["ledger.yaml"] = LEDGER
    for name, data in files.items():
        (folder / name).write_text(json.dumps(data, indent=1), encoding="utf-8")
    return folder


def rss(items: Sequence[dict[str, str]], title: str = "Sample") -> str:
    """An RSS 2.0 document; the keys of an item are its element names."""
    body = "".join(
        "<item>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in item.items()) + "</item>"
        for item in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{body}</channel></rss>'


def page(title: str, *paragraphs: str) -> str:
    """An article page long enough for extraction."""
    filler = "The rest of this paragraph is here to make the page look like an article of the usual length. "
    body = "".join(f"<p>{escape(paragraph)} {filler * 2}</p>" for paragraph in paragraphs)
    head = f"<!doctype html><html><head><title>{title}</title></head>"
    return f"{head}<body><article><h1>{title}</h1>{body}</article></body></html>"
