"""Changing `feeds.yaml` by lines, so that comments, order and layout stay."""

from __future__ import annotations

import re
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

    Raises ConfigError where the file can't be read, UsageError where its list is written in brackets.
    """
    path, document, lines = _open(folder)
    fresh = [NewFeed(_literal(f.name), _literal(f.url), f.tier, tuple(map(_literal, f.tags))) for f in fresh]
    stored = document.data["feeds"] or []
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
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    at = _end_of_list(document, lines)
    if not lines[at - 1].endswith(("\n", "\r")):
        lines[at - 1] += newline
    indent = _indent(document, lines)
    block = [line + newline for feed in written for line in _item(feed, indent)]
    yaml.write(path, [*lines[:at], *block, *lines[at:]])
    return written


def remove_feed(folder: Path, name_or_url: str) -> NewFeed:
    """Take one feed out of the list.

    Raises ConfigError where the file can't be read, UsageError where there is none of that name or URL, or where the
    list is written in brackets.
    """
    path, document, lines = _open(folder)
    for index, feed in enumerate(document.data["feeds"] or []):
        if isinstance(feed, dict) and name_or_url in (feed.get("name"), feed.get("url")):
            _refuse_brackets(document)
            first, last = _first_line(document, lines, index), document.last_line(("feeds", index))
            rest = [*lines[: first - 1], *lines[last:]]
            if len(document.data["feeds"]) == 1:
                start = document.line(("feeds",)) - 1
                rest[start] = rest[start].replace(":", ": []", 1)
            yaml.write(path, rest)
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
    return path, document, path.read_bytes().decode().splitlines(keepends=True)


def _refuse_brackets(document: yaml.Document) -> None:
    """Lines can be put in and taken out only where every feed stands on its own ones."""
    if () in document.ends or (document.data["feeds"] and ("feeds",) in document.ends):
        raise UsageError(
            f"The list in {FILE} is written in brackets. Write each feed on lines that start with a hyphen."
        )


def _end_of_list(document: yaml.Document, lines: list[str]) -> int:
    """The index of the line after the last feed; an empty list is opened for what follows."""
    _refuse_brackets(document)
    stored = document.data["feeds"]
    if stored:
        return document.last_line(("feeds", len(stored) - 1))
    at = document.line(("feeds",))
    opened = re.fullmatch(r"([^:]*:)\s*?(?:\[\s*\]|~|null)?((?:\s+#.*)?\s*)", lines[at - 1], re.DOTALL)
    if not opened or document.last_line(("feeds",)) != at:
        raise UsageError(f"The empty list in {FILE} cannot be added to. Write it as `feeds: []`.")
    lines[at - 1] = opened[1] + opened[2]
    return at


def _first_line(document: yaml.Document, lines: list[str], index: int) -> int:
    """The line with the hyphen of a feed, which may stand alone above its keys."""
    line = document.line(("feeds", index))
    while not lines[line - 1].lstrip().startswith("-"):
        line -= 1
    return line


def _indent(document: yaml.Document, lines: list[str]) -> str:
    if not document.data["feeds"]:
        return "  "
    first = lines[_first_line(document, lines, 0) - 1]
    return first[: len(first) - len(first.lstrip())]


def _item(feed: NewFeed, indent: str) -> list[str]:
    lines = [f"{indent}- name: {yaml.quoted(feed.name)}", f"{indent}  url: {yaml.quoted(feed.url)}"]
    if feed.tier:
        lines.append(f"{indent}  tier: {feed.tier}")
    if feed.tags:
        lines.append(f"{indent}  tags: [{', '.join(map(yaml.quoted, feed.tags))}]")
    return lines


def _literal(text: str) -> str:
    """The text with nothing in it that would be filled in on reading."""
    return text.replace("${", "$%7B")
