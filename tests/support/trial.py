"""Made-up labelled items for a trial of a ledger, with a configuration that reads them."""

from __future__ import annotations

from typing import Any

from tests.support.deals import COMPANIES, LEDGER_WATCH

CONFIG: dict[str, Any] = {"watches": {"test-deals": LEDGER_WATCH}, "companies": COMPANIES}
"""Keywords for `write_config`."""


def labelled(key: str, parties: list[str], kind: str = "compute", **more: Any) -> dict[str, Any]:
    """A labelled deal whose kind and status two labellers agreed on."""
    return {
        "key": key,
        "parties": parties,
        "kind": kind,
        "status": "announced",
        "agreed": ["kind", "status"],
        **more,
    }


def item(number: int, title: str, *deals: dict[str, Any], text: str = "", **more: Any) -> dict[str, Any]:
    """An item, a day after the one before it, labelled with these deals; labelled no where there are none."""
    return {
        "id": f"i{number}",
        "date": f"2026-03-{number:02}",
        "source": f"paper{number}.example",
        "url": f"https://paper{number}.example/{number}",
        "title": title,
        "text": text,
        "label": {"mentions": "yes" if deals else "no", "about": "yes" if deals else "no", "deals": list(deals)},
        **more,
    }


ORACLE = labelled("openai-oracle", ["Oracle"], amount_usd=30e9, status="signed")
NVIDIA = labelled("openai-nvidia", ["NVIDIA Corp"], "chips", capacity_gw=None)
COREWELL = labelled("openai-corewell", ["Corewell"], capacity_gw=1.0)
ITEMS = [
    item(1, "OpenAI signs a compute contract with Oracle worth $30 billion", ORACLE),
    item(
        2, "OpenAI and Oracle", ORACLE, text="OpenAI signs a compute contract with Oracle for $30 billion, papers show."
    ),
    item(3, "OpenAI places an order for a chip of Nvidia", NVIDIA),
    item(4, "OpenAI has a compute agreement with Corewell for 2 gigawatts", COREWELL),
    item(5, "Gardeners prefer tulips to roses"),
    item(6, "OpenAI and the price of Oracle shares"),
]
"""Three deals, one of them told twice and one with a capacity other than the label's, and two items of none."""
