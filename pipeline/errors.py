"""Every error Dealwire raises on purpose.

PipelineError
├── UsageError            the command line asks for something that is not there
├── ConfigError           a configuration file is wrong; carries every problem found
├── FetchError            a URL could not be fetched; `retry` says whether later may differ
│   ├── AddressRefused    the address is not public and not on the allow list
│   ├── DeadlineExceeded  the whole response did not arrive in time
│   ├── BodyTooLarge      the decoded body passes the cap
│   ├── TooManyRedirects  the redirects do not end
│   ├── RobotsRefused     the site's robots.txt does not allow the page, or could not be read
│   └── BadStatus         the server answered with an error status
├── FeedError             the bytes are not a feed
├── ExtractError          no article text could be extracted from the page; `retry` as above
├── DeliveryError         a channel did not take a message; `permanent` says whether to stop trying
│   └── ReceiverGone      it will take none any more
└── StoreError            the database cannot be used
    └── StoreBusy         another process holds it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PipelineError(Exception):
    """Base of every error a user may be shown: the message says what, where and how to mend it."""


class UsageError(PipelineError):
    """The command line asks for something that is not there."""


@dataclass(frozen=True)
class Problem:
    """One fault of a configuration file. `line` counts from 1; 0 where there is no line."""

    file: str
    line: int
    key: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f"{self.key}: " if self.key else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}: {key}{self.message}.{remedy}"


class ConfigError(PipelineError):
    """The configuration is wrong; `problems` holds every fault found, in file and line order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line, p.key))
        super().__init__("\n".join(map(str, self.problems)))


class FetchError(PipelineError):
    """A URL could not be fetched. `retry`: whether a later try may end differently."""

    retry = True


class AddressRefused(FetchError):
    """The URL leads to an address that is not public, or is no http(s) URL."""

    retry = False


class DeadlineExceeded(FetchError):
    """Headers and body did not arrive within the total deadline."""


class BodyTooLarge(FetchError):
    """The decoded body is larger than the cap."""

    retry = False


class TooManyRedirects(FetchError):
    """More redirects than are followed."""


class RobotsRefused(FetchError):
    """The robots.txt of the site does not allow the page, or could not be read now: then `retry` says so."""

    def __init__(self, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry


class BadStatus(FetchError):
    """The server answered with an error. `retry_after` is in seconds, None where it did not say."""

    def __init__(self, status: int, reason: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"HTTP {status} {reason}".strip())
        self.status = status
        self.retry_after = retry_after
        self.retry = status in (408, 425, 429) or status >= 500


class FeedError(PipelineError):
    """The bytes are not a feed that can be read."""


class ExtractError(PipelineError):
    """No article text could be extracted from a page. `retry`: whether a later try may end differently."""

    def __init__(self, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry


class DeliveryError(PipelineError):
    """A channel did not take a message. `retry_after` is in seconds, None where it did not say.

    `reached` are those of several addresses at which it has arrived all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        reached: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.reached = tuple(reached)


class ReceiverGone(DeliveryError):
    """The receiver of a channel says that it is gone for good (410): nothing more should be sent to it."""


class StoreError(PipelineError):
    """The database cannot be opened, read or written."""


class StoreBusy(StoreError):
    """Another Dealwire process holds the database."""
