"""Watches tried out on a text, and saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import watches_file
from pipeline.errors import ConfigError, ExtractError, FetchError, UsageError
from pipeline.flow import load_settings
from pipeline.flow.matching import build_matcher
from pipeline.flow.tryout import outcome, piece_at, piece_from, save, settings_with
from pipeline.watch.piece import Piece
from tests.support.web import Web
from tests.support.world import DEAL, OTHER, page, write_config

WATCHES = """\
# mine
watches:
  deals:
    title: Deals
    all: {who: [OpenAI], deal: [contract]}
    none: [film]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_config(tmp_path / "config")
    (made / "watches.yaml").write_text(WATCHES, encoding="utf-8")
    return made


def test_a_text_stands_in_for_the_file(folder: Path) -> None:
    """It is in force for whoever tries it, and nothing is written."""
    settings = settings_with(folder, WATCHES.replace("[contract]", '[contract, "AMD"]'))

    assert settings.watches["deals"].all["deal"] == ("contract", '"AMD"')
    assert watches_file.read(folder).text == WATCHES


def test_every_fault_is_told_with_its_line(folder: Path) -> None:
    """As for the file, all at once, and nothing is saved."""
    text = WATCHES.replace("title: Deals", "titel: Deals").replace("[film]", "['/(/', '@nobody']")
    with pytest.raises(ConfigError) as caught:
        save(folder, text, watches_file.read(folder).digest)

    said = str(caught.value)
    assert "watches.yaml:4: watches.deals.titel: is not a known key. Did you mean title?" in said
    assert "watches.yaml:6: watches.deals.none.0: '/(/' is not a regular expression" in said
    assert watches_file.read(folder).text == WATCHES


def test_a_fault_of_another_file_keeps_it_from_being_saved(folder: Path) -> None:
    """The daemon would refuse the whole, so it is told here."""
    text = WATCHES.replace("none: [film]", "notify: [nowhere]")

    with pytest.raises(ConfigError, match=r"watches\.yaml:6: .*'nowhere' is not a channel of dealwire\.yaml"):
        save(folder, text, watches_file.read(folder).digest)


def test_what_is_saved_is_in_force(folder: Path) -> None:
    """The text is the file then, comments and all."""
    text = WATCHES.replace("title: Deals", "title: Big deals  # all of them")

    settings = save(folder, text, watches_file.read(folder).digest)

    assert load_settings(folder) == settings
    assert watches_file.read(folder).text == text


def test_a_page_is_read_as_ingestion_would(folder: Path, web: Web) -> None:
    """Its title and the article on it, without what stands around it."""
    url = web.set("/a", page("Big news", DEAL).replace("</body>", "<nav><a>Home</a></nav></body>"))

    piece = piece_at(load_settings(folder), url)

    assert piece.title == "Big news"
    assert DEAL in piece.body
    assert "Home" not in piece.body


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("{web}/gone", "HTTP 404"),
        ("{web}/pdf", "the link leads to a PDF document"),
        ("{web}/empty", "no article text was found on the page"),
        ("http://10.0.0.1/", "is not a public address"),
        ("file:///etc/passwd", "file:///etc/passwd"),
    ],
)
def test_what_is_no_piece_is_told(folder: Path, web: Web, address: str, says: str) -> None:
    """Why nothing could be had there. No address inside is asked."""
    web.set("/pdf", "%PDF-1.7", "application/pdf")
    web.set("/empty", "<html><body></body></html>")

    with pytest.raises((FetchError, ExtractError)) as caught:
        piece_at(load_settings(folder), address.format(web=web.base))

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("data", "piece"),
    [
        ("Big news\n\nOpenAI.", Piece("Big news", "OpenAI.")),
        ("\ufeffBig news\r\nOpen\u200bAI.\r\n", Piece("Big news", "OpenAI.")),
        ("", Piece("", "")),
        ("Big news", Piece("Big news", "")),
    ],
)
def test_the_first_line_of_a_text_is_its_title(folder: Path, data: str, piece: Piece) -> None:
    """The rest is its body, tidied as stored texts are."""
    assert piece_from(load_settings(folder), data.encode()) == piece


def test_a_text_may_be_so_long(folder: Path) -> None:
    """One that nobody would paste is refused before it is judged."""
    with pytest.raises(UsageError, match="1,000,001 characters, and may have 1,000,000"):
        piece_from(load_settings(folder), b"x" * 1_000_001)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (DEAL, "flagged, about it (score "),
        (OTHER, "not flagged; what came nearest lacks deal"),
        ("OpenAI has a contract for a film.", "not flagged; what came nearest holds a term of `none`"),
        ("Nothing of the kind.", "not flagged; none of its terms occurs"),
    ],
)
def test_the_outcome_in_words(folder: Path, body: str, says: str) -> None:
    """Whether a piece is flagged, and if not what it lacked."""
    [verdict] = build_matcher(load_settings(folder)).judge(Piece("News", body))

    assert outcome(verdict).startswith(says)
