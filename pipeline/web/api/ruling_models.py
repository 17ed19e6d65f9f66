"""What people decide of deals, as programs send and get it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from pipeline.domain import Verb
from pipeline.flow.rulings import Wish, ruled
from pipeline.models import Decision
from pipeline.web.api.values import Given, Number, Sent, Text


class RulingMade(Sent):
    """What a person decided of a deal."""

    id: int
    watch: str
    verb: Verb
    words: Text = Field(description="What it does, in a few words.")
    deal: int | None = Field(description="The number of the deal it is about.")
    into: int | None = Field(description="merge: the number of the deal it is the same as.")
    articles: list[int] = Field(description="split: the numbers of the articles that are of another deal.")
    field: str = Field(description="set: which field.")
    value: Text = Field(description="set: its value as it is kept; empty where it was taken away.")
    decided: datetime
    undone: datetime | None = Field(description="When it was taken back; null while it holds.")


class Merge(Given):
    """It is the same as another deal, which takes over all that was said of it."""

    verb: Literal["merge"]
    into: Number = Field(description="The number of the other deal.")


class Split(Given):
    """Some of its articles speak of another deal, which gets a number of its own."""

    verb: Literal["split"]
    articles: Annotated[list[Number], Field(min_length=1, max_length=1_000, description="Their numbers.")]


class Set(Given):
    """These of its fields are so, whatever articles say."""

    verb: Literal["set"]
    fields: Annotated[
        dict[
            Literal["title", "kind", "status", "part_of", "amount", "capacity"], Annotated[str, Field(max_length=300)]
        ],
        Field(
            min_length=1,
            description="As people write them: amount `up to $300bn`, capacity `4.5 GW`, part_of a deal's number, "
            "status `signed`. `none` takes a value away.",
        ),
    ]


class Dismiss(Given):
    """It is no deal: it is shown, counted and told no more."""

    verb: Literal["dismiss"]


Decided = Annotated[Merge | Split | Set | Dismiss, Field(discriminator="verb")]
"""What a person decides of a deal."""


def wishes(deal: int, decided: Decided) -> list[Wish]:
    """The same as it is carried out."""
    match decided:
        case Merge():
            return [Wish(Verb.MERGE, deal, into=decided.into)]
        case Split():
            return [Wish(Verb.SPLIT, deal, articles=tuple(decided.articles))]
        case Set():
            return [Wish(Verb.SET, deal, field=field, value=value) for field, value in decided.fields.items()]
        case Dismiss():
            return [Wish(Verb.DISMISS, deal)]


def ruling_made(row: Decision, numbers: Mapping[str, int]) -> RulingMade:
    return RulingMade(
        id=row.id or 0,
        watch=row.watch,
        verb=row.verb,
        words=ruled(row, numbers),
        deal=numbers.get(row.deal),
        into=numbers.get(row.into),
        articles=row.articles,
        field=row.field,
        value=str(numbers.get(row.value, row.value)) if row.field == "part_of" else row.value,
        decided=row.decided_at,
        undone=row.undone_at,
    )
