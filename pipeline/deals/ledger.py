"""Mentions to deals. Pure.

A deal is made anew from all that was said of it, in the order of publication, and from what people ruled, so that the
order in which articles arrive does not matter:

mentions of an anchor ─▶ by kind ─▶ by life (a cancelled deal may have a successor) ─▶ rulings ─▶ facts, changes

Only its key may hang on what came first: a deal keeps the one under which it was told, and people ruled of it. So that
it seldom does, the key says which kind a deal is apart by, even where there is no other deal yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count

from pipeline.deals.anchors import TOTAL, is_party
from pipeline.deals.life import OFF, Told, live
from pipeline.deals.rulings import anchor_of, in_order, regroup, set_by_hand
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


Said = tuple[str, int]
"""What an article, by number, says of an anchor."""
Known = Mapping[Said, str]
"""The keys under which what was said stood before."""


@dataclass(frozen=True)
class _Life:
    """What was said of one deal: `key` is the one it has where nothing came first, and `number` is of its kind."""

    key: str
    number: int
    told: Sequence[Told]


def derive(
    told: Mapping[str, Iterable[Told]],
    rulings: Sequence[Ruling] = (),
    programme: str = "",
    least: Level = Level.MENTIONS,
) -> list[DealState]:
    """The deals of all that was said, by anchor, as if it were said for the first time."""
    return deals_of(grouped(told), rulings, programme, least)


def grouped(told: Mapping[str, Iterable[Told]], known: Known | None = None) -> dict[str, Group]:
    """What was said by deal, before rulings."""
    return {key: group for anchor, said in told.items() for key, group in _groups(anchor, said, known or {})}


def deals_of(
    groups: Mapping[str, Group],
    rulings: Sequence[Ruling] = (),
    programme: str = "",
    least: Level = Level.MENTIONS,
) -> list[DealState]:
    """The deals that people's rulings make of these. `programme` is that of which its sites are part.

    `least` is the level that a piece must reach for a deal to be news by it.
    """
    sets = regroup({key: list(group.told) for key, group in groups.items()}, rulings)
    deals = []
    for key, said in sets.items():
        group = groups.get(key) or Group(anchor_of(key), said)
        deals.append(live(key, group.anchor, said, group.supersedes, programme, least))
    return [set_by_hand(deal, rulings) for deal in deals]


def kept_keys(groups: Mapping[str, Group], deals: Iterable[DealState], rulings: Iterable[Ruling]) -> dict[Said, str]:
    """The keys that deals keep from now on: of those that were told, or ruled of. No one knows the others by theirs."""
    kept = {deal.key for deal in deals if deal.changes} | {
        key for ruling in rulings for key in (ruling.deal, ruling.into)
    }
    return {
        (group.anchor, source.article): key for key, group in groups.items() if key in kept for source, _ in group.told
    }


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


def _groups(anchor: str, told: Iterable[Told], known: Known) -> Iterator[tuple[str, Group]]:
    ordered = sorted(told, key=in_order)
    if anchor == TOTAL:  # a sum has neither kinds nor lives
        if ordered:
            yield anchor, Group(anchor, ordered)
        return
    lives = [
        _Life(f"{anchor}{suffix}{f'#{number}' if number > 1 else ''}", number, life)
        for suffix, of_kind in (_by_kind(ordered) if is_party(anchor) else [("", ordered)])
        for number, life in enumerate(_lives(of_kind), 1)
    ]
    before = ""
    for key, life in zip(_keys(anchor, lives, known), lives, strict=True):
        yield key, Group(anchor, life.told, before if life.number > 1 else "")
        before = key


def _keys(anchor: str, lives: Sequence[_Life], known: Known) -> list[str]:
    """A key for each: the one under which most of what was said of it stood before, else its own if free.

    Pieces that are about it come first: what only brings a deal up goes over to another once there is one.
    """
    claims = []
    for at, life in enumerate(lives):
        stood = [(known.get((anchor, source.article), ""), mention.central) for source, mention in life.told]
        central = Counter(key for key, about in stood if about)
        claims += [(-central[key], -votes, at, key) for key, votes in Counter(key for key, _ in stood if key).items()]
    keys: dict[int, str] = {}
    for *_, at, key in sorted(claims):
        if at not in keys and key not in keys.values():
            keys[at] = key
    for at, life in enumerate(lives):
        if at not in keys:
            further = (f"{life.key.partition('#')[0]}#{number}" for number in count(2))
            keys[at] = next(key for key in chain([life.key], further) if key not in keys.values())
    return [keys[at] for at in range(len(lives))]


def _by_kind(told: Sequence[Told]) -> Iterator[tuple[str, list[Told]]]:
    """Apart those kinds of which a piece that is about them tells; each with what its key ends in."""
    own = [kind for kind in _APART if any(m.central and m.kind is kind for _, m in told)]
    others = any(m.central and m.kind not in own for _, m in told)
    rest = None if others else next((m.kind for _, m in told if m.central), None)
    sets: dict[Kind | None, list[Told]] = {}
    for one in told:
        sets.setdefault(one[1].kind if one[1].kind in own else rest, []).append(one)
    for kind, said in sets.items():
        yield f"/{kind}" if kind else "", said


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
