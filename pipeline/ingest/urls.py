"""What a URL must look like to be asked, and which host it means."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from pipeline.domain import Page
from pipeline.errors import AddressRefused, FetchError
from pipeline.ingest.dial import Address

_LONGEST = 8192
"""RFC 9110, section 4.1, asks for at least 8,000."""
_SHOWN = 200
_LOCAL_NAME = "localhost"


def plain(url: str) -> str:
    """The URL as it is. Raises AddressRefused for what is no plain http(s) URL.

    Plain means that no two readers can find two hosts in it: no password, no escapes and no zone in the host, no
    blanks, backslashes or control characters anywhere.
    """
    shown = quoted(url)
    if len(url) > _LONGEST:
        raise AddressRefused(f"{shown} is longer than {_LONGEST:,} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(f"{shown} is no URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise AddressRefused(f"{shown} is no http(s) URL")
    if any(c.isspace() or c == "\\" or c < " " or c == "\x7f" for c in url) or set("@%") & set(parts.netloc):
        raise AddressRefused(f"{shown} is not written as a plain URL")
    return url


def quoted(url: str) -> str:
    """The URL as a message may show it."""
    return repr(url if len(url) <= _SHOWN else url[:_SHOWN] + "...")


def host_of(url: str) -> str:
    """The host that is dialled for a URL which `plain` lets pass and requests has prepared."""
    return (urlsplit(url).hostname or "").rstrip(".")


def check_literal(host: str, check: Callable[[str, Address], None]) -> None:
    """Let `check` refuse a host that is written as an address, in any notation of inet_aton(3), or as localhost.

    For requests through a proxy, where names are the proxy's to resolve.
    """
    if host == _LOCAL_NAME or host.endswith(f".{_LOCAL_NAME}"):  # RFC 6761, section 6.3
        check(host, ipaddress.IPv4Address("127.0.0.1"))
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            address = ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return
    check(host, address)


def redirected(page: Page) -> str:
    """Where a redirect leads. Raises FetchError where it does not say, AddressRefused where that is no URL."""
    target = page.headers.get("location")
    if not target:
        raise FetchError(f"HTTP {page.status} without saying where to")
    try:
        return urljoin(page.url, _utf8(target))
    except ValueError as error:
        raise AddressRefused(f"the redirect to {target[:_SHOWN]!r} leads to no URL") from error


def _utf8(header: str) -> str:
    """A header read as UTF-8, where `http.client` read Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
