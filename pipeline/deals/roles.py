"""What a company is in a deal. Pure."""

from __future__ import annotations

from pipeline.domain import DealState, Kind, Party

FUNDING = (Kind.EQUITY, Kind.FINANCING)
"""The kinds of deals in which money comes in."""
INVESTOR = "investor"


def invests(party: Party, state: DealState) -> bool:
    """Whether a good part of the pieces see the deal with this company as one in which it puts money in."""
    seen = sum(state.kinds.get(kind, 0) for kind in FUNDING)
    return state.anchor == party.slug and seen > 1 and seen * 5 >= sum(state.kinds.values())


def roles(party: Party, state: DealState) -> str:
    """All that a party is in a deal, such as `supplier, investor`; empty where nothing is known of it."""
    found = [party.role] if party.role else []
    if invests(party, state) and party.role not in (INVESTOR, "lender"):
        found.append(INVESTOR)
    return ", ".join(found)
