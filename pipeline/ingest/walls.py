"""Pages that stand before an article, or in its place. Pure.

In order, the first that fits:
1. bot check, error page, not found: what a server or its guard sends in the article's place. They are short, and never
   bear the marks of an article, so a piece about them is not taken for one;
2. consent page and login page, likewise;
3. paywall: the publisher says so to search engines, or the page asks its reader to pay or register in order to read on.
   What stands before it is the article's own text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from pipeline.ingest import wall_words as words

_SHORT = 1_500
_VERY_SHORT = 700  # where nothing but phrases tells what a page is
_NEXT_TO_NOTHING = 400  # where the machinery of a guard tells, which good pages may hold too
_EARLY = 40
_SHORT_FOR_CONSENT = 6_000
_SHORT_FOR_WALL = 6_000  # a text that is cut off; many a page holds a wall's template that it does not show
_LAST_LINES = 8
_LONGEST_ASKING_LINE = 300
_TEXT_LINE = 120
_MOST_ELEMENTS = 50
_LONGEST_JSON = 2_000_000
_ARTICLES = re.compile(r"(?:News|Reportage|Analysis|Opinion|Review|Background)\w*Article|Article|BlogPosting|LiveBlog")


class Wall(StrEnum):
    """What a page is besides, or instead of, an article."""

    NONE = ""
    BOT_CHECK = "bot check"
    ERROR = "error page"
    NOT_FOUND = "page not found"
    CONSENT = "consent page"
    LOGIN = "login page"
    PAYWALL = "paywall"


@dataclass(frozen=True)
class Judged:
    """The kind of wall, and the text without the wall's own sentences; without any where the page is no article."""

    wall: Wall
    text: str


def judge(tree: HtmlElement, text: str, scripts: Sequence[HtmlElement]) -> Judged:
    """What stands around, or in place of, the text that was extracted from a page; a paragraph of it is a line.

    `scripts` are those of the page that are no longer in its tree.
    """
    in_place = _in_place(tree, text, scripts)
    if in_place is not Wall.NONE:
        return Judged(in_place, "")
    standing = _standing(tree) if len(text) < _SHORT_FOR_WALL else []
    kept = _without_asking(text, standing)
    walled = kept != text or standing or _is_declared(tree)
    return Judged(Wall.PAYWALL, kept) if walled else Judged(Wall.NONE, text)


def _in_place(tree: HtmlElement, text: str, scripts: Sequence[HtmlElement]) -> Wall:
    if len(text) >= _SHORT_FOR_CONSENT or _bears_article_marks(tree):
        return Wall.NONE
    heads = (tree.findtext(".//title") or "", *(_content(head) for head in _few(tree.iter("h1"))))
    titles = [_squeezed(head) for head in heads if head]
    shown = _visible(tree)
    said = shown if len(shown) < _SHORT else text
    if len(said) < _SHORT:
        for wall, headings, phrases in (
            (Wall.BOT_CHECK, words.BOT_TITLES, words.BOT_PHRASES),
            (Wall.NOT_FOUND, words.MISSING_TITLES, words.MISSING_PHRASES),
            (Wall.ERROR, words.ERROR_TITLES, words.ERROR_PHRASES),
        ):
            if any(_is_titled(title, headings) for title in titles):
                return wall
            if len(said) < _VERY_SHORT and not _tells(phrases, said) and _sayings(phrases, said, _EARLY) >= 2:
                return wall
        if len(said) < _NEXT_TO_NOTHING and _is_guard(tree, scripts):
            return Wall.BOT_CHECK
    if _asks_consent(titles, said):
        return Wall.CONSENT
    if len(said) < _SHORT and any(_is_titled(title, words.LOGIN_TITLES) for title in titles) and _has_password(tree):
        return Wall.LOGIN
    return Wall.NONE


def _bears_article_marks(tree: HtmlElement) -> bool:
    """Whether the page calls itself an article: what stands in an article's place does not."""
    if any(_ARTICLES.fullmatch(kind) for part in _described(tree) for kind in _kinds(part)):
        return True
    if any(meta.get("property") == "og:type" and meta.get("content") == "article" for meta in tree.iter("meta")):
        return True
    paragraphs = tree.xpath("//article//p | //*[@itemprop='articleBody']//p")
    return sum(len(_content(paragraph)) > 150 for paragraph in paragraphs[:50]) >= 3


def _is_titled(title: str, headings: re.Pattern[str]) -> bool:
    """Whether the title, or a part of it that stands apart, is one of these and nothing more."""
    return any(headings.fullmatch(part.strip(" .!?…")) for part in (title, *re.split(r" [|–—·:-] ", title)))


def _sayings(phrases: re.Pattern[str], text: str, early: int | None = None) -> int:
    """In how many sentences such a phrase begins, early in the sentence: who writes about it quotes it further on."""
    found = (phrases.search(sentence) for sentence in _sentences(text))
    return sum(phrase is not None and (early is None or phrase.start() <= early) for phrase in found)


