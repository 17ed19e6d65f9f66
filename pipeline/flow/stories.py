"""Stories: of the articles that tell of one event, the first is told, and the others join it."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pipeline.config.schema import Settings
from pipeline.deals.headlines import News, Rarity, same_event
from pipeline.domain import Status
from pipeline.models import Article
from pipeline.store import Session, stories
from pipeline.watch.language import language

if TYPE_CHECKING:
    from pipeline.watch.marker import Marker

_HEADLINES = 300
"""By how many of the watch's latest headlines it is known which words are rare."""
_KNOWN = 1000
"""How many pieces of news are kept as they were read: each new one is held against all of some days."""

_STATUS = "status:"


class Stories:
    """The stories of all watches of these settings. Works within a transaction."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._news = lru_cache(_KNOWN)(self._read)

    def join(self, session: Session, article: Article, watch: str) -> bool:
        """Attach a match to the story that was told of the same event; whether there is one.

        One that opened a story itself stays what it is.
        """
        rule, id_ = self._settings.watches[watch], article.id or 0
        if not rule.story_window or stories.opened(session, watch, id_):
            return False
        at = article.published or article.found_at
        told = stories.told(session, watch, rule.alert, at - rule.story_window, at + rule.story_window)
        others = [one for one in told if one.article != id_]
        if not others:
            return False
        rarity = Rarity(stories.headlines(session, watch, _HEADLINES))
        news = self._news(article.title, article.fingerprint, article.host)
        for other in others:
            if same_event(news, self._news(other.title, other.fingerprint, other.host), rarity):
                stories.join(session, watch, id_, other.article)
                return True
        return False

    def _read(self, title: str, fingerprint: str, host: str) -> News:
        labels = {mark.label for mark in self._marker.marks(title, language(title))}
        return News(
            title,
            fingerprint,
            self._settings.ledger.outlet_of(host) or host,
            frozenset(label for label in labels if not label.startswith(_STATUS)),
            frozenset(Status(label.removeprefix(_STATUS)) for label in labels if label.startswith(_STATUS)),
        )

    @cached_property
    def _marker(self) -> Marker:
        from pipeline.flow.matching import vocabulary_of  # here, so that a pass that ingests nothing need not load it
        from pipeline.watch.marker import Marker

        ledger = self._settings.ledger
        return Marker(
            {
                **{f"@{slug}": [f"@{slug}"] for slug in self._settings.companies},
                **{f"place:{place}": terms for place, terms in ledger.places.items()},
                **{f"{_STATUS}{status}": terms for status, terms in ledger.statuses.items()},
            },
            vocabulary_of(self._settings),
        )
