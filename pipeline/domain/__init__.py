"""Values that the stages exchange and nobody stores as such."""

from pipeline.domain.deals import (
    Bound,
    Change,
    DealState,
    Fact,
    Kind,
    Mark,
    Mention,
    Origin,
    Party,
    Ruling,
    Sentence,
    Source,
    Status,
    Verb,
)
from pipeline.domain.news import Entry, Page, ParsedFeed
from pipeline.domain.telling import Alert, DealAlert, Digest, DigestSection, FactLine, FeedTrouble, Message, Undelivered
from pipeline.domain.watching import Hit, Level, Passage, Reason, Verdict

__all__ = [
    "Alert",
    "Bound",
    "Change",
    "DealAlert",
    "DealState",
    "Digest",
    "DigestSection",
    "Entry",
    "Fact",
    "FactLine",
    "FeedTrouble",
    "Hit",
    "Kind",
    "Level",
    "Mark",
    "Mention",
    "Message",
    "Origin",
    "Page",
    "ParsedFeed",
    "Party",
    "Passage",
    "Reason",
    "Ruling",
    "Sentence",
    "Source",
    "Status",
    "Undelivered",
    "Verb",
    "Verdict",
]
