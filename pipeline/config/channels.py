"""Where messages go, as it may stand in the configuration."""

from __future__ import annotations

import binascii
import logging
from base64 import b64decode
from datetime import timedelta
from importlib.util import find_spec
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, NonNegativeInt, SecretStr, field_validator

from pipeline.config.values import Contact, Hours, Mailbox, Span, Strict, Text, WebUrl, is_web_url

_LONGEST_URL = 2_000


class Paced(Strict):
    """A channel that reaches people, and how often it may.

    What is found within `group_wait` of the first of a group, by `group_by`, goes out as one message. In the hours of
    `quiet`, alerts wait. At most `most_per_hour` messages with alerts go out, 0 for any number, and the rest is
    gathered into one. The digest has its own time and is not held.
    """

    group_wait: Span = timedelta(0)
    group_by: Literal["deal", "watch", "channel"] = "deal"
    quiet: Hours | None = None
    most_per_hour: NonNegativeInt = 0

    @property
    def holds_back(self) -> bool:
        """Whether there is any pace at all."""
        return bool(self.group_wait or self.quiet or self.most_per_hour)


def _can_sign(secret: str) -> bool:
    kind, _, key = secret.partition("_")
    try:
        return kind == "whsec" and 24 <= len(b64decode(key, validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False


class EmailChannel(Paced):
    """SMTP. `security`: starttls (usually port 587), tls (usually 465) or none (a relay on this machine).

    `unsubscribe` is where who wants no more of it turns to, a web or e-mail address; the sender where it is missing.
    """

    type: Literal["email"]
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    sender: Mailbox
    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    unsubscribe: Contact | None = None
    most_per_hour: NonNegativeInt = 30

    @property
    def effective_port(self) -> int:
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class WebhookChannel(Paced):
    """HTTP POST of JSON with Standard Webhooks' headers; signed where there is a `secret`.

    `url` is kept like a secret: to many services, who knows it may post. Several secrets all sign, so that a receiver
    can change to a new one. Source of their form: the specification's "Signature scheme", `whsec_` and 24 to 64 bytes
    in base64.
    """

    type: Literal["webhook"]
    url: SecretStr
    secret: tuple[SecretStr, ...] = ()
    headers: dict[Text, SecretStr] = {}

    @field_validator("url")
    @classmethod
    def _url_is_plain(cls, value: SecretStr) -> SecretStr:
        written = value.get_secret_value()
        if not is_web_url(written):
            raise ValueError("must be a web address such as https://example.org/hooks/deals")
        if set("@%") & set(urlsplit(written).netloc) or "\\" in written or len(written) > _LONGEST_URL:
            raise ValueError(
                f"must be a plain web address of at most {_LONGEST_URL:,} characters; a user name and password go into "
                "headers, as Authorization"
            )
        return value

    @field_validator("secret", mode="before")
    @classmethod
    def _secrets_are_whole(cls, value: Any) -> Any:
        secrets = [value] if isinstance(value, str) else value
        if not isinstance(secrets, list) or not all(isinstance(each, str) and _can_sign(each) for each in secrets):
            raise ValueError(
                "must be whsec_ and 24 to 64 bytes in base64, or a list of such; `dealwire channels secret` makes one"
            )
        return tuple(secrets)


class AppriseChannel(Paced):
    """Slack, Discord, Telegram, ntfy, Teams and the rest, by an address of Apprise. It holds secrets, so it is one."""

    type: Literal["apprise"]
    url: SecretStr
    most_per_hour: NonNegativeInt = 30

    @field_validator("url")
    @classmethod
    def _url_is_known(cls, value: SecretStr) -> SecretStr:
        if find_spec("apprise"):
            from apprise import Apprise

            logging.getLogger("apprise").propagate = False  # its words may quote the address
            if Apprise.instantiate(value.get_secret_value()) is None:
                raise ValueError("must be an address that Apprise knows, such as ntfy://ntfy.example.org/topic")
        return value


class FileChannel(Strict):
    """A line for each message at the end of a file (relative to the state folder), or on standard output for `-`."""

    type: Literal["file"]
    path: Text = "-"
    format: Literal["json", "text"] = "json"


class LocalChannel(Strict):
    """Files in a folder (relative to the state folder), and a line in the terminal or log."""

    type: Literal["local"]
    folder: str = "outbox"


class FeedChannel(Strict):
    """An Atom file and a JSON Feed of the last alerts in a folder (relative to the state folder); no digests.

    `url` is the address of that folder, where it has one.
    """

    type: Literal["feed"]
    folder: str = "feed"
    title: Text = "Dealwire"
    url: WebUrl | None = None


Channel = Annotated[
    EmailChannel | WebhookChannel | AppriseChannel | FileChannel | LocalChannel | FeedChannel,
    Field(discriminator="type"),
]
