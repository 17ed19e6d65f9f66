"""What programs are sent of a message. `schemas.py` says what stands in it. Pure."""

from __future__ import annotations

import json
from datetime import datetime

from pipeline.domain import Message

VERSION = 1
"""Of the payload. Fields may be added to it under one version; what is there keeps its meaning."""


def envelope(message: Message, now: datetime, **more: str) -> str:
    """`{"version", "type", "timestamp", "data"}` and what more is given, as JSON on one line.

    It is the same on every try of a message that knows when it was made.
    """
    head = {"version": VERSION, **more, "type": message.kind, "timestamp": (message.made or now).isoformat()}
    return json.dumps({**head, "data": message.data}, ensure_ascii=False)
