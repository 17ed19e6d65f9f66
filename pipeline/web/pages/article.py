"""One article: its text with what was found in it, why, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request, Response

from pipeline.config.schema import Settings
from pipeline.domain import Passage, Reason, Verdict
from pipeline.errors import UsageError
from pipeline.flow.matching import build_matcher
from pipeline.flow.replay import stored_piece, verdict_of
from pipeline.flow.tryout import lack
from pipeline.models import Article, BodySource, Earlier, Match
from pipeline.store import Session, articles, beside, labels, ledger
from pipeline.watch.matcher import Matcher
from pipeline.web import marking
from pipeline.web.paging import Id
from pipeline.web.render import page, redirect
from pipeline.web.site import SiteHere

router = APIRouter()

_MOST_BODY = 40_000
"""Characters of a text that are shown; a page is to stay light."""

_MOST_EARLIER, _MOST_VERSIONS = 8_000, 5
_MOST_REASONS = 8

Answer = Literal["about", "mentions", "no", "none"]


@dataclass(frozen=True)
class Told:
    """What a watch says of the article: of one that flags it the `match` too."""

    watch: str
    title: str
    verdict: Verdict
    quotes: tuple[marking.Quoted, ...]
    window: tuple[Reason, ...]
    piece: tuple[Reason, ...]
    lack: str = ""
    match: Match | None = None
    story: tuple[Article, ...] = ()


@router.get("/articles/{article:int}")
def article(request: Request, site: SiteHere, article: Id) -> Response:
    settings = site.settings
    with site.store.read() as session:
        found = articles.get(session, article)
        if found is None:
            raise HTTPException(404)
        matches = articles.matches(session, [article]).get(article, [])
        flagging = [_flagged(settings, session, match) for match in matches]
        sources = articles.sources(session, [article]).get(article, [])
        deals, told = ledger.of_article(session, article), beside.told_of(session, article)
        before, given = articles.earlier(session, article), labels.of_article(session, article)
    piece = stored_piece(found)
    passages = [passage for each in flagging for passage in each.verdict.passages]
    return page(
        request,
        "article.html",
        article=found,
        shown=marking.shown(piece, passages, _MOST_BODY),
        cut=len(piece.body) > _MOST_BODY,
        sources=sources,
        flagging=flagging,
        near=_near(request, settings, found, {match.watch for match in matches}),
        labels=given,
        titles={name: rule.title for name, rule in settings.watches.items()},
        deals=deals,
        told=told,
        earlier=_versions(before),
        more_earlier=max(len(before) - _MOST_VERSIONS, 0),
    )


@router.post("/articles/{article:int}/label")
def label(
    request: Request, site: SiteHere, article: Id, watch: Annotated[str, Form()], answer: Annotated[Answer, Form()]
) -> Response:
    """Keep what a person says of the article, for `dealwire eval` and `learn`; or take it back."""
    if watch not in site.settings.watches:
        raise UsageError(f"There is no watch {watch!r}.")
    title = site.settings.watches[watch].title
    with site.store.write() as session:
        if articles.get(session, article) is None:
            raise HTTPException(404)
        if answer == "none":
            labels.drop(session, article, watch)
            said = f"The label for {title} is taken back."
        else:
            labels.put(session, article, watch, answer != "no", answer == "about", site.now())
            says = {"about": "it is about this", "mentions": "it mentions this", "no": "it is no such article"}
            said = f"Noted for {title}: {says[answer]}. `dealwire eval` counts it from now on."
    return redirect(request, f"/articles/{article}", said)


def _flagged(settings: Settings, session: Session, match: Match) -> Told:
    verdict = verdict_of(match)
    story = beside.story(session, match.watch, match.story_of or match.article_id)
    return _told(settings, verdict, verdict.passages, match=match, story=tuple(story) if len(story) > 1 else ())


def _told(
    settings: Settings,
    verdict: Verdict,
    passages: Iterable[Passage],
    lack: str = "",
    match: Match | None = None,
    story: tuple[Article, ...] = (),
) -> Told:
    title = settings.watches[verdict.watch].title if verdict.watch in settings.watches else verdict.watch
    quotes = tuple(map(marking.quote_of, passages))
    window, piece = _heaviest(verdict.window_reasons), _heaviest(verdict.piece_reasons)
    return Told(verdict.watch, title, verdict, quotes, window, piece, lack, match, story)


def _heaviest(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Those that weigh most, and the rest as one."""
    rest = reasons[_MOST_REASONS:]
    together = (Reason(f"{len(rest)} more", sum(reason.share for reason in rest)),) if rest else ()
    return (*reasons[:_MOST_REASONS], *together)


def _near(request: Request, settings: Settings, article: Article, flagging: set[str]) -> list[Told]:
    """What the watches that do not flag the article make of it now."""
    if article.body_source is BodySource.PRUNED or flagging >= set(settings.watches):
        return []
    verdicts = _matcher(request, settings).judge(stored_piece(article))
    return [
        _told(settings, verdict, [shown] if shown else [], _lack(verdict))
        for verdict in verdicts
        if verdict.watch not in flagging
        for shown in [verdict.passages[0] if verdict.matched else verdict.nearest]
    ]


def _lack(verdict: Verdict) -> str:
    """Why a watch does not flag an article."""
    if verdict.matched:
        return "would be flagged by the terms as they are now"
    return lack(verdict) if verdict.nearest else "none of its terms occurs"


def _matcher(request: Request, settings: Settings) -> Matcher:
    """The watches of these settings compiled, which takes a tenth of a second: once, until they change."""
    kept: tuple[Settings, Matcher] | None = getattr(request.app.state, "matcher", None)
    if kept is None or kept[0] is not settings:
        kept = request.app.state.matcher = (settings, build_matcher(settings))
    return kept[1]


def _versions(before: list[Earlier]) -> list[tuple[Earlier, str]]:
    """The last earlier versions, the latest first, each with as much of its text as is shown."""
    return [(each, each.body[:_MOST_EARLIER]) for each in before[::-1][:_MOST_VERSIONS]]
