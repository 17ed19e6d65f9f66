"""status: whether a daemon runs, what the store holds, what waits, and what fails."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pipeline.cli import shared

if TYPE_CHECKING:
    from pipeline.config.schema import Settings
    from pipeline.flow.daemon import Daemon
    from pipeline.models import Disabled, Feed, Mute
    from pipeline.store import Store
    from pipeline.store.articles import Counts
    from pipeline.store.pressure import Pressure
    from pipeline.store.workers import Seen

_WIDTH, _LABEL = 80, 12


def register(app: typer.Typer) -> None:
    app.command()(status)


def status(as_json: shared.Json = False) -> None:
    """Whether a daemon runs, and what is stored, waits or fails."""
    settings = shared.settings()
    with shared.store(settings) as store:
        found = _look(store, settings, datetime.now(UTC))
    if as_json:
        shared.print_json(_as_data(found))
        return
    for label, text in _lines(found):
        for line in _wrapped(label, text):
            typer.echo(line)


@dataclass(frozen=True)
class _Found:
    state: Path
    server: str
    now: datetime
    daemon: Daemon
    active: Sequence[Feed]
    failing: Sequence[Feed]
    counts: Counts
    bodies: dict[str, int]
    pressure: Pressure
    disabled: Sequence[tuple[Disabled, int]]
    mutes: Sequence[Mute]
    next_poll: datetime | None
    bytes: int

    @property
    def last_poll(self) -> datetime | None:
        return max((feed.last_poll for feed in self.active if feed.last_poll), default=None)

    @property
    def deliveries(self) -> dict[str, int]:
        """How many there are of each state."""
        sums: dict[str, int] = {}
        for (state, _), count in sorted(self.pressure.deliveries.items()):
            sums[state] = sums.get(state, 0) + count
        return sums


def _look(store: Store, settings: Settings, now: datetime) -> _Found:
    from pipeline.flow import daemon
    from pipeline.store import articles, channels, feeds, mutes
    from pipeline.store.pressure import pressure

    with store.read() as session:
        return _Found(
            state=settings.state,
            server=store.name if isinstance(settings.place, str) else "",
            now=now,
            daemon=daemon.find(settings.state),
            active=feeds.all_active(session),
            failing=feeds.failing(session),
            counts=articles.counts(session),
            bodies=articles.bodies(session),
            pressure=pressure(session, now),
            disabled=channels.disabled(session),
            mutes=mutes.in_force(session, now),
            next_poll=feeds.next_due(session),
            bytes=store.size().all,
        )


def _lines(found: _Found) -> Iterator[tuple[str, str]]:
    now, counts = found.now, found.counts
    yield "store", found.server or str(found.state)
    if found.pressure.workers:
        yield from _lines_of_workers(found.pressure.workers)
    else:
        yield from _lines_of_daemon(found.daemon, now)
    polled, due = shared.ago(found.last_poll, now), found.next_poll
    yield (
        "feeds",
        f"{len(found.active)} active, {len(found.failing)} failing; "
        f"last poll {polled}, next {shared.ago(due, now) if due else '-'}",
    )
    yield "articles", f"{counts.total:,}; {counts.pending:,} pending, {counts.retrying:,} to be tried again"
    bodies = [
        f"{count:,} {source if source == 'pruned' else f'from {source}'}"
        for source, count in sorted(found.bodies.items())
    ]
    yield "bodies", ", ".join(bodies) or "none yet"
    yield "flagged", f"{counts.flagged:,}"
    sent = [f"{count:,} {state}" for state, count in found.deliveries.items()]
    held = f"; {found.pressure.held:,} held back" if found.pressure.held else ""
    yield "deliveries", (", ".join(sent) or "none yet") + held
    due_now = [(stage, queue) for stage, queue in found.pressure.queues.items() if queue.due]
    for stage, queue in due_now:
        yield "due", f"{stage}: {queue.due:,}, the longest since {shared.ago(queue.due_since, now)}"
    if not due_now:
        yield "due", "nothing"
    yield "database", f"{found.bytes / 2**20:,.1f} MiB{f' at {found.server}' if found.server else ''}"
    for gone, waiting in found.disabled:
        yield "disabled", f"{gone.channel}, {shared.ago(gone.since, now)}: {gone.reason}; {waiting:,} waiting"
    for mute in found.mutes:
        of = mute.watch + (f", deal {mute.deal_id}" if mute.deal_id else "")
        yield "muted", f"{of} until {mute.until:%Y-%m-%d %H:%M} UTC"
    for feed in found.failing:
        yield "failing", f"{feed.name}: {feed.last_error} ({feed.failures} in a row)"


def _lines_of_daemon(daemon: Daemon, now: datetime) -> Iterator[tuple[str, str]]:
    said = daemon.said
    written, started = (shared.ago(_time(said.get(name)), now) for name in ("written", "started"))
    words = {
        "running": f"running (process {daemon.pid}), started {started}; it last reported {written}",
        "busy": f"none; another command of Dealwire is at work (process {daemon.pid}), or a daemon is starting",
        "never": "none runs, and none ever did here; `dealwire run` starts one",
        "stopped": f"none runs; the last one stopped {written}",
        "killed": f"none runs; the last one (process {daemon.pid}) was killed or crashed, last heard of {written}",
    }
    yield "daemon", words[daemon.state]
    if daemon.state != "running":
        return
    if said.get("listen"):
        yield "listens", f"http://{said['listen']}/metrics and /healthz"
    yield "last cycle", shared.ago(_time(said.get("last_cycle")), now)
    events = said.get("scheduler") or {}
    if events:
        yield "scheduler", ", ".join(f"{count:,} {event.replace('_', ' ')}" for event, count in events.items())
    for name, stage in (said.get("stages") or {}).items():
        if stage.get("failing"):
            yield "fails", f"{name}: {stage.get('last_error')} (failures: {stage.get('failures')})"


def _lines_of_workers(workers: Sequence[Seen]) -> Iterator[tuple[str, str]]:
    for worker in workers:
        schedules = "; schedules for all" if worker.schedules else ""
        yield (
            "worker",
            f"{worker.machine}, process {worker.pid}: {worker.queues}; seen {worker.seconds:.0f} s ago; "
            f"configuration {worker.version}{schedules}",
        )


def _time(text: Any) -> datetime | None:
    """A time of the daemon's report, which may have been edited or cut short."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        shared.safe(text),
        _WIDTH,
        initial_indent=label.ljust(_LABEL),
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _as_data(found: _Found) -> dict[str, Any]:
    counts = found.counts
    return {
        "database": found.server or str(found.state),
        "bytes": found.bytes,
        "daemon": {"state": found.daemon.state, "pid": found.daemon.pid, **found.daemon.said},
        "feeds": {
            "active": len(found.active),
            "failing": len(found.failing),
            "last_poll": found.last_poll,
            "next_poll": found.next_poll,
        },
        "articles": {
            "total": counts.total,
            "pending": counts.pending,
            "retrying": counts.retrying,
            "flagged": counts.flagged,
            "bodies": found.bodies,
        },
        "deliveries": found.deliveries,
        "held": found.pressure.held,
        "workers": [asdict(worker) for worker in found.pressure.workers],
        "queues": {stage: asdict(queue) for stage, queue in found.pressure.queues.items()},
        "disabled": [
            {"channel": gone.channel, "since": gone.since, "reason": gone.reason, "waiting": waiting}
            for gone, waiting in found.disabled
        ],
        "mutes": [{"watch": m.watch, "deal": m.deal_id, "until": m.until} for m in found.mutes],
        "failing": [
            {"name": f.name, "url": f.url, "failures": f.failures, "error": f.last_error} for f in found.failing
        ],
    }
