"""Secrets stand in the environment or in files of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.channels import WebhookChannel
from pipeline.errors import ConfigError
from pipeline.flow import load_settings
from tests.support.world import write_config

KEY = "whsec_" + "QUJD" * 11
MAIL = {"type": "email", "to": ["a@example.org"], "sender": "b@example.org", "host": "localhost"}
HOOK = {"type": "webhook", "url": "https://hook.example/"}


def general(folder: Path, **sections: Any) -> None:
    (folder / "dealwire.yaml").write_text(json.dumps(sections), encoding="utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(folder)
    return [str(problem) for problem in caught.value.problems]


PLACES: list[tuple[str, str, dict[str, Any]]] = [
    ("channels.x.password", "SMTP_PASSWORD", {"channels": {"x": {**MAIL, "password": "s3cret"}}}),
    ("channels.x.password", "SMTP_PASSWORD", {"channels": {"x": {**MAIL, "password": 123456}}}),
    ("channels.x.password", "SMTP_PASSWORD", {"channels": {"x": {**MAIL, "password": "${UNSET:-s3cret}"}}}),
    ("channels.x.secret", "WEBHOOK_SECRET", {"channels": {"x": {**HOOK, "secret": KEY}}}),
    ("channels.x.secret", "WEBHOOK_SECRET", {"channels": {"x": {**HOOK, "secret": "s3cret"}}}),
    ("channels.x.secret", "WEBHOOK_SECRET", {"channels": {"x": {**HOOK, "secret": ["${KEY}", "s3cret"]}}}),
    ("channels.x.url", "WEBHOOK_URL", {"channels": {"x": {**HOOK, "url": "https://me:s3cret@hook.example/"}}}),
    ("channels.x.url", "APPRISE_URL", {"channels": {"x": {"type": "apprise", "url": "json://s3cret/"}}}),
    ("web.password", "DEALWIRE_PASSWORD", {"web": {"password": "s3cret"}}),
    ("operation.ping", "PING_URL", {"operation": {"ping": "https://ping.example/s3cret"}}),
    ("http.proxy", "PROXY_URL", {"http": {"proxy": "http://me:s3cret@proxy.example:3128"}}),
    *(
        (f"channels.x.headers.{name}", "WEBHOOK_TOKEN", {"channels": {"x": {**HOOK, "headers": {name: "s3cret"}}}})
        for name in ("Authorization", "proxy-authorization", "X-Api-Key", "x-auth-token", "Cookie")
    ),
]


@pytest.mark.parametrize(("key", "variable", "sections"), PLACES)
def test_a_secret_that_is_written_out_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, key: str, variable: str, sections: dict[str, Any]
) -> None:
    """Once, with how to put it instead; and it is not shown."""
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.delenv("UNSET", raising=False)
    general(folder, **sections)

    [told] = problems(folder)
    assert f"{key}: is a secret and must not stand in the file. Write ${{{variable}}}" in told
    assert not [secret for secret in ("s3cret", "123456", KEY) if secret in told]


def test_secrets_from_outside_are_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment and from files, whole or in part; what is no secret may be written out."""
    monkeypatch.setenv("WORD", "w0rd")
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.setenv("CHAT", "json://localhost/s3cret")
    (folder / "key").write_text(f"{KEY}\n")
    general(
        folder,
        http={"proxy": "http://me:${WORD}@proxy.example:3128"},
        operation={"ping": "https://ping.example/${WORD}"},
        channels={
            "mail": {**MAIL, "password": "${WORD}"},
            "hook": {
                **HOOK,
                "secret": ["${KEY}", "${file:key}"],
                "headers": {"Authorization": "Bearer ${WORD}", "X-Desk": "deals"},
            },
            "chat": {"type": "apprise", "url": "${CHAT}"},
            "plain": {**MAIL, "password": ""},
        },
    )

    settings = load_settings(folder)
    hook = settings.channels["hook"]
    assert isinstance(hook, WebhookChannel)
    assert [secret.get_secret_value() for secret in hook.secret] == [KEY, KEY]
    assert hook.headers["Authorization"].get_secret_value() == "Bearer w0rd"
    assert not [secret for secret in ("w0rd", KEY, "s3cret") if secret in repr(settings)]


