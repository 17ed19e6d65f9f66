"""What feeds write for a date, to aware UTC. Pure: nothing here reads a clock, so "yesterday" is no date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_LONGEST = 64
_MOST_ODD = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES_ITS_PARTS = re.compile(r"[0-9]{4}[/.]|.*[^\W\d_]")
_SECONDS = re.compile(r"[0-9]{9,11}(?:[0-9]{3})?")
_WHOLE_DATES = {
    "TIMEZONE": "UTC",
    "RETURN_AS_TIMEZONE_AWARE": True,
    "STRICT_PARSING": True,
    "REQUIRE_PARTS": ["day", "month", "year"],
    "PARSERS": ["absolute-time"],
    "RELATIVE_BASE": datetime(2000, 1, 1),  # noqa: DTZ001  (what the library wants; no part is taken from it)
}


class DateReader:
    """Reads the dates of one document.

    Dates in a form of their own cost milliseconds each, so that no more than 50 of a document are puzzled over.
    """

    def __init__(self) -> None:
        self._odd_left = _MOST_ODD

    def first(self, raw: Any, *names: str) -> datetime | None:
        """The first of these fields that holds a date, as a parser gave it or as it stands in the document.

        None for what can be no news' date: no year between 1990 and 2100, such as the year 1 of empty fields. A date in
        the far future is given as stated.
        """
        for name in names:
            found = self._read(dict.get(raw, f"{name}_parsed"), dict.get(raw, name))
            if found is not None:
                return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
        return None

    def _read(self, parsed: Any, text: Any) -> datetime | None:
        if parsed:
            try:
                year, month, day, hour, minute, second, *_ = parsed
                return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # it may be a leap second
            except (ValueError, TypeError, IndexError):
                pass
        return self.read(text) if isinstance(text, str) else None

    def read(self, text: str) -> datetime | None:
        """ISO 8601, RFC 5322, seconds or milliseconds since 1970, or day, month's name and year in any language."""
        text = " ".join(text[: _LONGEST * 2].split())
        if not 4 <= len(text) <= _LONGEST:
            return None
        if _SECONDS.fullmatch(text):
            return _EPOCH + timedelta(seconds=int(text) if len(text) < 12 else int(text) // 1000)
        for read in (datetime.fromisoformat, parsedate_to_datetime):
            try:
                found = read(text)
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
            except (ValueError, OverflowError, TypeError, IndexError):
                continue
        return self._odd(text)

    def _odd(self, text: str) -> datetime | None:
        if not self._odd_left or not _NAMES_ITS_PARTS.match(text) or not any(map(str.isdigit, text)):
            return None  # of 10/03/2026, nobody knows whether the month comes first
        self._odd_left -= 1
        import dateparser  # slow to import, and few feeds need it

        try:
            found = dateparser.parse(text, settings=_WHOLE_DATES)
            return found.astimezone(UTC) if found else None
        except (ValueError, OverflowError, TypeError, AttributeError, KeyError, IndexError):
            return None
