"""Answers made to fill the memory or to hold a thread, measured in a process of its own."""

from __future__ import annotations

import gzip
import multiprocessing
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import brotli
import pytest

from pipeline.errors import BadStatus, BodyTooLarge, DeadlineExceeded
from pipeline.ingest.fetch import Fetcher, Limits
from tests.ingest import measure
from tests.ingest.servers import AGENT, LOOPBACK, drips, floods, raw_server, redirect, sends, zstd
from tests.support.web import Answer, Request, Web

MIB = 2**20
DECODED = 128 * MIB
MOST_GROWTH = 32 * MIB
SHORT = 0.5
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload([measure.__name__])  # imported once, not for each measurement


def measured(url: str, timeout: float = 60) -> measure.Outcome:
    """Fetch the URL with the default cap in a process of its own, warmed up on a small page."""
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from /proc")
    page = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"page")
    with raw_server(sends(page)) as plain, ProcessPoolExecutor(1, FORKED) as pool:
        return pool.submit(measure.outcome, plain, url, timeout).result(300)


def streamed(compress: Callable[[bytes], bytes], finish: Callable[[], bytes]) -> bytes:
    """Zeros that decode to 128 MiB, compressed a piece at a time."""
    piece = bytes(MIB)
    return b"".join([*(compress(piece) for _ in range(DECODED // MIB)), finish()])


@cache
def gzip_bomb() -> bytes:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    return streamed(packer.compress, packer.flush)


@cache
def deflate_bomb() -> bytes:
    packer = zlib.compressobj()
    return streamed(packer.compress, packer.flush)


@cache
def raw_deflate_bomb() -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return streamed(packer.compress, packer.flush)


@cache
def brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=5, lgwin=24)
    return streamed(packer.process, packer.finish)


@cache
def zstd_bomb() -> bytes:
    packer = zstd.ZstdCompressor()
    return streamed(packer.compress, packer.flush)


@cache
def zstd_wide_bomb() -> bytes:
    """One that asks for a window of 128 MiB."""
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    return streamed(packer.compress, packer.flush)


@cache
def gzip_members() -> bytes:
    """The same as many small files in a row."""
    return gzip.compress(bytes(MIB)) * (DECODED // MIB)


@cache
def zstd_frames() -> bytes:
    return zstd.compress(bytes(MIB)) * (DECODED // MIB)


@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
@pytest.mark.parametrize(
    ("coding", "make"),
    [
        ("gzip", gzip_bomb),
        ("gzip", gzip_members),
        ("deflate", deflate_bomb),
        ("deflate", raw_deflate_bomb),
        ("br", brotli_bomb),
        ("zstd", zstd_bomb),
        ("zstd", zstd_wide_bomb),
        ("zstd", zstd_frames),
    ],
)
def test_bombs(coding: str, make: Callable[[], bytes], chunked: bool) -> None:
    """128 MiB in any coding end at the cap on the decoded body, in little memory."""
    bomb = make()
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n".encode()
    if chunked:
        answer = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(bomb) + bomb + b"\r\n0\r\n\r\n"
    else:
        answer = head + b"Content-Length: %d\r\n\r\n" % len(bomb) + bomb
    with raw_server(sends(answer)) as url:
        outcome = measured(url)

    assert len(bomb) < 10 * MIB
    assert outcome.error == "BodyTooLarge"
    assert outcome.growth <= MOST_GROWTH


EMPTY_BLOCK = b"\0\0\0\xff\xff"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("prompt", "block"),
    [
        (OK + b"\r\n", bytes(MIB)),
        (OK + b"Content-Length: 1000000000\r\n\r\n", bytes(MIB)),
        (OK + b"Content-Encoding: deflate\r\n\r\n\x78\x9c", EMPTY_BLOCK * 100_000),
        (OK + b"Content-Encoding: deflate\r\n\r\n", EMPTY_BLOCK * 100_000),
        (OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"", mtime=0) * 10_000),
        (OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x10" + bytes(6), b"name" * 100_000),
        (OK + b"Content-Encoding: zstd\r\n\r\n", zstd.compress(b"") * 10_000),
        (OK + b"Content-Encoding: zstd\r\n\r\n", b"\x50\x2a\x4d\x18\x00\x00\x10\x00" + bytes(MIB)),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10_000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"Trailer: x\r\n" * 10_000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000),
        (b"HTTP/1.1 100 Continue\r\n", b"X: y\r\n" * 10_000),
        (OK, b"X: y\r\n" * 10_000),
        (OK + b"X: ", bytes(MIB)),
        (b"", b"x" * MIB),
    ],
    ids=[
        "body",
        "body of a length",
        "deflate of nothing",
        "raw deflate of nothing",
        "gzip members of nothing",
        "gzip name without end",
        "zstd frames of nothing",
        "zstd frames to skip",
        "tiny chunks",
        "trailers",
        "continue",
        "headers of continue",
        "headers",
        "a header",
        "a status line",
    ],
)
def test_floods(prompt: bytes, block: bytes) -> None:
    """What never ends is ended, in little memory, also where not a byte of a body comes of it."""
    with raw_server(floods(prompt, block)) as url:
        outcome = measured(url, timeout=1.5)

    assert outcome.error in ("BodyTooLarge", "DeadlineExceeded", "FetchError")
    assert outcome.growth <= MOST_GROWTH


@pytest.fixture(scope="module")
def fetcher() -> Iterator[Fetcher]:
    """One that may reach loopback."""
    fetcher = Fetcher(AGENT, Limits(max_body=100_000, allow_private=LOOPBACK))
    yield fetcher
    fetcher.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Fetcher]:
    """One that waits only a moment: for answers that never end."""
    fetcher = Fetcher(AGENT, Limits(timeout=SHORT, max_body=100_000, allow_private=LOOPBACK))
    yield fetcher
    fetcher.close()


@pytest.mark.parametrize(
    ("prompt", "slow"),
    [
        (b"", b"HTTP/1.1 200 OK\r\n" + b"X" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X-Slow: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"body "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"body "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status line", "headers", "body to the end", "body of a length", "chunks", "continue"],
)
def test_dripping_ends_at_the_deadline(hasty: Fetcher, prompt: bytes, slow: bytes) -> None:
    """A server that keeps sending a byte now and then holds the request no longer than the deadline."""
    with raw_server(drips(prompt, slow, count=6000)) as url:
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"no complete answer within 0\.5 s"):
            hasty.get(url)
        took = time.monotonic() - started

    assert took < 30  # the drip would last for a minute


@pytest.mark.parametrize("prompt", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["headers", "body"])
def test_a_byte_a_second(prompt: bytes) -> None:
    """Each byte comes well before a read would time out; the deadline ends it, and no memory is lost by it."""
    with raw_server(drips(prompt, b"X-Slow: y\r\n", pause=1)) as url:
        outcome = measured(url, timeout=2.5)

    assert outcome.error == "DeadlineExceeded"
    assert outcome.growth <= MOST_GROWTH


def test_deadline_holds_over_redirects(web: Web) -> None:
    """The deadline is of the whole request, not of each redirect."""

    def slowly(request: Request) -> Answer:
        time.sleep(0.1)
        return redirect(f"{request.path}x")

    for hops in range(1, 8):
        web.answers["/" + "x" * hops] = slowly
    limits = Limits(timeout=0.25, allow_private=LOOPBACK)

    with pytest.raises(DeadlineExceeded):
        Fetcher(AGENT, limits).get(web.base + "/x")


@pytest.mark.parametrize(("size", "fits"), [(100_000, True), (100_001, False)])
def test_body_cap(fetcher: Fetcher, web: Web, size: int, fits: bool) -> None:
    """A body as large as the cap passes, a byte more does not."""
    url = web.set("/", b"x" * size)

    if fits:
        assert len(fetcher.get(url).body) == size
    else:
        with pytest.raises(BodyTooLarge):
            fetcher.get(url)


def test_error_bodies_are_not_read(fetcher: Fetcher) -> None:
    """An error status is told without waiting for its body."""
    with raw_server(drips(b"HTTP/1.1 500 Oops\r\n\r\n", b"x")) as url, pytest.raises(BadStatus):
        fetcher.get(url)
