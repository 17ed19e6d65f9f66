"""What a deal is told apart by, besides kind and time. Pure.

An anchor is a counterparty (its slug), a programme (`programme:` and its slug), a site or country (`in:` and its name),
or `total` for sums over many deals.
"""

TOTAL = "total"
"""The anchor of sums over many deals, and of deals to come."""
UNNAMED = ""
"""The anchor of a deal whose other side the piece does not name: it is no deal of a ledger."""
PROGRAMME, SITE = "programme:", "in:"
"""What the anchors of programmes and of sites begin with."""


def is_party(anchor: str | None) -> bool:
    """Whether an anchor is a counterparty."""
    return bool(anchor) and ":" not in str(anchor) and anchor != TOTAL
