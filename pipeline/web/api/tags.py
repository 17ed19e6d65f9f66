"""Answers that a program has already are not sent again (RFC 9110, sections 8.8.3 and 13.1.2), and HEAD is answered."""

from __future__ import annotations

import hashlib
import re

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Tagged:
    """ASGI middleware that gives each answer to a GET an ETag: its own, or one of its content."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        known = Headers(scope=scope).get("if-none-match", "")
        start: Message = {}
        content = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                content.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    await answer()

        async def answer() -> None:
            headers = MutableHeaders(scope=start)
            if start["status"] == 200:
                headers.setdefault("ETag", f'"{hashlib.sha256(content).hexdigest()[:32]}"')
                if _holds(known, headers["ETag"]):
                    start["status"] = 304
            if start["status"] == 304:
                content.clear()
                for name in ("Content-Length", "Content-Type", "Content-Disposition"):
                    del headers[name]
            await send(start)
            await send({"type": "http.response.body", "body": b"" if head else bytes(content)})

        await self._app({**scope, "method": "GET"}, receive, keep)


def fresh_tag(request: Request, *of: object) -> str:
    """The ETag of an answer that is made of these, and of what was asked for. Stops where the program has it."""
    asked = (request.url.path, sorted(request.query_params.multi_items()), *map(str, of))
    tag = f'W/"{hashlib.sha256(repr(asked).encode(errors="replace")).hexdigest()[:32]}"'
    if _holds(request.headers.get("if-none-match", ""), tag):
        raise HTTPException(304, headers={"ETag": tag})
    return tag


def _holds(known: str, tag: str) -> bool:
    """Whether `If-None-Match` names the tag; weak and strong ones are the same to it."""
    return known.strip() == "*" or tag.removeprefix("W/") in re.findall(r'"[^"]*"', known)
