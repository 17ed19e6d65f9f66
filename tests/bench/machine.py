"""The machine that was measured on, in words."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from tests.bench.peers import cores


def machine() -> str:
    """Its cores, memory, Python and system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    count = cores()
    return (
        f"{count} core{'s' if count > 1 else ''}{_processor()}, {memory:.0f} GiB of memory, "
        f"Python {platform.python_version()}, {_system()}"
    )


def _processor() -> str:
    """What kind of core, in brackets; empty where the system does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((f" ({line.partition(':')[2].strip()})" for line in lines if line.startswith("model name")), "")


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"] + ", "
    except (OSError, KeyError):
        name = ""
    return f"{name}{platform.system()} {platform.release()}"
