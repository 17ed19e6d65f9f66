"""A folder of YAML files to `Settings`, or to every fault in them at once."""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from pipeline.config import yaml
from pipeline.config.schema import (
    LOCAL,
    CompaniesFile,
    FeedsFile,
    General,
    Settings,
    WatchesFile,
    WatchSettings,
)
from pipeline.errors import ConfigError, Problem

FILES: dict[str, type[BaseModel]] = {
    "dealwire.yaml": General,
    "feeds.yaml": FeedsFile,
    "watches.yaml": WatchesFile,
    "companies.yaml": CompaniesFile,
}


def load(folder: Path, check_term: Callable[[str], object]) -> Settings:
    """Read and check all files of `folder`.

    `check_term` raises ValueError with the reason for a term that cannot be read. Raises ConfigError with every
    problem of every file.
    """
    if not folder.is_dir():
        remedy = "Run `dealwire init` to make one, or name the right folder with --config."
        raise ConfigError([Problem(str(folder), 0, "", "there is no such configuration folder", remedy)])
    documents = {name: yaml.read(folder / name) for name in FILES}
    _keep_quotes(documents["watches.yaml"])
    parsed: dict[str, Any] = {}
    for name, model in FILES.items():
        document = documents[name]
        if document.data is None:
            continue
        try:
            parsed[name] = model.model_validate(document.data, context={"check_term": check_term})
        except ValidationError as error:
            for fault in error.errors():
                _translate(document, model, fault)
    _cross_check(documents, parsed)
    problems = [problem for document in documents.values() for problem in document.problems]
    if problems:
        raise ConfigError(problems)
    return Settings(
        folder=folder,
        general=parsed["dealwire.yaml"],
        feeds=parsed["feeds.yaml"].feeds,
        watches=parsed["watches.yaml"].watches,
        companies=parsed["companies.yaml"].companies,
    )


def _keep_quotes(document: yaml.Document) -> None:
    """Give terms in YAML's double quotes their quotes back: to whoever edits the file, `"AMD"` is the exact form."""
    for key in document.double_quoted:
        match key:
            case ("watches", name, "all", group, int(index)):
                terms = document.data["watches"][name]["all"][group]
            case ("watches", name, "none", int(index)):
                terms = document.data["watches"][name]["none"]
            case _:
                continue
        if not isinstance(terms[index], str):
            continue  # a tag made something else of it, which is told by itself
        if not terms[index].startswith(("@", "/", '"')) and not terms[index].endswith("*"):
            terms[index] = f'"{terms[index]}"'


_PLAIN = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
    "model_attributes_type": "must be a mapping of names to values",
    "string_too_short": "must not be empty",
    "too_short": "must hold at least one item",
    "string_pattern_mismatch": "must be lower-case letters, digits and hyphens",
    "union_tag_not_found": "needs a type: email, webhook or local",
}
_WRITE = {
    "string_type": "Quote it, or write it as one line of text.",
    "tuple_type": "Write it as [one, two], or as lines that start with a hyphen.",
    "dict_type": "Write it as lines of `name: value`.",
    "model_type": "Write it as lines of `name: value`.",
    "bool_type": "Write true or false without quotes.",
    "bool_parsing": "Write true or false without quotes.",
    "int_type": "Write it in digits, without quotes.",
    "int_parsing": "Write it in digits, without quotes.",
    "int_from_float": "Write it in digits, without a point.",
    "string_too_short": "Write something, or remove the line.",
    "too_short": "Add an item, or remove the line.",
    "union_tag_not_found": "Add a line such as `type: email`.",
    "model_attributes_type": "Write it as lines of `name: value`.",
    "missing": "Add it.",
    "string_pattern_mismatch": "Rename it, for instance to my-name.",
}


def _translate(document: yaml.Document, model: type[BaseModel], fault: Any) -> None:
    """One fault of pydantic as a problem in the words of the file."""
    kind, place, context = fault["type"], fault["loc"], fault.get("ctx", {})
    key = tuple(part for i, part in enumerate(place) if part != "[key]" and not _is_channel_tag(place, i))
    if document.has_problem(key) or (kind == "too_short" and fault["input"]):
        return  # what is wrong here, or with every item of it, is told by itself
    if kind == "extra_forbidden":
        document.complain(key, "is not a known key", _suggest(str(key[-1]), _names(model, place[:-1])))
    elif kind == "union_tag_invalid":
        document.complain(
            (*key, "type"),
            f"{context['tag']!r} is not a type of channel",
            _suggest(context["tag"], _CHANNELS),
        )
    elif kind in ("enum", "literal_error"):
        options = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
        document.complain(
            key, f"{_shown(document, key, fault['input'])} is not allowed here", _suggest(str(fault["input"]), options)
        )
    elif kind == "value_error":
        remedy = _TERM if len(key) > 2 and key[0] == "watches" and key[2] in ("all", "none") else ""
        document.complain(key, f"{_shown(document, key, fault['input'])} {context['error']}", remedy)
    else:
        message = _PLAIN.get(kind) or fault["msg"][:1].lower() + fault["msg"][1:]
        document.complain(key, message, _WRITE.get(kind, ""))


