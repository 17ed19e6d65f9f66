"""What robots.txt allows, and what it costs to ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from pipeline.domain import Page
from pipeline.errors import AddressRefused, BadStatus, RobotsRefused
from pipeline.ingest.fetch import Fetcher, Limits
from pipeline.ingest.robots import Robots, our_lines, product_token
from tests.ingest.servers import LOOPBACK
from tests.support.web import Answer, Request, Web
from tests.support.world import FixedClock

AGENT = "Dealwire/0.1 (news alerts; desk@watcher.example)"


@pytest.fixture
def robots(clock: FixedClock) -> Robots:
    return Robots(Fetcher(AGENT, Limits(allow_private=LOOPBACK, per_host=16)), AGENT, clock)


def allows(robots: Robots, url: str) -> bool:
    try:
        robots.check(url)
    except RobotsRefused as error:
        assert not error.retry  # noqa: PT017
        return False
    return True


def asked(web: Web) -> int:
    """How often robots.txt was asked for."""
    return [request.path for request in web.requests].count("/robots.txt")


TWICE = "User-agent: Dealwire\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: Dealwire\nDisallow: /b"


@pytest.mark.parametrize(
    ("text", "allowed", "forbidden"),
    [
        ("", ["/", "/a"], []),
        ("User-agent: *\nDisallow:", ["/", "/a"], []),
        ("User-agent: *\nDisallow: /", [], ["/", "/a"]),
        ("User-agent: *\nDisallow: /private", ["/", "/news"], ["/private", "/private/a", "/privately"]),
        ("User-agent: Dealwire\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", ["/b"], ["/a"]),
        ("User-agent: *\nDisallow: /b\nUser-agent: dealWIRE/2.0\nDisallow: /a", ["/b"], ["/a"]),
        ("User-agent: Otherbot\nUser-agent: Dealwire\nDisallow: /a", ["/b"], ["/a"]),
        ("User-agent: Otherbot\nDisallow: /", ["/"], []),
        ("User-agent: Dealwires\nDisallow: /", ["/"], []),
        ("User-agent: Deal\nDisallow: /", ["/"], []),
        (TWICE, ["/c"], ["/a", "/b"]),
        ("User-agent: Dealwire\nDisallow:\n\nUser-agent: *\nDisallow: /", ["/", "/a"], []),
        ("User-agent: Dealwire\nSitemap: https://a.example/s.xml\nUser-agent: b\nDisallow: /a", ["/b"], ["/a"]),
        ("User-agent: *\nDisallow: /\nAllow: /news/", ["/news/1"], ["/", "/other"]),
        ("User-agent: *\nDisallow: /*.pdf$", ["/a.pdf.html"], ["/a.pdf"]),
        ("User-agent: *\nDisallow: /*?print=", ["/a"], ["/a?print=1"]),
        ("User-agent: *\nDisallow: /caf%C3%A9", ["/cafe"], ["/caf%c3%a9", "/café"]),
        ("\ufeffUser-agent: * # all\r\nDisallow: /a # this\r\n", ["/b"], ["/a"]),
        ("<!doctype html><html><body>User-agent: * Disallow: /</body></html>", ["/"], []),
        ("Disallow: /", ["/"], []),
        ("User-agent: *\nDisallow: /robots.txt", ["/robots.txt"], []),
    ],
)  # fmt: skip
def test_rules(robots: Robots, web: Web, text: str, allowed: list[str], forbidden: list[str]) -> None:
    """The group that names us counts, or else the one for everyone, and of its rules the longest that fits."""
    web.set("/robots.txt", text, "text/plain")

    assert [path for path in allowed if not allows(robots, web.base + path)] == []
    assert [path for path in forbidden if allows(robots, web.base + path)] == []


def test_what_is_said(robots: Robots, web: Web) -> None:
    """The reason names the host and the file."""
    web.set("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")

    with pytest.raises(RobotsRefused) as caught:
        robots.check(web.base + "/a")

    assert str(caught.value) == "robots.txt of 127.0.0.1 does not allow this page"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_file_is_no_rule(robots: Robots, web: Web, status: int) -> None:
    """A status of 4xx allows everything (RFC 9309, section 2.3.1.3)."""
    web.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /", status)

    assert allows(robots, web.base + "/a")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_not_now(robots: Robots, web: Web, clock: FixedClock, status: int) -> None:
    """A server in trouble forbids everything for now (section 2.3.1.4), and is left in peace for some minutes."""
    web.answers["/robots.txt"] = Answer(b"", status)
    for _ in range(3):
        with pytest.raises(RobotsRefused, match=rf"cannot be read now \(HTTP {status}") as caught:
            robots.check(web.base + "/a")
    first = asked(web)
    web.set("/robots.txt", "")
    clock.advance(minutes=4)

    assert caught.value.retry
    assert first == 1
    assert allows(robots, web.base + "/a")


def test_unreachable(robots: Robots) -> None:
    """A host that cannot be found is told with that reason, and may be tried again."""
    with pytest.raises(RobotsRefused, match=r"cannot be read now \(nowhere\.invalid cannot be found") as caught:
        robots.check("http://nowhere.invalid/a")

    assert caught.value.retry


def test_an_earlier_file_outlives_trouble(robots: Robots, web: Web, clock: FixedClock) -> None:
    """Where the file cannot be read any more, the one that is known counts on."""
    web.set("/robots.txt", "User-agent: *\nDisallow: /a", "text/plain")
    assert allows(robots, web.base + "/b")
    web.answers["/robots.txt"] = Answer(b"", 503)
    clock.advance(hours=25)

    assert allows(robots, web.base + "/b")
    assert not allows(robots, web.base + "/a")
    assert asked(web) == 2


@pytest.mark.parametrize(("hops", "allowed"), [(1, False), (5, False), (6, True)])
def test_redirects(robots: Robots, web: Web, hops: int, allowed: bool) -> None:
    """Five redirects are followed; a file behind more of them counts as none (section 2.3.1.2)."""
    web.answers["/robots.txt"] = Answer(b"", 302, {"Location": "/1"})
    for hop in range(1, hops):
        web.answers[f"/{hop}"] = Answer(b"", 302, {"Location": f"/{hop + 1}"})
    web.set(f"/{hops}", "User-agent: *\nDisallow: /", "text/plain")

    assert allows(robots, web.base + "/a") is allowed


def test_a_redirect_inside(clock: FixedClock, web: Web) -> None:
    """A robots.txt that leads inside is refused like any other URL, and not tried again."""
    web.answers["/robots.txt"] = Answer(b"", 302, {"Location": "http://169.254.169.254/"})
    robots = Robots(Fetcher(AGENT, Limits(allow_private=LOOPBACK)), AGENT, clock)

    with pytest.raises(RobotsRefused, match="not a public address") as caught:
        robots.check(web.base + "/a")

    assert not caught.value.retry


def test_no_url(robots: Robots) -> None:
    """What is no plain URL has no robots.txt."""
    with pytest.raises(AddressRefused, match="no http"):
        robots.check("file:///etc/passwd")


def test_a_long_file_is_cut(robots: Robots, web: Web) -> None:
    """The first 500 KiB count, also of a file of any length."""
    filler = "# nothing to see here\n" * 40_000
    web.set("/robots.txt", f"User-agent: *\nDisallow: /a\n{filler}Disallow: /b\n" + filler * 20, "text/plain")

    assert not allows(robots, web.base + "/a")
    assert allows(robots, web.base + "/b")


def test_kept_for_a_day(robots: Robots, web: Web, clock: FixedClock) -> None:
    """One request a day and site."""
    web.set("/robots.txt", "User-agent: *\nDisallow: /a", "text/plain")
    for hours in (0, 12, 11, 2):
        clock.advance(hours=hours)
        assert not allows(robots, web.base + "/a")

    assert asked(web) == 2


def test_sites_are_told_apart(robots: Robots, web: Web) -> None:
    """Scheme, host and port make a site."""
    web.set("/robots.txt", "User-agent: *\nDisallow: /a", "text/plain")
    other = web.base.replace("127.0.0.1", "localhost")

    assert not allows(robots, web.base + "/a")
    assert not allows(robots, web.base.upper().replace("HTTP", "http") + "/a")
    assert not allows(robots, other + "/a")
    assert asked(web) == 2


def test_one_thread_asks_for_all(robots: Robots, web: Web) -> None:
    """However many ask at once, the file is fetched once, also where it cannot be."""
    go = threading.Barrier(8)
    answers: list[str] = []

    def slowly(_: Request) -> Answer:
        time.sleep(0.2)
        return Answer(b"", 503)

    def ask() -> None:
        go.wait()
        try:
            robots.check(web.base + "/a")
        except RobotsRefused as error:
            answers.append(str(error))

    web.answers["/robots.txt"] = slowly
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 8
    assert asked(web) == 1


class Library:
    """A source of robots.txt files by host, which notes the pace that was asked for."""

    def __init__(self, text: Callable[[str], str]) -> None:
        self.text = text
        self.paces: list[tuple[str, float]] = []
        self.asked: list[str] = []

    def get(self, url: str, *_: object, **__: object) -> Page:
        self.asked.append(url)
        return Page(url, 200, {}, self.text(urlsplit(url).hostname or "").encode())

    def pace(self, url: str, spacing: float) -> None:
        self.paces.append((url, spacing))


@pytest.mark.parametrize(
    ("written", "pace"),
    [("10", 10), ("0.5", 0.5), ("86400", 30), ("0", None), ("-5", None), ("nan", None), ("x", None)],
)
def test_crawl_delay(clock: FixedClock, written: str, pace: float | None) -> None:
    """`Crawl-delay` spaces the requests to its host, by 30 seconds at most."""
    library = Library(lambda _: f"User-agent: *\nCrawl-delay: {written}\nDisallow: /a")
    Robots(library, AGENT, clock).check("https://news.example/b")

    assert library.paces == ([("https://news.example/b", pace)] if pace else [])


def test_sites_are_forgotten(clock: FixedClock) -> None:
    """However many sites are seen, the rules of some megabytes are kept, and the latest among them."""
    rules = "User-agent: *\n" + "".join(f"Disallow: /{number}\n" for number in range(200))
    library = Library(lambda _: rules)
    robots = Robots(library, AGENT, clock)
    for number in range(500):
        robots.check(f"https://{number}.example/")
    robots.check("https://499.example/")
    robots.check("https://0.example/")

    assert len(robots._sites) < 200
    assert len(library.asked) == 501


BIG = 500 * 1024


def filled(line: Callable[[int], str]) -> str:
    """500 KiB of such lines for everyone."""
    size = max(1, BIG // (len(line(10_000)) + 1))
    return "User-agent: *\n" + "\n".join(line(number) for number in range(size))


@pytest.mark.parametrize(
    "text",
    [
        filled(lambda n: f"Disallow: /{n}"),
        filled(lambda n: f"Disallow: /*a*b*c*{n}"),
        filled(lambda n: f"Allow: /*{n}$"),
        filled(lambda n: "Disallow: /" + "*a" * 900 + str(n)),
        filled(lambda n: "Disallow: /*" + "a" * 40 + "b" + "a" * 40 + str(n)),
        filled(lambda n: f"Disallow: /%41%{n}"),
        filled(lambda n: f"User-agent: bot{n}") + "\nDisallow: /x" * 20_000,
        "\n".join(f"User-agent: bot{n}" for n in range(12_000)) + "".join(f"\nDisallow: /{n}" for n in range(18_000)),
        "User-agent: dealwire\n" * 12_000 + "".join(f"Disallow: /{n}\n" for n in range(18_000)),
        filled(lambda _: "user-agent" + " " * 1500 + "x"),
        filled(lambda _: ": " * 900),
        "User-agent: *\nDisallow: /" + "*a" * (BIG // 2),
        "".join(map(chr, range(256))) * (BIG // 256),
    ],
    ids=[
        "prefixes",
        "wildcards",
        "ends",
        "stars",
        "half matches",
        "escapes",
        "agents then rules",
        "agents times rules",
        "ourselves",
        "blanks",
        "colons",
        "one rule",
        "binary",
    ],
)
def test_hostile_files_cost_little(clock: FixedClock, text: str) -> None:
    """The worst that 500 KiB can say is read and asked in a moment of this thread's time."""
    robots = Robots(Library(lambda _: text), AGENT, clock)
    began = time.thread_time()
    for path in ("a" * 8000, "abc" * 2500 + "$?x=%41%42", "news/1"):
        try:
            robots.check(f"https://news.example/{path}")
        except RobotsRefused:
            continue

    assert time.thread_time() - began < 10  # a second on a slow machine; the wrong way takes minutes, or all memory


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("Dealwire/0.1 (news alerts)", "dealwire"),
        ("My-Desk_2", "my-desk_2"),
        ("Mozilla/5.0 (compatible; Dealwire/1.0; +https://watcher.example)", "dealwire"),
        ("  Desk reader", "desk"),
        ("(nobody)", "*"),
    ],
)
def test_product_token(agent: str, token: str) -> None:
    """The first word of the User-Agent, or what stands behind `compatible;`, is what robots.txt names."""
    assert product_token(agent) == token


