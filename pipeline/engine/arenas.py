"""How the C library hands out memory."""

from __future__ import annotations

import ctypes
import os

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # of malloc.h
_ARENAS = 2
_LARGE = 128 * 1024
"""Bytes; glibc begins with this, but takes more and more for small."""


def keep_few() -> None:
    """Let all threads share a few pools of memory, before there are any, and give back what is large.

    By default glibc gives nearly each thread its own, up to eight for each processor. What a pool held once it keeps,
    so the process would hold many times what the busiest moment of any of them took. Does nothing where the C library
    is another one, or where the environment says how many there shall be.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is not None:
        adjust(_ARENA_MAX, _ARENAS)
        adjust(_MMAP_THRESHOLD, _LARGE)
