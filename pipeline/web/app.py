"""The site as an ASGI application."""

from __future__ import annotations

from importlib.resources import as_file, files

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import Scope

from pipeline.errors import PipelineError, StoreError, UsageError
from pipeline.web.api import docs
from pipeline.web.api.app import PLACE, make_api
from pipeline.web.gate import CheckToken, Gate
from pipeline.web.kept import Kept
from pipeline.web.pages import ROUTERS
from pipeline.web.render import page
from pipeline.web.site import Site

_TITLES = {400: "That cannot be", 403: "Not allowed", 404: "There is no such page", 422: "That cannot be"}


def make_app(site: Site) -> FastAPI:
    """All pages over a site, with the gate in front of them."""
    app = FastAPI(title="Dealwire", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[CheckToken])
    app.state.site = site
    for router in (*ROUTERS, docs.router):
        app.include_router(router)
    app.state.api = make_api(site)
    app.state.kept = app.state.api.state.kept = Kept()
    app.mount(PLACE, app.state.api)
    with as_file(files("pipeline.web") / "static") as folder:
        app.mount("/static", _Static(directory=folder))
    app.add_middleware(Gate, site=site)
    for kind in (HTTPException, RequestValidationError, PipelineError, Exception):
        app.add_exception_handler(kind, _failed)
    return app


class _Static(StaticFiles):
    """Files whose addresses change with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and b"v=" in scope["query_string"]:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _failed(request: Request, error: Exception) -> Response:
    """What went wrong, as a page."""
    status, words = _said_of(error)
    if status >= 500:
        structlog.get_logger("dealwire").error("a page failed", page=request.url.path, exc_info=error)
    if request.url.path.startswith("/healthz"):
        return PlainTextResponse(words, status)
    return page(request, "error.html", status, title=_TITLES.get(status, "Something went wrong"), words=words)


def _said_of(error: Exception) -> tuple[int, str]:
    match error:
        case HTTPException():
            return error.status_code, str(error.detail) if error.status_code != 404 else ""
        case RequestValidationError():
            faults = [f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.errors()]
            return 400, "; ".join(faults)[:1_000]
        case UsageError():
            return 400, str(error)
        case StoreError():
            return 503, str(error)
        case PipelineError():
            return 400, str(error)
        case _:
            return 500, "This page failed; the log says why."
