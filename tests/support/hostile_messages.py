"""Messages that are full of what strangers write to do harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from functools import cache
from typing import Any

from pipeline.domain import (
    Alert,
    Bar,
    Bundle,
    ChangeLine,
    Corroboration,
    DealAlert,
    DealNews,
    Digest,
    DigestSection,
    DisabledChannel,
    FactLine,
    FeedNews,
    Growth,
    Hit,
    Message,
    OtherFigure,
    Part,
    PartyLine,
    Passage,
    Proof,
    QuietDeal,
    RelatedDeal,
    Undelivered,
)
from pipeline.notify import render
from tests.notify.samples import ALERT, DEAL, DIGEST, LEDGER
from tests.support.hostile_texts import LINKS, TEXTS


def alert(text: str, url: str) -> Alert:
    passage = Passage("body", 0, len(text), text, (Hit(text, text, 0, len(text) // 2),), lent=text)
    return replace(ALERT, watch_title=text, title=text, url=url, sources=(text, text), passages=(passage,))


def deal(text: str, url: str) -> DealAlert:
    proof = Proof(text, url, ALERT.published)
    return replace(
        DEAL,
        watch_title=text,
        title=text,
        happened=text,
        official=text,
        parties=(PartyLine(text, text, False, proof),),
        facts=(FactLine(text, text, text, proof, (OtherFigure(text, proof),)),),
        related=(RelatedDeal(text, 1, text),),
        headline=text,
        url=url,
        sources=(text,),
        quote=text,
        topic=text,
    )


def digest(text: str, url: str) -> Digest:
    lines = tuple(ChangeLine(field, text, text, text) for field in ("amount", "contradicted", "part", "party", text))
    news = DealNews(7, text, text, DEAL.status, True, 4, 2, Proof(text, url, None), lines)
    quiet = (QuietDeal(6, text, DEAL.status, DIGEST.start),)
    section = DigestSection("w", text, (alert(text, url),))
    known = (Corroboration(4, text, 1, 1),)
    ledger = replace(LEDGER, title=text, new=(news,), changed=(news,), corroborated=known, gone_quiet=quiet)
    return replace(
        DIGEST,
        sections=(section, ledger),
        feed_news=(FeedNews(text, url, text, None),),
        undelivered=(Undelivered("12", text, text, text),),
        disabled=(DisabledChannel(text, DIGEST.start, text, 2),),
        growth=Growth(text, (Bar(text, 1e9),), 0.0, text),
    )


def bundle(text: str, url: str) -> Bundle:
    return Bundle((Part("msg_a", "deal", deal(text, url)), Part("msg_b", "alert", alert(text, url))))


@dataclass(frozen=True)
class Case:
    """A message that is full of one text and one link."""

    kind: str
    text: str
    url: str

    @property
    def message(self) -> Message:
        return _message(self)


@cache
def _message(case: Case) -> Message:
    make: Any = {"alert": alert, "deal": deal, "bundle": bundle, "digest": digest}[case.kind]
    data = render.pack(make("x", "https://x.example/"))
    data = json.loads(json.dumps(_filled(data, asdict(make(case.text, case.url)))))
    subject = f"{case.text}"
    return render.message(case.kind, "msg_1", subject, data, UTC)


def _filled(packed: Any, hostile: Any) -> Any:
    """Packed data with the hostile texts in it, also those that no JSON of pydantic's carries."""
    if isinstance(packed, dict):
        return {name: _filled(value, hostile[name]) for name, value in packed.items()}
    if isinstance(packed, list):
        return [_filled(one, other) for one, other in zip(packed, hostile, strict=True)]
    return hostile if isinstance(packed, str) and type(hostile) is str else packed


KINDS = ("alert", "deal", "bundle", "digest")
CASES = {
    **{f"text-{name}": (text, "https://x.example/") for name, text in TEXTS.items()},
    **{f"link-{name}": ("News", url) for name, url in LINKS.items()},
}


def cases(name: str, kinds: tuple[str, ...] = KINDS) -> Iterator[Case]:
    """The text and the link of this name, told in each way."""
    return (Case(kind, *CASES[name]) for kind in kinds)
