"""rulings: what a person decides of a deal, and takes back. The ledger follows at once; nobody is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.config.checks import suggest
from pipeline.config.schema import Settings
from pipeline.deals.rulings import FIGURES, SETTABLE, anchor_of, kept, split_off, written
from pipeline.deals.wording import shown
from pipeline.domain import Kind, Ruling, Status, Verb
from pipeline.errors import UsageError
from pipeline.flow.ledger import Ledger
from pipeline.models import Deal, Decision
from pipeline.store import Session, Store, ledger

NONE = "none"
"""The value that takes a field's away."""
_LONGEST = 200
"""Characters of a title."""
_EXAMPLES = {"amount": "$300bn or up to €1.5 billion a year", "capacity": "4.5 GW or 800 MW"}


@dataclass(frozen=True)
class Wish:
    """What a person wants of a deal, by the numbers they see: as in `Ruling`, but `value` as people write it."""

    verb: Verb
    deal: int
    into: int = 0
    articles: tuple[int, ...] = ()
    field: str = ""
    value: str = ""


def decide(settings: Settings, store: Store, wishes: Sequence[Wish], now: datetime) -> list[Decision]:
    """Carry out all of these, or none. Raises UsageError where one of them cannot be."""
    made = []
    with store.write() as session:
        for wish in wishes:
            deal = _deal(session, wish.deal)
            keeper = _keeper(settings, deal.watch)
            ruling = ledger.decide(session, deal.watch, _ruling(session, deal, wish), now)
            _carry_out(session, keeper, deal.watch, ruling, now)
            made += [row for row in ledger.decisions(session, deal.watch) if row.id == ruling.id]
    return made


def undo(settings: Settings, store: Store, number: int | None, now: datetime) -> Decision:
    """Take back the ruling of this number, or the latest. Raises UsageError where that cannot be."""
    with store.write() as session:
        rows = ledger.decisions(session)
        decision = _to_undo(rows, number)
        keeper = _keeper(settings, decision.watch)
        [ruling] = [one for one in ledger.rulings(session, decision.watch) if one.id == decision.id]
        reached = _reached(session, decision.watch, ruling)
        ledger.undo(session, decision, now)
        keeper.derive(session, reached, now)
    return decision


def _carry_out(session: Session, keeper: Ledger, watch: str, ruling: Ruling, now: datetime) -> None:
    keeper.derive(session, _reached(session, watch, ruling), now)


def _reached(session: Session, watch: str, ruling: Ruling) -> set[str]:
    """The anchors whose deals a ruling may change: its own, and those of the deals that point to it."""
    pointing = [
        deal for key in filter(None, (ruling.deal, ruling.into)) for deal in ledger.pointing_at(session, watch, key)
    ]
    return {anchor_of(key) for key in (ruling.deal, ruling.into) if key} | {anchor_of(deal.key) for deal in pointing}


def _to_undo(rows: Sequence[Decision], number: int | None) -> Decision:
    in_force = [row for row in rows if row.undone_at is None]
    if number is None:
        if not in_force:
            raise UsageError("There is no ruling to undo.")
        return in_force[0]
    found = next((row for row in rows if row.id == number), None)
    if found is None:
        raise UsageError(f"There is no ruling {number}. `dealwire deals rulings` lists them.")
    if found.undone_at is not None:
        raise UsageError(f"Ruling {number} was undone already, on {found.undone_at:%d %b %Y, %H:%M} UTC.")
    made = split_off(Ruling(number, found.verb, found.deal)) if found.verb is Verb.SPLIT else None
    leaning = [
        str(row.id)
        for row in reversed(in_force)
        if made and row.watch == found.watch and made in (row.deal, row.into, row.value)
    ]
    if leaning:
        raise UsageError(f"The deal that ruling {number} made is ruled on by {', '.join(leaning)}. Undo that first.")
    return found


def _keeper(settings: Settings, watch: str) -> Ledger:
    if watch not in settings.watches or not settings.watches[watch].ledger:
        raise UsageError(f"The deal is of the watch {watch!r}, which watches.yaml does not have with `ledger: true`.")
    return Ledger(settings, watch)


def _deal(session: Session, number: int) -> Deal:
    """The deal of this number. Raises UsageError where there is none, or nothing of it is left."""
    deal = ledger.get(session, number)
    if deal is None:
        raise UsageError(f"There is no deal {number}. `dealwire deals` lists them.")
    if not deal.live:
        raise UsageError(f"Deal {number} {gone(session, deal)}.")
    return deal


def gone(session: Session, deal: Deal) -> str:
    """What became of a deal that is not in the ledger any more."""
    for ruling in ledger.rulings(session, deal.watch):
        if ruling.verb is Verb.MERGE and ruling.deal == deal.key:
            kept = ledger.by_key(session, deal.watch, [ruling.into]).get(ruling.into)
            return f"was merged into deal {kept.id if kept else ruling.into} by ruling {ruling.id}"
    return "is in the ledger no more: no article speaks of it"


