"""Tools, and what a flow test does with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import flow
from pipeline.engine.stages import INGEST, deliveries, drain
from pipeline.flow import Report, Tools
from pipeline.ingest.extract import Extractor
from pipeline.models import Article, Delivery, Feed
from pipeline.store import Session, Store, articles, feeds, outbox
from tests.conftest import MakeTools
from tests.support.web import Answer, Request


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    """One process for a whole file of tests: starting one takes seconds."""
    with Extractor(1, 20.0) as shared:
        yield shared


@pytest.fixture
def make(make_tools: MakeTools, extractor: Extractor) -> MakeTools:
    """As `make_tools`, with the shared extractor."""

    def made(*urls: str, **config: Any) -> Tools:
        return replace(make_tools(*urls, **config), extractor=extractor)

    return made


@pytest.fixture
def session(place: Path | str) -> Iterator[Session]:
    """A transaction on an empty store."""
    with Store(place) as store, store.write() as session:
        yield session


def poll(tools: Tools) -> Report:
    """Poll what is due, once."""
    with tools.store.read() as session:
        ids = feeds.due(session, tools.clock.now(), 100)
    return flow.poll(tools, ids)


def ingest(tools: Tools) -> Report:
    return drain(tools, INGEST)


def deliver(tools: Tools) -> Report:
    return drain(tools, deliveries())


def all_feeds(tools: Tools) -> list[Feed]:
    with tools.store.read() as session:
        return feeds.all_active(session)


def all_articles(tools: Tools) -> list[Article]:
    """Articles by title."""
    with tools.store.read() as session:
        return sorted(articles.find(session, articles.Filter(most=1000)), key=lambda article: article.title)


def all_deliveries(tools: Tools) -> list[Delivery]:
    """Deliveries, oldest first."""
    with tools.store.read() as session:
        return outbox.listing(session, most=1000)[::-1]


def in_turn(*answers: Answer) -> Callable[[Request], Answer]:
    """These answers one after another, the last for good."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
