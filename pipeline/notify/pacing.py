"""What of a channel's waiting alerts goes out now, what goes out as one message, and what has to wait. Pure.

In this order:
1. A digest has its own time, and goes.
2. In quiet hours all else waits for their end.
3. What was tried before, or gathered before, goes: it may have arrived.
4. A group of which the first was found less than the group's wait ago waits; one that has waited goes as one message.
5. What was found in quiet hours goes as one message.
6. Of what is left, no more messages than the hour has room for: the last of them takes in all the rest. Where there
   is no room at all, everything waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Pace:
    """How often a channel may be used. `most` messages an hour, 0 for any number; `quiet` are local times."""

    wait: timedelta = timedelta(0)
    quiet: tuple[time, time] | None = None
    most: int = 0


@dataclass(frozen=True)
class Waiting:
    """A delivery that waits. `settled`: it was tried or gathered before. `group` is what it may be gathered by."""

    id: int
    made: datetime
    group: str = ""
    settled: bool = False
    digest: bool = False


@dataclass
class Plan:
    """The ids that go out by themselves, those that go out together, and until when the others wait."""

    alone: list[int] = field(default_factory=list)
    together: list[list[int]] = field(default_factory=list)
    held: dict[int, datetime] = field(default_factory=dict)


def plan(waiting: Sequence[Waiting], pace: Pace, sent: Sequence[datetime], now: datetime, zone: tzinfo) -> Plan:
    """What becomes of all that waits for a channel, oldest first. `sent`: the messages of the last hour, in order."""
    made = Plan(alone=[each.id for each in waiting if each.digest])
    alerts = [each for each in waiting if not each.digest]
    if pace.quiet and (end := quiet_until(now, pace.quiet, zone)):
        made.held = {each.id: end for each in alerts}
        return made
    made.alone += [each.id for each in alerts if each.settled]
    messages = []
    for group, wait in _groups([each for each in alerts if not each.settled], pace, zone):
        first = group[0].made
        if first <= now < first + wait:  # one from the future was made by a clock that ran ahead, who knows when
            made.held |= {each.id: first + wait for each in group}
        else:
            messages.append([each.id for each in group])
    for ids in _within_the_hour(messages, pace.most, sent, made):
        if len(ids) == 1:
            made.alone += ids
        else:
            made.together.append(ids)
    return made


def _groups(alerts: Iterable[Waiting], pace: Pace, zone: tzinfo) -> Iterable[tuple[list[Waiting], timedelta]]:
    """The alerts as they go out together, in the order of the first of each, and how long that one waits."""
    groups: dict[str, list[Waiting]] = {}
    for each in alerts:
        in_quiet = pace.quiet is not None and quiet_until(each.made, pace.quiet, zone) is not None
        alone = f"{each.id}" if not pace.wait else f"group {each.group}"
        groups.setdefault("quiet" if in_quiet else alone, []).append(each)
    for name, group in groups.items():
        yield group, timedelta(0) if name == "quiet" else pace.wait


def _within_the_hour(messages: list[list[int]], most: int, sent: Sequence[datetime], made: Plan) -> list[list[int]]:
    """As many messages as the hour has room for; what has to wait for room goes to the plan."""
    room = most - len(sent)
    if not most or len(messages) <= room:
        return messages
    rest = [id_ for ids in messages[max(room - 1, 0) :] for id_ in ids]
    if room > 0:
        return [*messages[: room - 1], rest]
    made.held |= dict.fromkeys(rest, sent[-most] + HOUR)
    return []


def quiet_until(when: datetime, hours: tuple[time, time], zone: tzinfo) -> datetime | None:
    """The end of the quiet hours that this moment falls into, in UTC; None where it falls into none."""
    start, end = hours
    local = when.astimezone(zone)
    at = local.time()
    inside = start <= at < end if start < end else at >= start or at < end
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if at >= start and start > end else 0)
    until = datetime.combine(day, end, zone).astimezone(UTC)
    return until if until > when else None
