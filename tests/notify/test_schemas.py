"""The JSON Schemas of webhook payloads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import jsonschema
import pytest

from pipeline.domain import Message, Page
from pipeline.notify import render
from pipeline.notify.render import Telling
from pipeline.notify.schemas import schema
from pipeline.notify.webhook import WebhookChannel
from tests.notify.samples import ALERT, DEAL, DIGEST, LEDGER, alert, digest
from tests.support.world import FixedClock

TOLD = {
    "alert": [ALERT, alert(published=None, url="", passages=())],
    "deal": [DEAL],
    "digest": [DIGEST, digest(sections=(LEDGER,))],
}
CASES = [(kind, value) for kind, values in TOLD.items() for value in values]


class Receiver:
    """A client that keeps what is posted."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def get(self, url: str) -> Page:
        return Page(url, 200, {}, b"")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page:  # noqa: ARG002
        self.bodies.append(json.loads(body))
        return Page(url, 200, {}, b"")


def payload(kind: str, value: Telling) -> Any:
    """What a webhook is sent."""
    receiver = Receiver()
    message: Message = render.message(kind, "msg_1", "A subject", json.loads(json.dumps(render.pack(value))), UTC)
    WebhookChannel("https://hook.example/", receiver, FixedClock()).send(message)
    [body] = receiver.bodies
    return body


def closed(node: Any) -> Any:
    """The schema with nothing allowed but what it names."""
    if isinstance(node, dict):
        strict = {"additionalProperties": False} if "properties" in node else {}
        return {key: closed(value) for key, value in node.items()} | strict
    return [closed(value) for value in node] if isinstance(node, list) else node


@pytest.mark.parametrize(("kind", "value"), CASES, ids=[kind for kind, _ in CASES])
def test_what_is_sent_is_what_is_documented(kind: str, value: Telling) -> None:
    """Every payload satisfies the schema of its kind and the schema of all, and holds nothing that they do not name."""
    body = payload(kind, value)

    for whole in (schema(kind), schema()):
        jsonschema.Draft202012Validator.check_schema(whole)
        jsonschema.validate(body, whole)
        jsonschema.validate(body, closed(whole))
    assert (body["version"], body["type"]) == (1, kind)


@pytest.mark.parametrize("kind", TOLD)
def test_each_field_is_documented_as_always_there(kind: str) -> None:
    """A payload that lacks any field of any object in it is refused."""
    whole, body = schema(kind), payload(kind, TOLD[kind][0])

    for field in body:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: value for name, value in body.items() if name != field}, whole)
    for field in body["data"]:
        less = {name: value for name, value in body["data"].items() if name != field}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**body, "data": less}, whole)


def test_the_kinds_are_told_apart() -> None:
    """A deal's payload is no alert's, and one of another version is none."""
    body = payload("deal", DEAL)

    wrongs = [(body, "alert"), ({**body, "type": "alert"}, "deal"), ({**body, "version": 2}, "deal")]
    for wrong, whole in [(wrong, schema(kind)) for wrong, kind in wrongs]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, whole)
