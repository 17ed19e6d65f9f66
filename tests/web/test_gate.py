"""Who gets in, and what every answer carries."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from pipeline import flow
from pipeline.web.app import make_app
from pipeline.web.serve import listen_at, serve_beside
from pipeline.web.sessions import Sessions, Tries
from pipeline.web.site import Site
from tests.support.world import write_config
from tests.web.conftest import Browser

PASSWORD = "open sesame"
FOREIGN = ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil.example", "", "10.0.0.1", "a b"]


@pytest.fixture
def locked(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser that does not know the password of the site before it."""
    monkeypatch.setenv("DOOR", PASSWORD)
    settings = flow.load_settings(
        write_config(tmp_path_factory.mktemp("locked") / "config", web={"password": "${DOOR}"})
    )
    with (
        flow.open_store(settings) as store,
        listen_at(("127.0.0.1", 0)) as listener,
        serve_beside(Site(settings, store), listener),
    ):
        yield Browser(f"http://127.0.0.1:{listener.getsockname()[1]}")


def routes(site: Site) -> list[tuple[str, str]]:
    """Every (method, path) of the site, with a number in the place of each parameter."""
    found: list[tuple[str, str]] = []

    def walk(router: Any, prefix: str) -> None:
        for route in router.routes:
            if inner := getattr(route, "original_router", None):
                walk(inner, prefix + route.include_context.prefix)
            elif mounted := getattr(getattr(route, "app", None), "routes", None):
                walk(SimpleNamespace(routes=mounted), prefix + route.path)
            elif methods := getattr(route, "methods", None):
                path = re.sub(r"\{[^}]*\}", "1", prefix + route.path)
                found.extend((method, path) for method in sorted(methods) if method != "HEAD")

    walk(make_app(site), "")
    return found


@pytest.mark.parametrize("host", FOREIGN)
def test_a_name_that_is_not_ours_is_refused(browser: Browser, host: str) -> None:
    """A page elsewhere that leads its own name to us reads nothing, whatever it asks for."""
    for path in ("/healthz", "/", "/static/style.css", "/api/v1/deals"):
        answer = browser.get(path, headers={"Host": host})

        assert answer.status_code in (400, 421)
        assert "dealwire_session" not in answer.headers.get("Set-Cookie", "")


def test_names_of_this_machine_and_of_the_configuration_are_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any case, with or without a port; a bare address only where others can reach us."""
    monkeypatch.setenv("DOOR", PASSWORD)
    web = {"password": "${DOOR}", "hosts": ["desk.example"]}
    settings = flow.load_settings(write_config(tmp_path / "config", web=web))
    with (
        flow.open_store(settings) as store,
        listen_at(("127.0.0.1", 0)) as listener,
        serve_beside(Site(settings, store, ("0.0.0.0", 1)), listener),
    ):
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for host in ("desk.example", "Desk.Example:443", "localhost", "127.0.0.1:1", "[::1]:5", "10.0.0.1:8420"):
            assert requests.get(f"{base}/healthz", headers={"Host": host}, timeout=60).status_code == 200


def test_every_answer_carries_the_headers(browser: Browser) -> None:
    """Nothing inline, nothing from elsewhere, in no frame; also on errors and refusals."""
    for path in ("/healthz", "/nothing", "/login", "/static/style.css", "/static/nothing"):
        headers = browser.get(path).headers

        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "server" not in headers


def test_all_but_login_and_health_needs_the_password(locked: Browser, site: Site) -> None:
    """Every route, with every method: a page leads to the login, all else is refused."""
    walked = routes(site)
    for method, path in walked:
        answer = locked.session.request(method, locked.base + path, timeout=60, allow_redirects=False)
        if path in ("/login", "/healthz"):
            continue
        if method == "GET" and not path.startswith("/api/"):
            assert (answer.status_code, answer.headers["Location"][:11]) == (303, "/login?next"), path
        else:
            assert answer.status_code == 401, (method, path)

    assert len(walked) > 50
    assert ("GET", "/api/v1/deals") in walked


def test_every_change_needs_the_token(browser: Browser, site: Site) -> None:
    """Every route but GET refuses what does not carry the token of its session: none, a wrong one, another's."""
    other = Browser(browser.base)
    foreign = other.token()
    browser.token()
    changing = [(method, path) for method, path in routes(site) if method != "GET"]
    for method, path in changing:
        for data in ({}, {"csrf": "0" * 64}, {"csrf": foreign}):
            answer = browser.session.request(method, browser.base + path, data=data, timeout=60)
            assert answer.status_code == 403, (method, path)
        for headers in ({}, {"X-CSRF-Token": foreign}):
            answer = browser.session.request(method, browser.base + path, json={}, headers=headers, timeout=60)
            assert answer.status_code == 403, (method, path)

    assert len(changing) > 20


def test_the_password_opens_and_leads_on(locked: Browser) -> None:
    """To the page that was asked for; leaving closes again."""
    there = locked.get("/nothing?page=2", allow_redirects=False).headers["Location"]
    assert there == "/login?next=/nothing%3Fpage%3D2"

    entered = locked.post("/login", {"password": PASSWORD, "next": "/nothing?page=2"})
    assert (entered.status_code, entered.url) == (404, f"{locked.base}/nothing?page=2")

    locked.post("/logout")
    assert locked.get("/nothing").url.startswith(f"{locked.base}/login")


