"""What was made for one answer and may serve for others: a bounded number of things, by key."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from pipeline.web.books import Shelf

_MOST = 80


class Kept:
    """The things that were asked for last. `shelf` has the books of each watch."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self._things: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._looking = threading.Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """What is kept under the key; made where it is not. The one asked for longest ago gives way."""
        with self._looking:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        made = make()
        with self._looking:
            self._things[key] = made
            while len(self._things) > _MOST:
                self._things.popitem(last=False)
        return made


def _kept(request: Request) -> Kept:
    state = request.app.state
    if not hasattr(state, "kept"):
        state.kept = Kept()
    found: Kept = state.kept
    return found


KeptHere = Annotated[Kept, Depends(_kept)]
