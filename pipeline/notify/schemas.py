"""JSON Schemas (draft 2020-12) of what webhooks are sent, made from the very values that are sent. Pure."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from pipeline.notify.envelope import VERSION
from pipeline.notify.render import KINDS, adapter

_ABOUT = {
    "alert": "An article that a watch flags.",
    "deal": "A deal that is new or has changed.",
    "bundle": "Alerts that came together, each with the id it would have had by itself.",
    "digest": "The edition of a day.",
}


class _Complete(GenerateJsonSchema):
    """Every field is sent, also where it has its default."""

    def field_is_required(self, *_: Any, **__: Any) -> bool:  # what it is given differs between pydantic's versions
        return True


def schema(kind: str = "") -> dict[str, Any]:
    """The schema of the payload of this kind, or of all."""
    kinds = [kind] if kind else list(KINDS)
    made, definitions = TypeAdapter.json_schemas(
        [(name, "serialization", adapter(name)) for name in kinds], schema_generator=_Complete
    )
    payloads = [_payload(name, made[name, "serialization"]) for name in kinds]
    whole: dict[str, Any] = payloads[0] if kind else {"title": "Dealwire payload", "oneOf": payloads}
    return {"$schema": GenerateJsonSchema.schema_dialect, **whole, **definitions}


def _payload(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": f"Dealwire {kind}",
        "description": _ABOUT[kind],
        "type": "object",
        "properties": {
            "version": {"const": VERSION},
            "type": {"const": kind},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it was found."},
            "data": data,
        },
        "required": ["version", "type", "timestamp", "data"],
    }
