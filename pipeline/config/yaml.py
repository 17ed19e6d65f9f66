"""YAML 1.2 core values with the line of every key. Source: https://yaml.org/spec/1.2.2/#103-core-schema"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from yaml.composer import Composer

from pipeline.config.fill import fill, references
from pipeline.errors import Problem, UsageError

Key = tuple[str | int, ...]

_DEEPEST = 30
_SPARE_NODES = 1_000


class _Endless(Exception):
    """Aliases make more of a document than anyone wrote."""

    def __init__(self, key: Key) -> None:
        self.key = key


class _CoreLoader(yaml.SafeLoader):
    """A safe loader that reads `no`, `on` and `18:30` as text, as YAML 1.2 does."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [c.replace("\0", "") for c in _first]
    )


class _QuickLoader(Composer, yaml.CSafeLoader):
    """The same, on what libyaml reads: six times as quick. Composed in Python, so that no depth crashes it."""

    yaml_implicit_resolvers = _CoreLoader.yaml_implicit_resolvers

    def __init__(self, stream: str) -> None:
        yaml.CSafeLoader.__init__(self, stream)
        Composer.__init__(self)


@dataclass
class Document:
    """A YAML file as plain data, and what was wrong with it.

    `lines` has the line (from 1) where every key and item starts, `ends` the one where every value ends that is not a
    block of others. `double_quoted` are the places of text in double quotes, which in a term mean "exactly so".
    `filled` are those of text that the environment or a file gave; only `fillable` may be, where that is not None.
    """

    file: str
    folder: Path = Path()
    data: Any = None
    lines: dict[Key, int] = field(default_factory=dict)
    ends: dict[Key, int] = field(default_factory=dict)
    double_quoted: set[Key] = field(default_factory=set)
    filled: set[Key] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    fillable: Collection[str] | None = None
    _complained: set[Key] = field(default_factory=set)

    def line(self, key: Key) -> int:
        """The line of the key, or of the nearest one above it that stands in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)

    def last_line(self, key: Key) -> int:
        """The last line that belongs to what stands at `key`."""
        return max((end for place, end in self.ends.items() if place[: len(key)] == key), default=self.line(key))

    def complain(self, key: Key, message: str, remedy: str = "") -> None:
        self._complained.add(key)
        self.problems.append(Problem(self.file, self.line(key), ".".join(map(str, key)), message, remedy))

    def shown(self, key: Key, value: Any) -> str:
        """The value at `key` as it may be printed: what was filled in may be a secret."""
        if any(place[: len(key)] == key for place in self.filled):
            return "the value filled in"
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."

    def has_problem(self, key: Key) -> bool:
        return key in self._complained


def read(path: Path, home: Path | None = None) -> Document:
    """Read one file; faults are in `problems`, never raised. `${...}` is filled in: relative paths start at `home`.

    That is the file's own folder, unless another is given.
    """
    home = home or path.parent
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        remedy = "Run `dealwire init` to get the shipped one, or name the right folder with --config."
        problem = Problem(str(path), 0, "", "there is no such file", remedy)
    except OSError as error:
        remedy = "Check that it is a file and may be read."
        problem = Problem(str(path), 0, "", f"cannot be read ({error.strerror})", remedy)
    else:
        return parse(data, path.name, home)
    return Document(path.name, home, problems=[problem])


def parse(data: bytes, file: str, folder: Path, fillable: Collection[str] | None = None) -> Document:
    """What would stand in `file` of `folder`, as `read` gives it. Only those `${...}` are filled in that are fillable.

    None lets all be: for text of whoever may read what they lead to.
    """
    document = Document(file, folder, fillable=fillable)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        document.problems.append(Problem(file, line, "", "is not UTF-8 text", "Save it as UTF-8."))
        return document
    try:
        node = compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = f"not valid YAML: {(error.problem or error.context or 'cannot be read').rstrip('.')}"
        document.problems.append(Problem(file, line, "", reason, _hint(error, text, line)))
        return document
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        reason = f"holds the control character U+{int(error.character):04X}"
        document.problems.append(Problem(file, line, "", reason, "Remove it; the file must be plain text."))
        return document
    except RecursionError:
        document.problems.append(Problem(file, 1, "", "is nested too deeply", "Check the brackets."))
        return document
    if node is None:
        remedy = "Write its entries, or move it away and run `dealwire init` to get the shipped one."
        document.problems.append(Problem(file, 1, "", "the file is empty", remedy))
        return document
    try:
        # Written out, each value takes two characters at least.
        document.data = _build(node, (), document, len(text) // 2 + _SPARE_NODES)
    except _Endless as endless:
        document.complain(endless.key, "is nested too deeply, or an anchor refers to itself", "Write it out.")
    return document


def compose(text: str) -> Any:
    """The nodes of the text; None where it is empty. Raises YAMLError, RecursionError."""
    try:
        return yaml.compose(text, Loader=_QuickLoader)
    except yaml.YAMLError:
        return yaml.compose(text, Loader=_CoreLoader)  # whose errors say more


def _hint(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here or "'\\t'" in str(error.problem):
        return "Indent with spaces, not tabs."
    if "${" in here and "but got '{'" in str(error.problem):
        return 'Within brackets, quote it: "${NAME}".'
    if "mapping values are not allowed" in str(error.problem):
        return 'Check the indentation, and quote text that holds ": ".'
    if "expected <block end>" in str(error.problem):
        return "Check that items of one list or mapping start in the same column."
    if "expected a single document" in str(error.context):
        return "Remove the line ---; a file holds one document."
    if "undefined alias" in str(error.problem):
        return "Quote text that starts with *."
    if "found character '@'" in str(error.problem) or "cannot start any token" in str(error.problem):
        return "Quote text that starts with @, ` or %."
    return "Check quotes, brackets and indentation at this line."


def _build(node: yaml.Node, key: Key, document: Document, most: int) -> Any:
    document.lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False):
        # A block scalar ends before the first column of the line that follows it.
        document.ends[key] = node.end_mark.line + (1 if node.end_mark.column else 0)
    if getattr(node, "style", None) == '"':
        document.double_quoted.add(key)
    if len(key) > _DEEPEST or len(document.lines) > most:
        raise _Endless(key[:3])
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, key, document, most)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*key, index), document, most) for index, item in enumerate(node.value)]
    return _scalar(node, key, document)


def _build_mapping(node: yaml.MappingNode, key: Key, document: Document, most: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name_node, value_node in node.value:
        name = name_node.value if isinstance(name_node, yaml.ScalarNode) else str(name_node.value)
        here = (*key, name)
        if name in found:
            first = document.lines[here]
            document.lines[here] = name_node.start_mark.line + 1
            document.complain(here, f"stands twice (first in line {first})", "Keep one, or rename it.")
            continue
        document.lines[here] = name_node.start_mark.line + 1
        found[name] = _build(value_node, here, document, most)
    return found


def _scalar(node: yaml.Node, key: Key, document: Document) -> Any:
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return str(node.value).lower() == "true"
    if kind in ("int", "float"):
        try:
            return int(node.value) if kind == "int" else float(node.value)
        except ValueError:
            document.complain(
                key, f"{node.value[:40]!r} is no number that can be used", "Write a shorter one, or text."
            )
            return None
    if kind != "str":
        document.complain(key, f"has the tag {node.tag}, which is not supported", "Remove the tag.")
        return None
    for reference in references(node.value):
        if document.fillable is not None and reference not in document.fillable:
            document.complain(key, f"{reference} is not filled in here", "Write it into the file with an editor.")
            return node.value

    filled, outside = fill(node.value, document.folder, lambda message, remedy: document.complain(key, message, remedy))
    if outside:
        document.filled.add(key)
    return filled


def quoted(text: str) -> str:
    """The text as a YAML string: a JSON string is one, once what YAML takes for a line break is escaped too."""
    return "".join(
        char if char.isprintable() else f"\\U{ord(char):08x}" for char in json.dumps(text, ensure_ascii=False)
    )


def write(path: Path, lines: Iterable[str]) -> None:
    """Put the lines in place of the file, at once or not at all; its mode stays. Raises UsageError."""
    path = path.resolve()  # a link stays a link
    draft = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        mode = path.stat().st_mode & 0o7777 if path.exists() else None
        with open(
            draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o666 if mode is None else mode)
        ) as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write("".join(lines).encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):  # in a folder that is read-only it fails even where there is no draft
            draft.unlink()
        raise UsageError(f"{path} cannot be written ({error.strerror}). Check its permissions.") from error
