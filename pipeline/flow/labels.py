"""Labelled pieces: read from JSON Lines or from the store, judged, measured, and learned from.

An item of JSON Lines holds `id date source url title summary text text_kind`, and a `label` with `mentions` and `about`
(yes or no), `sure` (3 certain, 2 fairly, 1 a coin toss) and `deals`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.config.schema import Settings
from pipeline.errors import UsageError
from pipeline.flow.matching import build_matcher, watch_of
from pipeline.models import Article, BodySource
from pipeline.store import Store, articles, labels
from pipeline.watch.learn import Example, learn
from pipeline.watch.matcher import decide
from pipeline.watch.piece import Piece
from pipeline.watch.quality import UNSURE, Item, Label, Quality, measure
from pipeline.watch.score import UNTAUGHT, Weights
from pipeline.watch.text import tidy

Answer = Literal["yes", "no"]
Labelled = tuple[Item, Piece]


class LabelledDeal(BaseModel):
    """A deal that an item mentions, as a person read it. `agreed`: the fields on which two of them did."""

    model_config = ConfigDict(extra="ignore")

    key: str
    parties: list[str] = []
    kind: str = ""
    amount_usd: float | None = None
    capacity_gw: float | None = None
    status: Literal["talks", "announced", "signed", "changed", "cancelled", "unclear"] = "unclear"
    quote: str = ""
    agreed: list[str] = []


class _Label(BaseModel):
    model_config = ConfigDict(extra="ignore")

    mentions: Answer
    about: Answer = "no"
    sure: Literal[1, 2, 3] = 3
    deals: list[LabelledDeal] = []


class Line(BaseModel):
    """An item of JSON Lines."""

    model_config = ConfigDict(extra="ignore")

    id: str | int
    title: str
    date: str = ""
    source: str = ""
    url: str = ""
    summary: str | None = ""
    text: str | None = ""
    text_kind: str = ""
    label: _Label


def read(file: Path) -> list[Line]:
    """The items of a file. Raises UsageError with every line that is none."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # a text may hold other line separators
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text. Save it as UTF-8.") from error
    items, faults = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            items.append(Line.model_validate_json(line))
        except ValidationError as error:
            fault = error.errors()[0]
            place = ".".join(map(str, fault["loc"])) or "the line"
            faults.append(f"{file.name}:{number}: {place}: {fault['msg'][:1].lower()}{fault['msg'][1:]}")
    if faults:
        shown = "\n".join(faults[:10]) + (f"\n... and {len(faults) - 10} more" if len(faults) > 10 else "")
        raise UsageError(f'{shown}\nA line is an object with id, title, text and label: {{"mentions": "yes" or "no"}}.')
    return items


def from_file(file: Path) -> list[Labelled]:
    """The labelled pieces of a file. Raises UsageError."""
    return [(_item(line), _piece(line)) for line in read(file)]


def _item(line: Line) -> Item:
    label = Label(line.label.mentions == "yes", line.label.about == "yes", line.label.sure)
    return Item(str(line.id), line.date, line.source, line.text_kind, line.title, label)


def _piece(line: Line) -> Piece:
    title, text, summary = piece_parts(line)
    return Piece(title, text, summary) if text else Piece(title, summary)


def piece_parts(line: Line) -> tuple[str, str, str]:
    """Title, text and summary of an item; a text or a summary that repeats the title or the other is none."""
    title, text, summary = (tidy(part or "") for part in (line.title, line.text, line.summary))
    title = title.replace("\n", " ")
    text = "" if text == title else text
    return title, text, "" if summary in (title, text) else summary


def from_store(store: Store, watch: str) -> list[Labelled]:
    """The stored articles that were labelled for this watch, and whose text is still there."""
    with store.read() as session:
        rows = [row for row in labels.of_watch(session, watch) if row[1].body_source is not BodySource.PRUNED]
        sources = articles.sources(session, [article.id or 0 for _, article in rows])
    found = []
    for label, article in rows:
        line = _line(article, [feed.name for feed in sources.get(article.id or 0, [])], label.mentions, label.about)
        found.append((_item(line), _piece(line)))
    return found


