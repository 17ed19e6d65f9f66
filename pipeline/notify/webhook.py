"""A message as JSON to a webhook. Source of envelope, headers and signatures: https://www.standardwebhooks.com"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from pipeline.clock import Clock
from pipeline.domain import Message, Page, Step, unsaid
from pipeline.errors import BadStatus, DeliveryError, FetchError, ReceiverGone
from pipeline.notify.envelope import envelope
from pipeline.notify.hidden import without

_MOVED = "it has moved, and posts are not sent after it; set the channel's url to its new address"
_REMEDIES = {
    **dict.fromkeys((301, 302, 303, 307, 308), _MOVED),
    401: "check the channel's headers and secret",
    403: "check the channel's headers and secret",
    404: "check the channel's url",
    405: "check the channel's url: it takes no POST",
    410: "it is gone for good; set the channel's url to another",
}


class Client(Protocol):
    """The part of the HTTP client that a webhook needs. Both raise FetchError."""

    def get(self, url: str) -> Page: ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page: ...


@dataclass(frozen=True)
class WebhookChannel:
    """Posts the envelope through `client`; any 2xx is taken for delivered, and a 410 raises ReceiverGone.

    Who knows the `url` may often post there, so nothing of it but the host stands in an error. Each of the `secrets`
    signs, the first one first, so that a receiver can change from one to the next.
    """

    url: str = field(repr=False)
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
            remedy = _REMEDIES.get(error.status)
            words = f"{error}; {remedy}" if remedy else str(error)
            if error.status == HTTPStatus.GONE:
                raise ReceiverGone(words) from error
            raise DeliveryError(words, retry_after=error.retry_after) from error
        except FetchError as error:
            raise DeliveryError(without(self._parts, str(error))) from error
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
            raise DeliveryError(without(self._parts, str(error))) from error

    @property
    def _parts(self) -> list[str]:
        """What may be secret of the address."""
        url = urlsplit(self.url)
        return [self.url, url._replace(scheme="", netloc="").geturl(), url.path, url.query]


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
