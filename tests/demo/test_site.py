"""The sample site."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest

from pipeline.config.shipped import shipped_folder
from pipeline.demo.site import load, page, serve
from pipeline.flow.matching import build_matcher
from pipeline.flow.tools import load_settings
from pipeline.ingest.extract import extract
from pipeline.ingest.parse import parse
from pipeline.watch.piece import Piece

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_every_feed_lists_its_pieces() -> None:
    """RSS, Atom and JSON Feed alike give title, link, date and summary of each piece, none in the future."""
    with serve(NOW) as site:
        for feed in site.feeds:
            body = urllib.request.urlopen(f"{site.base}/{feed.slug}", timeout=30).read()
            entries = parse(body, f"{site.base}/{feed.slug}").entries
            pieces = {piece.title: piece for piece in site.pieces if feed.slug in piece.feeds}

            assert {entry.title for entry in entries} == set(pieces)
            for entry in entries:
                assert entry.url == f"{site.base}/news/{pieces[entry.title].slug}"
                assert entry.published == pieces[entry.title].published <= NOW
                assert entry.text == pieces[entry.title].summary


def test_unchanged_and_unknown() -> None:
    """The site answers a conditional request with 304, and an unknown path with 404."""
    with serve(NOW) as site:
        url = f"{site.base}/{site.feeds[0].slug}"
        with urllib.request.urlopen(url, timeout=30) as first:
            tag = first.headers["ETag"]
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            urllib.request.urlopen(urllib.request.Request(url, headers={"If-None-Match": tag}), timeout=30)
        with pytest.raises(urllib.error.HTTPError) as unknown:
            urllib.request.urlopen(f"{site.base}/nowhere", timeout=30)

    codes = []
    for error in (unchanged.value, unknown.value):
        codes.append(error.code)
        error.close()
    assert codes == [304, 404]


def test_the_shipped_watch_flags_what_it_should() -> None:
    """Of the sample pieces, extracted from their pages, the shipped watch flags the deals and nothing else."""
    matcher = build_matcher(load_settings(shipped_folder()))
    _, pieces = load(NOW)

    for piece in pieces:
        [verdict] = matcher.judge(Piece(piece.title, extract(page(piece)).text))
        assert (piece.slug, verdict.matched) == (piece.slug, piece.flagged)


def test_the_interviews_are_told_apart() -> None:
    """The interview on more deals is flagged, the one on research is not; both are among the pieces."""
    _, pieces = load(NOW)
    flagged = {piece.slug: piece.flagged for piece in pieces}

    assert flagged["more-deals-coming-interview"]
    assert not flagged["research-priorities-interview"]
