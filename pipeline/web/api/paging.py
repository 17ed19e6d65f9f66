"""Lists in pages: which one is asked for, and the way to those beside it (RFC 8288)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import Field

from pipeline.web.api.values import Sent

Item = TypeVar("Item")


@dataclass(frozen=True)
class Asked:
    """The page of a list that is asked for."""

    request: Request
    response: Response
    page: Annotated[int, Query(ge=1, le=1_000_000, description="Which page, counted from 1.")] = 1
    size: Annotated[int, Query(ge=1, le=200, description="How many items a page has.")] = 50

    def link(self, more: bool) -> None:
        """Say in the answer's `Link` header where the page before and the one after are."""
        found = []
        if self.page > 1:
            found.append(self._to(self.page - 1, "prev"))
        if more:
            found.append(self._to(self.page + 1, "next"))
        if found:
            self.response.headers["Link"] = ", ".join(found)

    def _to(self, page: int, rel: str) -> str:
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "page"]
        return f'<{self.request.url.path}?{urlencode([*kept, ("page", page)])}>; rel="{rel}"'

    def more(self, total: int) -> bool:
        """Whether a page follows, of so many items."""
        return self.page * self.size < total


Paging = Annotated[Asked, Depends()]


class Listed(Sent, Generic[Item]):
    """A page of a list. The `Link` header leads to the next page and the one before."""

    items: list[Item]
    page: int = Field(description="Which page this is, counted from 1.")
    size: int = Field(description="How many items a page has at most.")
    total: int | None = Field(description="How many items there are on all pages; null where they were not counted.")
