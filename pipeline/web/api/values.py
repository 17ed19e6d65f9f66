"""The kinds of values that programs send and get, checked on their way in and cleaned on their way out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeline.notify.clean import clean, web_link

LARGEST = 2**63 - 1
"""The largest number that the database knows."""

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Sent(BaseModel):
    """What a program gets: every field, each time."""

    model_config = ConfigDict(frozen=True)


class Given(BaseModel):
    """What a program sends: these fields and no others, each of its own type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _plain(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def _link(value: Any) -> Any:
    return web_link(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_plain)]
"""Text of strangers, without what could steer or hide anything where it is shown; as long as it was."""
Link = Annotated[str, BeforeValidator(_link), Field(description="An address of the web; empty where there is none.")]
Number = Annotated[int, Field(ge=1, le=LARGEST)]
"""The number of something stored."""
Id = Annotated[int, Path(ge=1, le=LARGEST, description="Its number.")]
WatchName = Annotated[str, Query(max_length=100, description="Only of this watch, by its name.")]


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if not _DATE.fullmatch(value):
            raise ValueError("must be a day such as 2026-01-31")
        return date.fromisoformat(value)
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return datetime.fromisoformat(value.upper())
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise ValueError("must be a day such as 2026-01-31, or a time with its zone such as 2026-01-31T08:00:00Z")
    return _day(value)


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime | date, BeforeValidator(_moment)]
"""A time with its zone, or a day, which is its beginning where the user is."""


def instant(moment: datetime | date | None, zone: tzinfo) -> datetime | None:
    """The moment in UTC; the first or last there is where it lies beyond."""
    if moment is None:
        return None
    at = moment if isinstance(moment, datetime) else datetime.combine(moment, time(), zone)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _FIRST if at.year == 1 else _LAST
