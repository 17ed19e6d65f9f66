"""A folder that messages are written into."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.errors import DeliveryError


def make_ready(folder: Path) -> None:
    """Make the folder, if need be, and see that files can be written there. Raises DeliveryError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeliveryError(f"{folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise DeliveryError(f"{folder} may not be written")
