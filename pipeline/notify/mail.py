"""A message as a mail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import quote

from pipeline.domain import Message
from pipeline.notify.clean import ascii_host, one_line

_MOST_REFERENCES = 20
_LONGEST_SUBJECT = 200


class _Tokens(UnstructuredHeader, BaseHeader):
    """A header of words that no line may break or encode, however long: message ids and addresses in <>."""

    def fold(self, *, policy: Any) -> str:
        lines = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {lines}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("message-id", "references", "in-reply-to", "list-id", "list-unsubscribe", "content-id"):
    _HEADERS.map_to_type(_name, _Tokens)
_POLICY = EmailPolicy(header_factory=_HEADERS)


def write_mail(message: Message, sender: str, to: Sequence[str], unsubscribe: str, now: datetime) -> EmailMessage:
    """A mail with a text and an HTML part, and with the pictures of the latter beside it (multipart/related, RFC 2387).

    Raises ValueError for a header that may not be written.

    `Message-ID` and `Date` are the same on every try. All mails of a thread answer one that was never sent, so that
    they find together whichever came first or was missed, and each answers the one before it. Gmail also wants the
    same subject, but for a "Re:"; what happened stands in the preview instead.

    That a program sent it is said by `Auto-Submitted` (RFC 3834) and `List-Id` (RFC 2919), which keep absence notes
    away, and for Exchange by a header of its own. `Precedence`, which no standard defines, is left out.
    """
    address = parseaddr(sender)[1]
    domain = ascii_host(address.rpartition("@")[2])
    mail = EmailMessage(_POLICY)
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail["Subject"] = _literal(one_line(message.topic or message.subject, _LONGEST_SUBJECT))
    mail["Date"] = format_datetime(message.made or now)
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    if message.thread:
        chain = [f"<{uid}@{domain}>" for uid in (message.thread, *message.earlier[1 - _MOST_REFERENCES :])]
        mail["In-Reply-To"] = chain[-1]
        mail["References"] = " ".join(chain)
    mail["List-Id"] = f"<dealwire.{domain}>"
    mail["List-Unsubscribe"] = f"<{_way_out(unsubscribe or address)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    if message.pictures and (page := mail.get_body(("html",))):
        for picture in message.pictures:
            cid = f"<{picture.id}>"
            page.add_related(picture.png, "image", "png", cid=cid, disposition="inline", filename="chart.png")
    return mail


def _literal(text: str) -> str:
    """The text without what a reader of headers would decode (RFC 2047)."""
    return text.replace("=?", "= ?")


def _way_out(contact: str) -> str:
    """Where who wants no more turns to (RFC 2369): a web address, or a mail that says so."""
    if "://" in contact:
        return contact
    return f"mailto:{quote(parseaddr(contact)[1], safe='@')}?subject=unsubscribe"