_TERM = "Terms are written as data center, gigawatt*, /pattern/, '@company' or, for exactly this form, \"AMD\"."
_CHANNELS = ["email", "webhook", "local"]


def _is_channel_tag(place: yaml.Key, index: int) -> bool:
    return index == 2 and place[0] == "channels" and place[2] in _CHANNELS


def _shown(document: yaml.Document, key: yaml.Key, value: Any) -> str:
    """The value as it may be printed: what came from the environment may be a secret."""
    if any(place[: len(key)] == key for place in document.filled):
        return "the value from the environment"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _suggest(wrong: str, options: Iterable[str]) -> str:
    near = difflib.get_close_matches(wrong, list(options), n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Use one of: {', '.join(sorted(options))}." if options else "Remove it."


def _names(annotation: Any, key: yaml.Key) -> list[str]:
    """The keys that the model at `key` allows, found by following the annotations from the outermost one."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _names(get_args(annotation)[0], key)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        return sorted(fields) if not key else _names(fields[str(key[0])].annotation, key[1:])
    if origin in (Union, types.UnionType):
        members = {get_args(m.model_fields["type"].annotation)[0]: m for m in get_args(annotation)}
        return _names(members[key[0]], key[1:])
    if origin in (dict, tuple) and key:
        return _names(get_args(annotation)[1 if origin is dict else 0], key[1:])
    return []


def _cross_check(documents: dict[str, yaml.Document], parsed: dict[str, Any]) -> None:
    """What one file says of another, and what must not stand twice."""
    if "feeds.yaml" in parsed:
        feeds = parsed["feeds.yaml"].feeds
        for attribute in ("name", "url"):
            places = [(getattr(feed, attribute), ("feeds", i, attribute)) for i, feed in enumerate(feeds)]
            _no_repeats(documents["feeds.yaml"], places)
    companies = parsed["companies.yaml"].companies if "companies.yaml" in parsed else None
    if companies is not None:
        forms = [
            (form, ("companies", slug, where))
            for slug, company in companies.items()
            for where, names in (
                ("name", (company.name,)),
                ("aliases", company.aliases),
                ("tickers", company.tickers),
            )
            for form in dict.fromkeys(names)
        ]
        owners: dict[str, str] = {}
        for form, place in forms:
            owner = owners.setdefault(form, place[1])
            if owner != place[1]:
                documents["companies.yaml"].complain(place, f"{form!r} already names {owner}", "Keep one.")
    if "watches.yaml" in parsed:
        channels = parsed["dealwire.yaml"].channels if "dealwire.yaml" in parsed else None
        for name, watch in parsed["watches.yaml"].watches.items():
            if companies is not None:
                _check_companies(documents["watches.yaml"], ("watches", name), watch, companies)
            if channels is not None:
                _check_channels(documents["watches.yaml"], ("watches", name, "notify"), watch.notify, channels)
    if "dealwire.yaml" in parsed:
        general = parsed["dealwire.yaml"]
        _check_channels(documents["dealwire.yaml"], ("digest", "notify"), general.digest.notify, general.channels)


def _no_repeats(document: yaml.Document, values: Iterable[tuple[str, yaml.Key]]) -> None:
    first: dict[str, yaml.Key] = {}
    for value, place in values:
        earlier = first.setdefault(value, place)
        if earlier != place:
            line = document.line(earlier)
            document.complain(
                place, f"{_shown(document, place, value)} stands twice (first in line {line})", "Keep one."
            )


def _check_companies(document: yaml.Document, place: yaml.Key, watch: WatchSettings, known: Iterable[str]) -> None:
    groups: list[tuple[yaml.Key, tuple[str, ...]]] = [(("all", group), terms) for group, terms in watch.all.items()] + [
        (("none",), watch.none)
    ]
    for where, terms in groups:
        for index, term in enumerate(terms):
            if term.startswith("@") and term[1:] not in known:
                document.complain(
                    (*place, *where, index), f"{term} is not in companies.yaml", _suggest(term[1:], known)
                )


def _check_channels(
    document: yaml.Document, place: yaml.Key, notify: tuple[str, ...] | None, channels: Collection[str]
) -> None:
    known = channels or [LOCAL]
    for index, name in enumerate(notify or ()):
        if name not in known:
            document.complain((*place, index), f"{name!r} is not a channel of dealwire.yaml", _suggest(name, known))