def _ruling(session: Session, deal: Deal, wish: Wish) -> Ruling:
    if wish.verb is Verb.MERGE:
        return Ruling(0, Verb.MERGE, deal.key, into=_other(session, deal, wish.into).key)
    if wish.verb is Verb.SPLIT:
        return Ruling(0, Verb.SPLIT, deal.key, articles=_own_articles(deal, wish.articles))
    if wish.verb is Verb.SET:
        return Ruling(0, Verb.SET, deal.key, field=wish.field, value=_value(session, deal, wish.field, wish.value))
    if deal.dismissed:
        raise UsageError(f"Deal {deal.id} is dismissed already.")
    return Ruling(0, Verb.DISMISS, deal.key)


def _other(session: Session, deal: Deal, number: int) -> Deal:
    """Another deal of the same watch. Raises UsageError."""
    if number == deal.id:
        raise UsageError(f"Deal {number} cannot be merged with itself, or be part of itself.")
    other = _deal(session, number)
    if other.watch != deal.watch:
        raise UsageError(f"Deals {deal.id} and {number} are of different watches: {deal.watch} and {other.watch}.")
    return other


def _own_articles(deal: Deal, wanted: Sequence[int]) -> tuple[int, ...]:
    own = {source["article"] for source in deal.data["sources"]}
    strange = [str(number) for number in wanted if number not in own]
    if strange or not wanted:
        known = ", ".join(map(str, sorted(own)))
        whose = (
            f"Article {', '.join(strange)} is not of deal {deal.id}" if strange else "Name the articles to split off"
        )
        raise UsageError(f"{whose}. Its articles: {known}.")
    if own <= set(wanted):
        raise UsageError(f"These are all articles of deal {deal.id}: nothing would be left of it.")
    return tuple(sorted(set(wanted)))


def _value(session: Session, deal: Deal, field: str, value: str) -> str:
    """The value as a ruling keeps it. Raises UsageError."""
    value = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    if field not in SETTABLE:
        raise UsageError(f"{field!r} cannot be set. {suggest(field, SETTABLE)}")
    if not value:
        raise UsageError(f"Give {field} a value, or `{field}={NONE}` to take it away.")
    if field in ("kind", "status"):
        options = list(Kind if field == "kind" else Status)
        if value.lower() not in options:
            raise UsageError(f"{value!r} is no {field}. {suggest(value.lower(), options)}")
        return value.lower()
    if value.lower() == NONE:
        return ""
    if field in FIGURES:
        figure = written(field, value)
        if figure is None:
            raise UsageError(f"{value!r} is no {field}. Write it as {_EXAMPLES[field]}; `{NONE}` takes it away.")
        return figure
    if field == "part_of":
        return _whole(session, deal, value)
    if len(value) > _LONGEST:
        raise UsageError(f"A title has at most {_LONGEST} characters; this one has {len(value)}.")
    return value


def _whole(session: Session, deal: Deal, value: str) -> str:
    """The key of the deal that this one is to be part of. Raises UsageError."""
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise UsageError(f"{value!r} is no deal's number. `dealwire deals` lists them; `part_of={NONE}` is of none.")
    whole = _other(session, deal, int(value))
    chain = [whole.key]
    above: Deal | None = whole
    while above and above.part_of and above.part_of not in chain:
        chain.append(above.part_of)
        above = ledger.by_key(session, deal.watch, [above.part_of]).get(above.part_of)
    if deal.key in chain:
        raise UsageError(f"Deal {whole.id} is itself part of deal {deal.id}.")
    return whole.key


def kept_under(row: Decision) -> str:
    """The key of the deal that a ruling made or changed."""
    if row.verb is Verb.SPLIT:
        return split_off(Ruling(row.id or 0, row.verb, row.deal))
    return row.into or row.deal


def in_words(row: Decision, numbers: Mapping[str, int]) -> str:
    """A ruling in one line, with its number and those of the deals it names. `numbers` gives these by key."""
    undone = f", undone {row.undone_at:%d %b %Y %H:%M} UTC" if row.undone_at else ""
    return f"{row.id}  {row.decided_at:%d %b %Y %H:%M} UTC  {ruled(row, numbers)}{undone}"


def ruled(row: Decision, numbers: Mapping[str, int]) -> str:
    """What a ruling does, in a few words."""

    def deal(key: str) -> str:
        return f"deal {numbers.get(key, key)}"

    match row.verb:
        case Verb.MERGE:
            return f"{deal(row.deal)} merged into {deal(row.into)}"
        case Verb.SPLIT:
            return f"article {', '.join(map(str, row.articles))} split off {deal(row.deal)}"
        case Verb.SET:
            return f"{row.field} of {deal(row.deal)} set to {_set_to(row, numbers)}"
        case Verb.DISMISS:
            return f"{deal(row.deal)} dismissed"


def _set_to(row: Decision, numbers: Mapping[str, int]) -> str:
    if row.value and row.field in FIGURES:
        return shown(kept(row.field, row.value))
    return f"deal {numbers.get(row.value, row.value)}" if row.value and row.field == "part_of" else row.value or NONE
