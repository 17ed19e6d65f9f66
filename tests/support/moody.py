"""Receivers on loopback that fail at random: a mail server and a webhook receiver."""

from __future__ import annotations

import email
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.notify.smtp import smtp
from tests.support.web import Answer, Request, Web


@dataclass
class Receptions:
    """The ids of the messages that arrived whole and were accepted, in order, and what each told."""

    mood: random.Random
    healthy: bool = False
    accepted: list[str] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fate(self) -> float:
        """From 0 (the worst) to 1. A message takes a moment, so that a kill may fall into it."""
        with self._lock:
            fate, wait = self.mood.random(), self.mood.random() * 0.3
        if self.healthy:
            return 1.0
        time.sleep(wait)
        return fate

    def accept(self, id_: str, told: list[str]) -> None:
        with self._lock:
            self.accepted.append(id_)
            self.told[id_] = told


def hook(web: Web, path: str, receptions: Receptions) -> str:
    """A webhook receiver at this path that answers with errors, asks for patience, or hangs up; its URL."""

    def answer(request: Request) -> Answer:
        fate = receptions.fate()
        if fate < 0.05:
            raise ConnectionResetError
        if fate < 0.1:
            return Answer("", 429, {"Retry-After": "1"})
        if fate < 0.2:
            return Answer("", 500)
        body = json.loads(request.body)
        alerts = [part["data"] for part in body["data"]["alerts"]] if body["type"] == "bundle" else [body["data"]]
        receptions.accept(request.headers["webhook-id"], [alert["headline"] for alert in alerts])
        return Answer("")

    web.answers[path] = answer
    return web.base + path


class _Desk:
    def __init__(self, receptions: Receptions) -> None:
        self._receptions = receptions

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        fate = self._receptions.fate()
        if fate < 0.05:
            server.transport.abort()
            return "451 never said"
        if fate < 0.15:
            return "451 try again later"
        mail = email.message_from_bytes(envelope.content)
        self._receptions.accept(mail["Message-ID"].strip("<>").partition("@")[0], [])
        return "250 kept"


@contextmanager
def desk(receptions: Receptions) -> Iterator[int]:
    """The port of a mail server that refuses for now, or hangs up in place of an answer."""
    with smtp(_Desk(receptions)) as port:
        yield port
