"""A message through Apprise: Slack, Discord, Telegram, ntfy, Teams and the rest.

Apprise has HTTP of its own, which goes around our client: neither `http.proxy` nor the bounds and the refusal of
private addresses hold for it. The user names the service, and may name one inside.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from pipeline.domain import Message, Step, unsaid
from pipeline.errors import DeliveryError
from pipeline.notify.hidden import without

_LOGGER = logging.getLogger("apprise")


@dataclass(frozen=True)
class AppriseChannel:
    """Sends subject and text. The `url` holds secrets, and stands in no error and no step."""

    url: str = field(repr=False)

    def send(self, message: Message, step: Step = unsaid) -> None:
        sender = self._sender()
        with _said_here() as said:
            sent = sender.notify(body=message.text, title=message.subject, body_format="text")
        if not sent:
            reason = " ".join(said) or "it does not say why"
            raise DeliveryError(f"{self._schema} did not take the message: {without(self._parts, reason)}")
        step(f"taken by {self._schema}")

    def probe(self) -> None:
        """Whether Apprise is there and knows the address: no service can be asked without sending."""
        self._sender()

    def _sender(self) -> Any:
        try:
            import apprise
        except ImportError as error:
            raise DeliveryError("Apprise is not installed: pip install 'dealwire[chats]'") from error
        with _said_here():
            service = apprise.Apprise.instantiate(self.url, asset=apprise.AppriseAsset(app_id="Dealwire"))
        if service is None:
            raise DeliveryError(f"the channel's url is none that Apprise knows ({self._schema})", permanent=True)
        service.overflow_mode = apprise.OverflowMode.SPLIT  # what is too long for the service goes out in parts
        sender = apprise.Apprise()
        sender.add(service)
        return sender

    @property
    def _schema(self) -> str:
        return self.url.partition("://")[0] if "://" in self.url else "no schema"

    @property
    def _parts(self) -> list[str]:
        """Every part of the address but its schema, for each may be a secret."""
        return re.split(r"[/:@?&=+,]", self.url.partition("://")[2])


class _Ear(logging.Handler):
    """Keeps what is logged within one context, whichever threads that reaches; others may be sending too."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if _LISTENING.get() is self:
            self.heard.append(record.getMessage().strip())


_LISTENING: ContextVar[_Ear | None] = ContextVar("_LISTENING", default=None)


@contextmanager
def _said_here() -> Iterator[list[str]]:
    """What Apprise logs of this call: the only place where it gives reasons. It goes nowhere else."""
    ear = _Ear()
    token = _LISTENING.set(ear)
    _LOGGER.addHandler(ear)
    _LOGGER.propagate = False
    try:
        yield ear.heard
    finally:
        _LOGGER.removeHandler(ear)
        _LISTENING.reset(token)
