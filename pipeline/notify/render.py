"""An alert or a digest as a message: subject, text, HTML and JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from pydantic import TypeAdapter

from pipeline.domain import Alert, DealAlert, Digest, Message, Passage

Telling = Alert | DealAlert | Digest
_KINDS: dict[str, tuple[type, TypeAdapter[Any]]] = {
    kind: (sort, TypeAdapter(sort)) for kind, sort in (("alert", Alert), ("deal", DealAlert), ("digest", Digest))
}
"""The sorts of what is told, by the name that templates and deliveries have for them."""
_LONGEST_SUBJECT = 150
_LONGEST_QUOTE = 600


def pack(value: Telling) -> dict[str, Any]:
    """The value as plain JSON data, for the outbox and for webhooks."""
    data: dict[str, Any] = _KINDS[_kind_of(value)][1].dump_python(value, mode="json")
    return data


def _kind_of(value: Telling) -> str:
    return next(kind for kind, (sort, _) in _KINDS.items() if isinstance(value, sort))


def deal_subject(alert: DealAlert) -> str:
    return _one_line(f"{alert.title}: {alert.happened}" if alert.title not in alert.happened else alert.happened)


def alert_subject(alert: Alert) -> str:
    return _one_line(f"{alert.watch_title}: {alert.title}")


def digest_subject(digest: Digest) -> str:
    what = "nothing flagged" if not digest.flagged else f"{digest.flagged} flagged"
    return f"Dealwire digest, {digest.day:%a} {digest.day.day} {digest.day:%b %Y}: {what}"


def message(kind: str, uid: str, subject: str, data: dict[str, Any], zone: tzinfo) -> Message:
    """The message of packed data. `kind` is `alert`, `deal` or `digest`; times are shown in `zone`."""
    text, html = render(_KINDS[kind][1].validate_python(data), zone)
    return Message(uid, kind, subject, text, html, data)


def render(value: Telling, zone: tzinfo) -> tuple[str, str]:
    """The value as (text, HTML)."""
    name = _kind_of(value)
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
        "line": line,
        "terms": terms,
        "safe_href": safe_href,
    }
    return environment


def when(value: datetime | None, zone: tzinfo) -> str:
    """The time as people read it, in their zone."""
    return f"{value.astimezone(zone):%d %b %Y, %H:%M}" if value else "date unknown"


def short(passage: Passage) -> str:
    """The passage's quote on one line, cut where it is very long."""
    return line(passage.quote)


def line(text: str) -> str:
    """The text on one line, cut where it is very long."""
    return _cut(" ".join(text.split()))


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
