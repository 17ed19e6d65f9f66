"""Taking deliveries, as often as their channels may be used: alone, gathered in one, or later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.config.channels import Paced
from pipeline.config.schema import Settings
from pipeline.domain import Bundle, Part
from pipeline.models import Delivery
from pipeline.notify import pacing, render
from pipeline.notify.pacing import Pace, Waiting
from pipeline.store import Session, outbox


@dataclass(frozen=True)
class PacedOutbox:
    """The outbox as a queue that minds the pace of each channel."""

    settings: Settings

    def lease(
        self, session: Session, ids: Sequence[int], now: datetime, until: datetime, by: str = ""
    ) -> list[Delivery]:
        """Take what may go out now of the deliveries, and of what else waits for their channels.

        What is sent together comes as one delivery. What may not go out yet gets its time. No more go out by
        themselves than were asked for: the others are due.
        """
        taken: list[Delivery] = []
        due = outbox.still_due(session, ids, now)
        for channel in dict.fromkeys(row.channel for row in due):
            own = [row for row in due if row.channel == channel]
            settings = self.settings.channels.get(channel)
            if isinstance(settings, Paced) and settings.holds_back:
                taken += self._paced(session, channel, settings, own, now, until)
            else:
                taken += own
        outbox.take(taken, until, by)
        return taken

    def release(self, session: Session, ids: Sequence[int]) -> None:
        outbox.release(session, ids)

    def _paced(
        self, session: Session, channel: str, settings: Paced, due: Sequence[Delivery], now: datetime, until: datetime
    ) -> list[Delivery]:
        settled = [row for row in due if _is_settled(row)]
        fresh = outbox.untried(session, channel, now)
        rows = {row.id or 0: row for row in [*settled, *fresh]}
        made = pacing.plan(
            [_waiting(row, settings) for row in rows.values()],
            Pace(settings.group_wait, settings.quiet, settings.most_per_hour),
            outbox.sent_since(session, channel, now - pacing.HOUR, now),
            now,
            self.settings.zone,
        )
        for id_, later in made.held.items():
            rows[id_].next_try = later
        alone = [rows[id_] for id_ in sorted(made.alone)]
        for row in alone[len(due) :]:
            row.next_try = min(row.next_try, now)
        taken = alone[: len(due)]
        for ids in made.together:
            parts = {id_: part for id_ in ids if (part := _part(rows[id_]))}
            taken += [rows[id_] for id_ in ids if id_ not in parts]
            if parts:
                bundle, members = Bundle(tuple(parts.values())), [rows[id_] for id_ in parts]
                subject, payload = render.bundle_subject(bundle), render.pack(bundle)
                taken.append(outbox.gather(session, members, subject, payload, now, until))
        return taken


def _is_settled(row: Delivery) -> bool:
    """Whether it was gathered before, or may have arrived: it was tried, or taken by somebody who did not end it."""
    return row.attempts > 0 or row.lease_until is not None or row.kind == "bundle"


def _part(row: Delivery) -> Part | None:
    """The delivery within a bundle; None where its payload cannot be read: it goes by itself, and fails by itself."""
    try:
        return Part(row.uid, row.kind, render.unpack(row.kind, row.payload))
    except (ValueError, LookupError):
        return None


def _waiting(row: Delivery, settings: Paced) -> Waiting:
    match settings.group_by:
        case "deal":
            group = f"deal {row.deal_id}" if row.deal_id else f"delivery {row.id}"
        case "watch":
            group = row.watch
        case "channel":
            group = ""
    return Waiting(row.id or 0, row.created_at, group, _is_settled(row), row.kind == "digest")
