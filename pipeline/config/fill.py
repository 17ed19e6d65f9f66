"""`${...}` in the configuration: text that stands in the environment or in a file of its own, as secrets should.

systemd puts the files of `LoadCredential=` in $CREDENTIALS_DIRECTORY; Docker and Kubernetes mount theirs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

_VARIABLE = re.compile(r"\$\{(?:file:([^}]+)|([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\}")
_LARGEST = 64 * 1024

Complain = Callable[[str, str], None]
"""Told what is wrong, and the way out."""


def references(text: str) -> list[str]:
    """The `${...}` in the text, as they are written."""
    return [found[0] for found in _VARIABLE.finditer(text)]


def fill(text: str, folder: Path, complain: Complain) -> tuple[str, bool]:
    """The text with `${NAME}`, `${NAME:-default}` and `${file:PATH}` filled in, and whether any came from outside.

    What cannot be filled in is told, and left empty. A relative PATH starts at $CREDENTIALS_DIRECTORY, where the file
    is there, or at `folder`.
    """
    outside = False

    def value(found: re.Match[str]) -> str:
        nonlocal outside
        path, name, default = found.groups()
        if path is not None:
            outside = True
            return _read(path.strip(), folder, complain)
        if name in os.environ:
            outside = True
            return os.environ[name]
        if default is None:
            complain(f"needs the environment variable {name}", f"Set {name} before starting Dealwire.")
        return default or ""

    return _VARIABLE.sub(value, text), outside


def _read(path: str, folder: Path, complain: Complain) -> str:
    """The content of the file without its final line end."""
    place = _place(path, folder)
    try:
        with open(place, "rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            complain(f"the file {place} is larger than 64 KiB", "Name the right file.")
            return ""
        text = content.decode()
    except FileNotFoundError:
        complain(f"there is no file {place}", "Write the value into it, or name the right file.")
        return ""
    except OSError as error:
        complain(f"the file {place} cannot be read ({error.strerror})", "Check that it is a file and may be read.")
        return ""
    except (UnicodeDecodeError, ValueError):
        complain(f"the file {place} is not UTF-8 text", "Name the right file.")
        return ""
    if "\0" in text:
        complain(f"the file {place} holds a NUL, which no secret does", "Name the right file.")
        return ""
    if not text.strip():
        complain(f"the file {place} is empty", "Write the value into it.")
    return re.sub(r"\r?\n\Z", "", text)


def _place(path: str, folder: Path) -> Path:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (given := Path(credentials) / path).is_file():
        return given
    return folder / Path(path).expanduser()
