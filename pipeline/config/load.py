"""A folder of YAML files to `Settings`, or to every fault in them at once."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from pipeline.config import yaml
from pipeline.config.checks import Reference, check_ledger, check_outlets, cross_check, suggest
from pipeline.config.schema import (
    CompaniesFile,
    FeedsFile,
    General,
    LedgerFile,
    Settings,
    WatchesFile,
    WatchSettings,
    WeightsFile,
)
from pipeline.config.secrets import check_secrets
from pipeline.config.shipped import shipped_folder
from pipeline.config.terms import keep_quotes, terms_at
from pipeline.errors import ConfigError, Problem

FILES: dict[str, type[BaseModel]] = {
    "dealwire.yaml": General,
    "feeds.yaml": FeedsFile,
    "watches.yaml": WatchesFile,
    "companies.yaml": CompaniesFile,
}
LEDGER = "ledger.yaml"
"""The file that may be missing: the shipped one then is in force."""


def load(
    folder: Path,
    check_term: Callable[[str], Reference | None],
    watches: yaml.Document | None = None,
    home: Path | None = None,
) -> Settings:
    """Read and check all files of `folder`; with these `watches` in place of its watches.yaml.

    Relative paths in them start at `home`, else at the folder itself.

    `check_term` says to what a term refers, if to anything, and raises ValueError with the reason for a term that
    cannot be read. Raises ConfigError with every problem of every file.
    """
    if not folder.is_dir():
        remedy = "Run `dealwire init` to make one, or name the right folder with --config."
        raise ConfigError([Problem(str(folder), 0, "", "there is no such configuration folder", remedy)])
    read = partial(yaml.read, home=home)
    documents = {name: watches if watches and name == "watches.yaml" else read(folder / name) for name in FILES}
    own = folder / LEDGER
    documents[LEDGER] = read(own if own.exists() else shipped_folder() / LEDGER)
    keep_quotes(documents["watches.yaml"])
    keep_quotes(documents[LEDGER])
    check_secrets(documents["dealwire.yaml"])
    parsed = {name: _validated(documents[name], model, check_term) for name, model in FILES.items()}
    ledger = _validated(documents[LEDGER], LedgerFile, check_term)
    if ledger is not None:
        check_outlets(documents[LEDGER], ledger)
        if parsed["companies.yaml"] is not None:
            check_ledger(documents[LEDGER], ledger, parsed["companies.yaml"].companies, check_term)
    rules = parsed["watches.yaml"].watches if parsed["watches.yaml"] else {}
    named = _present(folder, rules, documents["watches.yaml"])
    documents |= {name: read(folder / name) for name in named if name not in documents}
    weights = {name: _validated(documents[name], WeightsFile, check_term) for name in named}
    cross_check(documents, {name: file for name, file in parsed.items() if file is not None}, check_term)
    problems = [problem for document in documents.values() for problem in document.problems]
    if problems:
        raise ConfigError(problems)
    return Settings(
        folder=home or folder,
        general=parsed["dealwire.yaml"],
        feeds=parsed["feeds.yaml"].feeds,
        watches={name: _completed(watch, rules) for name, watch in rules.items()},
        lists=parsed["watches.yaml"].lists,
        furniture=parsed["watches.yaml"].furniture,
        weights=weights,
        companies=parsed["companies.yaml"].companies,
        ledger=ledger,
    )


def fingerprint(folder: Path) -> object:
    """What changes when a file of the configuration is edited, replaced, added or removed."""
    found = []
    for path in sorted({*folder.glob("*.yaml"), *(folder / name for name in FILES)}):
        try:
            state = path.stat()
        except OSError:
            found.append((path.name, 0, 0, 0))
        else:
            found.append((path.name, state.st_ino, state.st_size, state.st_mtime_ns))
    return found


def _present(folder: Path, watches: Mapping[str, WatchSettings], document: yaml.Document) -> list[str]:
    """The files of weights that watches name. One that is not there is told to the document."""
    named = [(watch.weights, ("watches", name, "weights")) for name, watch in watches.items() if watch.weights]
    for file, key in named:
        if not (folder / file).exists():
            remedy = "Take the line out and run `dealwire learn`, which writes one. Without it the rules alone decide."
            document.complain(key, f"there is no file {file} in {folder}", remedy)
    return sorted({file for file, _ in named if (folder / file).exists()})


def _validated(document: yaml.Document, model: type[BaseModel], check_term: Callable[[str], object]) -> Any:
    """The file as its model; None where it has problems, which are told to the document."""
    if document.data is None:
        return None
    try:
        return model.model_validate(document.data, context={"check_term": check_term})
    except ValidationError as error:
        for fault in error.errors():
            _translate(document, model, fault)
        return None


def _completed(watch: WatchSettings, watches: Mapping[str, WatchSettings]) -> WatchSettings:
    """The watch with all that it does not say itself taken from the one it is like."""
    if watch.like is None:
        return watch
    model = _completed(watches[watch.like], watches)
    own = {name: getattr(watch, name) for name in watch.model_fields_set}
    own |= {"all": {**model.all, **watch.all}, "weigh": {**model.weigh, **watch.weigh}}
    return model.model_copy(update=own)


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
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "greater_than": "must be more than {gt}",
    "string_too_short": "must not be empty",
    "too_short": "must hold at least one item",
    "string_pattern_mismatch": "must be lower-case letters, digits and hyphens",
    "union_tag_not_found": "needs a type: email, webhook, apprise, file, feed or local",
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
    "greater_than_equal": "Write a larger one.",
    "less_than_equal": "Write a smaller one.",
    "greater_than": "Write a larger one.",
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
        document.complain(key, "is not a known key", suggest(str(key[-1]), _names(model, place[:-1])))
    elif kind == "union_tag_invalid":
        document.complain(
            (*key, "type"),
            f"{context['tag']!r} is not a type of channel",
            suggest(context["tag"], _CHANNELS),
        )
    elif kind in ("enum", "literal_error"):
        options = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
        document.complain(
            key, f"{document.shown(key, fault['input'])} is not allowed here", suggest(str(fault["input"]), options)
        )
    elif kind == "value_error":
        remedy = _TERM if model is WatchesFile and terms_at(document.data, key) else ""
        document.complain(key, f"{document.shown(key, fault['input'])} {context['error']}", remedy)
    else:
        message = _PLAIN[kind].format(**context) if kind in _PLAIN else fault["msg"][:1].lower() + fault["msg"][1:]
        document.complain(key, message, _WRITE.get(kind, ""))


_TERM = (
    "Terms are written as data center, gigawatt*, /pattern/, '@company', '@role:chips', <list> or, for exactly this "
    'form, "AMD".'
)
_CHANNELS = ["email", "webhook", "apprise", "file", "local", "feed"]


def _is_channel_tag(place: yaml.Key, index: int) -> bool:
    return index == 2 and place[0] == "channels" and place[2] in _CHANNELS


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
