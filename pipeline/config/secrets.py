"""Secrets stand in the environment or in files of their own, never in the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from pipeline.config import yaml

_HEADER = re.compile(r"(?i).*(authorization|cookie|key|token|secret|password)\Z")


def check_secrets(document: yaml.Document) -> None:
    """Tell of every secret of `dealwire.yaml` that is written out, without showing it."""
    for key, example in _places(document.data):
        if _written_out(document, key):
            document.complain(
                key,
                "is a secret and must not stand in the file",
                f"Write ${{{example}}} and set {example} in the environment, or write ${{file:PATH}}.",
            )


def _places(data: Any) -> Iterator[tuple[yaml.Key, str]]:
    """Where secrets may stand, each with a name for the variable that holds it."""
    yield ("operation", "ping"), "PING_URL"
    yield ("web", "password"), "DEALWIRE_PASSWORD"
    if _has_password(_at(data, ("store",))):
        yield ("store",), "STORE_URL"
    if _has_password(_at(data, ("http", "proxy"))):
        yield ("http", "proxy"), "PROXY_URL"
    channels = _at(data, ("channels",))
    for name, channel in channels.items() if isinstance(channels, dict) else ():
        here = ("channels", name)
        match channel:
            case {"type": "email"}:
                yield (*here, "password"), "SMTP_PASSWORD"
            case {"type": "apprise"}:
                yield (*here, "url"), "APPRISE_URL"
            case {"type": "webhook"}:
                if _has_password(channel.get("url")):
                    yield (*here, "url"), "WEBHOOK_URL"
                yield (*here, "secret"), "WEBHOOK_SECRET"
                headers = channel.get("headers")
                for header in filter(_HEADER.match, headers if isinstance(headers, dict) else ()):
                    yield (*here, "headers", header), "WEBHOOK_TOKEN"


def _written_out(document: yaml.Document, key: yaml.Key) -> bool:
    """Whether a value stands there, or in a list there, that nothing was filled into."""
    value = _at(document.data, key)
    if isinstance(value, list):
        return any(_written_out(document, (*key, at)) for at in range(len(value)))
    return value not in (None, "", {}) and key not in document.filled


def _at(data: Any, key: yaml.Key) -> Any:
    """What stands at the place; None where nothing does."""
    for part in key:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return None
    return data


def _has_password(url: Any) -> bool:
    try:
        return isinstance(url, str) and urlsplit(url).password is not None
    except ValueError:
        return False


def secrets_in(value: Any) -> Iterator[str]:
    """The secret values in a model, and in all that it holds."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from secrets_in(each)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for each in value:
            yield from secrets_in(each)
