"""Watches tried out before they are relied on: a text in place of watches.yaml, and a piece to judge by it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pipeline.config import load, watches_file
from pipeline.config.schema import Settings
from pipeline.domain import Verdict
from pipeline.errors import UsageError
from pipeline.flow.tools import build_fetcher
from pipeline.ingest.extract import Extractor
from pipeline.ingest.media import as_utf8, require_page
from pipeline.watch import terms
from pipeline.watch.piece import Piece
from pipeline.watch.text import tidy

_LONGEST = 1_000_000


def settings_with(folder: Path, watches: str) -> Settings:
    """The configuration with this text in place of watches.yaml. Writes nothing.

    Raises ConfigError with every problem, and UsageError where the text is too long.
    """
    return load.load(folder, terms.refers_to, watches_file.document(folder, watches))


def save(folder: Path, watches: str, digest: str) -> Settings:
    """Put the text in place of watches.yaml, if the configuration is valid with it; the configuration then.

    `digest` is of the state of the file that was edited, as `watches_file.read` gave it. Raises as `settings_with`, and
    UsageError where the file is in another state by now, or cannot be written.
    """
    settings = settings_with(folder, watches)
    watches_file.save(folder, watches, digest)
    return settings


def piece_at(settings: Settings, url: str) -> Piece:
    """The piece on a page, as ingestion would read it. Raises FetchError or ExtractError."""
    with closing(build_fetcher(settings)) as fetcher:
        page = fetcher.get(url)
    require_page(page)
    return piece_from(settings, as_utf8(page))


def piece_from(settings: Settings, data: bytes) -> Piece:
    """The piece in a text, whose first line is its title, or in HTML.

    Raises UsageError where the text is too long, and ExtractError where the HTML holds no piece.
    """
    text = data.decode("utf-8", errors="replace").lstrip("\ufeff")
    if is_html(text):
        with Extractor(1, settings.general.extraction.timeout.total_seconds()) as extractor:
            return Piece(tidy(extractor.title(data)), tidy(extractor.read(data).text))
    if len(text) > _LONGEST:
        raise UsageError(f"The text has {len(text):,} characters, and may have {_LONGEST:,}.")
    title, _, body = text.strip().partition("\n")
    return Piece(tidy(title), tidy(body))


def is_html(text: str) -> bool:
    """Whether the text is an HTML page."""
    return "<html" in text[:5000].lower() or "<!doctype html" in text[:500].lower()


def outcome(found: Verdict) -> str:
    """What a watch says of a piece, in words that follow its title."""
    if found.level:
        level = "about it" if found.level == "about" else "mentions it"
        return f"flagged, {level} (score {found.score:.2f}, certainty {found.certainty:.2f})"
    if found.nearest is None:
        return "not flagged; none of its terms occurs"
    return f"not flagged; what came nearest {lack(found)}"


def lack(found: Verdict) -> str:
    """Why what came nearest does not count."""
    if found.lacking:
        return f"lacks {', '.join(found.lacking)}"
    if found.window_reasons:
        return f"is too uncertain ({found.certainty:.2f} of the 0.50 it takes)"
    return "holds a term of `none`"
