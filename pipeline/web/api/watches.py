"""Watches: what each looks for, and keeping one quiet."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from pipeline.config.schema import Settings, WatchSettings
from pipeline.domain import Level
from pipeline.store import articles, mutes
from pipeline.web.api.values import Sent, Text
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Watches"])


class Watch(Sent):
    """A watch as it is in force, what it is `like` filled in."""

    name: str
    title: Text
    within: str = Field(description="The window in which its terms must meet: sentence, paragraph, article, 25 words.")
    all: dict[str, list[str]] = Field(description="The groups, of each of which one term must stand in the window.")
    none: list[str] = Field(description="Terms that must not.")
    weigh: dict[str, list[str]] = Field(description="Groups that need not be there, but weigh in the score.")
    subject: str | None = Field(description="The group that says whose news it is.")
    ledger: bool = Field(description="Whether it keeps a ledger of deals.")
    alert: Level = Field(description="The least level that alerts.")
    channels: list[str] = Field(description="Where its alerts go; nowhere but the digest where there are none.")
    flagged: int = Field(description="How many articles it flags.")
    muted_until: datetime | None = Field(description="Until when nothing is told of it; null where it is not muted.")


class Watches(Sent):
    """All watches."""

    items: list[Watch]


@router.get("/watches")
def list_watches(site: SiteHere) -> Watches:
    """All watches as they are in force, and how much each flags."""
    settings = site.settings
    with site.store.read() as session:
        flagged = articles.flagged_counts(session)
        muted = {mute.watch: mute.until for mute in mutes.in_force(session, site.now()) if mute.deal_id is None}
    return Watches(
        items=[
            _watch(settings, name, rule, flagged.get(name, 0), muted.get(name))
            for name, rule in settings.watches.items()
        ]
    )


def _watch(settings: Settings, name: str, rule: WatchSettings, flagged: int, muted_until: datetime | None) -> Watch:
    return Watch(
        name=name,
        title=rule.title,
        within=rule.within,
        all={group: list(terms) for group, terms in rule.all.items()},
        none=list(rule.none),
        weigh={group: list(terms) for group, terms in rule.weigh.items()},
        subject=rule.subject,
        ledger=rule.ledger,
        alert=rule.alert,
        channels=list(settings.channels_for(rule.notify)),
        flagged=flagged,
        muted_until=muted_until,
    )
