"""What an edited watches.yaml comes to: its faults, what it makes of a piece, and of what is stored."""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import BaseModel

from pipeline.config import watches_file
from pipeline.config.edit_terms import edit_terms
from pipeline.config.schema import Settings
from pipeline.domain import Reason, Verdict
from pipeline.errors import ConfigError, PipelineError, Problem, UsageError
from pipeline.flow import distribution, replay, tryout
from pipeline.flow.compare import PATIENCE, Comparison, Difference, compare
from pipeline.flow.matching import build_matcher
from pipeline.web.marking import Quoted, quote_of
from pipeline.web.places import place_of
from pipeline.web.site import Site

DAYS, _MOST_DAYS = "30", 365
_LIVE_PATIENCE = 1.0
"""Seconds of a look at what is stored while somebody types."""

_LONGEST_DIFF = 5_000
_MOST_FAULTS = 50
_MOST_REASONS = 8
_working = threading.Lock()


class Asked(BaseModel):
    """The form as it was sent. Without `watches` it is about the file as it is.

    `act` is to add or remove the `term` at `place`. `live`: somebody types, and waits for nothing.
    """

    watches: str = ""
    digest: str = ""
    text: str = ""
    url: str = ""
    days: str = DAYS
    place: str = ""
    term: str = ""
    act: str = "add"
    live: bool = False


@dataclass(frozen=True)
class Told:
    """What a watch makes of the piece, and why."""

    title: str
    outcome: str
    verdict: Verdict
    quotes: tuple[Quoted, ...]
    window: tuple[Reason, ...]
    piece: tuple[Reason, ...]


@dataclass(frozen=True)
class Example:
    """An article that is judged otherwise, with the passage that flags it now, or came nearest."""

    article: int
    title: str
    published: datetime | None
    outcome: str
    quote: Quoted | None


@dataclass(frozen=True)
class Change:
    """A watch that judges otherwise than before, with the newest of what it gains and loses."""

    title: str
    difference: Difference
    gained: tuple[Example, ...]
    lost: tuple[Example, ...]


@dataclass(frozen=True)
class Trial:
    """The form with what it came to. `watches` and `text` are what stands in it now; `digest` is of the file.

    `faults` are of what was asked, `problems` of the configuration with this text. `diff` are lines with their mark.
    `comparison` None: there was nothing to compare, or no time.
    """

    watches: str
    digest: str
    text: str = ""
    url: str = ""
    days: str = DAYS
    said: str = ""
    faults: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    diff: tuple[tuple[str, str], ...] = ()
    told: tuple[Told, ...] = ()
    comparison: Comparison | None = None
    changes: tuple[Change, ...] = ()
    busy: bool = False

    @property
    def edited(self) -> bool:
        return bool(self.diff)


def untried(site: Site, text: str = "") -> Trial:
    """The form as it is before anything was asked."""
    file = watches_file.read(site.settings.folder)
    return Trial(file.text, file.digest, text)


def tried(site: Site, asked: Asked) -> Trial:
    """The form with all that was asked about it. What went wrong stands in it; nothing is raised."""
    file = watches_file.read(site.settings.folder)
    watches = asked.watches.replace("\r\n", "\n") or file.text
    trial = Trial(watches, asked.digest or file.digest, asked.text.replace("\r\n", "\n"), asked.url, asked.days)
    try:
        if asked.place or asked.term:
            trial = replace(trial, watches=_with_term(watches, asked))
        trial = replace(trial, diff=tuple(_diff(file.text, trial.watches)))
        days = _days(asked.days)
        settings = tryout.settings_with(site.settings.folder, trial.watches)
        with _alone(_LIVE_PATIENCE if asked.live else 2 * PATIENCE) as free:
            trial = _judged(settings, _fetched(site, trial) if free and not asked.live else trial)
            return _compared(site, settings, trial, days, asked.live) if free else replace(trial, busy=True)
    except ConfigError as error:
        return replace(trial, problems=tuple(error.problems[:_MOST_FAULTS]))
    except PipelineError as error:
        return replace(trial, faults=(str(error),))


