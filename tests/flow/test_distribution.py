"""One configuration for all workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.shipped import shipped_folder
from pipeline.errors import ConfigError
from pipeline.flow.distribution import settings_of


def published(**general: object) -> dict[str, str]:
    files = {path.name: path.read_text(encoding="utf-8") for path in shipped_folder().glob("*.yaml")}
    return {**files, "dealwire.yaml": json.dumps(general)}


def test_files_of_secrets_are_each_workers_own(tmp_path: Path) -> None:
    """A relative path starts at the folder of the worker that goes by the configuration, as all paths in it do."""
    (tmp_path / "password").write_text("hunter2\n", encoding="utf-8")
    mail = {"type": "email", "host": "mail.example", "sender": "a@n.example", "to": ["b@n.example"], "username": "a"}
    files = published(channels={"inbox": {**mail, "password": "${file:password}"}})

    settings = settings_of(files, tmp_path)

    assert settings.folder == tmp_path
    assert settings.general.channels["inbox"].model_dump()["password"].get_secret_value() == "hunter2"
    with pytest.raises(ConfigError, match=f"there is no file {tmp_path / 'none'}/password"):
        settings_of(files, tmp_path / "none")
