"""The pools of memory that threads share."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_POOLS = """
import sys, threading
from pipeline.engine import arenas
if sys.argv[1] == "few":
    arenas.keep_few()
together = threading.Barrier(9)
def work():
    together.wait(60)
    bytes(50_000)
    together.wait(60)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
together.wait(60)
together.wait(60)
with open("/proc/self/maps") as maps:
    sizes = [int(end, 16) - int(start, 16) for start, end in (line.split()[0].split("-") for line in maps)]
print(sum(60 * 2**20 < size <= 64 * 2**20 for size in sizes))
"""
"""How many pools of 64 MiB, of which most is not in use, eight threads have that ask for memory at once."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such pools")
def test_threads_share_their_memory() -> None:
    """Many threads get one pool beside that of the process, where each would get its own."""
    few, many = (int(subprocess.check_output([sys.executable, "-c", _POOLS, how])) for how in ("few", "many"))

    assert few <= 1 < many