def export(store: Store, watch: str) -> Iterator[str]:
    """The labelled articles as JSON Lines, in the form that `read` takes."""
    with store.read() as session:
        rows = labels.of_watch(session, watch)
        sources = articles.sources(session, [article.id or 0 for _, article in rows])
    for label, article in rows:
        line = _line(article, [feed.name for feed in sources.get(article.id or 0, [])], label.mentions, label.about)
        yield json.dumps(line.model_dump(mode="json", exclude={"label": {"deals"}}), ensure_ascii=False)


def _line(article: Article, sources: Sequence[str], mentions: bool, about: bool) -> Line:
    page = article.body_source is BodySource.PAGE
    kind = "article_body" if page else "feed_summary" if article.body else "title_only"
    return Line(
        id=article.id or 0,
        title=article.title,
        date=f"{(article.published or article.found_at):%Y-%m-%d}",
        source=", ".join(sources),
        url=article.url,
        summary=article.summary,
        text=article.body,
        text_kind=kind,
        label=_Label(mentions=_answer(mentions), about=_answer(about)),
    )


def _answer(value: bool) -> Answer:
    return "yes" if value else "no"


def import_(store: Store, watch: str, file: Path, now: datetime) -> tuple[int, list[str]]:
    """Label the stored articles that a file's items name by URL; how many, and the ids of those not stored."""
    lines = read(file)
    with store.write() as session:
        known = labels.articles_by_url(session, [line.url for line in lines if line.url])
        for line in lines:
            if line.url in known:
                yes = line.label.mentions == "yes"
                labels.put(session, known[line.url], watch, yes, yes and line.label.about == "yes", now)
    return sum(line.url in known for line in lines), [str(line.id) for line in lines if line.url not in known]


def evaluate(settings: Settings, watch: str, labelled: Iterable[Labelled]) -> Quality:
    """How well the watch, as configured, judges these pieces."""
    matcher = build_matcher(settings, [watch])
    return measure((item, matcher.judge(piece)[0]) for item, piece in labelled)


def unseen(settings: Settings, name: str, labelled: Sequence[Labelled], more: Sequence[Labelled] = ()) -> Quality:
    """The same, but each month judged by weights that were learned from all other months.

    `more` are further pieces to learn from, of other months too.
    """
    examples = _examples(settings, name, [*labelled, *more])
    judged = []
    for month in sorted({item.date[:7] for item, _ in labelled}):
        weights = _taught(settings, name, [pair for pair in examples if pair[0].date[:7] != month])
        watch = watch_of(settings, name, weights)
        here = (pair for pair in examples[: len(labelled)] if pair[0].date[:7] == month)
        judged += [(item, decide(watch, example.reading)) for item, example in here]
    return measure(judged)


def teach(settings: Settings, name: str, labelled: Sequence[Labelled]) -> Weights:
    """Weights for the watch from labelled pieces. Raises UsageError where they do not suffice."""
    return _taught(settings, name, _examples(settings, name, labelled))


def _examples(settings: Settings, name: str, labelled: Iterable[Labelled]) -> list[tuple[Item, Example]]:
    """Each piece read twice: as it stands, and as if companies.yaml knew nobody but the subject.

    The second keeps the weights from leaning on names: the next deal may be with a company that nobody knows yet.
    """
    matcher = build_matcher(settings, [name], UNTAUGHT)
    watch = settings.watches[name]
    subject = {term[1:] for term in watch.all.get(watch.subject or "", ()) if term.startswith("@")}
    companies = {
        slug: company if slug in subject else company.model_copy(update={"name": "-", "aliases": (), "tickers": ()})
        for slug, company in settings.companies.items()
    }
    ignorant = build_matcher(settings.model_copy(update={"companies": companies}), [name], UNTAUGHT)
    return [
        (
            item,
            Example(matcher.read(piece)[0], item.label.mentions, item.label.about, (ignorant.read(piece)[0],)),
        )
        for item, piece in labelled
    ]


def _taught(settings: Settings, name: str, examples: Iterable[tuple[Item, Example]]) -> Weights:
    ordered = sorted(examples, key=lambda pair: (pair[0].date, pair[0].id))
    sure = [example for item, example in ordered if item.label.sure > UNSURE]
    try:
        return learn(sure, settings.watches[name].all)
    except ValueError as error:
        raise UsageError(f"Nothing can be learned: {error}.") from error
    except ImportError as error:
        raise UsageError("Learning needs scikit-learn: pip install 'dealwire[learn]'.") from error
