"""Mentions to deals. Pure.

A deal is made anew from all that was said of it, in the order of publication, and from what people ruled, so that the
order in which articles arrive does not matter:

mentions of an anchor ─▶ by kind ─▶ by life (a cancelled deal may have a successor) ─▶ rulings ─▶ facts, changes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.deals.life import OFF, Told, live
from pipeline.deals.rulings import anchor_of, in_order, regroup, set_by_hand
from pipeline.deals.statements import TOTAL, is_party
from pipeline.deals.wording import shown
from pipeline.domain import FIGURES, Change, DealState, Kind, Level, Ruling, Status

_APART = (Kind.POWER, Kind.FINANCING)
"""Kinds that are deals of their own beside the others of the same parties."""
_QUIET = timedelta(days=45)
"""How long after its end a deal's parties may make a new one that is taken for its successor, at the least."""


@dataclass(frozen=True)
class Group:
    """What was said of one deal, and which one it follows."""

    anchor: str
    told: Sequence[Told]
    supersedes: str = ""


def derive(
    told: Mapping[str, Iterable[Told]],
    rulings: Sequence[Ruling] = (),
    programme: str = "",
    least: Level = Level.MENTIONS,
) -> list[DealState]:
    """The deals of all that was said, by anchor. `programme` is that of which its sites are part.

    `least` is the level that a piece must reach for a deal to be news by it.
    """
    groups = {key: group for anchor, said in told.items() for key, group in _groups(anchor, said)}
    sets = regroup({key: list(group.told) for key, group in groups.items()}, rulings)
    deals = []
    for key, said in sets.items():
        group = groups.get(key) or Group(anchor_of(key), said)
        deals.append(live(key, group.anchor, said, group.supersedes, programme, least))
    return [set_by_hand(deal, rulings) for deal in deals]


def stands(change: Change, deal: DealState) -> bool:
    """Whether what a change says is still so: an article that comes late may tell of what has been overtaken."""
    if change.field == "status":
        return change.after == deal.status
    if change.field in FIGURES:
        return change.field in deal.facts and change.after == shown(deal.facts[change.field])
    return True


def linked(anchors: Iterable[str], rulings: Iterable[Ruling]) -> set[str]:
    """These anchors, and all whose deals were merged with theirs."""
    pairs = [{anchor_of(ruling.deal), anchor_of(ruling.into)} for ruling in rulings if ruling.into]
    found = set(anchors)
    while more := {anchor for pair in pairs if pair & found for anchor in pair} - found:
        found |= more
    return found


def _groups(anchor: str, told: Iterable[Told]) -> Iterator[tuple[str, Group]]:
    ordered = sorted(told, key=in_order)
    if anchor == TOTAL:  # a sum has neither kinds nor lives
        if ordered:
            yield anchor, Group(anchor, ordered)
        return
    for suffix, of_kind in _by_kind(ordered) if is_party(anchor) else [("", ordered)]:
        before = ""
        for number, life in enumerate(_lives(of_kind), 1):
            key = f"{anchor}{suffix}" + (f"#{number}" if number > 1 else "")
            yield key, Group(anchor, life, before)
            before = key


def _by_kind(told: Sequence[Told]) -> Iterator[tuple[str, list[Told]]]:
    """Apart those kinds of which a piece that is about them tells."""
    own = {kind for kind in _APART if any(m.central and m.kind is kind for _, m in told)}
    if own and all(m.kind in own or not m.central for _, m in told):
        own = set()  # there is no other deal that they could be apart from
    rest = [one for one in told if one[1].kind not in own]
    if rest:
        yield "", rest
    for kind in sorted(own):
        yield f"/{kind}", [one for one in told if one[1].kind is kind]


def _lives(told: Sequence[Told]) -> Iterator[list[Told]]:
    """Cut where, some time after a deal was cancelled, its parties are told to make a new one."""
    life: list[Told] = []
    ended = None
    for source, mention in told:
        if mention.central and mention.status is Status.CANCELLED:
            ended = ended or source.published
        elif ended and mention.central and source.published - ended > _QUIET and mention.status not in OFF:
            yield life
            life, ended = [], None
        life.append((source, mention))
    if life:
        yield life
