"""What workers on many machines share besides the queues. Times are aware UTC, by the database's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from pipeline.models.columns import Table, UtcDateTime


class Worker(Table, table=True):
    """A process that works: `name` is its own for good, and what it holds is leased by that name.

    `seen_at` is when it last said that it lives. `version` is that of the configuration in force there. `schedules`:
    it is the one that says what is due. `said` is what it says of itself.
    """

    name: str = Field(primary_key=True)
    machine: str
    pid: int
    queues: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
    version: int = 0
    schedules: bool = False
    said: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Published(Table, table=True):
    """A version of the configuration: `files` are the YAML files by name, as they were written, secrets not filled in.

    The one of the highest version is in force.
    """

    version: int = Field(primary_key=True)
    files: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    published_at: datetime = Field(sa_type=UtcDateTime)
    machine: str


class HostTurn(Table, table=True):
    """When the next request to a host may begin, whichever worker makes it."""

    host: str = Field(primary_key=True)
    after: datetime = Field(sa_type=UtcDateTime, index=True)
