"""How it goes: the daemon, the queues and what fails; and the session of whoever asks."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from pipeline.flow import daemon
from pipeline.store import articles, channels, feeds
from pipeline.store.pressure import Waiting, pressure
from pipeline.web.api.values import Sent, Text
from pipeline.web.gate import TOKEN_HEADER, SessionHere
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Status"])


class DaemonSeen(Sent):
    """What is known of the daemon. Times are null where it did not say."""

    state: Literal["running", "busy", "stopped", "killed", "never"] = Field(
        description="busy: another command of Dealwire holds the state folder. never: none ever ran there."
    )
    pid: Text
    started: datetime | None
    reported: datetime | None = Field(description="When it last said something of itself.")
    last_cycle: datetime | None


class WorkerSeen(Sent):
    """One of the processes that share a store on PostgreSQL."""

    name: Text
    machine: Text
    pid: int
    queues: Text
    seconds: float = Field(description="How many seconds ago it was last seen.")
    version: int = Field(description="The version of the configuration that it works by.")
    schedules: bool = Field(description="It says for all what is due.")


class Queue(Sent):
    """What waits for a stage."""

    size: int
    due: int = Field(description="How many of them could be worked on now.")
    due_since: datetime | None
    oldest: datetime | None


class ArticleCounts(Sent):
    """How many articles there are, by how far they have come."""

    total: int
    pending: int
    retrying: int
    flagged: int


class FailingFeed(Sent):
    """A feed whose last poll failed."""

    name: Text
    failures: int = Field(description="How many polls have failed in a row.")
    error: Text


class ChannelDisabled(Sent):
    """A channel whose receiver is gone: nothing more is sent to it."""

    channel: Text
    since: datetime
    reason: Text
    waiting: int = Field(description="How many deliveries wait for it.")


class StatusNow(Sent):
    """Whether a daemon runs, what is stored, what waits, and what fails."""

    version: str
    now: datetime
    database_bytes: int
    faults: list[Text] = Field(description="What is wrong with the configuration; the one before stays in force.")
    daemon: DaemonSeen
    workers: list[WorkerSeen]
    active_feeds: int
    failing_feeds: list[FailingFeed]
    next_poll: datetime | None
    articles: ArticleCounts
    deliveries: dict[str, int] = Field(description="How many there are of each state.")
    held: int = Field(description="How many wait for a time, or for a channel that is disabled.")
    queues: dict[str, Queue] = Field(description="By stage: poll, ingest, deliver.")
    disabled: list[ChannelDisabled]


class SessionSeen(Sent):
    """What a program needs to change something."""

    token: str = Field(description="To be sent as `X-CSRF-Token` with each request that changes something.")
    header: str = Field(description="The name of that header.")
    known: bool = Field(description="Whether this session has given the password.")
    password_needed: bool


@router.get("/status")
def get_status(site: SiteHere) -> StatusNow:
    """Whether a daemon runs, what is stored, what waits, and what fails."""
    now, seen = site.now(), daemon.find(site.settings.state)
    with site.store.read() as session:
        counts, waiting = articles.counts(session), pressure(session, now)
        active, failing, due = feeds.all_active(session), feeds.failing(session), feeds.next_due(session)
        disabled = channels.disabled(session)
    deliveries: dict[str, int] = {}
    for (state, _), count in sorted(waiting.deliveries.items()):
        deliveries[state] = deliveries.get(state, 0) + count
    return StatusNow(
        version=version("dealwire"),
        now=now,
        database_bytes=site.store.size().all,
        faults=[str(fault) for fault in site.faults],
        daemon=_daemon(seen),
        workers=[WorkerSeen.model_validate(vars(worker)) for worker in waiting.workers],
        active_feeds=len(active),
        failing_feeds=[FailingFeed(name=f.name, failures=f.failures, error=f.last_error) for f in failing],
        next_poll=due,
        articles=ArticleCounts.model_validate(vars(counts)),
        deliveries=deliveries,
        held=waiting.held,
        queues={stage: _queue(queue) for stage, queue in waiting.queues.items()},
        disabled=[
            ChannelDisabled(channel=gone.channel, since=gone.since, reason=gone.reason, waiting=count)
            for gone, count in disabled
        ],
    )


def _daemon(seen: daemon.Daemon) -> DaemonSeen:
    return DaemonSeen.model_validate(
        {
            "state": seen.state,
            "pid": seen.pid,
            "started": _time(seen.said.get("started")),
            "reported": _time(seen.said.get("written")),
            "last_cycle": _time(seen.said.get("last_cycle")),
        }
    )


def _time(text: Any) -> datetime | None:
    """A time of the daemon's report, which may have been edited or cut short."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _queue(of: Waiting) -> Queue:
    return Queue(size=of.size, due=of.due, due_since=of.due_since, oldest=of.oldest)


@router.get("/session")
def get_session(site: SiteHere, here: SessionHere) -> SessionSeen:
    """The token of this session, which lies in the cookie that comes with the answer: keep both to change something."""
    return SessionSeen(token=here.token, header=TOKEN_HEADER, known=here.known, password_needed=bool(site.password))
