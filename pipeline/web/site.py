"""What every page needs: the store, the time, and the configuration in force."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import Annotated

from fastapi import Depends, Request

from pipeline import flow
from pipeline.clock import Clock, SystemClock
from pipeline.config.load import fingerprint
from pipeline.config.schema import Settings
from pipeline.config.web import Web, is_this_machine
from pipeline.errors import ConfigError, Problem
from pipeline.store import Store

_LOOK_SECONDS = 1.0


class Site:
    """A store and the configuration of a folder, which is taken up again when its files change.

    `listen` is where it is served. While the files are broken, the configuration before stays in force, and `faults`
    says what is wrong. `taken_up` is told of settings before they are in force.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        listen: tuple[str, int] = ("127.0.0.1", 8420),
        *,
        clock: Clock | None = None,
        taken_up: Callable[[Settings], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.listen = listen
        self.faults: tuple[Problem, ...] = ()
        self._settings = settings
        self._clock = clock or SystemClock()
        self._taken_up = taken_up
        self._looking = threading.Lock()
        self._looked = time.monotonic()
        self._seen = fingerprint(settings.folder)
        taken_up(settings)

    @property
    def settings(self) -> Settings:
        """The configuration in force, looked at once a second at most."""
        if time.monotonic() - self._looked >= _LOOK_SECONDS and self._looking.acquire(blocking=False):
            try:
                self._looked = time.monotonic()
                self.look()
            finally:
                self._looking.release()
        return self._settings

    def look(self) -> None:
        """Take the configuration up now, where its files have changed."""
        seen = fingerprint(self._settings.folder)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            settings = flow.load_settings(self._settings.folder)
        except ConfigError as error:
            self.faults = tuple(error.problems)
            return
        self.faults = tuple(self._objections(settings))
        if not self.faults:
            self._taken_up(settings)
            self._settings = settings

    def _objections(self, settings: Settings) -> Iterator[Problem]:
        """Why settings that are right by themselves cannot be taken up by a site that runs."""
        if settings.state != self._settings.state:
            yield Problem("dealwire.yaml", 0, "state", "a new state folder needs a restart")
        open_now = settings.general.web is None or settings.general.web.password is None
        if open_now and not is_this_machine(self.listen[0]):
            yield Problem("dealwire.yaml", 0, "web.password", "is missing, and this site can be reached by others")

    def now(self) -> datetime:
        return self._clock.now()

    @property
    def zone(self) -> tzinfo:
        """The user's time zone."""
        return self.settings.zone

    @property
    def web(self) -> Web:
        return self.settings.general.web or Web()

    @property
    def password(self) -> str:
        """What one must know to get in; empty where nobody need."""
        return self.web.password.get_secret_value() if self.web.password else ""


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


SiteHere = Annotated[Site, Depends(_site)]
