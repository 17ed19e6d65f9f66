"""What was told of late, as feeds that others subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from pipeline.config.names import watch as known_watch
from pipeline.models import Delivery
from pipeline.notify import feed, render
from pipeline.store import told
from pipeline.web.api.tags import fresh_tag
from pipeline.web.api.values import WatchName
from pipeline.web.site import Site, SiteHere

router = APIRouter(tags=["Alerts"])
_TITLE = "Dealwire alerts"
_ATOM, _JSON = "application/atom+xml", "application/feed+json"


_ANSWERS: dict[str, dict[int | str, dict[str, Any]]] = {
    _ATOM: {200: {"content": {_ATOM: {"schema": {"type": "string"}}}}},
    _JSON: {200: {"content": {_JSON: {"schema": {"type": "object", "required": ["version", "title", "items"]}}}}},
}


@router.get("/alerts.atom", response_class=Response, responses=_ANSWERS[_ATOM])
def alerts_as_atom(request: Request, site: SiteHere, watch: WatchName = "") -> Response:
    """The last 200 alerts as Atom (RFC 4287), each once, whatever channels it went to."""
    tag, rows = _latest(request, site, watch)
    updated = rows[0][1].created_at if rows else site.now()
    name = f"{site.settings.state.as_uri()}/alerts/{watch}"
    content = feed.atom(_title(site, watch), name, _items(site, rows), updated.isoformat(), str(request.url))
    return Response(content, headers={"ETag": tag}, media_type=_ATOM)


@router.get("/alerts.json", response_class=Response, responses=_ANSWERS[_JSON])
def alerts_as_json_feed(request: Request, site: SiteHere, watch: WatchName = "") -> Response:
    """The last 200 alerts as a JSON Feed (version 1.1), each once, whatever channels it went to."""
    tag, rows = _latest(request, site, watch)
    content = feed.json_feed(_title(site, watch), _items(site, rows), str(request.url))
    return Response(content, headers={"ETag": tag}, media_type=_JSON)


def _latest(request: Request, site: Site, watch: str) -> tuple[str, Sequence[tuple[str, Delivery]]]:
    """The alerts with their tag. Stops where the program has them already."""
    if watch:
        known_watch(site.settings, watch)
    with site.store.read() as session:
        rows = told.latest(session, feed.MOST, watch)
    return fresh_tag(request, [key for key, _ in rows], site.zone), rows


def _items(site: Site, rows: Sequence[tuple[str, Delivery]]) -> list[feed.Item]:
    """The alerts as items of a feed, but for those of an older Dealwire that cannot be read any more."""
    items = []
    for key, row in rows:
        try:
            message = render.message(row.kind, key, row.subject, row.payload, site.zone)
        except (ValueError, LookupError):
            continue
        items.append(feed.item(message, row.created_at))
    return items


def _title(site: Site, watch: str) -> str:
    return f"{_TITLE}: {site.settings.watches[watch].title}" if watch else _TITLE
