"""What stands beside an article or a delivery."""

from __future__ import annotations

from datetime import timedelta

from pipeline.models import Delivery, DeliveryState
from pipeline.store import Store, beside, outbox, stories
from tests.store.conftest import NOW
from tests.support.ledger import article


def test_what_was_told_of_an_article(store: Store) -> None:
    """Newest first, and nothing of other articles."""
    with store.write() as session:
        first, second = (article(session, title, NOW).id or 0 for title in ("One", "Two!"))
        for key, of in (("a", first), ("b", second), ("c", first)):
            told = {"kind": "alert", "subject": key, "payload": {}, "article_id": of}
            outbox.add(session, key=key, channels=["desk"], **told, now=NOW)
    with store.read() as session:
        subjects = [row.subject for row in beside.told_of(session, first)]

    assert subjects == ["c", "a"]


def test_what_went_out_within_another(store: Store) -> None:
    """In the order in which it was found."""
    with store.write() as session:
        for key in "ab":
            outbox.add(session, key=key, channels=["desk"], kind="alert", subject=key, payload={}, now=NOW)
    with store.write() as session:
        rows: list[Delivery] = outbox.listing(session)
        whole = outbox.gather(session, rows, "two", {}, NOW, NOW)
    with store.read() as session:
        within = beside.gathered_in(session, whole.id or 0)

    assert [(row.subject, row.state) for row in within] == [
        ("a", DeliveryState.GATHERED),
        ("b", DeliveryState.GATHERED),
    ]


def test_a_story_is_told_in_order(store: Store) -> None:
    """That which opened it and all that joined it, the earliest first; of another watch it is none."""
    with store.write() as session:
        late, opened, other = (
            article(session, title, NOW + timedelta(hours=hours), "w").id or 0
            for title, hours in (("Late", 5), ("Opened it", 1), ("Else", 2))
        )
        stories.join(session, "w", late, opened)
    with store.read() as session:
        story = [row.id for row in beside.story(session, "w", opened)]
        alone = [row.id for row in beside.story(session, "w", other)]
        elsewhere = [row.id for row in beside.story(session, "v", opened)]

    assert story == [opened, late]
    assert (alone, elsewhere) == ([other], [opened])