def test_a_session_from_before_the_login_is_worth_nothing_more(locked: Browser) -> None:
    """Who planted a cookie in a browser does not get in with it once its owner did."""
    locked.get("/login")
    planted = locked.session.cookies["dealwire_session"]
    locked.post("/login", {"password": PASSWORD})

    assert locked.session.cookies["dealwire_session"] != planted
    thief = requests.get(f"{locked.base}/", cookies={"dealwire_session": planted}, timeout=60, allow_redirects=False)
    assert thief.status_code == 303


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_login_leads_to_no_other_site(locked: Browser, place: str) -> None:
    """Whatever stands in `next`, one lands on a page of ours."""
    answer = locked.session.post(
        f"{locked.base}/login",
        data={"csrf": locked.token(), "password": PASSWORD, "next": place},
        timeout=60,
        allow_redirects=False,
    )

    assert answer.headers["Location"] == "/"


def test_a_password_may_be_tried_five_times_a_minute(locked: Browser) -> None:
    """After that even the right one has to wait, by form and by header."""
    answers = [locked.post("/login", {"password": f"wrong {at}"}).status_code for at in range(5)]
    late = locked.post("/login", {"password": PASSWORD})
    program = locked.get("/api/v1/deals", headers={"Authorization": f"Bearer {PASSWORD}"})

    assert answers == [403] * 5
    assert late.status_code == 429
    assert 0 < int(late.headers["Retry-After"]) <= 60
    assert program.status_code == 429


def test_programs_send_the_password_along(locked: Browser) -> None:
    """As a bearer token; a wrong one is refused, in the form of RFC 9457."""
    right = requests.get(f"{locked.base}/nothing", headers={"Authorization": f"Bearer {PASSWORD}"}, timeout=60)
    wrong = requests.get(f"{locked.base}/api/v1/deals", headers={"Authorization": "Bearer no"}, timeout=60)

    assert right.status_code == 404
    assert wrong.status_code == 401
    assert wrong.headers["Content-Type"] == "application/problem+json"
    assert wrong.json()["status"] == 401


def test_cookies_cannot_be_read_by_scripts_or_sent_by_other_sites(locked: Browser) -> None:
    """HttpOnly, SameSite, and not only a number that could be guessed."""
    cookie = locked.get("/login").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "WyJ4Iix0cnVlXQ.aaaaaa.bbbb", "\x7f", "=;;;"])
def test_a_forged_cookie_is_none(locked: Browser, cookie: str) -> None:
    """Whatever stands in it, nobody gets in and nothing fails."""
    answer = requests.get(
        f"{locked.base}/", headers={"Cookie": f"dealwire_session={cookie}"}, timeout=60, allow_redirects=False
    )

    assert answer.status_code == 303


def test_with_another_password_old_sessions_end() -> None:
    """Changing it throws everybody out."""
    before, after = Sessions(b"k" * 32, "old password"), Sessions(b"k" * 32, "new password")
    cookie = before.seal(before.begin(known=True))

    opened = before.open(cookie)
    assert opened is not None
    assert opened.known
    assert after.open(cookie) is None


def test_tries_are_counted_by_client_and_in_all() -> None:
    """One client's do not hold another up, until there are very many; after a minute all is forgotten."""
    now = [0.0]
    tries = Tries(lambda: now[0])
    for _ in range(5):
        tries.wrong("a")

    assert tries.wait("a") == 60
    assert tries.wait("b") == 0
    for at in range(45):
        tries.wrong(f"c{at}")
    assert tries.wait("b") == 60
    now[0] = 60.0
    assert tries.wait("a") == tries.wait("b") == 0


@pytest.mark.parametrize("path", ["/deals/%0A", "/api/v1/watches/%00/mute", "/%7f"])
def test_addresses_hold_no_control_characters(browser: Browser, path: str) -> None:
    """Nothing is there, and nothing looks closer."""
    answer = browser.get(path)

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is nothing at this address."


@pytest.mark.parametrize("length", ["2000000", "-1", "x", "1_000"])
def test_a_body_too_large_is_refused_by_its_header(browser: Browser, length: str) -> None:
    """Before it is read."""
    host, port = browser.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(f"POST /logout HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode())
        status = line.recv(1000).split(b"\r\n")[0]

    assert status.split()[1] in (b"413", b"400")


def test_a_body_too_large_is_refused_as_it_comes(browser: Browser) -> None:
    """Where it comes in chunks and no header says how long it is."""
    answer = browser.session.post(
        f"{browser.base}/logout",
        data=(b"a=" + b"x" * 65_536 for _ in range(40)),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=60,
    )

    assert answer.status_code in (403, 413)


def test_broken_settings_are_shown_and_the_old_ones_stay(browser: Browser, site: Site) -> None:
    """As by the daemon; once mended the new ones are in force."""
    file = site.settings.folder / "feeds.yaml"
    before = file.read_text()
    file.write_text("feeds: [{nmae: x}]")
    site.look()

    assert "feeds.0.nmae" in browser.get("/nothing").text
    assert len(site.settings.feeds) == 5
    file.write_text(before)
    site.look()
    assert "feeds.0.nmae" not in browser.get("/nothing").text


def test_settings_that_would_open_it_to_all_are_refused(site: Site) -> None:
    """The password cannot be taken out while others can reach the site."""
    site.listen = ("0.0.0.0", 8420)
    file = site.settings.folder / "dealwire.yaml"
    file.write_text(file.read_text() + "\n")
    site.look()

    assert [fault.key for fault in site.faults] == ["web.password"]