def saved(site: Site, asked: Asked) -> Trial | None:
    """None where the text of the form is the file now, and in force for all workers; else the form and why not."""
    watches, folder = asked.watches.replace("\r\n", "\n"), site.settings.folder
    try:
        shared = distribution.is_shared(site.store)
        if shared and not distribution.is_in_force(folder, site.store):
            raise UsageError(
                "The workers go by another configuration than that of this folder. Bring its files up to date, or put "
                "them in force with `dealwire publish`, and save again."
            )
        tryout.save(folder, watches, asked.digest)
        if shared:
            distribution.publish(folder, site.store)
    except ConfigError as error:
        return replace(_again(site, asked), digest=asked.digest, problems=tuple(error.problems[:_MOST_FAULTS]))
    except UsageError as error:
        return replace(_again(site, asked), faults=(str(error),))
    site.look()
    return None


def _again(site: Site, asked: Asked) -> Trial:
    """The form as it was sent, on the file as it is now: what another saved shows in the difference."""
    file = watches_file.read(site.settings.folder)
    watches = asked.watches.replace("\r\n", "\n")
    diff = tuple(_diff(file.text, watches))
    return Trial(watches, file.digest, asked.text.replace("\r\n", "\n"), asked.url, asked.days, diff=diff)


def _with_term(watches: str, asked: Asked) -> str:
    place = place_of(asked.place)
    if asked.act == "remove":
        return edit_terms(watches, place, remove=[asked.term])
    return edit_terms(watches, place, add=[asked.term])


def _days(text: str) -> int:
    if not re.fullmatch(r"\s*\d{1,3}\s*", text, re.ASCII) or not 1 <= int(text) <= _MOST_DAYS:
        raise UsageError(f"{text[:20]!r} is no number of days from 1 to {_MOST_DAYS}.")
    return int(text)


@contextmanager
def _alone(seconds: float) -> Iterator[bool]:
    """Whether it is this one's turn within so many seconds: each look at what is stored takes a core."""
    free = _working.acquire(timeout=seconds)
    try:
        yield free
    finally:
        if free:
            _working.release()


def _fetched(site: Site, trial: Trial) -> Trial:
    """The form with the piece in its text that its URL leads to, or that stands there as HTML."""
    url = trial.url.strip()
    if not url and not tryout.is_html(trial.text):
        return trial
    if url:
        piece = tryout.piece_at(site.settings, url)
    else:
        piece = tryout.piece_from(site.settings, trial.text.encode(errors="replace"))
    return replace(trial, text=f"{piece.title}\n\n{piece.body}", url="", said=f"Read from {url}." if url else "")


def _judged(settings: Settings, trial: Trial) -> Trial:
    if not trial.text.strip() or tryout.is_html(trial.text):
        return trial
    piece = tryout.piece_from(settings, trial.text.encode(errors="replace"))
    return replace(trial, told=tuple(_told(settings, verdict) for verdict in build_matcher(settings).judge(piece)))


def _told(settings: Settings, verdict: Verdict) -> Told:
    nearest = (verdict.nearest,) if verdict.nearest else ()
    return Told(
        settings.watches[verdict.watch].title,
        tryout.outcome(verdict),
        verdict,
        tuple(map(quote_of, verdict.passages or nearest)),
        verdict.window_reasons[:_MOST_REASONS],
        verdict.piece_reasons[:_MOST_REASONS],
    )


def _compared(site: Site, settings: Settings, trial: Trial, days: int, live: bool) -> Trial:
    if not trial.edited:
        return trial
    since = site.now() - timedelta(days=days)
    patience = _LIVE_PATIENCE if live else PATIENCE
    found = compare(site.settings, settings, site.store, since, patience=patience)
    changes = tuple(_change(site, settings, name, each) for name, each in found.differences.items())
    return replace(trial, comparison=found, changes=changes)


def _change(site: Site, settings: Settings, name: str, difference: Difference) -> Change:
    rule = settings.watches.get(name) or site.settings.watches[name]
    gained, lost = (
        tuple(_example(each) for each in difference.examples if each.gained is gained) for gained in (True, False)
    )
    return Change(rule.title, difference, gained, lost)


def _example(change: replay.Change) -> Example:
    passage = change.verdict.passages[0] if change.gained else change.verdict.nearest
    return Example(
        change.article,
        change.title,
        change.published,
        tryout.outcome(change.verdict),
        quote_of(passage) if passage else None,
    )


def _diff(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The lines that differ, with two around them: + or - or a space, and the line; @ before each stretch."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > _LONGEST_DIFF:
        if before != after:
            yield "@", "The text is too long for its changes to be shown."
        return
    for line in list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]:
        yield line[:1], line[1:]
