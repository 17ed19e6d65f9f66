"""The nouns that are stored: plain data, no queries."""

from pipeline.models.cluster import HostTurn, Published, Worker
from pipeline.models.ledger import Deal, DealArticle, DealChange, DealParty, Decision, Mentioned
from pipeline.models.news import (
    OFFICIAL,
    Article,
    BodySource,
    Earlier,
    Feed,
    FeedEvent,
    Health,
    Label,
    Listing,
    Match,
    host_behind,
)
from pipeline.models.telling import Delivery, DeliveryState, Disabled, Mute

__all__ = [
    "OFFICIAL",
    "Article",
    "BodySource",
    "Deal",
    "DealArticle",
    "DealChange",
    "DealParty",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Disabled",
    "Earlier",
    "Feed",
    "FeedEvent",
    "Health",
    "HostTurn",
    "Label",
    "Listing",
    "Match",
    "Mentioned",
    "Mute",
    "Published",
    "Worker",
    "host_behind",
]
