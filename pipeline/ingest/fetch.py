"""The one HTTP client: for feeds, pages and webhooks.

What it refuses and why: a feed or page is a stranger's, so a URL in it must not reach inside (every resolved address
must be public, and that very address is dialled), hold a thread (a total deadline, checked at every read) or fill the
memory (a cap on the decoded body).
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import requests
from requests.exceptions import InvalidHeader
from urllib3.exceptions import HTTPError, LocationParseError

from pipeline.domain import Page
from pipeline.errors import AddressRefused, BadStatus, BodyTooLarge, DeadlineExceeded, FetchError
from pipeline.ingest.dial import Dialler, DiallingAdapter, Network

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)


@dataclass(frozen=True)
class Limits:
    """How far one request may go. `timeout` in seconds for the whole response, `max_body` in decoded bytes."""

    timeout: float = 20.0
    max_body: int = 10 * 2**20
    per_host: int = 2
    allow_private: tuple[Network, ...] = ()


class _Session(requests.Session):
    """A session that leaves redirects alone: to look at one, requests would read its body past every limit."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        return None


class Fetcher:
    """Fetches URLs. One instance serves all threads; `close` it when done."""

    def __init__(self, user_agent: str, limits: Limits) -> None:
        self._limits = limits
        self._dialler = Dialler(limits.allow_private)
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"User-Agent": user_agent, "Accept": "*/*"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DiallingAdapter(self._dialler, limits.per_host))
        self._hosts: dict[str, threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        self._session.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        """GET the URL through at most five redirects. 304 is an answer; a status of 400 or more raises BadStatus."""
        with self._deadline():
            moved, permanent = "", True
            for _ in range(_MOST_REDIRECTS + 1):
                page = self._once("GET", url, headers)
                if page.status not in _REDIRECTS:
                    return Page(page.url, page.status, page.headers, page.body, moved)
                url = _target(page)
                permanent = permanent and page.status in _PERMANENT
                moved = url if permanent else moved
        raise FetchError(f"more than {_MOST_REDIRECTS} redirects, the last to {url}")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page:
        """POST the body. Redirects are not followed; any status but 2xx raises BadStatus."""
        with self._deadline():
            page = self._once("POST", url, headers, body)
        if not 200 <= page.status < 300:
            raise BadStatus(page.status, _reason(page.status))
        return page

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        self._dialler.deadline.at = time.monotonic() + self._limits.timeout
        try:
            yield
        finally:
            self._dialler.deadline.at = float("inf")

    def _once(self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None = None) -> Page:
        host = _host(url)
        try:
            with self._turn(host), self._send(method, url, headers, body) as response:
                found = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code >= 400:
                    raise BadStatus(response.status_code, _reason(response.status_code), retry_after(found))
                return Page(url, response.status_code, found, self._read(response))
        except (requests.RequestException, HTTPError, OSError, UnicodeError, LocationParseError) as error:
            raise self._explain(error, host) from error

    def _send(self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None) -> requests.Response:
        return self._session.request(
            method,
            url,
            data=body,
            headers=dict(headers or {}),
            timeout=self._dialler.deadline.remaining(),
            allow_redirects=False,
            stream=True,
        )

    def _read(self, response: requests.Response) -> bytes:
        chunks, size = [], 0
        for chunk in response.iter_content(65536):
            size += len(chunk)
            if size > self._limits.max_body:
                raise BodyTooLarge(f"the body is larger than {self._limits.max_body:,} bytes (http.max_body)")
            chunks.append(chunk)
        # A server cut off while it sends its headers looks like a short answer; the deadline tells them apart.
        self._dialler.deadline.remaining()
        return b"".join(chunks)

    @contextmanager
    def _turn(self, host: str) -> Iterator[None]:
        """One of the places at the host. Waiting for it does not count against the deadline."""
        with self._lock:
            places = self._hosts.setdefault(host, threading.BoundedSemaphore(self._limits.per_host))
        asked = time.monotonic()
        with places:
            self._dialler.deadline.at += time.monotonic() - asked
            yield

    def _explain(self, error: Exception, host: str) -> FetchError:
        """The error in plain words; errors of our own pass through from wherever a library wrapped them."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, FetchError):
                return cause
            if isinstance(cause, TimeoutError | requests.Timeout):
                return DeadlineExceeded(f"no complete answer within {self._limits.timeout:g} s")
            if isinstance(cause, socket.gaierror):
                return FetchError(f"{host} cannot be found (DNS: {cause.strerror})")
            if isinstance(cause, ssl.SSLError):
                return FetchError(f"TLS with {host} failed: {getattr(cause, 'verify_message', '') or cause.reason}")
            if isinstance(cause, ConnectionRefusedError):
                return FetchError(f"{host} refused the connection")
            if isinstance(cause, InvalidHeader):  # its own words would quote the header, which may be a secret
                return FetchError(f"{host}: a configured header holds characters that HTTP does not carry")
            inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
            cause = inner if isinstance(inner, BaseException) else cause.__cause__ or cause.__context__
        return FetchError(f"{host}: {error}")


def _host(url: str) -> str:
    """The URL's host. Raises AddressRefused for what is no plain http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(f"{url!r} is no URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise AddressRefused(f"{url!r} is no http(s) URL")
    if any(c.isspace() or c == "\\" for c in url) or "@" in parts.netloc:
        raise AddressRefused(f"{url!r} is not written as a plain URL")
    return parts.hostname


def _target(page: Page) -> str:
    """Where a redirect leads. Raises FetchError where it does not say, AddressRefused where that is no URL."""
    target = page.headers.get("location")
    if not target:
        raise FetchError(f"HTTP {page.status} without saying where to")
    try:
        return urljoin(page.url, _utf8(target))
    except ValueError as error:
        raise AddressRefused(f"the redirect to {target!r} leads to no URL") from error


def _utf8(header: str) -> str:
    """A header read as UTF-8, where `http.client` read Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` header asks for, as number or HTTP date (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - (now or datetime.now(UTC))).total_seconds())
