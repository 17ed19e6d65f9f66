"""An alert or a digest as a message: subject, text, HTML and JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from pydantic import TypeAdapter

from pipeline.domain import Alert, Digest, Message, Passage

_ALERT = TypeAdapter(Alert)
_DIGEST = TypeAdapter(Digest)
_LONGEST_SUBJECT = 150
_LONGEST_QUOTE = 600


def pack(value: Alert | Digest) -> dict[str, Any]:
    """The value as plain JSON data, for the outbox and for webhooks."""
    adapter: TypeAdapter[Any] = _ALERT if isinstance(value, Alert) else _DIGEST
    data: dict[str, Any] = adapter.dump_python(value, mode="json")
    return data


def alert_subject(alert: Alert) -> str:
    return _one_line(f"{alert.watch_title}: {alert.title}")


def digest_subject(digest: Digest) -> str:
    what = "nothing flagged" if not digest.flagged else f"{digest.flagged} flagged"
    return f"Dealwire digest, {digest.day:%a} {digest.day.day} {digest.day:%b %Y}: {what}"


def message(kind: str, uid: str, subject: str, data: dict[str, Any], zone: tzinfo) -> Message:
    """The message of packed data. `kind` is `alert` or `digest`; times are shown in `zone`."""
    value: Alert | Digest = _ALERT.validate_python(data) if kind == "alert" else _DIGEST.validate_python(data)
    text, html = render(value, zone)
    return Message(uid, kind, subject, text, html, data)


def render(value: Alert | Digest, zone: tzinfo) -> tuple[str, str]:
    """The value as (text, HTML)."""
    name = "alert" if isinstance(value, Alert) else "digest"
    context = {name: value, "zone": zone}
    return _environment().get_template(f"{name}.txt").render(context), _environment().get_template(
        f"{name}.html"
    ).render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.notify"),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "when": when,
        "marked": marked,
        "short": short,
        "terms": terms,
        "safe_href": safe_href,
    }
    return environment


def when(value: datetime | None, zone: tzinfo) -> str:
    """The time as people read it, in their zone."""
    return f"{value.astimezone(zone):%d %b %Y, %H:%M}" if value else "date unknown"


def short(passage: Passage) -> str:
    """The passage's quote on one line, cut where it is very long."""
    return _cut(" ".join(passage.quote.split()))


def marked(passage: Passage) -> Markup:
    """The passage's quote in HTML with its terms in bold."""
    html, at = Markup(), 0
    for start, end in merged([(hit.start - passage.start, hit.end - passage.start) for hit in passage.hits]):
        if end <= len(passage.quote):
            html += escape(passage.quote[at:start]) + Markup("<b>%s</b>") % passage.quote[start:end]
            at = end
    return html + escape(passage.quote[at:])


def merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, overlapping ones joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def terms(passage: Passage) -> str:
    """Why the passage counts: each group with the terms found, in the order of the text."""
    groups: dict[str, list[str]] = {}
    for hit in passage.hits:
        if hit.term not in groups.setdefault(hit.group, []):
            groups[hit.group].append(hit.term)
    reasons = [f"{group}: {', '.join(found)}" for group, found in groups.items()]
    return "; ".join([*reasons, *([f"subject {passage.lent}"] if passage.lent else [])])


def safe_href(url: str) -> str:
    """The URL if it is a web address, else nothing."""
    return url if url.startswith(("http://", "https://")) else ""


def _one_line(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _LONGEST_SUBJECT else joined[: _LONGEST_SUBJECT - 1].rstrip() + "…"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1].rstrip() + "…"
