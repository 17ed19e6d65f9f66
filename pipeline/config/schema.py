"""What may stand in the configuration files, as pydantic models. Unknown keys are errors."""

from __future__ import annotations

from datetime import time, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import tzlocal
from pydantic import Field, PositiveInt, SecretStr, field_validator

from pipeline.config.channels import Channel, LocalChannel
from pipeline.config.secrets import secrets_in
from pipeline.config.values import (
    Address,
    ClockTime,
    Duration,
    Network,
    Size,
    Slug,
    Span,
    Strict,
    Term,
    Terms,
    Text,
    WebUrl,
    Within,
    Zone,
    is_web_url,
)
from pipeline.config.web import Web
from pipeline.domain import Kind, Level, Status


class Tier(StrEnum):
    """How near a feed stands to the source of the news."""

    OFFICIAL = "official"
    PRESS = "press"
    AGGREGATOR = "aggregator"


class FeedSettings(Strict):
    name: Text
    url: WebUrl
    tier: Tier = Tier.PRESS
    tags: tuple[Text, ...] = ()
    every: Duration | None = None
    enabled: bool = True


class WatchSettings(Strict):
    """A watch: one term of every group of `all` must stand in one window that holds no term of `none`.

    A watch that is `like` another one takes from it all that it does not say itself, group by group. `weights` is a
    file of learned weights beside this one; without it the rule alone decides.
    `subject` is the group of `all` that says whose news it is: the title, or a sentence just before, can lend it to a
    window. The groups of `weigh` need not be there, but weigh in the score. `alert` is the least level that alerts.
    `notify` None means every channel; an empty list means the digest only. What tells of an event that was told within
    `story_window` is not told again; 0 turns that off.
    """

    title: Text
    like: Slug | None = None
    within: Within = "sentence"
    all: dict[Text, Terms] = {}
    subject: Text | None = None
    none: tuple[Term, ...] = ()
    weigh: dict[Text, Terms] = {}
    weights: Text | None = None
    alert: Level = Level.MENTIONS
    ledger: bool = False
    story_window: Span = timedelta(hours=72)
    notify: tuple[Slug, ...] | None = None


class LinearSettings(Strict):
    """A logistic regression over named features."""

    bias: float
    weights: dict[str, float]


class WeightsFile(Strict):
    """What `dealwire learn` writes. `learned` says from what, for people to read."""

    learned: str = ""
    window: LinearSettings
    about: LinearSettings


class CompanySettings(Strict):
    name: Text
    aliases: tuple[Text, ...] = ()
    tickers: tuple[Text, ...] = ()
    roles: tuple[Text, ...] = ()
    domains: tuple[Text, ...] = ()


class Schedule(Strict):
    poll_every: Duration = timedelta(minutes=15)
    ticks: Duration = timedelta(seconds=1)


class Http(Strict):
    """How feeds and pages are fetched and webhooks are sent.

    `spacing` lies between the starts of two requests to one host. `robots`: whether a page is left alone where the
    site's robots.txt does not allow it. All requests go through `proxy`, where there is one; resolving names is then
    its work, and with it to refuse names that lead inside: only hosts written as addresses are checked here.
    """

    user_agent: Text = "Dealwire/0.1 (news alerts; set http.user_agent to your contact address)"
    timeout: Duration = timedelta(seconds=20)
    max_body: Size = 10 * 2**20
    concurrency: Annotated[int, Field(ge=1, le=256)] = 16
    per_host: Annotated[int, Field(ge=1, le=64)] = 2
    spacing: Span = timedelta(seconds=1)
    robots: bool = True
    allow_private: tuple[Network, ...] = ()
    proxy: SecretStr | None = None

    @field_validator("proxy")
    @classmethod
    def _proxy_is_plain(cls, value: SecretStr | None) -> SecretStr | None:
        """To speak TLS with the proxy itself is not supported: reads inside it would escape the deadline."""
        written = value.get_secret_value() if value else ""
        parts = urlsplit(written) if is_web_url(written) else None
        if value and (not parts or parts.scheme != "http" or parts.path.strip("/") or parts.query or parts.fragment):
            raise ValueError("must be the address of a proxy such as http://proxy.example:3128")
        return value


class Extraction(Strict):
    processes: PositiveInt | None = None
    timeout: Duration = timedelta(seconds=10)


class DigestSettings(Strict):
    at: ClockTime = time(7)
    timezone: Zone = "local"
    notify: tuple[Slug, ...] | None = None


class Retention(Strict):
    """How long things are kept. `bodies`: texts of articles that no watch flags; 0 keeps them."""

    bodies: Span = timedelta(days=90)


