"""Putting single terms into a text of `watches.yaml` and taking them out, so that comments, order and layout stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from yaml import MappingNode, Mark, Node, ScalarNode, SequenceNode

from pipeline.config import yaml
from pipeline.config.terms import as_term, as_yaml, terms_at
from pipeline.errors import ConfigError, UsageError

_WIDEST = 120
_LONGEST = 500


def edit_terms(text: str, place: yaml.Key, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> str:
    """The text with these terms at the end of a list of terms, and those taken out of it.

    `place` is where the list stands, such as ("watches", name, "all", group) or ("lists", name); terms are written as
    in `Settings`, exact ones in their quotes. One that is there is not added again. Raises ConfigError where the text
    is no YAML, and UsageError for what cannot be done without touching anything else.
    """
    mark, edited = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    for term in remove:
        edited = _edited(edited, place, term, adds=False)
    for term in add:
        edited = _edited(edited, place, term, adds=True)
    return mark + edited


def _edited(text: str, place: yaml.Key, term: str, *, adds: bool) -> str:
    term = term.strip()
    if not term or not term.isprintable() or len(term) > _LONGEST or "${" in term:
        raise UsageError(f"{term[:60]!r} cannot stand here. A term is one line of text.")
    root = _compose(text)
    found = _list_at(root, place)
    terms = _terms(found)
    if adds == (term in terms):
        if adds:
            return text
        raise UsageError(f"There is no term {term} in {_name(place)}.")
    layout = _Layout(text, found)
    edited = layout.added(as_yaml(term)) if adds else layout.without([each == term for each in terms])
    expected = [*terms, term] if adds else [each for each in terms if each != term]
    again = _compose(edited)
    if _terms(_list_at(again, place)) != expected or _rest(again, place) != _rest(root, place):
        _refuse(place, "is written in a way that it cannot be edited by itself")
    return edited


def places(text: str) -> list[yaml.Key]:
    """Where lists of terms stand in the text, in its order. Raises ConfigError where it is no YAML."""
    document = _parsed(text)
    return [place for place in document.lines if terms_at(document.data, (*place, 0)) is not None]


class _Layout:
    """How a list of terms is laid out in a text."""

    def __init__(self, text: str, node: SequenceNode) -> None:
        self._text = text
        self._items: list[Node] = node.value
        self._in_brackets = bool(node.flow_style)
        self._start = node.start_mark
        self._lines = text.splitlines(keepends=True)
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def added(self, written: str) -> str:
        if self._in_brackets:
            return self._added_in_brackets(written)
        last = self._after(self._items[-1])
        before = self._lines[:last]
        if before and not before[-1].endswith(("\n", "\r")):
            before[-1] += self._newline
        return "".join([*before, f"{' ' * self._start.column}- {written}{self._newline}", *self._lines[last:]])

    def _added_in_brackets(self, written: str) -> str:
        if not self._items:
            at = self._offset(self._start) + 1
            return f"{self._text[:at]}{written}{self._text[at:]}"
        at = self._offset(self._items[-1].end_mark)
        gap = ", "
        line = self._lines[self._items[-1].end_mark.line].rstrip("\r\n")
        if len(line) + len(gap) + len(written) > _WIDEST:
            gap = f",{self._newline}{' ' * self._items[0].start_mark.column}"
        return f"{self._text[:at]}{gap}{written}{self._text[at:]}"

    def without(self, goes: Sequence[bool]) -> str:
        """The text without the items that go. Of a list in lines the last one cannot."""
        cuts = [
            self._bracketed(index) if self._in_brackets else self._own_lines(item)
            for index, item in enumerate(self._items)
            if goes[index]
        ]
        if not self._in_brackets and all(goes):
            raise UsageError("This is the last term of its group. To take the group out, edit the text.")
        text = self._text
        for start, end in reversed(cuts):
            text = text[:start] + text[end:]
        return text

    def _own_lines(self, item: Node) -> tuple[int, int]:
        """The lines of an item, from that with its hyphen, which may stand alone above it."""
        first = item.start_mark.line
        while first > self._start.line and not self._lines[first].lstrip().startswith("-"):
            first -= 1
        return self._line_start(first), self._line_start(self._after(item))

    def _bracketed(self, index: int) -> tuple[int, int]:
        """What goes with an item of a list in brackets: a comma, and no comment."""
        item = self._items[index]
        start, end = self._offset(item.start_mark), self._offset(item.end_mark)
        if index and "#" not in self._text[(before := self._offset(self._items[index - 1].end_mark)) : start]:
            return before, end
        if index + 1 < len(self._items):
            after = self._offset(self._items[index + 1].start_mark)
            if "#" not in self._text[end:after]:
                return start, after
        comma = re.compile(r"\s*,").match(self._text, end)
        return start, comma.end() if comma else end

    def _after(self, item: Node) -> int:
        """The line after an item. A block of text ends before the first column of what follows it."""
        end = item.end_mark
        return end.line + (1 if end.column else 0)

    def _offset(self, mark: Mark) -> int:
        return self._line_start(mark.line) + mark.column

    def _line_start(self, line: int) -> int:
        return sum(map(len, self._lines[:line]))


def _parsed(text: str) -> yaml.Document:
    document = yaml.parse(text.encode(errors="replace"), "watches.yaml", Path(), fillable=())
    if document.data is None and document.problems:
        raise ConfigError(document.problems)
    return document


def _compose(text: str) -> Node:
    _parsed(text)
    root: Node = yaml.compose(text)
    seen: set[int] = set()
    for node in _all_nodes(root):
        if id(node) in seen:
            raise UsageError("watches.yaml uses anchors (& and *), so edit it as text.")
        seen.add(id(node))
    return root


def _all_nodes(root: Node) -> Iterator[Node]:
    ahead = [root]
    while ahead:
        node = ahead.pop()
        yield node
        if isinstance(node, MappingNode):
            ahead += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            ahead += node.value


def _list_at(root: Node, place: yaml.Key) -> SequenceNode:
    node: Node | None = root
    for part in place:
        pairs = node.value if isinstance(node, MappingNode) else []
        node = next((value for name, value in pairs if name.value == part), None)
    if node is None:
        _refuse(place, "does not stand in watches.yaml; a watch may have it from the one it is like")
    if not isinstance(node, SequenceNode) or not all(isinstance(item, ScalarNode) for item in node.value):
        _refuse(place, "is no list of terms")
    return node


def _terms(node: SequenceNode) -> list[str]:
    return [as_term(item.value, item.style == '"').strip() for item in node.value]


def _rest(node: Node, place: yaml.Key | None) -> Any:
    """All that the nodes say, but for what stands at `place`."""
    if place == ():
        return None
    if isinstance(node, MappingNode):
        return [
            (_rest(name, None), _rest(value, place[1:] if place and name.value == place[0] else None))
            for name, value in node.value
        ]
    if isinstance(node, SequenceNode):
        return [_rest(item, None) for item in node.value]
    return node.tag, node.value, getattr(node, "style", None)


def _name(place: yaml.Key) -> str:
    return ".".join(map(str, place))


def _refuse(place: yaml.Key, why: str) -> NoReturn:
    raise UsageError(f"{_name(place)} {why}. Edit the text of watches.yaml.")
