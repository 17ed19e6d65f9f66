"""What deals are read by: the companies, and what their roles stand for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain import Kind, Party


@dataclass(frozen=True)
class Lexicon:
    """Companies are told apart by their slugs.

    `subject` are those whose deals these are, `programmes` those of them that are ventures of theirs, `outsiders` those
    that are never a counterparty. `by_role` gives a role's part in a deal, and the kind of deal that comes of it.
    """

    subject: frozenset[str]
    programmes: frozenset[str]
    outsiders: frozenset[str]
    names: Mapping[str, str]
    roles: Mapping[str, Sequence[str]]
    by_role: Mapping[str, tuple[str, Kind]]
    wider: Mapping[str, str]
    """The place in which a place lies."""

    def kinds_of(self, slug: str) -> list[Kind]:
        """The kinds of deal that a company's roles stand for."""
        return [self.by_role[role][1] for role in self.roles.get(slug, ()) if role in self.by_role]

    def kind_of(self, slug: str) -> Kind | None:
        """That of its first role."""
        return next(iter(self.kinds_of(slug)), None)

    def party(self, slug: str, name: str = "") -> Party:
        """The company in its part; one that is not known goes by the name that a piece gives it."""
        part = next((self.by_role[role][0] for role in self.roles.get(slug, ()) if role in self.by_role), "")
        return Party(slug, self.names.get(slug, name or slug), part, known=slug in self.names)


def slug_of(name: str) -> str:
    """The slug of a company that is not known."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or name
