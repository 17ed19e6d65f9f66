"""What the words of a sentence mean, by terms with a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.domain import Mark
from pipeline.watch.finder import Finder
from pipeline.watch.terms import Vocabulary, parse
from pipeline.watch.text import Plain


class Marker:
    """Finds where terms stand, and says by what label they were given."""

    def __init__(self, terms: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> None:
        given = [(label, term) for label, sources in terms.items() for term in sources]
        self._labels = [label for label, _ in given]
        self._finder = Finder([parse(term) for _, term in given], vocabulary)

    def marks(self, text: str, language: str) -> tuple[Mark, ...]:
        """The marks of a text in this language (ISO 639-1), in order, by its own offsets; where one of a label holds
        another of the same, the longer."""
        plain = Plain(text)
        found = set()
        for hit in self._finder.find(plain.text, language):
            span = plain.original(hit.span)
            found.add(Mark(self._labels[hit.term], span.start, span.end))
        kept: list[Mark] = []
        for mark in sorted(found, key=lambda mark: (mark.label, mark.start, -mark.end)):
            if not (kept and kept[-1].label == mark.label and kept[-1].end >= mark.end):
                kept.append(mark)
        return tuple(sorted(kept, key=lambda mark: (mark.start, mark.end, mark.label)))
