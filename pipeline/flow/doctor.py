"""doctor: is all in order with the configuration, the disk, the database and the queues."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from pipeline import digest as editions
from pipeline.config.schema import Settings
from pipeline.errors import ConfigError, PipelineError, StoreError
from pipeline.flow.edition import current_day
from pipeline.flow.tools import load_settings
from pipeline.store import checkup, server
from pipeline.store.backup import DRAFT, faults, size_of
from pipeline.store.database import SCHEMA
from pipeline.store.holder import writer
from pipeline.store.sqlite import BACKUPS, FILE

_ROOM = 2**30
"""Bytes below which the disk is short of room."""

_AHEAD = timedelta(minutes=5)
"""How far in the future a row may lie: clocks are set back by a little."""


class Grade(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Check:
    """What was looked at, how it stands, and how to mend what is not in order."""

    name: str
    grade: Grade
    said: str
    remedy: str = ""


def examine(folder: Path, now: datetime, *, full: bool = False) -> Iterator[Check]:
    """All checks of a configuration folder and what it leads to. Writes nothing. `full`: read the whole database."""
    try:
        settings = load_settings(folder)
    except ConfigError as error:
        for problem in error.problems:
            yield Check("configuration", Grade.FAIL, str(problem), "All other checks need the configuration.")
        return
    yield Check("configuration", Grade.OK, f"{folder}: {len(settings.feeds)} feeds, {len(settings.watches)} watches")
    yield _state(settings.state)
    if isinstance(settings.place, str):
        yield from _on_a_server(settings, settings.place, now)
    else:
        yield from _in_a_file(settings, settings.state / FILE, now, full)


def _in_a_file(settings: Settings, database: Path, now: datetime, full: bool) -> Iterator[Check]:
    yield _disk(settings.state, size_of(database) if database.is_file() else 0)
    yield _sqlite()
    yield _held(settings.state)
    yield _drafts(settings.state)
    if not database.exists():
        yield Check("database", Grade.WARN, f"there is none yet at {database}", "`dealwire run` or `once` makes it.")
        return
    sound = _sound(database, full)
    yield sound
    if sound.grade is Grade.FAIL:
        return
    schema = _guarded("schema", lambda: _schema(checkup.schema(database), "backs it up and brings it up to date"))
    yield schema
    if schema.grade is Grade.OK:
        yield from _queues(settings, database, now)


def _on_a_server(settings: Settings, url: str, now: datetime) -> Iterator[Check]:
    yield _disk(settings.state, 0)
    yield _held(settings.state)
    try:
        found = server.look(url)
    except PipelineError as error:
        yield Check("server", Grade.FAIL, str(error))
        return
    yield _version(found)
    yield _encoding(found)
    yield Check("database", Grade.OK, f"it takes {found.bytes / 2**20:,.0f} MiB")
    yield Check("in use", Grade.OK, f"by a Dealwire {found.holder}" if found.holder else "by none that works alone")
    schema = _schema(found.schema, "makes it" if found.schema is None else "brings it up to date")
    yield schema
    if schema.grade is Grade.OK:
        yield from _queues(settings, url, now)


def _version(found: server.Look) -> Check:
    if found.version >= server.OLDEST:
        return Check("server", Grade.OK, f"PostgreSQL {found.release}")
    said = f"PostgreSQL {found.release} is too old"
    return Check("server", Grade.FAIL, said, f"Use version {server.OLDEST} or later.")


def _encoding(found: server.Look) -> Check:
    if found.encoding == "UTF8":
        return Check("encoding", Grade.OK, found.encoding)
    remedy = "Make another with `createdb --encoding=UTF8 --template=template0 NAME`, and name it as `store`."
    return Check("encoding", Grade.FAIL, f"the database keeps its texts in {found.encoding}, not UTF8", remedy)


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except PipelineError as error:
        return Check(name, Grade.FAIL, str(error))


def _state(state: Path) -> Check:
    place = next(folder for folder in (state, *state.parents) if folder.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Check(
            "state folder", Grade.FAIL, f"{place} cannot be written", "Change its rights, or `state` in dealwire.yaml."
        )
    return Check("state folder", Grade.OK, f"{state}{'' if place == state else ' (not made yet)'}")


def _disk(state: Path, size: int) -> Check:
    """`size`: the bytes of the database, where it lies in the state folder."""
    place = next(folder for folder in (state, *state.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    grade = Grade.FAIL if free < size / 10 else Grade.WARN if free < max(_ROOM, 2 * size) else Grade.OK
    remedy = "" if grade is Grade.OK else "Make room on that disk; `dealwire prune --vacuum` may help."
    return Check("disk", grade, f"{free / 2**20:,.0f} MiB free, the database takes {size / 2**20:,.0f} MiB", remedy)


def _sqlite() -> Check:
    version = checkup.sqlite_version()
    name = ".".join(map(str, version))
    if checkup.is_mended(version):
        return Check("SQLite", Grade.OK, name)
    good = ".".join(map(str, checkup.SOUND_SQLITE))
    return Check(
        "SQLite",
        Grade.WARN,
        f"{name}: before {good}, a rare bug could damage a database when several connections checkpoint at one moment",
        f"Use a Python with SQLite {good} or later, and keep backups.",
    )


def _held(state: Path) -> Check:
    try:
        by = writer(state)
    except StoreError as error:
        return Check("daemon", Grade.FAIL, str(error))
    return Check("daemon", Grade.OK, f"process {by} works on the state" if by else "none is running")


def _drafts(state: Path) -> Check:
    left = sorted(path.name for folder in (state, state / BACKUPS) for path in folder.glob(f"*{DRAFT}"))
    if not left:
        return Check("drafts", Grade.OK, "none is left over")
    return Check("drafts", Grade.WARN, f"left over: {', '.join(left)}", "Remove them, unless a backup is being made.")


def _sound(database: Path, full: bool) -> Check:
    way = "whole check" if full else "quick check"
    remedy = "Restore a backup: `dealwire restore FILE`."
    try:
        found = faults(database, full=full)
    except StoreError as error:
        return Check("database", Grade.FAIL, str(error), remedy)
    if found:
        return Check("database", Grade.FAIL, f"{way}: {found[0]} ({len(found)} faults)", remedy)
    return Check("database", Grade.OK, f"{way}: sound")


def _schema(found: str | None, start: str) -> Check:
    """`start`: what the next start does where it is not the current one."""
    if found == SCHEMA:
        return Check("schema", Grade.OK, found)
    if found is not None and found > SCHEMA:
        return Check("schema", Grade.FAIL, f"{found} is of a newer Dealwire (this one: {SCHEMA})", "Upgrade Dealwire.")
    return Check("schema", Grade.WARN, f"{found or 'none'}, not {SCHEMA}", f"The next start {start}.")


def _queues(settings: Settings, place: Path | str, now: datetime) -> Iterator[Check]:
    try:
        found = checkup.standing(place, now)
    except StoreError as error:
        yield Check("queues", Grade.FAIL, str(error))
        return
    running = "See that `dealwire run` is running, and its log."
    for name, count, said, remedy in (
        ("leases", found.leases, "ran out over an hour ago", running),
        ("articles", found.articles, "wait for over a day", running),
        ("deliveries", found.deliveries, "are due for over an hour", running),
        ("dead deliveries", found.dead, "found no way out", "`dealwire deliveries list --state dead` says why."),
        ("feeds", len(found.feeds), f"not polled for three intervals: {', '.join(found.feeds[:3])}", running),
    ):
        yield Check(name, Grade.WARN, f"{count:,} {said}", remedy) if count else Check(name, Grade.OK, "none stuck")
    yield _channels(settings, found)
    yield _schedule(settings, found, now)
    yield _clock(found, now)


def _channels(settings: Settings, found: checkup.Standing) -> Check:
    names = ", ".join(f"{name} ({channel.type})" for name, channel in settings.channels.items())
    off = [name for name in found.disabled if name in settings.channels]
    if off:
        remedy = "Their receivers said to be gone. When they are back: `dealwire channels enable NAME`."
        return Check("channels", Grade.WARN, f"{names}; disabled: {', '.join(off)}", remedy)
    return Check("channels", Grade.OK, names)


def _schedule(settings: Settings, found: checkup.Standing, now: datetime) -> Check:
    _, edition = editions.bounds(current_day(settings, now), settings.general.digest.at, settings.zone)
    feed = f"{found.next_feed.astimezone(settings.zone):%d %b %H:%M}" if found.next_feed else "never"
    return Check("schedule", Grade.OK, f"next feed {feed}, next digest {edition.astimezone(settings.zone):%d %b %H:%M}")


def _clock(found: checkup.Standing, now: datetime) -> Check:
    if found.newest is not None and found.newest > now + _AHEAD:
        return Check(
            "clock", Grade.WARN, f"the newest row is of {found.newest:%Y-%m-%d %H:%M} UTC", "Set this machine's clock."
        )
    return Check("clock", Grade.OK, f"{now:%Y-%m-%d %H:%M} UTC")
