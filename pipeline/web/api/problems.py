"""What goes wrong, as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import structlog
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.errors import ConfigError, PipelineError, StoreError
from pipeline.errors import Problem as ConfigProblem
from pipeline.notify.clean import one_line
from pipeline.web.api.values import Sent, Text
from pipeline.web.gate import TOKEN_HEADER
from pipeline.web.problem import problem

Value = TypeVar("Value")
_WORDS = {
    "Not Found": "There is nothing at this address. /api/v1/openapi.json lists what there is.",
    "Method Not Allowed": "This cannot be asked of this address. /api/v1/openapi.json lists what can be.",
}
_NO_TOKEN = f"Send the token that GET /api/v1/session gives as {TOKEN_HEADER}, with the cookie that comes with it."
_MOST = 20


class Fault(Sent):
    """One thing that is wrong with a request."""

    where: Text = Field(description="Where it stands, such as `query.since` or `body.articles.0`.")
    what: Text = Field(description="What is wrong with it.")


class Problem(Sent):
    """Why a request could not be answered (RFC 9457)."""

    type: str = Field(description="Always `about:blank`: the status says what kind of problem it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: Text = Field(description="What is wrong with this request, and the way out.")
    errors: list[Fault] = Field(description="Each fault of a request that does not fit (422).")


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What is wrong with the request.", "model": Problem},
    "5XX": {"description": "What went wrong here.", "model": Problem},
}
"""What every operation may answer besides what it is asked for."""


def found(value: Value | None, what: str) -> Value:
    """The value; where there is none, the answer is 404 and says what there is not."""
    if value is None:
        raise HTTPException(404, f"There is no {what}.")
    return value


def register(app: FastAPI) -> None:
    """Let the application answer each error with its problem."""
    for kind in (StarletteHTTPException, RequestValidationError, PipelineError):
        app.add_exception_handler(kind, answer)
    app.add_middleware(Unfailing)


class Unfailing:
    """ASGI middleware that answers what nobody expected, too; it stands in the log once, and goes no further."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            await answer(Request(scope), error)(scope, receive, send)


def answer(request: Request, error: Exception) -> Response:
    """What went wrong, for programs."""
    match error:
        case StarletteHTTPException():
            words = _NO_TOKEN if error.status_code == 403 else str(error.detail)
            return problem(error.status_code, _WORDS.get(words, words), headers=error.headers)
        case RequestValidationError():
            faults = [_fault(each) for each in error.errors()[:_MOST]]
            return _unfit(faults)
        case ConfigError():
            faults = [_place(each) for each in error.problems[:_MOST]]
            return _unfit(faults)
        case StoreError():
            return problem(503, str(error))
        case PipelineError():
            return problem(422, str(error))
    structlog.get_logger("dealwire").error("a request failed", path=request.url.path, exc_info=error)
    return problem(500, "This request failed; the log says why.")


def _unfit(faults: Sequence[Fault]) -> Response:
    said = "; ".join(f"{fault.where}: {fault.what}" for fault in faults)
    return problem(422, said, [fault.model_dump() for fault in faults])


def _fault(error: Mapping[str, Any]) -> Fault:
    """What was sent is not said back: it may be long, or no text at all."""
    words = str(error["msg"]).removeprefix("Value error, ")
    return Fault(where=one_line(".".join(map(str, error["loc"]))), what=f"{words[:1].lower()}{words[1:]}")


def _place(fault: ConfigProblem) -> Fault:
    place = f"{fault.file}:{fault.line}" if fault.line else fault.file
    return Fault(where=f"{place}: {fault.key}" if fault.key else place, what=f"{fault.message}. {fault.remedy}".strip())
