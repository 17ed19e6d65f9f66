"""Messages as a feed that others subscribe to: Atom (RFC 4287) and JSON Feed 1.1, and both side by side in a folder."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pipeline.clock import Clock
from pipeline.domain import Message, Step, unsaid
from pipeline.errors import DeliveryError
from pipeline.notify.folder import make_ready

ATOM, JSON = "alerts.atom", "alerts.json"
MOST = 200
"""How many alerts a feed keeps."""
Item = dict[str, Any]
"""An item of a JSON Feed, as JSON has it."""
_NAMESPACE = "http://www.w3.org/2005/Atom"
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write (section 2.2)."""
_WRITING = Lock()
"""Deliveries go out side by side, and each reads the feed before it writes it."""


@dataclass(frozen=True)
class FeedChannel:
    """Puts each alert on top of the feed in `folder` and keeps the last 200. Digests stand in no feed.

    `url` is the address at which the folder can be reached, if it can.
    """

    folder: Path
    title: str
    clock: Clock
    url: str = ""

    def send(self, message: Message, step: Step = unsaid) -> None:
        if message.kind == "digest":
            return
        with _WRITING:
            items = self._items()
            known = {each["id"] for each in items}
            fresh = item(message, message.made or self.clock.now())
            if fresh["id"] not in known:
                items = [fresh, *items][:MOST]
            # Also where it is known: a try that was cut short may have written one file only.
            self._write(JSON, json_feed(self.title, items, self._address(JSON)))
            name, updated = self.folder.resolve().as_uri(), items[0]["date_published"]
            self._write(ATOM, atom(self.title, name, items, updated, self._address(ATOM)))
        step(f"{ATOM} and {JSON} written in {self.folder}")

    def probe(self) -> None:
        self._items()
        make_ready(self.folder)

    def _items(self) -> list[Item]:
        """The items of the feed as it stands, newest first."""
        place = self.folder / JSON
        try:
            items = json.loads(place.read_bytes())["items"]
            return [{**each, "id": str(each["id"])} for each in items]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DeliveryError(f"{place}: {error.strerror}") from error
        except (ValueError, LookupError, TypeError) as error:
            raise DeliveryError(f"{place} is no feed of Dealwire; move it away") from error

    def _write(self, name: str, content: bytes) -> None:
        draft = self.folder / f"{name}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            os.replace(draft, self.folder / name)
        except OSError as error:
            raise DeliveryError(f"{self.folder / name}: {error.strerror}") from error

    def _address(self, name: str) -> str:
        """Where the file is reached; empty where the folder cannot be."""
        return f"{self.url.rstrip('/')}/{name}" if self.url else ""


def item(message: Message, made: datetime) -> Item:
    """A message as an item of a JSON Feed. `made`: when it was found what it tells."""
    found = {
        "id": _identity(message.id),
        "url": str(message.data.get("url", "")),
        "title": message.subject,
        "content_html": _content(message.html),
        "content_text": message.text,
        "date_published": made.isoformat(),
        "tags": [str(message.data[name]) for name in ("watch_title",) if message.data.get(name)],
    }
    return {name: value for name, value in found.items() if value}


def json_feed(title: str, items: Sequence[Item], address: str = "") -> bytes:
    """The items as a JSON Feed. `address` is where it is reached."""
    where = {"feed_url": address} if address else {}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, **where, "items": list(items)}
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def atom(title: str, name: str, items: Sequence[Item], updated: str, address: str = "") -> bytes:
    """The items of a JSON Feed as Atom. `name` is what the feed has always been called, `address` where it is reached.

    `updated` is when it changed last, in ISO 8601.
    """
    feed = Element("feed", xmlns=_NAMESPACE)
    _add(feed, "id", _identity(name))
    _add(feed, "title", title)
    _add(feed, "updated", updated)
    _add(SubElement(feed, "author"), "name", "Dealwire")
    if address:
        SubElement(feed, "link", rel="self", type="application/atom+xml", href=_fit(address))
    for each in items:
        _add_entry(feed, each)
    indent(feed)
    content: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _add_entry(feed: Element, item: Item) -> None:
    entry = SubElement(feed, "entry")
    _add(entry, "id", item["id"])
    _add(entry, "title", item.get("title", ""))
    _add(entry, "updated", item["date_published"])
    _add(entry, "published", item["date_published"])
    for tag in item.get("tags", ()):
        SubElement(entry, "category", term=_fit(tag))
    if "url" in item:
        SubElement(entry, "link", rel="alternate", href=_fit(item["url"]))
    _add(entry, "content", item["content_html"], type="html")


def _identity(name: str) -> str:
    """The same for the same name, in the form that both feeds want: an IRI."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def _content(page: str) -> str:
    """What the message says, without the page around it that mail clients want."""
    from lxml import html  # here, so that a pass that tells nothing need not load it

    body = html.document_fromstring(page).get_element_by_id("message", None)
    if body is None:
        return page
    body.tag = "div"
    body.attrib.clear()
    return str(html.tostring(body, encoding="unicode"))


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = _fit(text)


def _fit(text: str) -> str:
    return _UNFIT.sub("", text)
