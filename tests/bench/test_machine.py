"""The machine in words."""

from __future__ import annotations

import platform

from tests.bench.machine import machine


def test_machine() -> None:
    """Cores, memory, Python and system are named."""
    words = machine()

    assert words[0].isdigit()
    assert " of memory, " in words
    assert f"Python {platform.python_version()}" in words
    assert platform.release() in words
