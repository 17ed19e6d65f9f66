"""The ledger in pictures: timeline, network and growth, and the pages on which they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from pipeline.charts import draw, specs
from pipeline.charts.specs import Spec, Theme
from pipeline.domain import Edge, Network
from pipeline.web.books import Books
from pipeline.web.kept import Kept, KeptHere
from pipeline.web.pages.deals import PageNumber
from pipeline.web.render import page
from pipeline.web.shown import counted
from pipeline.web.site import Site, SiteHere

router = APIRouter()
WIDTHS = (358, 700, 1190)
"""Pixels: for a phone, a tablet and a wide screen."""
_ROWS = 100
_DAYS = 40
_MOST_DOTS = 300
"""Deals on the timeline: more cover one another."""
_NO_SCRIPT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def _timeline(books: Books, today: date, theme: Theme, width: int) -> Spec | None:
    return specs.timeline(books.dots, today, theme, width, books.subject, _MOST_DOTS)


def _network(books: Books, today: date, theme: Theme, width: int) -> Spec | None:  # noqa: ARG001
    return specs.network(books.network, theme, width)


def _growth(books: Books, today: date, theme: Theme, width: int) -> Spec | None:
    return specs.cumulative(books.course, today, theme, width)


CHARTS: Mapping[str, Callable[[Books, date, Theme, int], Spec | None]] = {
    "timeline": _timeline,
    "network": _network,
    "growth": _growth,
}


@router.get("/charts/{name}.svg")
def chart(
    request: Request,
    site: SiteHere,
    kept: KeptHere,
    name: str,
    theme: Theme = "light",
    width: Annotated[int, Query(ge=280, le=1_600)] = WIDTHS[-1],
    watch: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """A picture of the ledger as it is now; 304 where the browser has it, and 404 where there is nothing to draw."""
    if name not in CHARTS:
        raise HTTPException(404)
    books, today = kept.shelf.books(site.settings, site.store, watch), site.now().astimezone(UTC).date()
    key = ("svg", books.watch, books.subject, books.revision, today, name, theme, width)
    tag = f'"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Content-Security-Policy": _NO_SCRIPT}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)

    def drawn() -> str:
        spec = CHARTS[name](books, today, theme, width)
        return draw.svg(spec) if spec else ""

    svg = kept.get(key, drawn)
    if not svg:
        raise HTTPException(404)
    return Response(svg, headers=headers, media_type="image/svg+xml")


@dataclass(frozen=True)
class Picture:
    """A chart on a page: what it shows in words, and how high it is at each of `WIDTHS`."""

    path: str
    about: str
    heights: Mapping[int, int]


def _picture(kept: Kept, site: Site, books: Books, name: str) -> Picture | None:
    today = site.now().astimezone(UTC).date()

    def planned() -> Picture | None:
        found = {width: CHARTS[name](books, today, "light", width) for width in WIDTHS}
        heights = {width: round(spec["height"]) for width, spec in found.items() if spec}
        wide = found[WIDTHS[-1]]
        return Picture(f"/charts/{name}.svg?watch={books.watch}", wide["description"], heights) if wide else None

    key = ("plan", books.watch, books.subject, books.revision, today, name)
    made: Picture | None = kept.get(key, planned)
    return made


def _shown(request: Request, site: Site, kept: Kept, template: str, books: Books, name: str, **more: Any) -> Response:
    watches = {each: rule.title for each, rule in site.settings.watches.items() if rule.ledger}
    picture = _picture(kept, site, books, name)
    return page(request, template, books=books, picture=picture, widths=WIDTHS, watches=watches, **more)


WatchHere = Annotated[str, Query(max_length=100)]


@router.get("/deals/timeline")
def timeline(
    request: Request,
    site: SiteHere,
    kept: KeptHere,
    watch: WatchHere = "",
    number: Annotated[PageNumber, Query(alias="page")] = 1,
) -> Response:
    """Each deal by when it was first reported and what it comes to."""
    books = kept.shelf.books(site.settings, site.store, watch)
    latest = books.dots[::-1]
    shown = latest[(number - 1) * _ROWS : number * _ROWS]
    notes = _timeline_notes(books)
    return _shown(
        request,
        site,
        kept,
        "deals_timeline.html",
        books,
        "timeline",
        dots=shown,
        notes=notes,
        number=number,
        size=_ROWS,
    )


def _timeline_notes(books: Books) -> list[str]:
    """What the timeline leaves out, in words."""
    notes = [
        "A deal stands at the day of its first report, as high as the total amount in US dollars that is in force."
    ]
    many = len(books.dots) > _MOST_DOTS
    if not many and (unpriced := sum(dot.usd is None for dot in books.dots)):
        notes.append(f"{counted(unpriced, 'deal')} without such an amount: in the strip at the bottom.")
    if many:
        notes.append(f"The {_MOST_DOTS} with the most dollars are drawn; the table has all.")
    if left := len(books.deals) - len(books.dots):
        notes.append(f"Left out: {counted(left, 'deal')} dismissed, superseded by a later one, or a sum over many.")
    return notes


@dataclass(frozen=True)
class Company:
    """A company of the network with what it is to the subject; `circle`: it puts money in and is paid."""

    slug: str
    name: str
    edges: tuple[Edge, ...]
    circle: bool


def _companies(found: Network | None) -> list[Company]:
    edges: dict[str, list[Edge]] = {}
    for edge in found.edges if found else ():
        edges.setdefault(edge.company.slug, []).append(edge)
    circles = found.circles if found else frozenset()
    return [Company(slug, own[0].company.name, tuple(own), slug in circles) for slug, own in edges.items()]


@router.get("/deals/network")
def network(request: Request, site: SiteHere, kept: KeptHere, watch: WatchHere = "") -> Response:
    """Who supplies, finances and owns the subject, and where money goes round."""
    books = kept.shelf.books(site.settings, site.store, watch)
    titles = {booked.id: booked.title for booked in books.deals}
    companies = _companies(books.network)
    return _shown(request, site, kept, "deals_network.html", books, "network", companies=companies, titles=titles)


@router.get("/deals/totals")
def totals(request: Request, site: SiteHere, kept: KeptHere, watch: WatchHere = "") -> Response:
    """Dollars and gigawatts by status, how they came about, and the circles of money."""
    books = kept.shelf.books(site.settings, site.store, watch)
    points = books.course.points[::-1][:_DAYS] if books.course else ()
    return _shown(request, site, kept, "deals_totals.html", books, "growth", points=points)
