"""What every request passes: host ▸ size ▸ session ▸ password ▸ page ▸ headers."""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.config.web import is_this_machine
from pipeline.web.problem import problem
from pipeline.web.sessions import SESSION_SECONDS, Session, Sessions, Tries, key_of, same
from pipeline.web.site import Site

COOKIE = "dealwire_session"
TOKEN_FIELD = "csrf"
TOKEN_HEADER = "x-csrf-token"
SAFE = ("GET", "HEAD", "OPTIONS")
OPEN = re.compile(r"/login|/healthz|/static/.*")
"""What is shown to everybody."""
LARGEST_BODY = 2**20
_CONTROL = re.compile(r"[\0-\x1f\x7f]")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Gate:
    """ASGI middleware around all pages, the API and static files."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        self._key = key_of(site.settings.state)
        self.tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send, {**_HEADERS, "Cache-Control": "private, no-cache"})
        refusal = self._refusal(scope["path"], Headers(scope=scope))
        if refusal is None:
            session, send = self._open_session(scope, send)
            if self._site.password and not session.known and not OPEN.fullmatch(scope["path"]):
                refusal = self._unknown(scope, Headers(scope=scope))
        await (refusal or self._app)(scope, _capped(receive), send)

    def _refusal(self, path: str, headers: Headers) -> Response | None:
        """The answer to a request that nobody should read; None for one that may go on."""
        if _CONTROL.search(path):
            return problem(404, "There is nothing at this address.")
        if not _is_ours(headers.get("host", ""), self._site):
            return PlainTextResponse("This name is not ours. Put it under web.hosts in dealwire.yaml.\n", 421)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_BODY:
            return PlainTextResponse(f"That is too much: {LARGEST_BODY:,} bytes at most.\n", 413)
        return None

    def _open_session(self, scope: Scope, send: Send) -> tuple[Session, Send]:
        """The session of the request's cookie, or a new one, whose cookie goes out with the answer."""
        sessions = Sessions(self._key, self._site.password)
        session = sessions.open(_cookie(scope, COOKIE))
        if session is None:
            session = sessions.begin(known=False)
            if scope["path"] == "/login" or not OPEN.fullmatch(scope["path"]):
                sealed = cookie(COOKIE, sessions.seal(session), SESSION_SECONDS, self._site)
                send = _with_headers(send, {"Set-Cookie": sealed})
        scope.setdefault("state", {}).update(session=session, sessions=sessions, tries=self.tries)
        return session, send

    def _unknown(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to somebody who gave no password; None where it stands in the header."""
        client = client_of(scope)
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if seconds := self.tries.wait(client):
                return problem(429, "There were too many wrong passwords.", headers={"Retry-After": f"{seconds:.0f}"})
            if same(given.strip(), self._site.password):
                return None
            self.tries.wrong(client)
        if scope["path"].startswith("/api/"):
            return problem(401, "The password is needed.", headers={"WWW-Authenticate": 'Bearer realm="dealwire"'})
        if scope["method"] not in SAFE:
            return PlainTextResponse("The password is needed: /login\n", 401)
        query = scope["query_string"].decode("latin-1")
        there = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/login?next={quote(there)}", 303)


def client_of(scope: Scope) -> str:
    return str((scope.get("client") or ("unknown",))[0])


def _is_ours(host: str, site: Site) -> bool:
    """Whether the host is named as this machine, as the configuration says, or by a bare address.

    A page elsewhere could lead a name of its own here, and then read what is ours; an address it cannot.
    """
    found = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\[\]/@\s]+)(:\d{1,5})?", host)
    if not found:
        return False
    name = found[1].strip("[]").lower().rstrip(".")
    if name in site.web.hosts or is_this_machine(name):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return not is_this_machine(site.listen[0])


def _cookie(scope: Scope, name: str) -> str:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def cookie(name: str, value: str, seconds: int, site: Site) -> str:
    """A `Set-Cookie` that scripts cannot read and other sites' forms do not send."""
    secure = "; Secure" if site.web.https else ""
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    """`send` that adds headers which the response has not set itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = MutableHeaders(scope=message)
            for name, value in headers.items():
                if name == "Set-Cookie":
                    if not any(v.startswith(f"{COOKIE}=") for v in own.getlist(name)):
                        own.append(name, value)
                else:
                    own.setdefault(name, value)
        await send(message)

    return sending


def _capped(receive: Receive) -> Receive:
    """`receive` that breaks off where a body is longer than it may be, whatever its header said."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(413, f"That is too much: {LARGEST_BODY:,} bytes at most.")
        return message

    return receiving


def session_of(connection: HTTPConnection) -> Session:
    session: Session = connection.scope["state"]["session"]
    return session


async def check_token(request: Request) -> None:
    """Refuse what would change something and does not carry the token of its session."""
    if request.method in SAFE:
        return
    given: Any = request.headers.get(TOKEN_HEADER)
    if given is None and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        given = (await request.form()).get(TOKEN_FIELD)
    if not isinstance(given, str) or not same(given, session_of(request).token):
        raise HTTPException(403, "This form is too old or not ours. Go back, load the page again, and send it again.")


CheckToken = Depends(check_token)
SessionHere = Annotated[Session, Depends(session_of)]
