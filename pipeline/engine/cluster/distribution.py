"""One configuration for all workers: its files stand in the store, version after version."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline import flow
from pipeline.config.load import LEDGER
from pipeline.config.schema import Settings
from pipeline.config.shipped import shipped_folder
from pipeline.store import Store, workers


class Distribution:
    """The version that this process has in force. Secrets are filled in by each process from its own environment."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store
        self.version = 0

    def newer(self) -> Settings | None:
        """The settings of the version in force, where that is another than ours. Raises ConfigError."""
        with self._store.read() as session:
            version = workers.version_in_force(session)
            found = workers.published(session, version) if version != self.version else None
        if found is None:
            return None
        self.version = found.version  # one that cannot be read here is told once
        return self._settings(found.files)

    def publish(self) -> int | None:
        """Put the files of our folder in force for all, where they differ; the version. Raises ConfigError."""
        flow.load_settings(self._folder)
        files = _files(self._folder)
        with self._store.write() as session:
            last = workers.published(session, workers.version_in_force(session))
            if last is not None and last.files == files:
                return None
            return workers.publish(session, files, socket.gethostname())

    def differs(self) -> bool:
        """Whether the files of our folder are others than those in force."""
        with self._store.read() as session:
            last = workers.published(session, workers.version_in_force(session))
        return last is None or last.files != _files(self._folder)

    def _settings(self, files: Mapping[str, str]) -> Settings:
        """Paths in them are relative to our folder, as if they stood in it."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                (Path(folder) / Path(name).name).write_text(text, encoding="utf-8")
            return flow.load_settings(Path(folder)).model_copy(update={"folder": self._folder})


def _files(folder: Path) -> dict[str, str]:
    """The YAML files of a folder; the shipped words of the ledger, where it has none, so that all have the same."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
    files.setdefault(LEDGER, (shipped_folder() / LEDGER).read_text(encoding="utf-8"))
    return files
