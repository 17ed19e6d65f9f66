"""HTML of an article page to its text, in processes that can be killed."""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import threading
import warnings
from concurrent.futures import Future, TimeoutError
from functools import cache
from types import ModuleType, TracebackType

from pebble import ProcessExpired, ProcessPool

from pipeline.errors import ExtractError

_PAGES_PER_PROCESS = 500


def extract(html: bytes) -> str:
    """The article's text, one paragraph a line; empty where there is none. Slow on some pages: see `Extractor`."""
    text = _trafilatura().extract(html, include_comments=False, with_metadata=False) or ""
    return re.sub(r"\n{2,}", "\n", text).strip()


@cache
def _trafilatura() -> ModuleType:
    """The library, loaded where it is used: in the workers, so that the main process need not hold it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a SOCKS proxy's package, which nothing here needs
        import trafilatura
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return trafilatura


def page_title(html: bytes) -> str:
    """The page's own title; empty where it has none."""
    from lxml import etree
    from lxml import html as markup

    try:
        # Without this, lxml reads undeclared UTF-8 as Latin-1.
        parser = markup.HTMLParser(encoding="utf-8") if _is_utf8(html) else None
        found = markup.fromstring(html, parser=parser).findtext(".//title")
    except (etree.LxmlError, ValueError):
        return ""
    return " ".join((found or "").split())


def _is_utf8(html: bytes) -> bool:
    try:
        html.decode()
    except UnicodeDecodeError:
        return False
    return True


class Extractor:
    """Runs `extract` in spawned processes, `timeout` seconds a page; a page that takes longer costs its process.

    The processes start with the first page, so a run without pages pays nothing.
    """

    def __init__(self, processes: int | None, timeout: float) -> None:
        self._processes = processes or os.cpu_count() or 1
        self._timeout = timeout
        self._pool: ProcessPool | None = None
        self._closed = False
        self._opening = threading.Lock()

    def submit(self, html: bytes) -> Future[str]:
        """Start on one page. `text` says what came of it. Raises ExtractError once closed."""
        with self._opening:
            if self._closed:
                raise ExtractError("extraction has been stopped", retry=True)
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=self._processes,
                    max_tasks=_PAGES_PER_PROCESS,
                    context=multiprocessing.get_context("spawn"),
                )
            future: Future[str] = self._pool.schedule(extract, args=(html,), timeout=self._timeout)
        return future

    def text(self, future: Future[str]) -> str:
        """The text of a page started on. Raises ExtractError with the reason where there is none."""
        try:
            text = future.result()
        except TimeoutError as error:
            raise ExtractError(f"extraction took longer than {self._timeout:g} s") from error
        except ProcessExpired as error:
            raise ExtractError("extraction crashed on this page", retry=True) from error
        except Exception as error:  # whatever the library raises on a stranger's page is a reason, not our failure
            raise ExtractError(f"extraction failed ({type(error).__name__})") from error
        if not text:
            raise ExtractError("no article text was found on the page")
        return text

    def close(self) -> None:
        """Kill the processes; pages under way are given up."""
        with self._opening:
            self._closed = True
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join()
                self._pool = None

    def __enter__(self) -> Extractor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
