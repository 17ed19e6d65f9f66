"""Log lines: one for each unit of work, as text for people or JSON for programs (DEALWIRE_LOG=json).

What is logged may come from strangers: every value passes through `_clean`, and no secret of the settings gets out.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

from pipeline.cli import shared
from pipeline.config.values import is_web_url

_MOST = 2_000
_MOST_OF_A_TRACEBACK = 20_000
_SHORTEST, _TELLING = 4, 8  # characters: of a secret, and of what is but a part of one
_HIDDEN = "***"

Processor = Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]


class Redactor:
    """Hides the secrets it has learnt. Old ones stay hidden: what still uses them may yet log."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secrets: Iterable[str]) -> None:
        self._known |= {form for secret in secrets for form in _forms(secret)}
        longest_first = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def hide(self, text: str) -> str:
        return self._pattern.sub(_HIDDEN, text) if self._pattern else text


def _forms(secret: str) -> set[str]:
    """How a secret may show: as it is or in a URL, whole or by the telling parts of a URL or of `Bearer ...`."""
    whole, parts = {secret}, {secret.rpartition(" ")[2]}
    if is_web_url(secret):
        url = urlsplit(secret)
        whole.add(url.password or "")
        parts |= {url.path, url.query, url.netloc.rpartition("@")[0]}
    telling = {shared.safe(part).strip() for part in whole | {part for part in parts if len(part) >= _TELLING}}
    return {form for part in telling if len(part) >= _SHORTEST for form in (part, quote(part, safe=""))}


def configure() -> Redactor:
    """Set logging up. What is returned is to be told the secrets of the settings."""
    import structlog

    redactor = Redactor()
    as_json = os.environ.get("DEALWIRE_LOG") == "json"
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            _tidied_by(redactor),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                sort_keys=False,
                exception_formatter=structlog.dev.plain_traceback,  # others show the values of variables
            ),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[_Forwarding()], level=logging.WARNING, force=True)
    # That a tick finds its like still running is normal; what goes wrong inside one is logged by the daemon.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    return redactor


class _Forwarding(logging.Handler):
    """What libraries log goes the same way as our own lines."""

    def emit(self, record: logging.LogRecord) -> None:
        import structlog

        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)


def _tidied_by(redactor: Redactor) -> Processor:
    """A processor that makes every value fit for one line, without secrets.

    Secrets are hidden before the text is cut, so that no half of one is left; and after it is cleaned, so that no
    character that nobody sees parts one.
    """

    def tidy(value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {tidy(key): tidy(each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [tidy(each) for each in value]
        text = redactor.hide(shared.safe(str(value)))
        return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"

    def tidy_traceback(text: str) -> str:
        """Its lines are kept, indented, so that none can be taken for a line of the log. The end says most."""
        lines = [f"    {redactor.hide(shared.safe(line))}" for line in text.splitlines()]
        return "\n".join(lines)[-_MOST_OF_A_TRACEBACK:]

    def process(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {
            key: tidy_traceback(value) if key == "exception" and isinstance(value, str) else tidy(value)
            for key, value in event.items()
        }

    return process
