"""What a site's robots.txt says about a page (RFC 9309)."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from pipeline.clock import Clock
from pipeline.domain import Page
from pipeline.errors import BadStatus, FetchError, RobotsRefused, TooManyRedirects
from pipeline.ingest.urls import plain

_LARGEST = 500 * 1024  # RFC 9309, section 2.5, asks for at least so much
_KEPT_FOR = timedelta(hours=24)
_KEPT_FAILED = timedelta(minutes=3)
_MOST_KEPT = 16 * 2**20
_COST_OF_ONE = 1024  # bytes, roughly, of a site that says nothing, and of a rule
_COST_OF_RULE = 512
_MOST_RULES = 10_000
_LONGEST_DELAY = 30.0
_LONGEST_RULE = 2048
_EVERYONE = "*"
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_COMPATIBLE = re.compile(r"compatible;\s*([A-Za-z0-9_-]+)")
_AGENT_LINE = re.compile(r"user[- ]?agent\s*:?\s*(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(site-?maps?|host)\s*:", re.IGNORECASE)


class Source(Protocol):
    """A Fetcher."""

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        check: Callable[[str], None] | None = None,
        cut_at: int | None = None,
    ) -> Page: ...

    def pace(self, url: str, spacing: float) -> None: ...


@dataclass(frozen=True)
class _Rules:
    """`parsed` holds our group alone, under `*`; None where the file could not be read, which `failure` explains.

    `retry`: whether it may be read later.
    """

    until: datetime
    parsed: Protego | None
    failure: str = ""
    retry: bool = True
    cost: int = _COST_OF_ONE


@dataclass
class _Site:
    """`asked` is set while one thread fetches the file for all."""

    rules: _Rules | None = None
    asked: Future[_Rules] | None = None


class Robots:
    """Keeps what sites say for a day. One instance serves all threads.

    A file that cannot be read forbids the site's pages for now, unless an earlier one is known; it is not asked for
    again for three minutes.
    """

    def __init__(self, fetcher: Source, user_agent: str, clock: Clock) -> None:
        self._fetcher = fetcher
        self._token = product_token(user_agent)
        self._clock = clock
        self._sites: OrderedDict[str, _Site] = OrderedDict()
        self._kept = 0
        self._lock = threading.Lock()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        """GET a page where its site allows it, and so every site that it redirects to. Raises FetchError."""
        return self._fetcher.get(url, headers, check=self.check)

    def check(self, url: str) -> None:
        """Raises RobotsRefused where the page is not allowed, AddressRefused where the URL is none.

        A `Crawl-delay` spaces the requests to the host from now on.
        """
        parts = urlsplit(plain(url))
        rules = self._rules(f"{parts.scheme}://{parts.netloc}".lower())
        if rules.parsed is None:
            reason = f"robots.txt of {parts.hostname} cannot be read now ({rules.failure})"
            raise RobotsRefused(reason, retry=rules.retry)
        delay = rules.parsed.crawl_delay(_EVERYONE)
        if delay:
            self._fetcher.pace(url, min(delay, _LONGEST_DELAY))
        if not rules.parsed.can_fetch(url, _EVERYONE):
            raise RobotsRefused(f"robots.txt of {parts.hostname} does not allow this page")

    def _rules(self, origin: str) -> _Rules:
        with self._lock:
            site = self._sites.setdefault(origin, _Site())
            self._sites.move_to_end(origin)
            if site.rules and self._clock.now() < site.rules.until:
                return site.rules
            asked, mine = site.asked, site.asked is None
            if asked is None:
                asked = site.asked = Future()
        if mine:
            try:
                asked.set_result(self._ask(origin, site.rules))
            except BaseException as error:
                asked.set_exception(error)
                raise
            finally:
                with self._lock:
                    site.asked = None
            self._keep(origin, site, asked.result())
        return asked.result()

    def _ask(self, origin: str, known: _Rules | None) -> _Rules:
        now = self._clock.now()
        try:
            page = self._fetcher.get(f"{origin}/robots.txt", {"Accept": "text/plain, */*;q=0.1"}, cut_at=_LARGEST)
        except BadStatus as error:
            if 400 <= error.status < 500 and error.status != 429:
                return _Rules(now + _KEPT_FOR, Protego.parse(""))
            failure, retry = str(error), error.retry
        except TooManyRedirects:
            return _Rules(now + _KEPT_FOR, Protego.parse(""))
        except FetchError as error:
            failure, retry = str(error), error.retry
        else:
            ours = our_lines(page.body.decode("utf-8-sig", errors="replace"), self._token)
            parsed = Protego.parse("\n".join([f"User-agent: {_EVERYONE}", *ours]))
            return _Rules(now + _KEPT_FOR, parsed, cost=_COST_OF_ONE + _COST_OF_RULE * len(ours))
        earlier = known.parsed if known else None
        return _Rules(now + _KEPT_FAILED, earlier, failure, retry, known.cost if known else _COST_OF_ONE)

    def _keep(self, origin: str, site: _Site, rules: _Rules) -> None:
        """Remember the rules, and forget those that were needed least of late where all of them grow too large."""
        with self._lock:
            if self._sites.get(origin) is not site:  # it was forgotten meanwhile
                return
            self._kept += rules.cost - (site.rules.cost if site.rules else 0)
            site.rules = rules
            if self._kept <= _MOST_KEPT:
                return
            for name, other in list(self._sites.items()):
                if self._kept <= _MOST_KEPT:
                    break
                if other is not site and other.rules and not other.asked:
                    self._kept -= other.rules.cost
                    del self._sites[name]


def product_token(user_agent: str) -> str:
    """The name that robots.txt would call the User-Agent by, in lower case: `dealwire` for `Dealwire/1.0 (...)`."""
    found = _COMPATIBLE.search(user_agent) or _TOKEN.match(user_agent.strip())
    return found[found.re.groups].lower() if found else _EVERYONE


def our_lines(text: str, token: str) -> list[str]:
    """The rules for the token, or those for everyone where none name it (RFC 9309, section 2.2.1), each once.

    The parser would copy every rule to every agent that its group names, so that a file of thousands of both filled
    the memory: it gets the rules of one agent, and of those the first 10,000.
    """
    groups: dict[str, dict[str, None]] = {}
    named: set[str] = set()
    naming = False
    for line in _lines(text):
        agent = _AGENT_LINE.fullmatch(line)
        if agent:
            named = named if naming else set()
            naming = True
            found = _TOKEN.match(agent[1])
            name = found[0].lower() if found else _EVERYONE if agent[1].startswith(_EVERYONE) else ""
            if name in (token, _EVERYONE):
                named.add(name)
                groups.setdefault(name, {})
        elif not _SITE_WIDE.match(line):
            naming = False
            for name in named:
                groups[name][line] = None
    return list(groups.get(token, groups.get(_EVERYONE, {})))[:_MOST_RULES]


def _lines(text: str) -> Iterable[str]:
    """Without comments, blank lines, and rules too long to be meant."""
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()
        if bare and len(bare) <= _LONGEST_RULE:
            yield bare
