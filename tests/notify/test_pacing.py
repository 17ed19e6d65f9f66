"""What goes out now, together, or later."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.notify.pacing import HOUR, Pace, Plan, Waiting, plan, quiet_until

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
NIGHT = (time(22), time(7))


def ago(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


def alerts(*numbers: int, made: datetime = NOW, group: str = "g") -> list[Waiting]:
    return [Waiting(number, made, group) for number in numbers]


def test_without_a_pace_each_goes_by_itself() -> None:
    """Where nothing is set, nothing is gathered and nothing waits."""
    assert plan(alerts(1, 2, 3), Pace(), [NOW] * 100, NOW, UTC) == Plan(alone=[1, 2, 3])


def test_a_group_goes_as_one_when_its_first_has_waited() -> None:
    """A group whose first is old enough goes with all that joined it; a younger one waits; one of one goes alone."""
    waiting = [
        *alerts(1, made=ago(seconds=40)),
        *alerts(2, made=ago(seconds=1)),
        *alerts(3, made=ago(seconds=10), group="young"),
        *alerts(4, made=ago(minutes=5), group="single"),
    ]
    made = plan(waiting, Pace(wait=timedelta(seconds=30)), [], NOW, UTC)

    assert made == Plan(alone=[4], together=[[1, 2]], held={3: NOW + timedelta(seconds=20)})


def test_what_a_clock_ahead_made_does_not_wait() -> None:
    """A group whose first bears a time that has not come goes: nobody knows how long it has waited."""
    ahead = NOW + timedelta(days=365)

    assert plan(alerts(1, 2, made=ahead), Pace(wait=timedelta(seconds=30)), [], NOW, UTC) == Plan(together=[[1, 2]])


def test_quiet_hours_hold_all_but_the_digest() -> None:
    """In quiet hours alerts wait for their end, tried before or not."""
    night = NOW.replace(hour=23)
    waiting = [Waiting(1, night), Waiting(2, night, settled=True), Waiting(3, night, digest=True)]
    made = plan(waiting, Pace(quiet=NIGHT), [], night, UTC)

    morning = datetime(2026, 3, 11, 7, tzinfo=UTC)
    assert made == Plan(alone=[3], held={1: morning, 2: morning})


def test_what_the_night_brought_goes_as_one() -> None:
    """Alerts found in quiet hours come together in the morning, of whatever group; later ones by themselves."""
    morning = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
    found = [ago(hours=1), NOW.replace(hour=22), NOW.replace(hour=23), morning]
    waiting = [Waiting(number, at, f"group {number}") for number, at in enumerate(found)]
    made = plan(waiting, Pace(quiet=NIGHT), [], morning, UTC)

    assert made == Plan(alone=[0, 3], together=[[1, 2]])


@pytest.mark.parametrize(
    ("sent", "count", "alone", "together", "held"),
    [
        (0, 3, [1, 2, 3], [], []),
        (0, 4, [1, 2], [[3, 4]], []),
        (1, 2, [1, 2], [], []),
        (2, 9, [], [[1, 2, 3, 4, 5, 6, 7, 8, 9]], []),
        (2, 1, [1], [], []),
        (3, 2, [], [], [1, 2]),
        (5, 2, [], [], [1, 2]),
    ],
)
def test_the_hour_has_room_for_three(
    sent: int, count: int, alone: list[int], together: list[list[int]], held: list[int]
) -> None:
    """No more messages than there is room for; the last takes in the rest, and without room all wait for some."""
    times = [ago(minutes=50 - number) for number in range(sent)]
    made = plan(alerts(*range(1, count + 1)), Pace(most=3), times, NOW, UTC)

    assert (made.alone, made.together) == (alone, together)
    assert (sorted(made.held), set(made.held.values())) == (held, {times[-3] + HOUR} if held else set())


def test_room_counts_messages_not_alerts() -> None:
    """A group is one message; what exceeds the room is taken in by the last."""
    waiting = [*alerts(1, 2, group="a"), *alerts(3, 4, group="b"), *alerts(5, group="c")]
    waiting = [Waiting(each.id, ago(minutes=5), each.group) for each in waiting]
    pace = Pace(wait=timedelta(minutes=1), most=2)

    assert plan(waiting, pace, [], NOW, UTC) == Plan(together=[[1, 2], [3, 4, 5]])


def test_what_was_tried_before_goes_without_room() -> None:
    """It has been counted when it was first sent, and may have arrived."""
    made = plan([Waiting(1, NOW, settled=True), Waiting(2, NOW)], Pace(most=1), [NOW], NOW, UTC)

    assert made == Plan(alone=[1], held={2: NOW + HOUR})


@pytest.mark.parametrize(
    ("hours", "local", "until"),
    [
        (NIGHT, "2026-03-10 21:59", None),
        (NIGHT, "2026-03-10 22:00", "2026-03-11 07:00"),
        (NIGHT, "2026-03-11 06:59", "2026-03-11 07:00"),
        (NIGHT, "2026-03-11 07:00", None),
        ((time(12), time(13)), "2026-03-10 12:30", "2026-03-10 13:00"),
        ((time(12), time(13)), "2026-03-10 13:00", None),
        (NIGHT, "2026-03-28 23:00", "2026-03-29 07:00"),  # the night that is an hour short
        (NIGHT, "2026-10-24 23:00", "2026-10-25 07:00"),  # and the one that is an hour long
    ],
)
def test_quiet_hours_are_local(hours: tuple[time, time], local: str, until: str | None) -> None:
    """They may pass midnight, and end at their local time also where the clocks change."""
    zone = ZoneInfo("Europe/Berlin")
    found = quiet_until(datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC), hours, zone)

    assert found == (datetime.fromisoformat(until).replace(tzinfo=zone) if until else None)


def test_quiet_hours_that_end_in_the_doubled_hour_end_once() -> None:
    """Where the end comes twice, the first counts."""
    zone = ZoneInfo("Europe/Berlin")
    second = datetime(2026, 10, 25, 2, 15, tzinfo=zone, fold=1).astimezone(UTC)

    assert quiet_until(second, (time(22), time(2, 30)), zone) is None
