"""Templates to responses."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.web import shown
from pipeline.web.gate import TOKEN_FIELD, cookie, session_of
from pipeline.web.site import Site

NOTE = "dealwire_said"
PAGES = (
    ("Today", "/"),
    ("Deals", "/deals"),
    ("Articles", "/articles"),
    ("Watches", "/watches"),
    ("Feeds", "/feeds"),
    ("Deliveries", "/deliveries"),
)


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template as a page, with a message from the request before, which is shown once."""
    site: Site = request.app.state.site
    sessions = request.scope["state"]["sessions"]
    note = sessions.open_note(request.cookies.get(NOTE, ""))
    html = (
        _environment()
        .get_template(template)
        .render(
            site=site,
            zone=site.zone,
            now=site.now(),
            here=request.url.path,
            query=request.query_params,
            session=session_of(request),
            note=note,
            csrf=lambda: _token_field(request),
            link=lambda **changes: _link(request, changes),
            pages=PAGES,
            asset=_asset,
            **context,
        )
    )
    response = HTMLResponse(html, status)
    if request.cookies.get(NOTE):
        response.headers.append("Set-Cookie", cookie(NOTE, "", 0, site))
    return response


def redirect(request: Request, to: str, said: str = "", kind: str = "done") -> RedirectResponse:
    """Lead on to another page, which shows once what was `said`. `kind`: done or error."""
    response = RedirectResponse(to, 303)
    if said:
        sealed = request.scope["state"]["sessions"].seal_note(said[:1_500], kind)
        response.headers.append("Set-Cookie", cookie(NOTE, sealed, 60, request.app.state.site))
    return response


def _token_field(request: Request) -> Markup:
    return Markup('<input type="hidden" name="%s" value="%s">') % (TOKEN_FIELD, session_of(request).token)


def _link(request: Request, changes: dict[str, Any]) -> str:
    """The page as it is, with these parts of its query put in place of its own; None or "" takes one out."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes and value]
    kept += [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


@cache
def _asset(name: str) -> str:
    """The address of a static file, another one when its content changes: it may be kept for ever."""
    content = (files("pipeline.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= shown.FILTERS
    return environment
