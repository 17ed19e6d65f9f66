"""The configuration in force and the tools made of it; an edit replaces them while units still use the old ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog

from pipeline import flow
from pipeline.config.load import fingerprint
from pipeline.config.schema import Settings
from pipeline.errors import ConfigError, PipelineError
from pipeline.flow import Tools

Open = Callable[[Settings], AbstractContextManager[Tools]]


class _Generation:
    """Tools of one state of the configuration, closed when replaced and no longer used."""

    def __init__(self, opening: AbstractContextManager[Tools], version: int) -> None:
        self.version = version
        self._opening = opening
        self.tools = opening.__enter__()
        self._users = 1  # the daemon itself, until it retires them
        self._counting = threading.Lock()

    def join(self) -> None:
        with self._counting:
            self._users += 1

    def leave(self) -> None:
        with self._counting:
            self._users -= 1
            last = self._users == 0
        if last:
            self._opening.__exit__(None, None, None)

    retire = leave


class InForce:
    """Tools for all threads. `taken_up` is told of settings before anything is made of them.

    `version` is that of the settings, where they were published for many workers.
    """

    def __init__(
        self, settings: Settings, open_tools: Open, taken_up: Callable[[Settings], None], version: int = 0
    ) -> None:
        self._log = structlog.get_logger("dealwire")
        self._open = open_tools
        self._taken_up = taken_up
        self._changing = threading.Lock()
        self._seen: object = None
        taken_up(settings)
        self._current = _Generation(open_tools(settings), version)

    @property
    def settings(self) -> Settings:
        return self._current.tools.settings

    @property
    def version(self) -> int:
        return self._current.version

    @contextmanager
    def using(self) -> Iterator[Tools]:
        """The tools in force, kept open until the caller is done with them."""
        with self._changing:
            generation = self._current
            generation.join()
        try:
            yield generation.tools
        finally:
            generation.leave()

    def close(self) -> None:
        self._current.retire()

    def look(self, *, asked: bool = False) -> None:
        """Take up an edited configuration; a broken edit is refused once and the old one stays in force.

        The files are looked at, not subscribed to: that holds on network drives and in containers too, and misses
        nothing that happened before it began. `asked`: somebody did, and hears also that nothing changed.
        """
        state = fingerprint(self.settings.folder)
        if state == self._seen and not asked:
            return
        self._seen = state
        try:
            settings = flow.load_settings(self.settings.folder)
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("configuration refused, the old one stays in force", problem=str(problem))
            return
        if settings != self.settings:
            self.take_up(settings)
        elif asked:
            self._log.info("configuration unchanged")

    def take_up(self, settings: Settings, version: int = 0) -> None:
        """Put these settings in force, or say why that cannot be."""
        if settings == self.settings:
            self._current.version = version
            return
        if (settings.state, settings.place) != (self.settings.state, self.settings.place):
            self._log.error(
                "configuration refused: a new state folder or store needs a restart", state=str(settings.state)
            )
            return
        self._taken_up(settings)
        try:
            fresh = _Generation(self._open(settings), version)
        except PipelineError as error:
            self._log.error("configuration refused, the old one stays in force", problem=str(error))
            return
        with self._changing:
            retired, self._current = self._current, fresh
        retired.retire()
        self._log.info("configuration reloaded", feeds=len(settings.feeds), watches=len(settings.watches))
