"""Bytes of a feed to entries, in processes that can be killed."""

from __future__ import annotations

from pipeline.domain import ParsedFeed
from pipeline.errors import FeedError
from pipeline.ingest.workers import Closing, Crashed, Raised, Stopped, TookTooLong, Workers


class FeedParser(Closing):
    """Runs `parse` in spawned processes, `timeout` seconds a document; one that takes longer costs its process.

    The processes start with the first document. The parsers are loaded there and nowhere else.
    """

    def __init__(self, processes: int | None = 1, timeout: float = 5.0) -> None:
        self._workers = Workers(processes, timeout, _load)

    def parse(self, body: bytes, url: str) -> ParsedFeed:
        """Read a feed document that came from `url`. Raises FeedError with the reason where that cannot be done."""
        try:
            return self._workers.run(_parse, body, url)
        except TookTooLong as error:
            raise FeedError(f"parsing took longer than {self._workers.timeout:g} s") from error
        except Crashed as error:
            raise FeedError("parsing crashed twice on this document") from error
        except Raised as error:
            raise FeedError(f"the document cannot be parsed ({error.kind})") from error
        except Stopped as error:
            raise FeedError("parsing has been stopped") from error

    def close(self) -> None:
        """Kill the processes; documents under way are given up."""
        self._workers.close()


def _load() -> None:
    import pipeline.ingest.parse  # noqa: F401


def _parse(body: bytes, url: str) -> ParsedFeed:
    from pipeline.ingest.parse import parse

    return parse(body, url)
