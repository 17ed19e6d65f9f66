"""What errors say, without the secrets that may stand in it."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote

_SHORTEST = 4


def without(secrets: Collection[str], text: str) -> str:
    """The text with `***` in place of each of them, percent-encoded or not; of four characters or more."""
    for secret in sorted({*secrets, *map(unquote, secrets)}, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, "***")
    return text
