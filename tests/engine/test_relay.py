"""Runs of a stage that relieve one another."""

from __future__ import annotations

from pipeline.engine.relay import Relay


def test_a_stage_is_woken_unless_it_is_at_it() -> None:
    """A run that takes up what is due hears of it afterwards; one that only ends what it has does not count."""
    begun: list[str] = []
    relay = Relay(3, begun.append)
    relay.wake("ingest")
    with relay.run("ingest"):
        relay.wake("ingest")
        with relay.taking("ingest"):
            relay.wake("ingest")
            relay.wake("poll")
        heard = relay.called("ingest"), relay.called("ingest")
        relay.wake("ingest")

    assert begun == ["ingest", "ingest", "poll", "ingest"]
    assert heard == (True, False)


def test_a_run_is_relieved_while_there_may_be_another() -> None:
    """Then the next one is begun, and the first no longer takes up things. The last of them goes on."""
    begun: list[str] = []
    relay = Relay(2, begun.append)
    with relay.run("ingest"), relay.taking("ingest") as first:
        relieved = [first()]
        with relay.run("ingest"), relay.taking("ingest") as second:
            relieved.append(second())
            relay.wake("ingest")
        relay.wake("ingest")

    assert relieved == [True, False]
    assert begun == ["ingest", "ingest"]
    assert relay.called("ingest")


def test_nothing_is_begun_when_it_is_closed() -> None:
    """Neither by waking nor by relieving."""
    begun: list[str] = []
    relay = Relay(2, begun.append)
    relay.close()
    relay.wake("ingest")
    with relay.run("ingest"), relay.taking("ingest") as relieved:
        left = relieved()

    assert not left
    assert begun == []
