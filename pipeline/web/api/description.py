"""What the OpenAPI document says beyond what FastAPI finds out by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.web.gate import COOKIE, SAFE, TOKEN_HEADER
from pipeline.web.problem import MEDIA

_TOKEN = {
    "name": TOKEN_HEADER,
    "in": "header",
    "required": True,
    "description": "The token that `GET /session` gives.",
    "schema": {"type": "string"},
}
_SCHEMES = {
    "password": {"type": "http", "scheme": "bearer", "description": "The password, where one is set."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The session of a browser."},
}
_UNUSED = ("HTTPValidationError", "ValidationError")


def describe(document: dict[str, Any]) -> None:
    """Add how to get in, the token of what changes something, and how errors are answered."""
    document["components"]["securitySchemes"] = _SCHEMES
    document["security"] = [{}, {"password": []}, {"cookie": []}]
    for name in _UNUSED:
        document["components"]["schemas"].pop(name, None)
    for method, _, operation in operations(document):
        operation["summary"] = operation["description"].partition(". ")[0].partition(":")[0].rstrip(".")
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _plain(parameter["schema"])
        responses = operation["responses"]
        responses.pop("422", None)
        for status in ("4XX", "5XX"):
            [schema] = responses[status]["content"].values()
            responses[status]["content"] = {MEDIA: schema}
        if method in SAFE:
            responses["304"] = {"description": "What `If-None-Match` names is still so."}
        else:
            operation.setdefault("parameters", []).append(_TOKEN)


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter without what stands beside it anyway; what may be left out is not null."""
    kept = {name: value for name, value in schema.items() if name not in ("title", "description")}
    options = [option for option in kept.pop("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return {**kept, **options[0]}
    return {**kept, "anyOf": options} if options else kept


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each method in capitals, path and operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation
