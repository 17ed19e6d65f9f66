"""An alert, a bundle of them or a digest as a message: subject, text, HTML and JSON. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape
from pydantic import TypeAdapter

from pipeline.domain import Alert, Bundle, DealAlert, Digest, Message, PartyLine, Passage, Picture, Proof
from pipeline.notify.clean import ascii_host, cleaned, cut, one_line, web_link

if TYPE_CHECKING:
    from jinja2 import Environment

Telling = Alert | DealAlert | Bundle | Digest
KINDS: dict[str, type] = {"alert": Alert, "deal": DealAlert, "bundle": Bundle, "digest": Digest}
"""The sorts of what is told, by the name that templates and deliveries have for them."""
_LONGEST_SUBJECT = 150
_LONGEST_QUOTE = 600
_WIDTH = 78
"""Columns of text mails: what terminals and mail clients show without breaking lines."""
_HTML_LIMIT = 90_000
"""Bytes of a mail's HTML. Gmail cuts a message at 102 kB and hides the rest."""
_MOST = (40, 25, 15, 10, 5)
"""How many rows a bundle and each part of a digest get; fewer where it would be too long."""


@cache
def adapter(kind: str) -> TypeAdapter[Any]:
    """Turns what is told into plain data and back. `kind` is one of `KINDS`."""
    return TypeAdapter(KINDS[kind])


def pack(value: Telling) -> dict[str, Any]:
    """The value as plain JSON data, for the outbox and for webhooks."""
    data: dict[str, Any] = adapter(_kind_of(value)).dump_python(value, mode="json")
    return data


def unpack(kind: str, data: dict[str, Any]) -> Any:
    """The value of packed data: the opposite of `pack`."""
    return adapter(kind).validate_python(data)


def _kind_of(value: Telling) -> str:
    return next(kind for kind, sort in KINDS.items() if isinstance(value, sort))


def deal_subject(alert: DealAlert) -> str:
    return _one_line(alert.happened)


def alert_subject(alert: Alert) -> str:
    return _one_line(f"{alert.watch_title}: {alert.title}")


def bundle_subject(bundle: Bundle) -> str:
    first = bundle.alerts[0].data
    headline = first.happened if isinstance(first, DealAlert) else first.title
    return _one_line(f"{counted(len(bundle.alerts), 'alert')}: {headline}")


def digest_subject(digest: Digest) -> str:
    """The deals that are new or changed; where there are none, how much is flagged."""
    new = sum(len(section.new) for section in digest.sections)
    changed = sum(len(section.changed) for section in digest.sections)
    news = [counted(new, "new deal")] if new else []
    news += [counted(changed, "deal") + " changed"] if changed else []
    news = news or [f"{digest.flagged} flagged" if digest.flagged else "nothing flagged"]
    return f"Dealwire digest, {digest.day:%a} {digest.day.day} {digest.day:%b %Y}: {', '.join(news)}"


def message(
    kind: str,
    uid: str,
    subject: str,
    data: dict[str, Any],
    zone: tzinfo,
    made: datetime | None = None,
    earlier: Sequence[str] = (),
    pictures: Sequence[Picture] = (),
) -> Message:
    """The message of packed data. `kind` is one of `KINDS`; times are shown in `zone`, and `pictures` in the HTML."""
    value = unpack(kind, cleaned(data))
    text, html = render(value, zone, pictures)
    return Message(
        uid,
        kind,
        _one_line(subject),
        text,
        html,
        pack(value),
        *_thread(value),
        made,
        tuple(earlier),
        pictures=tuple(pictures),
    )


def _thread(value: Telling) -> tuple[str, str]:
    """The thread and the topic of what tells of one deal; both empty for all else."""
    alerts = [part.data for part in value.alerts] if isinstance(value, Bundle) else [value]
    deals = [alert for alert in alerts if isinstance(alert, DealAlert)]
    if len(deals) < len(alerts) or len({deal.thread for deal in deals}) != 1:
        return "", ""
    return deals[0].thread, _one_line(deals[0].topic)


def render(value: Telling, zone: tzinfo, pictures: Sequence[Picture] = ()) -> tuple[str, str]:
    """The value as (text, HTML)."""
    name = _kind_of(value)
    context: dict[str, Any] = {name: value, "zone": zone, "pictures": pictures}
    if isinstance(value, DealAlert):
        context["proofs"] = proofs(value)
    if not isinstance(value, Digest | Bundle):
        return _fill(f"{name}.txt", context), _fill(f"{name}.html", context)
    html, most = "", 0
    for most in _MOST:
        html = _fill(f"{name}.html", {**context, "most": most})
        if len(html.encode()) <= _HTML_LIMIT:
            break
    return _fill(f"{name}.txt", {**context, "most": most}), html


def _fill(template: str, context: dict[str, Any]) -> str:
    return _environment().get_template(template).render(context)


def proofs(deal: DealAlert) -> list[Proof]:
    """What says so, each sentence once: first what brought the news, then in the order of the facts."""
    found: dict[str, Proof] = {}
    for proof in _all_proofs(deal):
        if proof and proof.quote:
            found.setdefault(proof.quote, proof)
    return list(found.values())


def _all_proofs(deal: DealAlert) -> Iterator[Proof | None]:
    yield Proof(deal.quote, deal.url, deal.published)
    yield from (party.proof for party in deal.parties)
    for fact in deal.facts:
        yield fact.proof
        yield from (other.proof for other in fact.others)


def number(proof: Proof | None, among: Sequence[Proof]) -> int:
    """Which of the proofs it is, counting from 1; 0 where there is none."""
    return next((at for at, other in enumerate(among, 1) if proof and other.quote == proof.quote), 0)


def reference(proof: Proof | None, among: Sequence[Proof]) -> str:
    at = number(proof, among)
    return f" [{at}]" if at else ""


def party(line: PartyLine) -> str:
    """A party with its role, and whether companies.yaml knows it."""
    notes = [note for note in (line.role, "" if line.known else "not in companies.yaml") if note]
    return f"{line.name} ({', '.join(notes)})" if notes else line.name


def row(text: str, label: str) -> str:
    """A line of a table in text: the label, and the text beside it."""
    return wrapped(text, f"  {label:<10}", 12)


def wrapped(text: str, lead: str = "", indent: int = 0) -> str:
    """The text in lines that fit, the first after `lead`. An address is never broken."""
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def host(url: str) -> str:
    """Whose page it is; empty where the address is none of the web."""
    return ascii_host(urlsplit(web_link(url)).hostname or "").removeprefix("www.")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # here, as most commands render nothing

    environment = Environment(
        loader=PackageLoader("pipeline.notify"),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    shown = (when, day, marked, short, line, terms, web_link, number, reference, party, row, wrapped, counted, host)
    environment.filters |= {show.__name__: show for show in shown}
    return environment


def day(value: datetime | None, zone: tzinfo) -> str:
    """The day as people read it, in their zone; empty where it is unknown."""
    return f"{value.astimezone(zone):%d %b %Y}" if value else ""


def when(value: datetime | None, zone: tzinfo) -> str:
    """The time as people read it, in their zone."""
    return f"{value.astimezone(zone):%d %b %Y, %H:%M}" if value else "date unknown"


def short(passage: Passage) -> str:
    """The passage's quote on one line, cut where it is very long."""
    return line(passage.quote)


def line(text: str) -> str:
    """The text on one line, cut where it is very long."""
    return cut(" ".join(text.split()), _LONGEST_QUOTE)


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


def _one_line(text: str) -> str:
    return one_line(text, _LONGEST_SUBJECT)
