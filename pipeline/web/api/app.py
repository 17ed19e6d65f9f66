"""The API as an application of its own, to be mounted at `/api/v1`."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from pipeline.web.api import (
    alerts,
    articles,
    deals,
    deliveries,
    digest,
    feeds,
    mutes,
    problems,
    rulings,
    status,
    totals,
    trying,
    watches,
)
from pipeline.web.api.description import describe
from pipeline.web.api.tags import Tagged
from pipeline.web.gate import CheckToken
from pipeline.web.site import Site

PLACE = "/api/v1"
ROUTERS = (
    digest.router,
    totals.router,
    deals.router,
    rulings.router,
    articles.router,
    watches.router,
    trying.router,
    feeds.router,
    deliveries.router,
    mutes.router,
    alerts.router,
    status.router,
)
ABOUT = """What the dashboard shows and does, for programs.

Lists come in pages, whose `Link` header leads to those beside them. Each answer has an `ETag`: sent back as
`If-None-Match`, it is answered with 304 while nothing has changed. Errors are problem details (RFC 9457).

Where a password is set, send it as `Authorization: Bearer PASSWORD`. What changes something needs the token that
`GET /session` gives, as `X-CSRF-Token`, and the cookie that comes with it.
"""


class Api(FastAPI):
    """An application whose description says what FastAPI does not know of it."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            describe(super().openapi())
        return super().openapi()


def make_api(site: Site) -> FastAPI:
    """The whole API over a site. `openapi.json` describes it."""
    api = Api(
        title="Dealwire API",
        servers=[{"url": PLACE}],
        root_path_in_servers=False,
        generate_unique_id_function=lambda route: route.name,
        version=version("dealwire"),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        dependencies=[CheckToken],
        responses=problems.RESPONSES,
    )
    api.state.site = site
    for router in ROUTERS:
        api.include_router(router)
    api.add_middleware(Tagged)
    problems.register(api)
    return api
