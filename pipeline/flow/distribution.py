"""One configuration for all workers: its files stand in the store, version after version."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.config.load import LEDGER
from pipeline.config.schema import Settings
from pipeline.config.shipped import shipped_folder
from pipeline.flow.tools import load_settings
from pipeline.store import Store, workers


def publish(folder: Path, store: Store) -> int | None:
    """Put the files of the folder in force for all, where they differ; the version. Raises ConfigError."""
    load_settings(folder)
    files = _files(folder)
    with store.write() as session:
        last = workers.published(session, workers.version_in_force(session))
        if last is not None and last.files == files:
            return None
        return workers.publish(session, files, socket.gethostname())


def is_in_force(folder: Path, store: Store) -> bool:
    """Whether the files of the folder are those that all workers go by."""
    with store.read() as session:
        last = workers.published(session, workers.version_in_force(session))
    return last is not None and last.files == _files(folder)


def is_shared(store: Store) -> bool:
    """Whether there are workers that go by what was published."""
    with store.read() as session:
        return bool(workers.living(session))


def newer(store: Store, than: int) -> tuple[int, Mapping[str, str]] | None:
    """The version in force and its files, where that is another one."""
    with store.read() as session:
        version = workers.version_in_force(session)
        found = workers.published(session, version) if version != than else None
    return (found.version, found.files) if found else None


def settings_of(files: Mapping[str, str], folder: Path) -> Settings:
    """What published files say. Relative paths start at this folder, as if they stood in it.

    Secrets are filled in by each process from its own environment and files. Raises ConfigError.
    """
    with tempfile.TemporaryDirectory() as made:
        for name, text in files.items():
            (Path(made) / Path(name).name).write_text(text, encoding="utf-8")
        return load_settings(Path(made), home=folder)


def _files(folder: Path) -> dict[str, str]:
    """The YAML files of a folder; the shipped words of the ledger, where it has none, so that all have the same."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
    files.setdefault(LEDGER, (shipped_folder() / LEDGER).read_text(encoding="utf-8"))
    return files
