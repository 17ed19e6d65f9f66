"""The charts of messages as pictures."""

from __future__ import annotations

from typing import Any

from pipeline.domain import Digest, Growth, Picture
from pipeline.errors import UsageError
from pipeline.notify import render

_WIDTH = 560


def drawn(kind: str, uid: str, payload: dict[str, Any]) -> tuple[Picture, ...]:
    """The pictures of a message, made of its payload, so that they are the same on every try.

    None without dollars to draw, or without vl-convert: the figures stand in its words anyway.
    """
    if kind != "digest" or not payload.get("growth"):
        return ()
    edition: Digest = render.unpack(kind, payload)
    picture = picture_of(edition.growth, uid)
    return (picture,) if picture else ()


def picture_of(growth: Growth | None, uid: str) -> Picture | None:
    """The growth of a ledger as a picture of a message; None where it cannot be drawn."""
    from pipeline.charts import draw, specs  # here, as most commands draw nothing

    spec = specs.bars_small(growth, width=_WIDTH)
    if growth is None or spec is None:
        return None
    try:
        return Picture(f"growth.{uid}@dealwire", growth.words, _WIDTH, draw.png(spec))
    except (UsageError, ValueError):  # no vl-convert, or one that does not know how
        return None
