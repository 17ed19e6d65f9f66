"""Alert or digest to message, message to channel."""

from typing import Protocol

from pipeline.domain import Message


class Channel(Protocol):
    """Where messages go. Both raise DeliveryError; `probe` tries the way without sending anything."""

    def send(self, message: Message) -> None: ...

    def probe(self) -> None: ...


__all__ = ["Channel"]
