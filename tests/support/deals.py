"""A watch that keeps a ledger, and a feed of made-up stories that its deals come of."""

from __future__ import annotations

from typing import Any

from tests.support.world import rss

LEDGER_WATCH: dict[str, Any] = {
    "title": "Test deals",
    "all": {
        "who": ["@openai"],
        "deal": ["contract", "deal", "agreement", "invest", "order", "sign"],
        "what": ["data center", "gigawatt*", "compute", "chip", "billion"],
    },
    "subject": "who",
    "ledger": True,
}
COMPANIES: dict[str, Any] = {
    "openai": {"name": "OpenAI", "roles": ["lab"], "domains": ["openai.example"]},
    "oracle": {"name": "Oracle", "tickers": ["ORCL"], "roles": ["cloud"]},
    "nvidia": {"name": "Nvidia", "aliases": ["NVIDIA Corp"], "tickers": ["NVDA"], "roles": ["chips"]},
    "corewell": {"name": "Corewell", "roles": ["neocloud"]},
}
STORIES = (
    ("OpenAI in talks on a compute deal with Oracle worth $30 billion", "Mon, 02 Mar 2026 08:00:00 GMT"),
    ("OpenAI signs a compute contract with Oracle for $30 billion and 2 gigawatts", "Wed, 04 Mar 2026 08:00:00 GMT"),
    ("OpenAI compute contract with Oracle is said to be worth $18 billion", "Thu, 05 Mar 2026 08:00:00 GMT"),
    ("OpenAI signs an order for chips from Nvidia worth $20 billion", "Fri, 06 Mar 2026 08:00:00 GMT"),
    ("OpenAI announces a compute agreement with Corewell for 1 gigawatt", "Sat, 07 Mar 2026 08:00:00 GMT"),
    ("Gardeners of the town prefer tulips to roses this spring", "Sun, 08 Mar 2026 08:00:00 GMT"),
)
"""Titles and when they were published: three deals, and one story that is none."""


def stories(base: str, told: tuple[tuple[str, str], ...] = STORIES) -> str:
    """A feed of them; each stands under an address of its own on the site at `base`, where no page is."""
    items = [
        {"title": title, "link": f"{base}/news/{number}", "guid": str(number), "pubDate": when, "description": title}
        for number, (title, when) in enumerate(told, 1)
    ]
    return rss(items)
