"""PostgreSQL's full-text search (postgresql.org/docs/current/textsearch.html), with the stems of English."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, Float, Text, cast, func, literal, literal_column, select
from sqlmodel import case, col

from pipeline.models import Article
from pipeline.store.fulltext import CLOSE, IN_TITLE, OPEN, ROW, SNIPPET, USUAL_LENGTH
from pipeline.store.words import Query, Term

_ENGLISH: ColumnElement[Any] = literal_column("'english'::regconfig")
_WORDS: ColumnElement[Any] = literal_column("articleindex.words")
_WEIGHTS = f"{{0, 0, {1 / IN_TITLE}, 1}}"
"""Of words in the text and in the title, which have the weights D and A; given from D to A."""
_MARKS = f'StartSel="{OPEN}", StopSel="{CLOSE}"'
_ACCENT = re.compile("[\u0300-\u036f]")
_CHARACTERS = 10.0
"""For each different word of a text, about: what is known of its length here."""


class TsVector:
    def holds(self, query: Query) -> ColumnElement[bool]:
        return _WORDS.op("@@", is_comparison=True)(_tsquery(query))

    def title(self, query: Query) -> ColumnElement[str]:
        return _marked(_of_article(col(Article.title)), query, "HighlightAll=true")

    def snippet(self, query: Query) -> ColumnElement[str]:
        text = case((col(Article.body) == "", col(Article.summary)), else_=col(Article.body))
        return _marked(_of_article(text), query, f"MaxWords={SNIPPET}, MinWords={SNIPPET // 2}")

    def fit(self, query: Query) -> list[ColumnElement[Any]]:
        rank = func.ts_rank(literal_column(f"'{_WEIGHTS}'::float4[]"), _WORDS, _tsquery(query))
        return [rank.label("rank"), (func.length(_WORDS) * _CHARACTERS).label("length")]

    def fitting(self, known: Any) -> ColumnElement[Any]:
        fit: ColumnElement[Any] = cast(known.c.rank, Float) / (1.0 + known.c.length / USUAL_LENGTH)
        return fit

    def days(self, late: Any, early: Any) -> ColumnElement[Any]:
        return func.extract("epoch", late - early) / 86400.0


def _tsquery(query: Query) -> ColumnElement[Any]:
    asked = _both("&&", [_both("||", list(map(_term, group))) for group in query.wanted])
    if query.ruled_out:
        asked = asked.op("&&")(func.tsquery_not(_both("||", list(map(_term, query.ruled_out)))))
    return asked


def _both(operator: str, parts: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.op(operator)(part)
    return whole.self_group()


def _term(term: Term) -> ColumnElement[Any]:
    plain = [_without_accents(word) for word in term.words]
    if not term.begins:
        return func.phraseto_tsquery(_ENGLISH, " ".join(plain))
    words = [f"'{word}'" for word in plain]  # which hold nothing but letters and digits
    return func.to_tsquery(_ENGLISH, f"{' <-> '.join(words)}:*")


def _without_accents(word: str) -> str:
    """The word as the index has it: see its migration."""
    return _ACCENT.sub("", unicodedata.normalize("NFKD", word))


def _of_article(text: Any) -> ColumnElement[str]:
    return select(text).where(col(Article.id) == ROW).scalar_subquery()


def _marked(text: ColumnElement[str], query: Query, how: str) -> ColumnElement[str]:
    return func.ts_headline(_ENGLISH, cast(text, Text), _tsquery(query), literal(f"{_MARKS}, {how}"))
