"""Values in portions that one IN clause takes, and rows in pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

_CHUNK = 500
_LAST_PAGE = 1_000_000

Value = TypeVar("Value")


def chunks(values: Sequence[Value]) -> Iterable[Sequence[Value]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))


def offset(page: int, size: int) -> int:
    """How many rows stand before a page of that size; pages count from 1, and what is none of them is the first."""
    return (min(max(page, 1), _LAST_PAGE) - 1) * size
