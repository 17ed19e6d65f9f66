"""The lists of terms that a form can change one term of: what they are called, and how a form names them."""

from __future__ import annotations

import json

from pipeline.config import yaml
from pipeline.config.edit_terms import places
from pipeline.config.schema import Settings
from pipeline.errors import UsageError

Choice = tuple[str, str]
"""What a form sends, and what people read."""


def choices(settings: Settings, text: str) -> list[tuple[str, list[Choice]]]:
    """The lists that stand in this text of watches.yaml, under the titles of their watches."""
    found: dict[str, list[Choice]] = {}
    for place in places(text):
        match place:
            case ("watches", str(watch), *inside):
                title = settings.watches[watch].title if watch in settings.watches else watch
                words = " ".join(map(str, inside[1:])) or "none of these"
                words += " (weighs)" if inside[0] == "weigh" else ""
            case ("lists", name):
                title, words = "Lists", str(name)
            case ("furniture",):
                title, words = "Lists", "furniture"
            case _:
                continue
        found.setdefault(title, []).append((json.dumps(place, ensure_ascii=False), words))
    return list(found.items())


def place_of(sent: str) -> yaml.Key:
    """The place that a form names. Raises UsageError where it names none."""
    try:
        parts = json.loads(sent)
    except ValueError:
        parts = None
    if not isinstance(parts, list) or not parts or not all(isinstance(part, str) for part in parts):
        raise UsageError("Choose the list that the term is of.")
    return tuple(parts)
