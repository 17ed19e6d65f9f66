"""Where messages go, as it may stand in the configuration."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, SecretStr

from pipeline.config.values import Hours, Mailbox, Span, Strict, Text, WebUrl


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
    unsubscribe: Text | None = None
    most_per_hour: NonNegativeInt = 30

    @property
    def effective_port(self) -> int:
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class WebhookChannel(Paced):
    """HTTP POST of JSON with Standard Webhooks' headers; signed where there is a `secret`.

    Source of the secret's form: the specification's "Signature scheme", `whsec_` and 24 to 64 bytes in base64.
    """

    type: Literal["webhook"]
    url: WebUrl
    secret: SecretStr | None = None
    headers: dict[Text, SecretStr] = {}


class AppriseChannel(Paced):
    """Slack, Discord, Telegram, ntfy, Teams and the rest, by an address of Apprise. It holds secrets, so it is one."""

    type: Literal["apprise"]
    url: SecretStr
    most_per_hour: NonNegativeInt = 30


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
