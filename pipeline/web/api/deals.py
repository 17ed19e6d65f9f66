"""The ledger: deals found, one of them whole, and all of them as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from pipeline.config.names import watch as known_watch
from pipeline.domain import Kind, Status
from pipeline.flow import deal_search
from pipeline.flow.deal_view import deal_view
from pipeline.flow.export import Format, export
from pipeline.store import Session, ledger
from pipeline.web.api.deal_models import Deals, DealWhole, deal_row, deal_whole
from pipeline.web.api.paging import Paging
from pipeline.web.api.problems import found
from pipeline.web.api.tags import fresh_tag
from pipeline.web.api.values import Id, Moment, WatchName, instant
from pipeline.web.site import Site, SiteHere

router = APIRouter(tags=["Deals"])
SORTS = [f"{sign}{name}" for name in ledger.SORTS for sign in ("-", "")]
_MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSONL: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class Wanted:
    """Which deals are asked for."""

    watch: WatchName = ""
    party: Annotated[str, Query(max_length=200, description="With this company: its slug, name, alias or ticker.")] = ""
    kind: Annotated[Kind | None, Query(description="Of this kind.")] = None
    status: Annotated[Status | None, Query(description="With this status.")] = None
    since: Annotated[
        Moment | None, Query(description="Only those spoken of since: a day, or a time with its zone.")
    ] = None
    words: Annotated[str, Query(max_length=500, description="Words that title or parties must hold.")] = ""
    least_usd: Annotated[
        float | None, Query(ge=0, allow_inf_nan=False, description="At least so many US dollars in all.")
    ] = None
    least_gw: Annotated[float | None, Query(ge=0, allow_inf_nan=False, description="At least so many gigawatts.")] = (
        None
    )
    dismissed: Annotated[bool, Query(description="Also those that a person said are no deals.")] = False

    def filter(self, site: Site, session: Session) -> ledger.Filter:
        """Raises UsageError where the watch or the company is not known."""
        wanted = ledger.Filter(
            watch=known_watch(site.settings, self.watch) if self.watch else "",
            kind=self.kind,
            status=self.status,
            since=instant(self.since, site.zone),
            dismissed=self.dismissed,
            words=self.words,
            least_usd=self.least_usd,
            least_gw=self.least_gw,
        )
        return deal_search.with_party(site.settings, session, wanted, self.party)


WantedDeals = Annotated[Wanted, Depends()]


@router.get("/deals")
def list_deals(
    request: Request,
    site: SiteHere,
    wanted: WantedDeals,
    paging: Paging,
    sort: Annotated[
        str, Query(description="What to sort by; with `-` the greatest first.", json_schema_extra={"enum": SORTS})
    ] = "-last",
) -> Deals:
    """The deals of the ledger with the figures in force, a page of them."""
    with site.store.read() as session:
        where = wanted.filter(site, session)
        paging.response.headers["ETag"] = fresh_tag(request, ledger.revision(session), where)
        rows, total = ledger.page(session, where, sort, paging.page, paging.size)
        numbers = {name: ledger.numbers(session, name) for name in {deal.watch for deal in rows}}
    paging.link(paging.more(total))
    items = [deal_row(deal, numbers[deal.watch]) for deal in rows]
    return Deals(items=items, page=paging.page, size=paging.size, total=total)


@router.get(
    "/deals.{form}",
    response_class=Response,
    responses={
        200: {"content": {media.partition(";")[0]: {"schema": {"type": "string"}} for media in _MEDIA.values()}}
    },
)
def export_deals(
    request: Request,
    site: SiteHere,
    wanted: WantedDeals,
    form: Annotated[Format, Path(description="As what.")],
) -> Response:
    """All deals that are asked for as a file: a row for each, every figure with its quote and its source beside it."""
    with site.store.read() as session:
        where = wanted.filter(site, session)
        tag = fresh_tag(request, ledger.revision(session), where)
        content = export(session, ledger.find(session, where), form)
    named = {"Content-Disposition": f'attachment; filename="deals.{form}"', "ETag": tag}
    return Response(content, headers=named, media_type=_MEDIA[form])


@router.get("/deals/{id}")
def get_deal(site: SiteHere, id: Id) -> DealWhole:
    """A deal with all that is known of it: each figure with its sentence, who disagrees, its history and articles."""
    with site.store.read() as session:
        found(ledger.get(session, id), f"deal {id}")
        return deal_whole(deal_view(session, id))
