"""A message as JSON to a webhook. Source of the envelope and headers: https://www.standardwebhooks.com"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from pipeline.clock import Clock
from pipeline.domain import Message, Page, Step, unsaid
from pipeline.errors import BadStatus, DeliveryError, FetchError, ReceiverGone

VERSION = 1
"""Of the payload. Fields may be added to it under one version; what is there keeps its meaning."""


class Client(Protocol):
    """The part of the HTTP client that a webhook needs. Both raise FetchError."""

    def get(self, url: str) -> Page: ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page: ...


@dataclass(frozen=True)
class WebhookChannel:
    """Posts `{"version", "type", "timestamp", "data"}` through `client`; any 2xx is taken for delivered.

    `schemas.py` says what stands in them.
    """

    url: str
    client: Client
    clock: Clock
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, message: Message, step: Step = unsaid) -> None:
        now = self.clock.now()
        body = json.dumps(
            {"version": VERSION, "type": message.kind, "timestamp": now.isoformat(), "data": message.data},
            ensure_ascii=False,
        ).encode()
        headers = {
            **self.headers,
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        try:
            self.client.post(self.url, body, headers)
        except BadStatus as error:
            sort = ReceiverGone if error.status == HTTPStatus.GONE else DeliveryError
            raise sort(str(error), retry_after=error.retry_after) from error
        except FetchError as error:
            raise DeliveryError(str(error)) from error

    def probe(self) -> None:
        try:
            self.client.get(self.url)
        except BadStatus:
            return  # it answers; that it wants a POST is no fault
        except FetchError as error:
            raise DeliveryError(str(error)) from error
