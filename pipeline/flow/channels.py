"""Channels, made from their settings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from pydantic import SecretStr

from pipeline.clock import Clock
from pipeline.config import channels as config
from pipeline.config.schema import Settings
from pipeline.domain import Message
from pipeline.notify import Channel

if TYPE_CHECKING:
    from pipeline.notify.webhook import Client

Say = Callable[[Message], None]


def build_channel(name: str, settings: Settings, client: Client, clock: Clock, say: Say) -> Channel:
    """The channel of this name; only what its kind takes is loaded.

    `client` posts webhooks, and `say` shows the messages of local channels.
    """
    state, channel = settings.state, settings.channels[name]
    match channel:
        case config.EmailChannel():
            from pipeline.notify.email import EmailChannel

            return EmailChannel(
                host=channel.host,
                port=channel.effective_port,
                security=channel.security,
                sender=channel.sender,
                to=channel.to,
                clock=clock,
                username=channel.username,
                password=channel.password.get_secret_value(),
                unsubscribe=channel.unsubscribe or "",
            )
        case config.WebhookChannel():
            from pipeline.notify.webhook import WebhookChannel

            headers = {header: value.get_secret_value() for header, value in channel.headers.items()}
            secrets = [secret.get_secret_value() for secret in channel.secret]
            return WebhookChannel(channel.url.get_secret_value(), client, clock, headers, secrets)
        case config.AppriseChannel():
            from pipeline.notify.apprise import AppriseChannel

            return AppriseChannel(channel.url.get_secret_value())
        case config.FileChannel():
            from pipeline.notify.file import FileChannel

            return FileChannel(None if channel.path == "-" else state / channel.path, channel.format, clock)
        case config.FeedChannel():
            from pipeline.notify.feed import FeedChannel

            return FeedChannel(state / channel.folder, channel.title, clock, channel.url or "")
        case config.LocalChannel():
            from pipeline.notify.local import LocalChannel

            return LocalChannel(state / channel.folder, say)


def address_of(channel: config.Channel) -> str:
    """A digest of where the channel leads: the same until that is changed."""
    url = getattr(channel, "url", None)
    where = url.get_secret_value() if isinstance(url, SecretStr) else str(url)
    return hashlib.sha256(where.encode()).hexdigest()
