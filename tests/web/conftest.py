"""A site over what the demo leaves behind, served on loopback, and a browser without a window."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline import flow
from pipeline.config.schema import Settings
from pipeline.demo.show import show
from pipeline.web.serve import listen_at, serve_beside
from pipeline.web.site import Site
from tests.web.chromium import Program, started


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the configuration and the state of a demo that has run. To be copied, not changed."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    show(folder, lambda *_: None)
    return folder


@pytest.fixture(scope="session")
def settings(demo: Path) -> Settings:
    """Its configuration."""
    return flow.load_settings(demo / "config")


@pytest.fixture
def folder(demo: Path, tmp_path: Path) -> Path:
    """A demo of one's own."""
    return Path(shutil.copytree(demo, tmp_path / "dealwire"))


@pytest.fixture
def site(folder: Path, settings: Settings) -> Iterator[Site]:
    own = settings.model_copy(update={"folder": folder / "config"})
    with flow.open_store(own) as store:
        yield Site(own, store)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Program]:
    """Chromium, for one file of tests: while Playwright runs, no other event loop may in this thread."""
    with started() as program:
        yield program


@dataclass
class Browser:
    """Follows redirects, keeps cookies, and sends forms with the token of its session."""

    base: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.base + path, timeout=60, **more)

    def token(self) -> str:
        """The token of this browser's session, read off a page."""
        found = re.search(r'<meta name="csrf" content="([0-9a-f]+)">', self.get("/login").text)
        assert found
        return found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> requests.Response:
        return self.session.post(self.base + path, data={"csrf": self.token(), **(data or {})}, timeout=60, **more)


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """A browser on the served site."""
    with listen_at(("127.0.0.1", 0)) as listener, serve_beside(site, listener):
        host, port = listener.getsockname()
        opened = Browser(f"http://{host}:{port}")
        with opened.session:
            yield opened
