"""What the settings say, made into what judges by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.config.schema import Settings

if TYPE_CHECKING:
    from pipeline.flow.ledger import Ledger
    from pipeline.flow.stories import Stories
    from pipeline.watch.matcher import Matcher
    from pipeline.watch.promise import Promises


@dataclass(frozen=True)
class Rules:
    """Each is made, and what it takes loaded, when it is first asked for: where nothing is due, none is."""

    settings: Settings

    @cached_property
    def matcher(self) -> Matcher:
        from pipeline.flow.matching import build_matcher

        return build_matcher(self.settings)

    @cached_property
    def promises(self) -> Promises:
        """How promising an entry is before its page has been read."""
        from pipeline.flow.matching import vocabulary_of
        from pipeline.watch.promise import Promises

        return Promises(self.matcher, vocabulary_of(self.settings))

    @cached_property
    def ledgers(self) -> Mapping[str, Ledger]:
        """By the watch that keeps it."""
        from pipeline.flow.ledger import Ledger

        return {name: Ledger(self.settings, name) for name, watch in self.settings.watches.items() if watch.ledger}

    @cached_property
    def stories(self) -> Stories:
        from pipeline.flow.stories import Stories

        return Stories(self.settings)

    @cached_property
    def every(self) -> Mapping[str, timedelta]:
        """The cadence of the feeds that have one of their own, by URL."""
        return {feed.url: feed.every for feed in self.settings.feeds if feed.every}