def test_only_our_rules_are_parsed() -> None:
    """Of all groups the one that counts is left, each rule once."""
    text = "User-agent: a\nDisallow: /1\n\nUser-agent: dealwire\nuser agent: b\nDisallow: /2\nDisallow: /2\nFoo: x\n"

    assert our_lines(text, "dealwire") == ["Disallow: /2", "Foo: x"]


def test_pages_are_fetched_where_allowed(robots: Robots, web: Web) -> None:
    """`get` asks first, and gives the page or the fetcher's own errors."""
    web.set("/robots.txt", "User-agent: *\nDisallow: /a", "text/plain")
    web.set("/b", "page")

    assert robots.get(web.base + "/b", {"Accept": "text/html"}).body == b"page"
    with pytest.raises(RobotsRefused):
        robots.get(web.base + "/a")
    with pytest.raises(BadStatus):
        robots.get(web.base + "/c")
    assert "/a" not in [request.path for request in web.requests]


def test_redirects_of_pages_are_asked_about(robots: Robots, web: Web) -> None:
    """A redirect leads nowhere where the page behind it is not allowed."""
    web.set("/robots.txt", "User-agent: *\nDisallow: /a", "text/plain")
    web.set("/a", "secret")
    web.answers["/go"] = Answer(b"", 302, {"Location": "/a"})

    with pytest.raises(RobotsRefused):
        robots.get(web.base + "/go")

    assert [request.path for request in web.requests] == ["/robots.txt", "/go"]


def test_asking_does_not_cost_the_page_its_time(web: Web) -> None:
    """The time that a check takes is put on top of the page's deadline, also where it fetches something itself."""
    web.answers["/go"] = Answer(b"", 302, {"Location": "/a"})
    web.set("/a", "page")
    web.set("/other", "other")
    fetcher = Fetcher(AGENT, Limits(timeout=20, allow_private=LOOPBACK))
    until: list[float] = []

    def check(_: str) -> None:
        until.append(fetcher._bounds.until)
        time.sleep(0.3)
        fetcher.get(web.base + "/other")

    began = time.monotonic()
    fetcher.get(web.base + "/go", check=check)

    assert until[0] >= began + 20
    assert until[1] >= until[0] + 0.3
    assert fetcher._bounds.until == float("inf")
