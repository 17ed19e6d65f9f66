"""Channels, made from their settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.domain import Message
from pipeline.flow import load_settings
from pipeline.flow.channels import build_channel
from pipeline.flow.tools import build_fetcher
from pipeline.notify import Channel
from pipeline.notify.apprise import AppriseChannel
from pipeline.notify.email import EmailChannel
from pipeline.notify.feed import FeedChannel
from pipeline.notify.file import FileChannel
from pipeline.notify.local import LocalChannel
from pipeline.notify.webhook import WebhookChannel
from tests.support.world import FixedClock, write_config

KEYS = ["whsec_" + "QUJD" * 11, "whsec_" + "REVG" * 11]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The channel of these settings."""
    said: list[Message] = []
    for name, value in {"WORD": "w0rd", "NEW": KEYS[0], "OLD": KEYS[1], "CHAT": "json://localhost"}.items():
        monkeypatch.setenv(name, value)

    def made(**settings: Any) -> Channel:
        whole = load_settings(write_config(tmp_path / "config", channels={"desk": settings}))
        return build_channel("desk", whole, build_fetcher(whole), FixedClock(), said.append)

    return made


def test_mail(make: Any) -> None:
    """With the usual port of its security, the password, and the way out."""
    channel = make(
        type="email",
        to=["a@example.org"],
        sender="b@example.org",
        host="mail.example",
        security="tls",
        username="me",
        password="${WORD}",
        unsubscribe="https://x.example/",
    )

    assert isinstance(channel, EmailChannel)
    assert (channel.host, channel.port, channel.security) == ("mail.example", 465, "tls")
    assert (channel.username, channel.password, channel.unsubscribe) == ("me", "w0rd", "https://x.example/")
    assert (channel.sender, tuple(channel.to)) == ("b@example.org", ("a@example.org",))


@pytest.mark.parametrize(
    ("secret", "secrets"), [({}, []), ({"secret": "${NEW}"}, KEYS[:1]), ({"secret": ["${NEW}", "${OLD}"]}, KEYS)]
)
def test_webhook(make: Any, secret: dict[str, Any], secrets: list[str]) -> None:
    """With its headers, and all of its secrets in their order."""
    channel = make(type="webhook", url="https://hook.example/", headers={"Authorization": "Bearer ${WORD}"}, **secret)

    assert isinstance(channel, WebhookChannel)
    assert (channel.url, list(channel.secrets)) == ("https://hook.example/", secrets)
    assert channel.headers == {"Authorization": "Bearer w0rd"}


def test_chat(make: Any) -> None:
    """By the address that the environment holds."""
    channel = make(type="apprise", url="${CHAT}")

    assert isinstance(channel, AppriseChannel)
    assert channel.url == "json://localhost"


@pytest.mark.parametrize(
    ("settings", "kind", "place"),
    [
        ({"type": "file"}, FileChannel, None),
        ({"type": "file", "path": "told.jsonl"}, FileChannel, "told.jsonl"),
        ({"type": "feed", "folder": "shown"}, FeedChannel, "shown"),
        ({"type": "local"}, LocalChannel, "outbox"),
    ],
)
def test_places_are_in_the_state_folder(
    make: Any, tmp_path: Path, settings: dict[str, str], kind: type, place: str | None
) -> None:
    """Unless they are absolute."""
    channel = make(**settings)

    assert isinstance(channel, kind)
    where = channel.path if isinstance(channel, FileChannel) else getattr(channel, "folder", None)
    assert where == (tmp_path / "state" / place if place else None)
