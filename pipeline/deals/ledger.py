"""Mentions to deals. Pure.

A deal is made anew from all that was said of it, in the order of publication, and from what people ruled, so that the
order in which articles arrive does not matter:

mentions of an anchor ─▶ by kind ─▶ by life (a cancelled deal may have a successor) ─▶ rulings ─▶ facts, changes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.deals.anchors import TOTAL, is_party
from pipeline.deals.life import OFF, Told, live
from pipeline.deals.rulings import anchor_of, in_order, regroup, set_by_hand
from pipeline.deals.wording import shown
from pipeline.domain import FIGURES, Change, DealState, Kind, Level, Ruling, Status

_APART = (Kind.POWER, Kind.FINANCING)
"""Kinds that are deals of their own beside the others of the same parties."""
_REST = "other"
"""What stands for all other kinds in the key of a deal."""
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
    own = [kind for kind in _APART if any(m.central and m.kind is kind for _, m in told)]
    others = any(m.central and m.kind not in own for _, m in told)
    if len(own) + others < 2:
        yield "", list(told)  # there is no other deal that it could be apart from
        return
    # What was told of first has no kind in its key, so that the key is the same before and after another kind comes.
    known = next(str(m.kind) if m.kind in own else _REST for _, m in told if m.central)
    sets: dict[str, list[Told]] = {}
    for one in told:
        kind = str(one[1].kind) if one[1].kind in own else _REST if others else known
        sets.setdefault(kind, []).append(one)
    for kind, said in sets.items():
        yield "" if kind == known else f"/{kind}", said


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