def test_a_proxy_without_a_password_may_stand(folder: Path) -> None:
    """There is nothing to hide."""
    general(folder, http={"proxy": "http://me@proxy.example:3128"})

    assert load_settings(folder).general.http.proxy


@pytest.mark.parametrize(
    "wrong",
    ["QUJD" * 11, "whsec_", "whsec_QUJD", "whsec_" + "QUJD" * 22, "whsec_!" + "QUJD" * 11, "whpk_" + "QUJD" * 11],
)
@pytest.mark.parametrize("many", [False, True])
def test_a_signing_secret_has_a_form(folder: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, many: bool) -> None:
    """A wrong one is told with the command that makes one, and is not shown."""
    monkeypatch.setenv("KEY", wrong)
    general(folder, channels={"x": {**HOOK, "secret": ["${KEY}"] if many else "${KEY}"}})

    [told] = problems(folder)
    assert "channels.x.secret: the value filled in must be whsec_ and 24 to 64 bytes in base64" in told
    assert "dealwire channels secret" in told
    assert wrong not in told.replace("whsec_ and", "")


@pytest.mark.parametrize("wrong", ["nonsense", "foo://s3cret", "slack://"])
def test_an_address_of_apprise_is_known_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """One that is not is told, and not shown."""
    monkeypatch.setenv("CHAT", wrong)
    general(folder, channels={"x": {"type": "apprise", "url": "${CHAT}"}})

    [told] = problems(folder)
    assert "channels.x.url: the value filled in must be an address that Apprise knows" in told
    assert wrong not in told


@pytest.mark.parametrize(
    ("written", "good"),
    [("https://example.org/stop", True), ("Ops <ops@example.org>", True), ("stop", False), ("ftp://x.example/", False)],
)
def test_the_way_out_of_mails(folder: Path, written: str, good: bool) -> None:
    """A web address or an e-mail address."""
    general(folder, channels={"x": {**MAIL, "unsubscribe": written}})

    if good:
        assert load_settings(folder).channels["x"].unsubscribe == written  # type: ignore[union-attr]
    else:
        assert "channels.x.unsubscribe: " in problems(folder)[0]
        assert "must be a web address, or an e-mail address" in problems(folder)[0]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("hook.example/s3cret", "must be a web address such as https://example.org/hooks/deals"),
        ("https://me:s3cret@hook.example/", "go into headers, as Authorization"),
        ("https://hook.example\\s3cret/", "must be a plain web address"),
        ("https://hook.example/s3cret" * 80, "of at most 2,000 characters"),
    ],
    ids=["no address", "password", "backslash", "long"],
)
def test_the_address_of_a_webhook_is_plain(folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str) -> None:
    """Else it is told what to write, and not what stands there: who knows the address may post to it."""
    monkeypatch.setenv("HOOK", url)
    general(folder, channels={"x": {**HOOK, "url": "${HOOK}"}})

    [problem] = problems(folder)
    assert "channels.x.url: the value filled in must be" in problem
    assert told in problem
    assert "s3cret" not in problem


def test_secrets_wherever_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of channels, their headers and all other sections; none that is too short to be told from other text."""
    for name, value in {
        "TOKEN": "abc-1",
        "PASSWORD": "pass-2",
        "PING": "https://ping.example/xyz-3",
        "PROXY": "http://u:pw-4@proxy.example:1",
    }.items():
        monkeypatch.setenv(name, value)
    channels = {
        "hook": {
            "type": "webhook",
            "url": "https://h.example/${TOKEN}",
            "headers": {"A": "Bearer ${TOKEN}", "B": "no"},
        },
        "mail": {
            "type": "email",
            "to": ["a@b.example"],
            "sender": "a@b.example",
            "host": "h",
            "password": "${PASSWORD}",
        },
    }
    folder = write_config(
        tmp_path,
        channels=channels,
        operation={"ping": "${PING}"},
        http={"proxy": "${PROXY}"},
    )

    assert load_settings(folder).secrets == {
        "https://h.example/abc-1",
        "Bearer abc-1",
        "pass-2",
        "https://ping.example/xyz-3",
        "http://u:pw-4@proxy.example:1",
    }
