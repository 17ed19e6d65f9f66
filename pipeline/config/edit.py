"""Changing `feeds.yaml` by lines, so that comments, order and layout stay."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import yaml
from pipeline.errors import ConfigError, UsageError

FILE = "feeds.yaml"


@dataclass(frozen=True)
class NewFeed:
    """A feed to be written: unique name, URL, and optionally tier and tags."""

    name: str
    url: str
    tier: str = ""
    tags: tuple[str, ...] = ()


def add_feeds(folder: Path, fresh: Sequence[NewFeed]) -> list[NewFeed]:
    """Append feeds to the list; what was written. A URL that stands there is passed over, a name made unique.

    Raises ConfigError where the file can't be read, UsageError where its list is written on one line.
    """
    path, document, lines = _open(folder)
    stored = document.data.get("feeds") or []
    urls = {feed.get("url") for feed in stored if isinstance(feed, dict)}
    names = {feed.get("name") for feed in stored if isinstance(feed, dict)}
    written = []
    for feed in fresh:
        if feed.url in urls:
            continue
        name, number = feed.name, 1
        while name in names:
            number += 1
            name = f"{feed.name} ({number})"
        urls.add(feed.url)
        names.add(name)
        written.append(NewFeed(name, feed.url, feed.tier, feed.tags))
    if not written:
        return []
    at = _end_of_list(document, lines)
    indent = _indent(document, lines)
    block = [line for feed in written for line in _item(feed, indent)]
    _write(path, [*lines[:at], *block, *lines[at:]])
    return written


def remove_feed(folder: Path, name_or_url: str) -> NewFeed:
    """Take one feed out of the list. Raises UsageError where there is none of that name or URL."""
    path, document, lines = _open(folder)
    for index, feed in enumerate(document.data.get("feeds") or []):
        if isinstance(feed, dict) and name_or_url in (feed.get("name"), feed.get("url")):
            first, last = document.line(("feeds", index)), document.last_line(("feeds", index))
            rest = [*lines[: first - 1], *lines[last:]]
            if len(document.data["feeds"]) == 1:
                start = document.line(("feeds",)) - 1
                rest[start] = "feeds: []"
            _write(path, rest)
            return NewFeed(str(feed.get("name")), str(feed.get("url")))
    raise UsageError(f"There is no feed {name_or_url!r} in {path}. `dealwire feeds list` shows names and URLs.")


def _open(folder: Path) -> tuple[Path, yaml.Document, list[str]]:
    path = folder / FILE
    document = yaml.read(path)
    if document.problems:
        raise ConfigError(document.problems)
    if not isinstance(document.data, dict) or "feeds" not in document.data:
        document.complain((), "has no list `feeds`", "Write `feeds: []`.")
        raise ConfigError(document.problems)
    return path, document, path.read_text(encoding="utf-8").splitlines()


def _end_of_list(document: yaml.Document, lines: list[str]) -> int:
    """The index of the line after the last feed; an empty list is opened for what follows."""
    stored = document.data["feeds"]
    if stored:
        if ("feeds",) in document.ends:
            raise UsageError(f"The list in {FILE} is written on one line. Write each feed on lines that start with -.")
        return document.last_line(("feeds", len(stored) - 1))
    at = document.line(("feeds",))
    lines[at - 1] = "feeds:"
    return at


def _indent(document: yaml.Document, lines: list[str]) -> str:
    if not document.data["feeds"]:
        return "  "
    first = lines[document.line(("feeds", 0)) - 1]
    return first[: len(first) - len(first.lstrip())]


def _item(feed: NewFeed, indent: str) -> list[str]:
    lines = [f"{indent}- name: {_quoted(feed.name)}", f"{indent}  url: {_quoted(feed.url)}"]
    if feed.tier:
        lines.append(f"{indent}  tier: {feed.tier}")
    if feed.tags:
        lines.append(f"{indent}  tags: [{', '.join(map(_quoted, feed.tags))}]")
    return lines


def _quoted(text: str) -> str:
    """The text as a YAML string (a JSON string is one), with nothing in it that would be filled in on reading."""
    return json.dumps(text.replace("${", "$%7B"), ensure_ascii=False)


def _write(path: Path, lines: list[str]) -> None:
    draft = path.with_suffix(".yaml.part")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(draft, path)
