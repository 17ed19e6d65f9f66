"""`/api`: the operations and values of the API as a page, made from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from pipeline.web.api.description import operations
from pipeline.web.render import page

router = APIRouter()
Schema = Mapping[str, Any]
_FORMATS = {"date-time": "time", "date": "day"}


@dataclass(frozen=True)
class Sort:
    """Of what sort a value is, in words, and the name of the value that it is made of; empty where it is plain."""

    words: str
    of: str = ""


@dataclass(frozen=True)
class Row:
    """A parameter of an operation, or a field of a value."""

    name: str
    where: str
    sort: Sort
    needed: bool
    words: str


@dataclass(frozen=True)
class Operation:
    """What a program may ask for: `words` are paragraphs, `takes` and `gives` what it sends and gets."""

    method: str
    path: str
    id: str
    words: tuple[str, ...]
    parameters: tuple[Row, ...]
    takes: tuple[Sort, ...]
    gives: tuple[Sort, ...]


@dataclass(frozen=True)
class Value:
    """What is sent and got: its fields, or the words that it may be."""

    name: str
    words: str
    fields: tuple[Row, ...]
    options: tuple[str, ...]


@router.get("/api")
def docs(request: Request) -> Response:
    document: dict[str, Any] = request.app.state.api.openapi()
    return page(
        request,
        "api.html",
        place=document["servers"][0]["url"],
        base=str(request.base_url).rstrip("/"),
        about=document["info"]["description"].strip().split("\n\n"),
        groups=_groups(document),
        codes=codes,
        values=list(_values(document["components"]["schemas"])),
    )


def codes(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it stands in backticks: what one types, and not words."""
    return [(piece, bool(at % 2)) for at, piece in enumerate(text.split("`")) if piece]


def _groups(document: Schema) -> dict[str, list[Operation]]:
    """The operations by what they are about."""
    groups: dict[str, list[Operation]] = {}
    for method, path, operation in operations(document):
        groups.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    return groups


def _operation(method: str, path: str, operation: Schema) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    contents = [(media, each["schema"]) for answer in answers for media, each in answer.get("content", {}).items()]
    return Operation(
        method=method,
        path=path,
        id=operation["operationId"],
        words=tuple(operation["description"].split("\n\n")),
        parameters=tuple(
            Row(each["name"], each["in"], _sort(each["schema"]), each["required"], each.get("description", ""))
            for each in operation.get("parameters", ())
        ),
        takes=tuple(_sort(each) for each in body.get("oneOf", [body] if body else [])),
        gives=tuple(_sort(each) if "$ref" in each else Sort(media) for media, each in contents),
    )


def _values(schemas: Schema) -> Iterator[Value]:
    for name, schema in sorted(schemas.items()):
        fields = tuple(
            Row(field, "", _sort(each), field in schema.get("required", ()), each.get("description", ""))
            for field, each in schema.get("properties", {}).items()
        )
        yield Value(name, schema.get("description", ""), fields, tuple(map(str, schema.get("enum", ()))))


def _sort(schema: Schema) -> Sort:
    """Of what sort the values of a schema are."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Sort(name, name)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        sorts = [_sort(option) for option in options]
        return Sort(" or ".join(sort.words for sort in sorts), next((sort.of for sort in sorts if sort.of), ""))
    if "enum" in schema:
        return Sort("one of " + ", ".join(map(str, schema["enum"])))
    if "const" in schema:
        return Sort(f"always {schema['const']}")
    if schema.get("type") == "array":
        inner = _sort(schema.get("items", {}))
        return Sort(f"list of {inner.words}", inner.of)
    if isinstance(more := schema.get("additionalProperties"), Mapping):
        inner = _sort(more)
        return Sort(f"{inner.words} by name", inner.of)
    return Sort(_FORMATS.get(schema.get("format", ""), str(schema.get("type", "any"))))
