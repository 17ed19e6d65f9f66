"""channels list, test, secret, schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from pipeline.demo.catch import mail_server
from pipeline.notify.schemas import schema
from tests.cli.conftest import Run, sample_site
from tests.flow.conftest import in_turn
from tests.support.web import Answer, Web
from tests.support.world import write_config

MAIL = {"type": "email", "to": ["desk@example.org"], "sender": "wire@example.org", "host": "127.0.0.1"}


@pytest.mark.parametrize("kind", ["deal", "alert", "digest", ""])
def test_the_schema_is_printed(dealwire: Run, kind: str) -> None:
    """As JSON, of one kind or of all, without any configuration."""
    result = dealwire("channels", "schema", *[kind] * bool(kind))

    assert result.code == 0
    assert result.json == schema(kind)


def test_an_unknown_kind_is_told(dealwire: Run) -> None:
    """With those that there are."""
    result = dealwire("channels", "schema", "story")

    assert result.code == 2
    assert "'story' is no type of payload. Use one of: alert, bundle, deal, digest." in result.err


def test_a_secret_can_sign(dealwire: Run) -> None:
    """Each is another, and the reference library takes it."""
    made = [dealwire("channels", "secret").out.strip() for _ in range(2)]

    assert made[0] != made[1]
    assert all(len(Webhook(secret)._whsecret) == 32 for secret in made)


def test_channels_are_listed_without_secrets(dealwire: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each leads and how often it may send, in words."""
    monkeypatch.setenv("CHAT", "json://127.0.0.1/t0ken")
    channels: dict[str, Any] = {
        "inbox": {**MAIL, "group_wait": "90m", "group_by": "watch", "quiet": "22:00-07:00"},
        "hook": {"type": "webhook", "url": "https://hook.example:8443/s3cret?x=1"},
        "chat": {"type": "apprise", "url": "${CHAT}", "group_wait": "1d", "most_per_hour": 0},
        "log": {"type": "file"},
        "told": {"type": "file", "path": "told.jsonl"},
        "web": {"type": "feed", "folder": "shown"},
    }
    write_config(tmp_path / "config", channels=channels)

    rows = dealwire("channels", "list", "--json").json
    table = dealwire("channels", "list").out
    assert [(row["name"], row["type"], row["where"], row["pacing"]) for row in rows] == [
        (
            "inbox",
            "email",
            "desk@example.org by 127.0.0.1:587",
            "gathered for 90m by watch, quiet 22:00-07:00, at most 30 an hour",
        ),
        ("hook", "webhook", "https://hook.example:8443", "at once"),
        ("chat", "apprise", "json://...", "gathered for 1d by deal"),
        ("log", "file", "standard output", "at once"),
        ("told", "file", "told.jsonl", "at once"),
        ("web", "feed", "shown", "at once"),
    ]
    assert "gathered for 90m" in table
    assert not [secret for secret in ("s3cret", "t0ken") if secret in table + json.dumps(rows)]


def test_a_sample_goes_out_over_each_channel(
    dealwire: Run, tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marked as one, with each step on its way; no database is needed or made."""
    web.answers["/hook"] = Answer("", 204)
    web.answers["/"] = Answer("", 200)
    monkeypatch.setenv("CHAT", web.base.replace("http", "json", 1))
    with mail_server() as (mailbox, port):
        channels = {
            "inbox": {**MAIL, "port": port, "security": "none"},
            "hook": {"type": "webhook", "url": f"{web.base}/hook"},
            "chat": {"type": "apprise", "url": "${CHAT}"},
            "told": {"type": "file", "path": "told.jsonl"},
            "web": {"type": "feed"},
            "files": {"type": "local"},
        }
        write_config(tmp_path / "config", channels=channels)
        result = dealwire("channels", "test", "--all")

    [mail] = mailbox.mails
    assert (result.code, result.err) == (0, "")
    assert mail["Subject"] == "Dealwire test: a sample alert for inbox"
    assert mail["In-Reply-To"] is None
    posted = {request.path: json.loads(request.body) for request in web.requests if request.method == "POST"}
    assert posted["/hook"]["data"]["topic"] == "Dealwire test: a sample alert for hook"
    assert posted["/"]["title"] == "Dealwire test: a sample alert for chat"
    assert json.loads((tmp_path / "state" / "told.jsonl").read_text())["type"] == "deal"
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["feed", "outbox", "told.jsonl"]
    lines = result.out.splitlines()
    at = lines.index("inbox (email)")
    assert lines[at + 1].startswith(f"  ok    connected to 127.0.0.1:{port}")
    assert lines[at + 3 : at + 5] == ["  ok    recipient desk@example.org: 250 OK", "  ok    message: 250 kept"]
    assert "FAIL" not in result.out


def test_a_channel_that_fails_is_told_with_the_way_out(dealwire: Run, tmp_path: Path, web: Web) -> None:
    """The steps that were done stand before it, the others are tried all the same, and the exit code is 1."""
    web.answers["/hook"] = Answer("", 401)
    with mail_server() as (mailbox, port):
        channels = {
            "hook": {"type": "webhook", "url": f"{web.base}/hook"},
            "secure": {**MAIL, "port": port, "security": "starttls"},
            "plain": {**MAIL, "port": port, "security": "none"},
        }
        write_config(tmp_path / "config", channels=channels)
        result = dealwire("channels", "test", "hook", "secure", "plain")

    assert result.code == 1
    assert "  FAIL  HTTP 401 Unauthorized; check the channel's headers and secret" in result.out
    assert "STARTTLS" in result.out
    assert result.out.splitlines()[-1] == "Not sent over: hook, secure."
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "Name channels, or say --all. There are: local."),
        (("local", "--all"), "Name channels, or say --all."),
        (("lokal",), "There is no channel 'lokal'. Use one of: local."),
    ],
)
def test_channels_are_named(dealwire: Run, config: Path, args: tuple[str, ...], says: str) -> None:  # noqa: ARG001
    """One that is not there is told with those that are."""
    result = dealwire("channels", "test", *args)

    assert result.code == 2
    assert says in result.err


def test_a_gone_channel_is_enabled_again(dealwire: Run, web: Web, tmp_path: Path) -> None:
    """What waited for a channel whose receiver was gone goes out once it is enabled; status names it until then."""
    good, _ = sample_site(web)
    web.answers["/hook"] = in_turn(Answer(b"", 410), Answer(b""))
    write_config(tmp_path / "config", [good], channels={"hook": {"type": "webhook", "url": f"{web.base}/hook"}})
    dealwire("once")
    wrong = [dealwire("channels", "enable", name) for name in ("hook2", "desk")]
    told = dealwire("status").out
    enabled = dealwire("channels", "enable", "hook")
    dealwire("once")
    again = dealwire("channels", "enable", "hook")

    assert [(result.code, "Disabled channels: hook." in result.err) for result in wrong] == [(2, True), (2, True)]
    assert ("HTTP 410 Gone" in told, "1 waiting" in told) == (True, True)
    assert (enabled.code, "What waited (1) goes out" in enabled.out) == (0, True)
    assert (again.code, "Disabled channels: none." in again.err) == (2, True)
    posts = [request.headers["webhook-id"] for request in web.requests if request.path == "/hook"]
    assert (len(posts), len(set(posts))) == (2, 1)
