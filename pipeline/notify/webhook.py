"""A message as JSON to a webhook. Source of envelope, headers and signatures: https://www.standardwebhooks.com"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from pipeline.clock import Clock
from pipeline.domain import Message, Page, Step, unsaid
from pipeline.errors import BadStatus, DeliveryError, FetchError, ReceiverGone
from pipeline.notify.envelope import envelope

_REMEDIES = {
    401: "check the channel's headers and secret",
    403: "check the channel's headers and secret",
    404: "check the channel's url",
    405: "check the channel's url: it takes no POST",
}


class Client(Protocol):
    """The part of the HTTP client that a webhook needs. Both raise FetchError."""

    def get(self, url: str) -> Page: ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page: ...


@dataclass(frozen=True)
class WebhookChannel:
    """Posts the envelope through `client`; any 2xx is taken for delivered, and a 410 raises ReceiverGone.

    Each of the `secrets` signs, the first one first, so that a receiver can change from one to the next.
    """

    url: str
    client: Client
    clock: Clock
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)

    def send(self, message: Message, step: Step = unsaid) -> None:
        now = self.clock.now()
        body = envelope(message, now)
        headers = {
            **self.headers,
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self.secrets:
            headers["webhook-signature"] = self._signature(message.id, now, body)
            step(f"signed by {len(self.secrets)} secret{'s' * (len(self.secrets) > 1)}")
        began = time.monotonic()
        try:
            page = self.client.post(self.url, body.encode(), headers)
        except BadStatus as error:
            if error.status == HTTPStatus.GONE:
                raise ReceiverGone(str(error)) from error
            remedy = _REMEDIES.get(error.status)
            words = f"{error}; {remedy}" if remedy else str(error)
            raise DeliveryError(words, retry_after=error.retry_after) from error
        except FetchError as error:
            raise DeliveryError(str(error)) from error
        step(f"{len(body.encode()):,} bytes posted, answered by HTTP {page.status} in {_ms(began)} ms")

    def _signature(self, uid: str, now: datetime, body: str) -> str:
        from standardwebhooks import Webhook

        return " ".join(Webhook(secret).sign(uid, now, body) for secret in self.secrets)

    def probe(self) -> None:
        try:
            self.client.get(self.url)
        except BadStatus:
            return  # it answers; that it wants a POST is no fault
        except FetchError as error:
            raise DeliveryError(str(error)) from error


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
