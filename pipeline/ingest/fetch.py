"""The one HTTP client: for feeds, pages and webhooks.

What it refuses and why: a feed or page is a stranger's, so a URL in it must not reach inside (every resolved address
must be public, and that very address is dialled), hold a thread (a total deadline, checked at every read) or fill the
memory (a cap on the decoded body, and one on what is received of it).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.exceptions import InvalidHeader, InvalidURL
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from pipeline.domain import Page
from pipeline.errors import AddressRefused, BadStatus, BodyTooLarge, DeadlineExceeded, FetchError, TooManyRedirects
from pipeline.ingest.dial import Dialler, DiallingAdapter, Network, Resolve, lookup
from pipeline.ingest.turns import Elsewhere, Turns
from pipeline.ingest.urls import check_literal, host_of, plain, quoted, redirected

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_DECODED = tuple(BaseHTTPResponse.CONTENT_DECODERS)
_NOT_CODED = ("", "identity", "none", "utf-8")  # the last two are what servers write who mean the second
_CHUNK = 65536
_KEPT = 16
"""Connections to a host that are kept for the next request, at the least: of each too many a warning is logged."""


@dataclass(frozen=True)
class Limits:
    """How far one request may go.

    `timeout` in seconds for the whole response, `max_body` in decoded bytes, `per_host` requests at one time and
    `spacing` seconds between the starts of two GETs to a host. `proxy` is the http URL that all requests go through.
    """

    timeout: float = 20.0
    max_body: int = 10 * 2**20
    per_host: int = 2
    allow_private: tuple[Network, ...] = ()
    spacing: float = 0.0
    proxy: str = field(default="", repr=False)


class _Session(requests.Session):
    """A session that leaves redirects alone: to look at one, requests would read its body past every limit."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        return None


