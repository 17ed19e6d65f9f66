"""Where terms stand in the files, and how they are written there."""

from __future__ import annotations

import re
from typing import Any

from pipeline.config import yaml

_MARKED = ("@", "/", "<", '"')
_PLAIN = re.compile(r"""[^\W_](?:[^:#,\[\]{}"\\]*[^:#,\[\]{}"\\\s])?|<[\w-]+>""")
_NO_TEXT = re.compile(r"null|true|false|yes|no|on|off|[\d.:eE+_-]+", re.IGNORECASE)


def keep_quotes(document: yaml.Document) -> None:
    """Give terms in YAML's double quotes their quotes back: to whoever edits the file, `"AMD"` is the exact form."""
    for key in document.double_quoted:
        terms = terms_at(document.data, key)
        # a tag may have made something else of it, which is told by itself
        if terms and isinstance(text := terms[int(key[-1])], str):
            terms[int(key[-1])] = as_term(text, double_quoted=True)


def as_term(text: str, double_quoted: bool) -> str:
    """The term that a YAML string stands for, which its quotes may be part of."""
    return f'"{text}"' if double_quoted and not text.startswith(_MARKED) and text[-1:] != "*" else text


def as_yaml(term: str) -> str:
    """The term of one line as a YAML string, as one would write it in a list of either style."""
    inside = term[1:-1]
    if term == f'"{inside}"' and "\\" not in inside and '"' not in inside and as_term(inside, True) == term:
        return term
    if _PLAIN.fullmatch(term) and not _NO_TEXT.fullmatch(term):
        return term
    return "'" + term.replace("'", "''") + "'"


def terms_at(data: Any, key: yaml.Key) -> list[Any] | None:
    """The list of terms that the place `key` belongs to, if it is a place of terms."""
    match key:
        case ("watches", name, "all" | "weigh" as part, group, int()):
            found = data["watches"][name][part][group]
        case ("watches", name, "none", int()):
            found = data["watches"][name]["none"]
        case ("lists", name, int()):
            found = data["lists"][name]
        case ("furniture" | "other_sums" | "totals" | "hearsay" | "asides" as part, int()):
            found = data[part]
        case ("kinds" | "statuses" | "places" | "reporting" as part, name, int()):
            found = data[part][name]
        case _:
            return None
    return found if isinstance(found, list) else None
