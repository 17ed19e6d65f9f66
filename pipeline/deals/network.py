"""Who supplies, finances and owns the subject, by the deals of a ledger. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipeline.deals.books import Booked, circles, worth
from pipeline.deals.roles import FUNDING, INVESTOR, invests
from pipeline.deals.sums import counting
from pipeline.domain import DealState, Edge, Flow, Kind, Network, Party, Status

_PAYS = (INVESTOR, "lender")
_IS_PAID = ("supplier", "host", "landlord", "")
_DELIVERED = (Kind.COMPUTE, Kind.CHIPS, Kind.DATACENTER, Kind.POWER)


def network(deals: Sequence[Booked], subject: str, most: int = 30) -> Network | None:
    """The companies around the subject, `most` of them; None where no deal that counts names any.

    A company's deals of one flow come to what they come to by themselves, a programme and its parts once. One deal
    stands with each of its companies in full.
    """
    kept = [booked for booked in counting(deals) if booked.state.status is not Status.CANCELLED]
    companies: dict[str, Party] = {}
    by_flow: dict[str, dict[Flow, list[Booked]]] = defaultdict(lambda: defaultdict(list))
    for booked in kept:
        for party in booked.state.parties:
            companies.setdefault(party.slug, party)
            for flow in flows(party, booked.state):
                by_flow[party.slug][flow].append(booked)
    weight = {slug: worth(list({d.id: d for own in of.values() for d in own}.values())) for slug, of in by_flow.items()}
    ranked = sorted(companies, key=lambda slug: (-weight[slug].usd, -weight[slug].gw, -weight[slug].deals, slug))
    if not ranked:
        return None
    edges = tuple(_edge(companies[slug], flow, by_flow[slug]) for slug in ranked[:most] for flow in by_flow[slug])
    money = frozenset(circle.party.slug for circle in circles(deals)) & set(ranked[:most])
    return Network(subject, edges, money, max(0, len(ranked) - most), tuple(_notes(kept, len(ranked), most)))


def flows(party: Party, state: DealState) -> list[Flow]:
    """What a party is to the subject by a deal, in the order of `Flow`; more than one where money goes round in it."""
    funds = party.role in _PAYS or state.kind in FUNDING or invests(party, state)
    goods = state.kind in _DELIVERED or bool({"capacity", "chips"} & state.facts.keys())
    supplies = party.role in _IS_PAID and goods and not (not party.role and funds)
    found = [Flow.SUPPLIES] if supplies else []
    if funds:
        found.append(Flow.OWNS if state.kind is Kind.EQUITY or invests(party, state) else Flow.FINANCES)
    return found or [Flow.JOINS]


def _edge(party: Party, flow: Flow, by_flow: dict[Flow, list[Booked]]) -> Edge:
    deals = by_flow[flow]
    total = worth(deals)
    return Edge(party, flow, tuple(booked.id for booked in deals), total.usd, total.gw)


def _notes(kept: Sequence[Booked], companies: int, most: int) -> list[str]:
    alone = sum(not booked.state.parties for booked in kept)
    shared = sum(len(booked.state.parties) > 1 for booked in kept)
    notes = []
    if companies > most:
        notes.append(f"The {most} companies with the most dollars are shown; {companies - most} lighter ones are not.")
    if shared:
        notes.append(f"{_deals(shared)} with several companies {_verb(shared, 'stands')} in full with each of them.")
    if alone:
        notes.append(f"{_deals(alone)} {_verb(alone, 'names')} no company but the subject.")
    return notes


def _deals(count: int) -> str:
    return f"{count} deal" if count == 1 else f"{count} deals"


def _verb(count: int, verb: str) -> str:
    return verb if count == 1 else verb.removesuffix("s")
