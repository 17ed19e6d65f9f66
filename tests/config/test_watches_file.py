"""watches.yaml read, checked and put back as a text."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.config import watches_file
from pipeline.config.watches_file import LARGEST, WatchesText
from pipeline.errors import ConfigError, UsageError
from tests.config.cases import VALID, WATCHES

EDITED = WATCHES.replace("[OpenAI]", "[OpenAI, Stargate]  # both")


def _put(folder: Path, data: bytes) -> WatchesText:
    (folder / "watches.yaml").write_bytes(data)
    return watches_file.read(folder)


def _stored(folder: Path) -> bytes:
    return (folder / "watches.yaml").read_bytes()


@pytest.mark.parametrize("sent", [EDITED, EDITED.replace("\n", "\r\n"), "\ufeff" + EDITED])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (WATCHES.encode(), EDITED.encode()),
        (WATCHES.replace("\n", "\r\n").encode(), EDITED.replace("\n", "\r\n").encode()),
        (("\ufeff" + WATCHES).encode(), ("\ufeff" + EDITED).encode()),
    ],
)
def test_the_file_keeps_its_form(folder: Path, before: bytes, after: bytes, sent: str) -> None:
    """Line ends and byte order mark are those of the file, whatever a browser made of them."""
    read = _put(folder, before)

    watches_file.save(folder, sent, read.digest)

    assert read.text == WATCHES
    assert _stored(folder) == after
    assert (folder / "watches.yaml.bak").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == sorted([*VALID, "watches.yaml.bak"])


def test_mode_and_link_stay(folder: Path, tmp_path: Path) -> None:
    """A file that others may not read stays so, and a link leads where it led."""
    real = tmp_path / "real.yaml"
    (folder / "watches.yaml").rename(real)
    (folder / "watches.yaml").symlink_to(real)
    real.chmod(0o640)

    watches_file.save(folder, EDITED, watches_file.read(folder).digest)

    assert (folder / "watches.yaml").is_symlink()
    assert (real.read_text(encoding="utf-8"), stat.S_IMODE(real.stat().st_mode)) == (EDITED, 0o640)


def test_what_another_saved_is_not_lost(folder: Path) -> None:
    """Of two who read the same state only one can save; the other is told, and the file stays."""
    read = watches_file.read(folder)

    def save(number: int) -> str:
        try:
            watches_file.save(folder, EDITED + f"# {number}\n", read.digest)
        except UsageError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(save, range(8)))

    assert sum("changed by someone else meanwhile" in why for why in said) == 7
    assert _stored(folder).decode() == EDITED + f"# {said.index('')}\n"


def test_nothing_new_is_not_written(folder: Path) -> None:
    """A text as it stands there touches no file, so that a daemon has nothing to take up."""
    before = os.stat(folder / "watches.yaml")

    watches_file.save(folder, WATCHES, watches_file.read(folder).digest)

    assert os.stat(folder / "watches.yaml").st_ino == before.st_ino
    assert not (folder / "watches.yaml.bak").exists()


def test_a_missing_file_is_told() -> None:
    """There is nothing to edit then."""
    with pytest.raises(ConfigError, match=r"watches\.yaml"):
        watches_file.read(Path("nowhere"))


def test_a_text_that_is_too_long_is_refused(folder: Path) -> None:
    """It is not even read, and not saved."""
    digest = watches_file.read(folder).digest
    for long in ("#" * (LARGEST + 1), "€" * (LARGEST // 3 + 1)):
        with pytest.raises(UsageError, match="may have 262,144"):
            watches_file.document(folder, long)
        with pytest.raises(UsageError, match="may have 262,144"):
            watches_file.save(folder, long, digest)
    assert watches_file.document(folder, "#" * LARGEST).problems[0].message == "the file is empty"


def test_a_file_that_is_no_text_cannot_be_edited(folder: Path) -> None:
    """It would not come back as it was."""
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        _put(folder, b"watches: \xff")


@pytest.mark.parametrize("title", ["${SECRET}", "${file:dealwire.yaml}", "a ${SECRET:-x} b", '"${SECRET}"'])
def test_a_text_learns_nothing_of_this_machine(folder: Path, monkeypatch: pytest.MonkeyPatch, title: str) -> None:
    """Whoever may edit watches may not read the environment or files by it, unless the file leads there already."""
    monkeypatch.setenv("SECRET", "s3cret")
    text = WATCHES.replace("title: Deals", f"title: {title}")

    found = watches_file.document(folder, text)
    _put(folder, text.encode())
    kept = watches_file.document(folder, text + "# more\n")

    assert "is not filled in here" in str(found.problems[0])
    assert found.problems[0].line == 3
    assert "s3cret" not in repr(found)
    assert kept.problems == []


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret.yaml", "sub/w.yaml"])
def test_weights_stand_beside_the_watches(folder: Path, name: str) -> None:
    """A text names no file of another folder, unless the file names it already."""
    text = WATCHES.replace("title: Deals", f"title: Deals\n    weights: {name}")

    found = watches_file.document(folder, text)
    _put(folder, text.encode())

    assert [str(problem) for problem in found.problems] == [
        "watches.yaml:4: watches.deals.weights: is in another folder. Name a file beside watches.yaml."
    ]
    assert watches_file.document(folder, text).problems == []


def test_a_bomb_of_aliases_is_refused(folder: Path) -> None:
    """A text of a few lines that stands for millions costs next to nothing."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    found = watches_file.document(folder, "\n".join(lines))

    assert "nested too deeply, or an anchor" in str(found.problems[0])


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    """The file stays as it is, and no draft is left."""
    (folder / "watches.yaml.bak").symlink_to(folder / "nowhere" / "at all")

    with pytest.raises(UsageError, match="Check its permissions"):
        watches_file.save(folder, EDITED, watches_file.read(folder).digest)

    assert _stored(folder).decode() == WATCHES
    assert not list(folder.glob("*.part"))
