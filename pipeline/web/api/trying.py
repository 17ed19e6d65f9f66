"""Watches tried out on a text, as they are or as somebody would have them."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import Field

from pipeline.config.schema import Settings
from pipeline.domain import Level, Passage, Reason, Verdict
from pipeline.flow import tryout
from pipeline.flow.matching import build_matcher
from pipeline.web.api.article_models import FlaggedPassage, WeighedFeature
from pipeline.web.api.values import Given, Sent, Text
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Watches"])
_PATIENCE = 20.0
"""Seconds of waiting for others: each trial takes a core."""
_trying = threading.Lock()


class Try(Given):
    """A text, and the watches to judge it by."""

    text: Annotated[str, Field(max_length=100_000, description="The first line is its title; or a page of HTML.")]
    watches: Annotated[str | None, Field(max_length=100_000)] = Field(
        default=None, description="What to put in place of watches.yaml; the file as it is where this is null."
    )


class Judged(Sent):
    """What a watch says of the text, and why."""

    watch: str
    title: Text
    flagged: bool
    level: Level | None
    score: float = Field(description="How central the matter is to the text, 0 to 1.")
    certainty: float = Field(description="How sure the best window is, or the nearest, 0 to 1.")
    words: Text = Field(description="The outcome in a few words.")
    passages: list[FlaggedPassage] = Field(description="The windows that satisfy it, the best first.")
    nearest: FlaggedPassage | None = Field(description="Where there are none, the one that came nearest.")
    lacking: list[Text] = Field(description="The groups that that one lacks.")
    window_reasons: list[WeighedFeature]
    piece_reasons: list[WeighedFeature]


class Tried(Sent):
    """What each watch says of the text."""

    items: list[Judged]


@router.post("/watches/try")
def try_watches(site: SiteHere, given: Try) -> Tried:
    """Judge a text by all watches: those in force, or those of an edited watches.yaml. Nothing is saved.

    Each fault of the edited file is one of the problem's `errors`.
    """
    settings = site.settings
    if not _trying.acquire(timeout=_PATIENCE):
        raise HTTPException(503, "Others try watches out just now. Ask again in a moment.", {"Retry-After": "5"})
    try:
        if given.watches is not None:
            settings = tryout.settings_with(settings.folder, given.watches)
        piece = tryout.piece_from(settings, given.text.encode(errors="replace"))
        verdicts = build_matcher(settings).judge(piece)
    finally:
        _trying.release()
    return Tried(items=[_judged(settings, verdict) for verdict in verdicts])


def _judged(settings: Settings, verdict: Verdict) -> Judged:
    return Judged(
        watch=verdict.watch,
        title=settings.watches[verdict.watch].title,
        flagged=verdict.matched,
        level=verdict.level,
        score=verdict.score,
        certainty=verdict.certainty,
        words=tryout.outcome(verdict),
        passages=[_passage(each) for each in verdict.passages],
        nearest=_passage(verdict.nearest) if verdict.nearest else None,
        lacking=list(verdict.lacking),
        window_reasons=[_weighed(reason) for reason in verdict.window_reasons],
        piece_reasons=[_weighed(reason) for reason in verdict.piece_reasons],
    )


def _passage(of: Passage) -> FlaggedPassage:
    return FlaggedPassage.model_validate(asdict(of) | {"hits": [asdict(hit) for hit in of.hits]})


def _weighed(reason: Reason) -> WeighedFeature:
    return WeighedFeature(name=reason.name, share=reason.share)
