"""What `dealwire demo --months` prints: the alerts with their reasons, the ledger, and how much brought nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby

from pipeline.demo.months import Brought, Months, Told
from pipeline.domain import Change, DealState, Status
from pipeline.flow.deal_alerts import figures, others_of

_WIDTH = 80
_DATE = 8
_RULE = "-" * _WIDTH
_NAMES = {"yearly": "yearly sum", "chips": "number of chips"}


def lines(months: Months) -> Iterator[str]:
    """What came of the stories, at 80 columns."""
    told = [story for story in months.told if story.brought or story.by_itself]
    start, end = months.told[0].story.published, months.told[-1].story.published
    yield f"{len(months.told)} sample stories, {start:%-d %B} to {end:%-d %B %Y}, told day by day."
    yield f"\n{_RULE}\nALERTS, and the reason of each\n{_RULE}"
    feeds = {one.story.item.url: one.story.feed.title for one in months.told}
    for one in told:
        yield from _alerts(one, months, feeds)
    yield f"\n{_RULE}\nTHE LEDGER, as it stands on {end:%-d %B %Y}\n{_RULE}"
    for key, deal in months.ledger.items():
        yield from _deal(months.titles[key], deal, months)
    count = sum(len(one.brought) + one.by_itself for one in told)
    yield f"\n{count} alerts. {len(months.told) - len(told)} of the {len(months.told)} stories brought none."


def _alerts(told: Told, months: Months, feeds: dict[str, str]) -> Iterator[str]:
    day = f"{told.story.published:%-d %b}"
    if told.by_itself:
        yield _wrapped(f"A story of no deal in the ledger: {told.story.title}", day)
    for brought in told.brought:
        yield ""
        yield _wrapped(brought.happened, day)
        for (url, quote), together in groupby(brought.changes, key=lambda change: (change.source.url, change.quote)):
            why = " ".join(reason(change, brought, months) for change in together)
            yield _wrapped(f"{why} {feeds[url]}:")
            yield _wrapped(f'"{quote}"', indent=2)


def reason(change: Change, brought: Brought, months: Months) -> str:
    """Why a change is told, in a sentence."""
    before, after = change.before, change.after
    match change.field:
        case "new" if brought.deal.supersedes:
            return f"It comes after one that was {months.ledger[brought.deal.supersedes].status}."
        case "new":
            return "Nobody had told of it before."
        case "confirmed":
            return "An official source speaks of it for the first time."
        case "contradicted":
            return f"Another source gives another {_NAMES.get(change.of, change.of)}; nothing says which is right."
        case "party":
            return f"{after} was not in it before." if after else f"{before} was in it before."
        case "part":
            return f"A part of it is {after}, and the rest goes on."
        case "status":
            return _moved(before, after)
    what = _NAMES.get(change.field, change.field)
    return f"The {what} was {before} before." if before else f"No {what} was known before."


def _moved(before: str, after: str) -> str:
    if after in (Status.STALLED, Status.CANCELLED):
        return f"It was {before}, and is off its way now."
    return "It stood still, and goes on." if before == Status.STALLED else f"It was {before}, and got further."


def _deal(title: str, deal: DealState, months: Months) -> Iterator[str]:
    official = any(source.official for source in deal.sources)
    told_by = f"told by {deal.origins} independent source{'s' if deal.origins > 1 else ''}"
    notes = [f"{told_by}, {'confirmed officially' if official else 'not confirmed officially'}"]
    notes += [f"part of {months.titles[deal.part_of]}"] if deal.part_of in months.titles else []
    notes += [f"comes after one that was {months.ledger[deal.supersedes].status}"] if deal.supersedes else []
    for fact in deal.facts.values():
        notes += [f"others say {other.value}" for other in others_of(fact, deal)]
    yield _wrapped(f"{title}: {', '.join([deal.status, *figures(deal)])}", "*", margin=2)
    yield _wrapped("; ".join(notes), margin=2)


def _wrapped(text: str, lead: str = "", indent: int = 0, margin: int = _DATE) -> str:
    blank = " " * (margin + indent)
    return textwrap.fill(text, _WIDTH, initial_indent=f"{lead:<{margin}}" if lead else blank, subsequent_indent=blank)
