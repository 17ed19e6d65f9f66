"""Values in portions that one IN clause takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

_CHUNK = 500

Value = TypeVar("Value")


def chunks(values: Sequence[Value]) -> Iterable[Sequence[Value]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))