class Fetcher:
    """Fetches URLs. One instance serves all threads; `close` it when done."""

    def __init__(
        self, user_agent: str, limits: Limits, resolve: Resolve = lookup, elsewhere: Elsewhere | None = None
    ) -> None:
        self._limits = limits
        self._dialler = Dialler(limits.allow_private, resolve)
        self._bounds = self._dialler.bounds
        self._proxies = {"http": limits.proxy, "https": limits.proxy} if limits.proxy else {}
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        coded = ", ".join(coding for coding in _DECODED if not coding.startswith("x-"))
        self._session.headers.update({"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": coded})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DiallingAdapter(self._dialler, max(limits.per_host, _KEPT)))
        self._turns = Turns(limits.per_host, limits.spacing, elsewhere=elsewhere)

    def close(self) -> None:
        """Threads that wait for their turn at a host are sent away with a FetchError."""
        self._turns.close()
        self._session.close()

    def pace(self, url: str, spacing: float) -> None:
        """Keep at least so many seconds between two GETs to the URL's host."""
        self._turns.pace(host_of(url), spacing)

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        check: Callable[[str], None] | None = None,
        cut_at: int | None = None,
    ) -> Page:
        """GET the URL through at most five redirects. 304 is an answer; a status of 400 or more raises BadStatus.

        `check` is called with every URL before it is asked, and raises FetchError to forbid it. Of the body, the first
        `cut_at` bytes are read; without that, a body over the cap raises BodyTooLarge.
        """
        with self._deadline():
            moved, permanent = "", True
            for _ in range(_MOST_REDIRECTS + 1):
                if check:
                    with self._untimed():
                        check(url)
                page = self._once("GET", url, headers, cut_at=cut_at)
                if page.status not in _REDIRECTS:
                    return Page(page.url, page.status, page.headers, page.body, moved)
                url = redirected(page)
                permanent = permanent and page.status in _PERMANENT
                moved = url if permanent else moved
        raise TooManyRedirects(f"more than {_MOST_REDIRECTS} redirects, the last to {quoted(url)}")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page:
        """POST the body. Redirects are not followed; any status but 2xx raises BadStatus.

        It waits for nobody's turn: the receiver is the user's own, and who sends to it sees to how often. Else one that
        hangs would delay what goes to another at the same host.
        """
        with self._deadline():
            page = self._once("POST", url, headers, body)
        if not 200 <= page.status < 300:
            raise BadStatus(page.status, _reason(page.status))
        return page

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        outer = self._bounds.until
        self._bounds.until = time.monotonic() + self._limits.timeout
        try:
            yield
        finally:
            self._bounds.until = outer

    @contextmanager
    def _untimed(self) -> Iterator[None]:
        """What does not count against the deadline."""
        began = time.monotonic()
        yield
        self._bounds.until += time.monotonic() - began

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: bytes | None = None,
        cut_at: int | None = None,
    ) -> Page:
        prepared = self._prepare(requests.Request(method, plain(url), headers=dict(headers or {}), data=body))
        host = host_of(prepared.url or "")
        if self._proxies:
            check_literal(host, self._dialler.check)
        try:
            with self._turn(host) if method == "GET" else nullcontext(), self._send(prepared) as response:
                found = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code >= 400:
                    raise BadStatus(response.status_code, _reason(response.status_code), retry_after(found))
                return Page(url, response.status_code, found, self._read(response, host, cut_at))
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            raise self._explain(error, host) from error

    def _prepare(self, request: requests.Request) -> requests.PreparedRequest:
        """The request with the URL as it will be asked, which is what the host must be taken from."""
        try:
            return self._session.prepare_request(request)
        except (InvalidURL, UnicodeError) as error:
            raise AddressRefused(f"{quoted(request.url)} names no host that can be") from error
        except InvalidHeader as error:  # its own words would quote the header, which may be a secret
            raise FetchError("a configured header holds characters that HTTP does not carry") from error

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        # A body takes no more room than decoded, but for its headers and the framing of chunks.
        self._bounds.bytes = self._limits.max_body * 9 // 8 + 2**20
        return self._session.send(
            request,
            timeout=self._bounds.remaining(),
            allow_redirects=False,
            stream=True,
            verify=True,
            cert=None,
            proxies=self._proxies,
        )

    def _read(self, response: requests.Response, host: str, cut_at: int | None) -> bytes:
        _settle_coding(response, host)
        most = self._limits.max_body if cut_at is None else cut_at
        chunks, size = [], 0
        for chunk in response.iter_content(_CHUNK):
            size += len(chunk)
            chunks.append(chunk)
            if size > most:
                if cut_at is None:
                    raise BodyTooLarge(f"the body is larger than {most:,} bytes (http.max_body)")
                break
            self._bounds.remaining()  # much may be decoded of little that was received
        # A server cut off while it sends its headers looks like a short answer; the deadline tells them apart.
        self._bounds.remaining()
        return b"".join(chunks)[:cut_at]

    @contextmanager
    def _turn(self, host: str) -> Iterator[None]:
        """One of the places at the host. Waiting for it does not count against the deadline."""
        asked = time.monotonic()
        with self._turns.turn(host):
            self._bounds.until += time.monotonic() - asked
            yield

    def _explain(self, error: Exception, host: str) -> FetchError:
        """The error in plain words; errors of our own pass through from wherever a library wrapped them."""
        who = f"the proxy for {host}" if self._proxies else host
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, FetchError):
                return cause
            if isinstance(cause, TimeoutError | requests.Timeout):
                return DeadlineExceeded(f"no complete answer within {self._limits.timeout:g} s")
            if isinstance(cause, socket.gaierror):
                return FetchError(f"{who} cannot be found (DNS: {cause.strerror})")
            if isinstance(cause, ssl.SSLError):
                return FetchError(f"TLS with {host} failed: {getattr(cause, 'verify_message', '') or cause.reason}")
            if isinstance(cause, ConnectionRefusedError):
                return FetchError(f"{who} refused the connection")
            if isinstance(cause, UnicodeError):
                return AddressRefused(f"{quoted(host)} cannot be the name of a host")
            if isinstance(cause, OSError) and str(cause).startswith("Tunnel connection failed"):
                return FetchError(f"the proxy opens no connection to {host} ({str(cause).partition(': ')[2]})")
            inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
            cause = inner if isinstance(inner, BaseException) else cause.__cause__ or cause.__context__
        return FetchError(f"{host}: {error}")


def _settle_coding(response: requests.Response, host: str) -> None:
    """Leave the decoder one coding that it knows, or none. Raises FetchError where that is not what was sent.

    Layers of codings (RFC 9110, section 8.4) are refused: nobody sends them but to make a decoder work without end.
    """
    named = response.headers.get("content-encoding", "").lower()
    codings = [coding for part in named.split(",") if (coding := part.strip()) not in _NOT_CODED]
    if len(codings) > 1:
        raise FetchError(f"{host} sends a body that is compressed {len(codings)} times over")
    if codings and codings[0] not in _DECODED:
        raise FetchError(f"{host} sends a body in an encoding that we cannot read: {codings[0][:40]!r}")
    if named:
        response.raw.headers["Content-Encoding"] = "".join(codings)


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
