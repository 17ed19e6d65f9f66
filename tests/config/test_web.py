"""How the dashboard may be configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.web import Web, is_this_machine
from pipeline.errors import ConfigError
from pipeline.flow import load_settings
from tests.support.world import write_config


def test_it_is_off_unless_asked_for_and_then_stays_on_this_machine(tmp_path: Path) -> None:
    """Without the section nothing is served; an empty one serves on loopback."""
    off, on = (load_settings(write_config(tmp_path / name, **more)) for name, more in (("a", {}), ("b", {"web": {}})))

    assert off.general.web is None
    assert on.general.web == Web(listen="127.0.0.1:8420")


def test_a_public_address_is_taken_with_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password comes from the environment, and counts as a secret."""
    monkeypatch.setenv("DOOR", "open sesame")
    web = {"listen": "[::]:8420", "password": "${DOOR}", "hosts": ["Desk.Example"]}
    settings = load_settings(write_config(tmp_path, web=web))

    assert settings.general.web is not None
    assert settings.general.web.listen == ("::", 8420)
    assert settings.general.web.hosts == ("desk.example",)
    assert "open sesame" in settings.secrets


def test_a_short_password_is_refused_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight characters at least."""
    monkeypatch.setenv("DOOR", "sesame")

    with pytest.raises(ConfigError) as caught:
        load_settings(write_config(tmp_path, web={"password": "${DOOR}"}))

    assert "web.password" in str(caught.value)
    assert "must have 8 characters or more" in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("::1", True), ("0.0.0.0", False),
        ("::", False), ("10.0.0.1", False), ("desk.example", False), ("localhost.evil.example", False),
    ],
)  # fmt: skip
def test_what_can_be_reached_from_this_machine_only(host: str, ours: bool) -> None:
    """Loopback addresses, in both families, and localhost."""
    assert is_this_machine(host) is ours
