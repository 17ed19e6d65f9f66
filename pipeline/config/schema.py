"""What may stand in the configuration files, as pydantic models. Unknown keys are errors."""

from __future__ import annotations

import re
from datetime import time, timedelta, tzinfo
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import tzlocal
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    SecretStr,
    StringConstraints,
    ValidationInfo,
)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a duration such as 30s, 15m, 6h or 2d")
    seconds = float(found[1]) * _UNITS[found[2]]
    if not 0 < seconds <= 365 * 86400:
        raise ValueError("must be a duration between 1s and 365d")
    return timedelta(seconds=seconds)


def _size(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = re.fullmatch(r"\s*(\d+)\s*(B|KiB|MiB|GiB)\s*", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a size such as 500KiB or 10MiB")
    return int(found[1]) * _SIZES[found[2]]


def _clock_time(value: Any) -> Any:
    if isinstance(value, time):
        return value
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a time of day such as "07:00"')
    return time(int(found[1]), int(found[2]))


def _zone(value: str) -> str:
    if value != "local":
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("must be 'local' or a time zone name such as Europe/London") from None
    return value


def _web_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  (raises for a port that is no number)
    except ValueError:
        raise ValueError("must be a web address such as https://example.org/feed.xml") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
        raise ValueError("must be a web address such as https://example.org/feed.xml")
    return value


def _network(value: Any) -> Any:
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise ValueError("must be an address or network such as 127.0.0.1 or 10.0.0.0/8") from None


def _mailbox(value: str) -> str:
    if not re.fullmatch(r"[^@\r\n]*<[^@<>\s]+@[^@<>\s]+>|[^@<>\s]+@[^@<>\s]+", value) or "@" not in parseaddr(value)[1]:
        raise ValueError("must be an e-mail address such as desk@example.org")
    return value


def _within(value: Any) -> Any:
    if value in ("sentence", "paragraph", "article"):
        return value
    found = re.fullmatch(r"(\d+)\s+words", value) if isinstance(value, str) else None
    if not found or not 2 <= int(found[1]) <= 1000:
        raise ValueError("must be sentence, paragraph, article, or a number of words such as 25 words")
    return value


def _term(value: str, info: ValidationInfo) -> str:
    if info.context and (check := info.context.get("check_term")):
        check(value)
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Size = Annotated[int, BeforeValidator(_size), Field(gt=0)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Zone = Annotated[str, AfterValidator(_zone)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Within = Annotated[str, BeforeValidator(_within)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Term = Annotated[Text, AfterValidator(_term)]
Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(description="lower-case letters, digits and hyphens"),
]


class Strict(BaseModel):
    """A section of the configuration: frozen, and no keys but the declared ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


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


def is_web_url(value: str) -> bool:
    """Whether the value may stand as the URL of a feed."""
    try:
        _web_url(value)
    except ValueError:
        return False
    return True


class WatchSettings(Strict):
    """A watch: one term of every group of `all` must stand in one window that holds no term of `none`.

    `notify` None means every channel; an empty list means the digest only.
    """

    title: Text
    within: Within = "sentence"
    all: Annotated[dict[Text, Annotated[tuple[Term, ...], Field(min_length=1)]], Field(min_length=1)]
    none: tuple[Term, ...] = ()
    ledger: bool = False
    notify: tuple[Slug, ...] | None = None


class CompanySettings(Strict):
    name: Text
    aliases: tuple[Text, ...] = ()
    tickers: tuple[Text, ...] = ()
    roles: tuple[Text, ...] = ()
    domains: tuple[Text, ...] = ()


class EmailChannel(Strict):
    """SMTP. `security`: starttls (usually port 587), tls (usually 465) or none (a relay on this machine)."""

    type: Literal["email"]
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    sender: Mailbox
    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")

    @property
    def effective_port(self) -> int:
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class WebhookChannel(Strict):
    """HTTP POST of JSON, with Standard Webhooks' `webhook-id` and `webhook-timestamp` headers."""

    type: Literal["webhook"]
    url: WebUrl
    headers: dict[Text, SecretStr] = {}


class LocalChannel(Strict):
    """Files in a folder (relative to the state folder), and a line in the terminal or log."""

    type: Literal["local"]
    folder: str = "outbox"


Channel = Annotated[EmailChannel | WebhookChannel | LocalChannel, Field(discriminator="type")]


class Schedule(Strict):
    poll_every: Duration = timedelta(minutes=15)
    ticks: Duration = timedelta(seconds=1)


class Http(Strict):
    user_agent: Text = "Dealwire/0.1 (news alerts; set http.user_agent to your contact address)"
    timeout: Duration = timedelta(seconds=20)
    max_body: Size = 10 * 2**20
    concurrency: Annotated[int, Field(ge=1, le=256)] = 16
    per_host: Annotated[int, Field(ge=1, le=64)] = 2
    allow_private: tuple[Network, ...] = ()


class Extraction(Strict):
    processes: PositiveInt | None = None
    timeout: Duration = timedelta(seconds=10)


class DigestSettings(Strict):
    at: ClockTime = time(7)
    timezone: Zone = "local"
    notify: tuple[Slug, ...] | None = None


class General(Strict):
    """`dealwire.yaml`."""

    state: str = "../state"
    schedule: Schedule = Schedule()
    http: Http = Http()
    extraction: Extraction = Extraction()
    channels: dict[Slug, Channel] = {}
    digest: DigestSettings = DigestSettings()


class FeedsFile(Strict):
    """`feeds.yaml`."""

    feeds: tuple[FeedSettings, ...]


class WatchesFile(Strict):
    """`watches.yaml`."""

    watches: Annotated[dict[Slug, WatchSettings], Field(min_length=1)]


class CompaniesFile(Strict):
    """`companies.yaml`."""

    companies: dict[Slug, CompanySettings]


LOCAL = "local"


class Settings(Strict):
    """All files of one folder, joined and checked against each other."""

    folder: Path
    general: General
    feeds: tuple[FeedSettings, ...]
    watches: dict[str, WatchSettings]
    companies: dict[str, CompanySettings]

    @property
    def state(self) -> Path:
        """The folder of the database and of local deliveries."""
        return (self.folder / Path(self.general.state).expanduser()).resolve()

    @property
    def zone(self) -> tzinfo:
        """The user's time zone."""
        name = self.general.digest.timezone
        return tzlocal.get_localzone() if name == "local" else ZoneInfo(name)

    @property
    def channels(self) -> dict[str, EmailChannel | WebhookChannel | LocalChannel]:
        """The configured channels; where there are none, one that writes to the terminal and to files."""
        return self.general.channels or {LOCAL: LocalChannel(type="local")}

    def channels_for(self, notify: tuple[str, ...] | None) -> tuple[str, ...]:
        """The channel names that a `notify` list means."""
        return tuple(self.channels) if notify is None else notify
