"""What a score is made of: plain, nameable properties of a window, and of a piece with its windows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from math import log

from pipeline.domain import Hit
from pipeline.watch.evidence import Evidence

Features = dict[str, float]

_REACH = 200
"""Characters, about thirty words: what stands farther from the subject seldom speaks of it."""
_TOGETHER = 0.5
"""What two parts count together: less than each by itself, so that learning turns to it only for what they leave."""
_LONG, _SHORT = 350, 60
"""Characters of a sentence."""


def of_window(evidence: Evidence, required: Collection[str], subject: str | None) -> Features:
    """The features of one window. `required` are the groups of `all`.

    Where the window names the subject, what stands far from it does not count.
    """
    anchors = evidence.hits.get(subject, ()) if subject else ()
    near = {part: group for (group, part), hits in _parts(evidence.hits).items() if not anchors or _near(hits, anchors)}
    features = dict.fromkeys([*near, *(group for group in near.values() if group in required)], 1.0)
    for (one, its_group), (other, other_group) in combinations(sorted(near.items()), 2):
        if its_group != other_group:
            features[f"{one} + {other}"] = _TOGETHER
    if evidence.subject:
        features[f"{subject} {evidence.subject.value}"] = 1.0
    if evidence.window.title:
        features["is the title"] = 1.0
    length = evidence.window.span.end - evidence.window.span.start
    if length > _LONG:
        features["long window"] = 1.0
    if length < _SHORT:
        features["short window"] = 1.0
    return features


def _parts(hits: Mapping[str, Sequence[Hit]]) -> dict[tuple[str, str], list[Hit]]:
    """The hits by group and part of it: a list that it is made of, or the group itself for terms of its own."""
    parts: dict[tuple[str, str], list[Hit]] = {}
    for group, found in hits.items():
        for hit in found:
            parts.setdefault((group, hit.term if hit.term.startswith("<") else group), []).append(hit)
    return parts


def _near(hits: Iterable[Hit], anchors: Sequence[Hit]) -> bool:
    """Whether one of the hits stands near one of the anchors. `anchors` stand in the order of their start."""
    starts = [anchor.start for anchor in anchors]
    for hit in hits:
        after = bisect_left(starts, hit.start)
        if after < len(anchors) and anchors[after].start - hit.end <= _REACH:
            return True
        if after and hit.start - anchors[after - 1].end <= _REACH:
            return True
    return False


def of_piece(windows: Sequence[tuple[Evidence, float]], count: int) -> Features:
    """The features of a piece: where, and in how many of its `count` windows, it is said, and how surely.

    `windows` are those that hold anything, each with the certainty that it says what the watch looks for.
    """
    said = [(evidence, certainty) for evidence, certainty in windows if certainty >= 0.5]
    in_body = [(evidence, certainty) for evidence, certainty in windows if not evidence.window.title]
    return {
        "title says it": max((certainty for evidence, certainty in windows if evidence.window.title), default=0.0),
        "lede says it": max((certainty for evidence, certainty in in_body if evidence.window.lede), default=0.0),
        "body says it": max((certainty for _, certainty in in_body), default=0.0),
        "sentences that say it": log(1 + len(said)),
        "share of the sentences": len(said) / max(1, count),
        "short piece": 1 / max(1, count),
        "groups in them": log(1 + len({part for evidence, _ in said for _, part in _parts(evidence.hits)})),
    }
