"""What a list of deals is asked for, as people write it in its form, made into a filter. Pure but for names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Query

from pipeline.config.checks import suggest
from pipeline.config.spans import since
from pipeline.deals.rulings import kept, written
from pipeline.domain import Kind, Status
from pipeline.errors import UsageError
from pipeline.flow import deal_search
from pipeline.store import Session
from pipeline.store.ledger import SORTS, Filter
from pipeline.web.api.values import instant
from pipeline.web.site import Site

_LONGEST = 200
Text = Annotated[str, Query(max_length=_LONGEST)]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Asked:
    """The fields of the form above the table of deals, as they were filled in."""

    watch: Text = ""
    party: Text = ""
    kind: Text = ""
    status: Text = ""
    since: Text = ""
    words: Text = ""
    least_usd: Text = ""
    least_gw: Text = ""
    dismissed: bool = False
    sort: Text = "-last"

    def filter(self, site: Site, session: Session) -> Filter:
        """The deals that are meant. Raises UsageError where a field cannot be understood."""
        if self.sort.removeprefix("-") not in SORTS:
            raise UsageError(f"Deals cannot be sorted by {self.sort!r}. {suggest(self.sort, SORTS)}")
        if self.watch and self.watch not in site.settings.watches:
            raise UsageError(f"There is no watch {self.watch!r}. {suggest(self.watch, site.settings.watches)}")
        wanted = Filter(
            watch=self.watch,
            kind=_one_of(self.kind, Kind, "kind"),
            status=_one_of(self.status, Status, "status"),
            since=moment(self.since, site.now(), site.zone),
            words=self.words,
            least_usd=dollars(self.least_usd) if self.least_usd.strip() else None,
            least_gw=gigawatts(self.least_gw) if self.least_gw.strip() else None,
            dismissed=self.dismissed,
        )
        return deal_search.with_party(site.settings, session, wanted, self.party.strip())

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order is asked for."""
        return self != Asked(sort=self.sort)


def query(wanted: Filter) -> str:
    """The filter as a query of the API."""
    fields: dict[str, Any] = {**vars(wanted), "since": wanted.since and wanted.since.isoformat()}
    fields |= {"dismissed": "true" if wanted.dismissed else ""}
    return urlencode({name: value for name, value in fields.items() if value not in (None, "")})


def moment(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """A point in time from `12h`, `30d`, `2w`, or a day of this zone; None where the text is blank.

    Raises UsageError.
    """
    if not text.strip():
        return None
    try:
        return instant(date.fromisoformat(text.strip()), zone)
    except ValueError:
        return since(text.strip(), now)


def dollars(text: str) -> float:
    """US dollars from `1e9`, `500m` or `$22.4bn`. Raises UsageError."""
    return _figure("amount", text, text if "$" in text else f"${text.strip()}", "500m, 22.4bn or $1 trillion")


def gigawatts(text: str) -> float:
    """Gigawatts from `1.5`, `1.5 GW` or `800 MW`. Raises UsageError."""
    return _figure("capacity", text, text, "1.5 or 800 MW")


def _figure(field: str, text: str, whole: str, example: str) -> float:
    if re.fullmatch(r"\s*\d[\d_]*(\.\d+)?(e\+?\d{1,2})?\s*", text):
        return float(text)
    found = written(field, whole)
    fact = kept(field, found) if found else None
    if fact is None or fact.unit not in ("USD", "GW") or fact.per_year:
        raise UsageError(f"{text!r} is no {field}. Write it as {example}.")
    return float(fact.value)


def _one_of(text: str, options: type[Choice], what: str) -> Choice | None:
    if not text:
        return None
    try:
        return options(text.lower())
    except ValueError:
        raise UsageError(f"{text!r} is no {what}. {suggest(text.lower(), list(options))}") from None
