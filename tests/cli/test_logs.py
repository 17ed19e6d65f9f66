"""Log lines: without control characters, without secrets, and not too long."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from pipeline.cli.logs import Redactor, configure
from tests.support.hostile_texts import LINKS, TEXTS


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    replacing = io.StringIO()
    monkeypatch.setattr(sys, "stderr", replacing)
    return replacing


@pytest.fixture(params=["json", "text"])
def redactor(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    stderr: io.StringIO,  # noqa: ARG001  (logging is to find it)
) -> Iterator[Redactor]:
    """Logging as a daemon sets it up; undone afterwards."""
    monkeypatch.setenv("DEALWIRE_LOG", request.param)
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield configure()
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)


@pytest.mark.usefixtures("redactor")
def test_no_value_can_forge_a_line(stderr: io.StringIO) -> None:
    """Line ends, NUL, escapes, bidi and other controls of strangers leave one line, whatever holds them."""
    bad = "a\r\n2026 [info] forged\0\x1b[2Jb\u202ec\u2028d\x85e\x9bf\ud800"
    structlog.get_logger().warning("failed", what=bad, nested={"k": [bad]}, error=ValueError(bad))
    out = stderr.getvalue()

    assert out.count("\n") == 1
    assert not set(out) & set("\r\0\x1b\u202e\u2028\x85\x9b\ud800")
    assert "forged" in out


@pytest.mark.usefixtures("redactor")
@pytest.mark.parametrize("text", [*TEXTS.values(), *LINKS.values()], ids=[*TEXTS, *LINKS])
def test_what_strangers_write_stays_in_its_value(stderr: io.StringIO, text: str) -> None:
    """A title, a link or a body makes no line and no field of its own, steers no terminal, and ends."""
    structlog.get_logger().warning("failed", what=text, why=f"it cannot be read ({text})")
    [line] = stderr.getvalue().splitlines()

    fields = json.loads(line) if line.startswith("{") else {"what": line}
    assert set(fields) <= {"event", "level", "timestamp", "what", "why"}
    assert all(len(value) < 4_500 for value in fields.values())
    assert all(char.isprintable() for value in fields.values() for char in value)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("hunter2hunter2", "the password hunter2hunter2 was refused"),
        ("hunter2hunter2", "the password hunter2\u200bhunter2\0 was refused"),
        ("p&ss w/rd+1", "GET /?p=p%26ss%20w%2Frd%2B1"),
        ("https://ping.example/0a1b2c3d", "Max retries exceeded with url: /0a1b2c3d (caused by x)"),
        ("http://me:s3cr3t@proxy.example:3128", "no way through s3cr3t@proxy.example"),
        ("Bearer tok-12345", "the header held tok-12345"),
    ],
)
def test_secrets_are_hidden(redactor: Redactor, stderr: io.StringIO, secret: str, shown: str) -> None:
    """Wherever and however one stands in a line: whole, parted by what nobody sees, quoted, or its telling part."""
    redactor.learn([secret])
    log = structlog.get_logger()
    log.info(shown, value=shown, nested=[{"x": (shown,)}], error=RuntimeError(shown))
    try:
        raise RuntimeError(shown)
    except RuntimeError:
        log.exception("stage failed")
    out = stderr.getvalue()

    assert out.count("***") == 5
    for part in ("hunter2", "ss%20w", "0a1b2c3d", "s3cr3t", "tok-12345"):
        assert part not in out
    assert "RuntimeError" in out
    assert "Traceback" in out


def test_old_secrets_stay_hidden(redactor: Redactor, stderr: io.StringIO) -> None:
    """What a reload replaced is still in use for a while; a secret within another leaves nothing of either."""
    redactor.learn(["first-secret"])
    redactor.learn(["first-secret-and-more"])
    structlog.get_logger().info("x", a="first-secret", b="first-secret-and-more")
    out = stderr.getvalue()

    assert out.count("***") == 2
    assert "and-more" not in out


def test_long_values_are_cut(redactor: Redactor, stderr: io.StringIO) -> None:
    """At two thousand characters, of which none is half a secret."""
    redactor.learn(["s" * 50])
    structlog.get_logger().info("x", a="b" * 1990 + "s" * 50 + "c" * 100)
    out = stderr.getvalue()

    assert len(out) < 2_200
    assert "***c" in out
    assert "ss" not in out


def test_libraries_log_the_same_way(redactor: Redactor, stderr: io.StringIO) -> None:
    """What they warn of passes through the same, and what they merely remark is left out."""
    redactor.learn(["hunter2hunter2"])
    logging.getLogger("urllib3").warning("retrying %s\n", "hunter2hunter2")
    logging.getLogger("urllib3").info("remark")
    out = stderr.getvalue()

    assert ("retrying ***" in out, "remark" in out, out.count("\n")) == (True, False, 1)


@pytest.mark.parametrize("redactor", ["json"], indirect=True)
def test_lines_stay_json(redactor: Redactor, stderr: io.StringIO) -> None:
    """Numbers stay numbers, and a secret that is also a level's name does not spoil the level."""
    redactor.learn(["info"])
    structlog.get_logger().info("poll", polled=3, seconds=0.5, none=None)
    line: dict[str, Any] = json.loads(stderr.getvalue())

    assert {name: line[name] for name in ("event", "level", "polled", "seconds", "none")} == {
        "event": "poll",
        "level": "info",
        "polled": 3,
        "seconds": 0.5,
        "none": None,
    }