def _tells(phrases: re.Pattern[str], text: str) -> bool:
    """Whether a long sentence of the text is about something else."""
    return any(len(sentence) > _TEXT_LINE and not phrases.search(sentence) for sentence in _sentences(text))


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in re.split(r"(?<=[.!?…])\s+|\n", text) if sentence.strip()]


def _is_guard(tree: HtmlElement, scripts: Sequence[HtmlElement]) -> bool:
    """Whether a guard's own machinery is on the page; that of its silent checks on good pages does not count."""
    named = tree.xpath("//*[@id or @class]")
    if any(words.GUARD_NAMES.search(_names(part)) for part in named[:2_000]):
        return True
    loud = [source for script in scripts if "_Incapsula_Resource" not in (source := script.get("src", ""))]
    if any(words.GUARD_SOURCES.search(source) for source in [*loud, *tree.xpath("//iframe/@src")]):
        return True
    return any(words.GUARD_CODE.search((script.text or "")[:100_000]) for script in scripts)


def _asks_consent(titles: list[str], said: str) -> bool:
    if any(_is_titled(title, words.CONSENT_TITLES) for title in titles) and words.CONSENT_WORDS.search(said):
        return True
    if _sayings(words.CONSENT_PHRASES, said) < 2:
        return False
    about = sum(len(sentence) for sentence in _sentences(said) if words.CONSENT_WORDS.search(sentence))
    return about >= 0.5 * len(said)


def _names(element: HtmlElement) -> str:
    return f"{element.get('id', '')} {element.get('class', '')}"


def _has_password(tree: HtmlElement) -> bool:
    return any((field.get("type") or "").lower() == "password" for field in tree.iter("input"))


def _is_declared(tree: HtmlElement) -> bool:
    """Whether the publisher says that the article is not free.

    In schema.org's isAccessibleForFree, as Google's guide to paywalled content has it, or in article:content_tier.
    """
    for part in _described(tree):
        free = part.get("isAccessibleForFree")
        if free is False or (isinstance(free, str) and free.strip().rpartition("/")[2].lower() == "false"):
            return True
    for meta in tree.iter("meta"):
        content = meta.get("content", "").strip().lower()
        if meta.get("itemprop") == "isAccessibleForFree" and content == "false":
            return True
        if "article:content_tier" in (meta.get("property"), meta.get("name")) and content in ("locked", "metered"):
            return True
    return False


def _described(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The page's own JSON-LD objects and their parts; not those of other pages that it lists or belongs to."""
    for script in tree.iter("script"):
        source = script.text or ""
        if len(source) > _LONGEST_JSON:
            continue
        try:
            left = [json.loads(source, strict=False)]
        except (ValueError, RecursionError):
            continue
        while left:
            part = left.pop()
            if isinstance(part, list):
                left += part
            elif isinstance(part, dict):
                yield part
                left += [part[name] for name in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart") if name in part]


def _kinds(part: dict[str, Any]) -> list[str]:
    kind = part.get("@type")
    return [one for one in (kind if isinstance(kind, list) else [kind]) if isinstance(one, str)]


def _standing(tree: HtmlElement) -> list[str]:
    """What the elements say that are named a wall and ask for money or a name; a template left empty does not count."""
    parts = {part: _names(part) for part in tree.iter("div", "section", "aside", "article", "p")}
    if not words.WALL_NAMES.search("\n".join(parts.values())):
        return []
    named = (part for part, names in parts.items() if words.WALL_NAMES.search(names))
    told = (_squeezed(_content(part)) for part in _few(named))
    return [said for said in told if len(said) < _SHORT and words.ASKING.search(said)]


def _without_asking(text: str, standing: list[str]) -> str:
    """The text without the closing lines that ask to pay or to register, or that stand in a wall's element.

    From the first such line on, all is the wall's: prices, and where to log in. Where the article goes on behind it,
    it was no wall.
    """
    lines = text.split("\n")
    for number in range(max(0, len(lines) - _LAST_LINES), len(lines)):
        line = lines[number].strip()
        asks = len(line) <= _LONGEST_ASKING_LINE and words.ASKING_LINE.match(line)
        if not asks and not any(_squeezed(line) in said for said in standing if line):
            continue
        behind = lines[number + 1 :]
        if sum(len(other) > _TEXT_LINE and not words.ASKING.search(other) for other in behind) < 2:
            return "\n".join(lines[:number]).strip()
    return text


def _few(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """The first of them: a page may hold thousands, one inside the other."""
    return islice(elements, _MOST_ELEMENTS)


def _visible(tree: HtmlElement) -> str:
    """All that a reader without scripts sees, a line for each piece of text."""
    texts = tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    return "\n".join(squeezed for text in texts if (squeezed := _squeezed(text)))


def _content(element: HtmlElement) -> str:
    return "".join(element.itertext())


def _squeezed(text: str) -> str:
    return " ".join(text.split())
