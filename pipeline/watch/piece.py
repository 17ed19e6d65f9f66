"""What the watches judge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pipeline.watch.text import Plain

_SAME = 60
"""A body that holds this many first characters of the feed's text repeats it."""


@dataclass(frozen=True)
class Piece:
    """What is judged. The feed's own text counts where the body is the page's and does not repeat it."""

    title: str
    body: str
    feed: str = ""

    @cached_property
    def text(self) -> str:
        """All of it, a part a line: what offsets of an `article` passage count in."""
        return "\n".join([self.title, *([self.feed] if self._adds else []), self.body])

    @cached_property
    def parts(self) -> dict[str, int]:
        """Where each part begins in `text`, by the names that passages use."""
        body = len(self.title) + 1 + (len(self.feed) + 1 if self._adds else 0)
        return {"title": 0, **({"feed": len(self.title) + 1} if self._adds else {}), "body": body}

    @cached_property
    def _adds(self) -> bool:
        return bool(self.feed) and Plain(self.feed[:_SAME]).text not in Plain(self.body).text
