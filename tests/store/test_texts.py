"""Texts of stored articles, newest first."""

from __future__ import annotations

from datetime import timedelta

from pipeline.domain import Hit, Passage, Verdict
from pipeline.models import BodySource
from pipeline.store import Store, articles, texts
from pipeline.store.texts import Text
from tests.store.conftest import NOW, add, entry, everything

_FOUND = [0, 3, 3, 5, 9]
"""How many hours before NOW each article was found; the second and the third at once."""


def _fill(store: Store) -> list[int]:
    """Articles found so, each ingested but the fourth, the first without its text; their ids."""
    add(store, ("https://a.example/feed", [entry(str(n), f"https://x.example/{n}", f"T{n}") for n in range(5)]))
    ids = []
    for number, (article, hours) in enumerate(
        zip(sorted(everything(store), key=lambda a: a.id or 0), _FOUND, strict=True)
    ):
        article.found_at = NOW - timedelta(hours=hours)
        article.ingested_at = None if number == 3 else NOW
        article.title, article.body, article.body_source = (
            f"T{number}",
            f"B{number}",
            BodySource.PRUNED if number == 0 else BodySource.PAGE,
        )
        with store.write() as session:
            verdict = Verdict("deals", (Passage("body", 0, 1, "B", (Hit("who", "B", 0, 1),)),))
            session.merge(article)
            articles.set_matches(session, article.id or 0, [verdict] if number in (1, 4) else [], NOW)
        ids.append(article.id or 0)
    return ids


def test_the_last_found_comes_first(store: Store) -> None:
    """Ingested articles that have their text, one after another in portions of any size, none twice."""
    ids = _fill(store)
    for size in (1, 2, 10):
        seen: list[Text] = []
        while True:
            with store.read() as session:
                portion = texts.newest(session, NOW - timedelta(days=1), seen[-1] if seen else None, size)
            if not portion:
                break
            seen += portion

        assert [(text.id, text.title, text.body) for text in seen] == [
            (ids[2], "T2", "B2"),
            (ids[1], "T1", "B1"),
            (ids[4], "T4", "B4"),
        ]
        assert (seen[0].source, seen[0].found_at) == (BodySource.PAGE, NOW - timedelta(hours=3))


def test_since_when(store: Store) -> None:
    """What was found before is left out, of the texts and of what is flagged."""
    ids = _fill(store)
    with store.read() as session:
        late = texts.newest(session, NOW - timedelta(hours=4), None, 10)
        flagged = [texts.flagged(session, ["deals"], NOW - timedelta(hours=hours)) for hours in (4, 24)]
        other = texts.flagged(session, ["more"], NOW - timedelta(hours=24))

    assert [text.title for text in late] == ["T2", "T1"]
    assert flagged == [{(ids[1], "deals")}, {(ids[1], "deals"), (ids[4], "deals")}]
    assert other == set()
