"""Alert or digest to message, message to channel."""

from typing import Protocol

from pipeline.domain import Message, Step, unsaid


class Channel(Protocol):
    """Where messages go. Both raise DeliveryError; `probe` tries the way without sending anything."""

    def send(self, message: Message, step: Step = unsaid) -> None: ...

    def probe(self) -> None: ...


__all__ = ["Channel"]
