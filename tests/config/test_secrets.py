"""Finding the secrets among settings."""

from __future__ import annotations

from pathlib import Path

from pipeline import flow
from tests.support.world import write_config


def test_secrets_wherever_they_stand(tmp_path: Path) -> None:
    """Of channels, their headers and all other sections; none that is too short to be told from other text."""
    channels = {
        "hook": {"type": "webhook", "url": "https://h.example/", "headers": {"A": "Bearer abc-1", "B": "no"}},
        "mail": {"type": "email", "to": ["a@b.example"], "sender": "a@b.example", "host": "h", "password": "pass-2"},
    }
    folder = write_config(
        tmp_path,
        channels=channels,
        operation={"ping": "https://ping.example/xyz-3"},
        http={"proxy": "http://u:pw-4@proxy.example:1"},
    )

    assert flow.load_settings(folder).secrets == {
        "Bearer abc-1",
        "pass-2",
        "https://ping.example/xyz-3",
        "http://u:pw-4@proxy.example:1",
    }
