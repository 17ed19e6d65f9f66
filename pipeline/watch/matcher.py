"""Text to verdicts: which watches flag it, by which terms, in which windows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain import Hit, Passage, Verdict
from pipeline.watch.terms import Automaton, Owner, parse
from pipeline.watch.text import Span, paragraphs, sentences, words

_NONE = ""
_MOST_PASSAGES = 20


@dataclass(frozen=True)
class Watch:
    """A rule: one term of every group of `groups` must stand in one window that holds no term of `none`.

    `within` is `sentence`, `paragraph`, `article` or `N words`. The title is a window of its own, except that
    with `article` it counts together with the body.
    """

    name: str
    within: str
    groups: Mapping[str, Sequence[str]]
    none: Sequence[str] = ()


class Matcher:
    """All watches compiled. `companies` gives for each slug its names and its tickers."""

    def __init__(self, watches: Sequence[Watch], companies: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> None:
        self._watches = tuple(watches)
        self._automaton = Automaton(
            (
                (Owner(number, group, term), parse(term))
                for number, watch in enumerate(self._watches)
                for group, terms in [*watch.groups.items(), (_NONE, watch.none)]
                for term in terms
            ),
            companies,
        )

    def judge(self, title: str, body: str) -> list[Verdict]:
        """One verdict for each watch, in the order of the watches."""
        # The title is a paragraph before the body, so that one pass over one text serves both.
        text = f"{title}\n{body}"
        found = self._automaton.find(text)
        windows: dict[str, list[Span]] = {}
        verdicts = []
        for number, watch in enumerate(self._watches):
            hits = found.get(number, [])
            if watch.within not in windows and hits:
                windows[watch.within] = _windows(text, watch.within)
            verdicts.append(_judge(watch, hits, windows.get(watch.within, []), text, len(title)))
        return verdicts


def _windows(text: str, within: str) -> list[Span]:
    if within == "sentence":
        return sentences(text)
    if within == "paragraph":
        return paragraphs(text)
    if within == "article":
        return [Span(0, len(text))]
    size = int(within.split()[0])
    found = []
    for paragraph in paragraphs(text):
        tokens = words(text[paragraph.start : paragraph.end])
        for first in range(max(1, len(tokens) - size + 1)):
            last = tokens[min(first + size, len(tokens)) - 1] if tokens else None
            if last:
                found.append(Span(paragraph.start + tokens[first].start, paragraph.start + last.end))
    return found


def _judge(watch: Watch, hits: Sequence[Hit], windows: Iterable[Span], text: str, title_length: int) -> Verdict:
    starts = [hit.start for hit in hits]
    passages: list[Passage] = []
    nearest: tuple[int, Passage, tuple[str, ...]] | None = None
    for window in windows:
        inside = [
            hit
            for hit in hits[bisect_left(starts, window.start) : bisect_right(starts, window.end)]
            if hit.end <= window.end
        ]
        groups = {hit.group for hit in inside}
        held = len(groups - {_NONE})
        if not held:
            continue
        lacking = tuple(group for group in watch.groups if group not in groups)
        passage = _passage(text, window, [hit for hit in inside if hit.group != _NONE], title_length)
        if not lacking and _NONE not in groups:
            if passages and passages[-1].where == passage.where and passages[-1].end > passage.start:
                continue  # windows of N words overlap; the first of a run stands for it
            if passage.quote in {earlier.quote for earlier in passages}:
                continue  # many pages repeat the title above the text
            passages.append(passage)
        elif nearest is None or held > nearest[0]:
            nearest = (held, passage, lacking)
    if passages:
        best = sorted(passages, key=lambda p: (p.where != "title", -len({hit.term for hit in p.hits}), p.start))
        return Verdict(watch.name, tuple(best[:_MOST_PASSAGES]))
    return Verdict(watch.name, (), nearest[1] if nearest else None, nearest[2] if nearest else tuple(watch.groups))


def _passage(text: str, window: Span, hits: Sequence[Hit], title_length: int) -> Passage:
    """The passage, with offsets that count in the title, in the body, or in both joined by a line end."""
    if window.end <= title_length:
        where, offset = "title", 0
    elif window.start > title_length:
        where, offset = "body", title_length + 1
    else:
        where, offset = "article", 0
    first, last = (hits[0].start, max(h.end for h in hits)) if hits else (window.start, window.end)
    start, end = window.start, window.end
    if end - start > 1000:  # a whole article: quote from its first to its last term, within reason
        start, end = first, min(last, first + 1000)
    moved = tuple(Hit(hit.group, hit.term, hit.start - offset, hit.end - offset) for hit in hits)
    return Passage(where, start - offset, end - offset, text[start:end], moved)
