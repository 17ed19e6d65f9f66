"""Coming in, leaving, and being asked whether we are there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse

from pipeline.web.gate import COOKIE, client_of, cookie
from pipeline.web.render import page, redirect
from pipeline.web.sessions import SESSION_SECONDS, same
from pipeline.web.site import SiteHere

router = APIRouter()


@router.get("/healthz")
def healthz(site: SiteHere) -> Response:
    """Whether the store can be read."""
    with site.store.read():
        return PlainTextResponse("ok\n")


@router.get("/login")
def login(request: Request, site: SiteHere, next: str = "/") -> Response:
    if not site.password:
        return redirect(request, _local(next))
    return page(request, "login.html", next=_local(next), wrong="")


@router.post("/login")
def enter(
    request: Request,
    site: SiteHere,
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """A new session for who knows the password. After five wrong ones in a minute one has to wait."""
    tries, sessions, client = request.state.tries, request.state.sessions, client_of(request.scope)
    if seconds := tries.wait(client):
        said = f"Too many wrong passwords. Try again in {seconds:.0f} seconds."
        response: Response = page(request, "login.html", 429, next=_local(next), wrong=said)
        response.headers["Retry-After"] = f"{seconds:.0f}"
        return response
    if not site.password or not same(password, site.password):
        tries.wrong(client)
        return page(request, "login.html", 403, next=_local(next), wrong="That is not the password.")
    response = redirect(request, _local(next))
    response.headers.append(
        "Set-Cookie", cookie(COOKIE, sessions.seal(sessions.begin(known=True)), SESSION_SECONDS, site)
    )
    return response


@router.post("/logout")
def leave(request: Request, site: SiteHere) -> Response:
    response = redirect(request, "/login")
    response.headers.append("Set-Cookie", cookie(COOKIE, "", 0, site))
    return response


def _local(path: str) -> str:
    """A page of ours to go on to; the first where it would lead elsewhere."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if fine else "/"
