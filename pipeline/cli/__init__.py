"""The command line. A file per command group; heavy rooms are imported inside commands."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

_UNCOUNTED = 50_000
"""New objects between two searches for garbage. What is loaded stays, and would be searched hundreds of times."""


def main() -> NoReturn:
    """The command `dealwire`. Processes that a command spawns load this module too, and none of the commands."""
    gc.set_threshold(_UNCOUNTED)
    from pipeline.cli.app import run_command

    code = run_command()
    sys.stderr.flush()
    os._exit(code)  # at once: threads may still wait for slow servers, and taking all that is loaded down takes long
