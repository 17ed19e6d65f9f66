"""Alert or digest to message, message to channel."""

from typing import Protocol

from pipeline.domain import Message


class Channel(Protocol):
    """Where messages go. `send` raises DeliveryError; sending one message twice must be harmless."""

    def send(self, message: Message) -> None: ...


__all__ = ["Channel"]