class Operation(Strict):
    """How the daemon is watched over.

    `listen` is the address of `/metrics` and `/healthz`. `ping` is asked for after each full cycle, at most once a
    minute: a dead man's switch, whose address is a secret to most services.
    """

    listen: Address | None = None
    ping: SecretStr | None = None

    @field_validator("ping")
    @classmethod
    def _ping_is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not is_web_url(value.get_secret_value()):
            raise ValueError("must be a web address such as https://example.org/ping/1234")
        return value


class General(Strict):
    """`dealwire.yaml`. `store` is the URL of a PostgreSQL database that takes the place of the file in `state`."""

    state: str = "../state"
    store: SecretStr | None = None
    schedule: Schedule = Schedule()
    http: Http = Http()
    extraction: Extraction = Extraction()
    channels: dict[Slug, Channel] = {}
    digest: DigestSettings = DigestSettings()
    retention: Retention = Retention()
    operation: Operation = Operation()
    web: Web | None = None

    @field_validator("store")
    @classmethod
    def _store_is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith("postgresql://"):
            raise ValueError("must be an address such as postgresql://dealwire:${PGPASSWORD}@db.example.org/dealwire")
        return value


class FeedsFile(Strict):
    """`feeds.yaml`."""

    feeds: tuple[FeedSettings, ...]


class WatchesFile(Strict):
    """`watches.yaml`."""

    watches: Annotated[dict[Slug, WatchSettings], Field(min_length=1)]
    lists: dict[Slug, Terms] = {}
    furniture: tuple[Term, ...] = ()


class CompaniesFile(Strict):
    """`companies.yaml`."""

    companies: dict[Slug, CompanySettings]


class RoleSettings(Strict):
    """What a company of a role is in a deal, and the kind of deal that comes of it where no words tell."""

    party: Text
    kind: Kind


class OutletSettings(Strict):
    """An outlet or wire: how it is named, exactly so, and its domains."""

    names: Annotated[tuple[Text, ...], Field(min_length=1)]
    domains: tuple[Text, ...] = ()


class ReportingSettings(Strict):
    """How a piece says that it passes on an outlet's report.

    `verbs` stand beside the outlet's name, `before` stands before it; `never` are names that hold an outlet's.
    """

    verbs: tuple[Term, ...] = ()
    before: tuple[Term, ...] = ()
    never: tuple[Term, ...] = ()


class LedgerFile(Strict):
    """`ledger.yaml`: the words that deals are read by."""

    kinds: dict[Kind, Terms]
    roles: dict[Text, RoleSettings]
    statuses: dict[Status, Terms]
    other_sums: Terms
    totals: Terms
    hearsay: Terms
    asides: Terms
    places: dict[Slug, Terms]
    within: dict[Slug, tuple[Slug, ...]] = {}
    outlets: dict[Slug, OutletSettings] = {}
    reporting: ReportingSettings = ReportingSettings()

    def outlet_of(self, host: str) -> str:
        """The slug of the outlet that publishes there; empty where none is known to."""
        return next(
            (
                slug
                for slug, outlet in self.outlets.items()
                if any(host == domain or host.endswith(f".{domain}") for domain in outlet.domains)
            ),
            "",
        )


LOCAL = "local"


class Settings(Strict):
    """All files of one folder, joined and checked against each other."""

    folder: Path
    general: General
    feeds: tuple[FeedSettings, ...]
    watches: dict[str, WatchSettings]
    lists: dict[str, tuple[str, ...]]
    furniture: tuple[str, ...]
    weights: dict[str, WeightsFile]
    companies: dict[str, CompanySettings]
    ledger: LedgerFile

    @property
    def state(self) -> Path:
        """The folder of the database and of local deliveries."""
        return (self.folder / Path(self.general.state).expanduser()).resolve()

    @property
    def place(self) -> Path | str:
        """Where the store is: the state folder, or the URL of a PostgreSQL database."""
        return self.general.store.get_secret_value() if self.general.store else self.state

    @property
    def zone(self) -> tzinfo:
        """The user's time zone."""
        name = self.general.digest.timezone
        return tzlocal.get_localzone() if name == "local" else ZoneInfo(name)

    @property
    def channels(self) -> dict[str, Channel]:
        """The configured channels; where there are none, one that writes to the terminal and to files."""
        return self.general.channels or {LOCAL: LocalChannel(type="local")}

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret value that is long enough to be told from other text."""
        return frozenset(secret for secret in secrets_in(self) if len(secret) >= 4)

    def channels_for(self, notify: tuple[str, ...] | None) -> tuple[str, ...]:
        """The channel names that a `notify` list means."""
        return tuple(self.channels) if notify is None else notify
