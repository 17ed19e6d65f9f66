"""backup, restore, prune, doctor."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.models import Article
from pipeline.store import Store
from pipeline.store.holder import sole_writer
from pipeline.store.sqlite import FILE
from tests.cli.conftest import Run, World
from tests.support.world import write_config


def test_back_and_forth(own: World, tmp_path: Path) -> None:
    """What a backup holds comes back, and what was there is kept; each says what it did."""
    state, file = own.folder.parent / "state", tmp_path / "b.db"
    made = own.dealwire("backup", file)
    shutil.rmtree(state)
    empty = own.dealwire("articles", "--json").json
    restored = own.dealwire("restore", file)

    assert made.out.startswith(f"Wrote {file}: ")
    assert "MiB, 6 articles, in " in made.out
    assert empty == []
    assert restored.out.startswith(f"Restored {state / FILE}: 6 articles, schema ")
    assert "What was there before is now " in restored.out
    assert len(own.dealwire("articles", "--json").json) == 6


def test_a_backup_overwrites_only_by_force(own: World, tmp_path: Path) -> None:
    """And a folder never."""
    file = tmp_path / "b.db"
    file.write_text("precious")
    refused, folder = own.dealwire("backup", file), own.dealwire("backup", tmp_path, "--force")
    kept = file.read_text()
    forced = own.dealwire("backup", file, "--force")

    assert (refused.code, kept) == (2, "precious")
    assert "--force" in refused.err
    assert (folder.code, "is a folder" in folder.err) == (2, True)
    assert forced.code == 0


def test_restoring_beside_a_daemon_is_refused(own: World, tmp_path: Path) -> None:
    """It is to be stopped first."""
    file = tmp_path / "b.db"
    own.dealwire("backup", file)
    with sole_writer(own.folder.parent / "state"):
        result = own.dealwire("restore", file)

    assert result.code == 1
    assert "Stop it first" in result.err


@pytest.fixture
def old(own: World) -> World:
    """With an article that was found long ago, and that no watch flags."""
    at = datetime.now(UTC) - timedelta(days=100)
    with Store(own.folder.parent / "state") as store, store.write() as session:
        session.add(
            Article(id=99, identity="x", url="", title="Old news", found_at=at, ingested_at=at, body="x" * 2**20)
        )
    return own


def test_pruning(old: World) -> None:
    """A dry run says what would go; then it goes, is shown as gone, and the room is given back on demand."""
    would, shown = old.dealwire("prune", "--dry-run").out, old.dealwire("show", "99").out
    did = old.dealwire("prune").out
    gone, listed = old.dealwire("show", "99").out, old.dealwire("articles", "Old", "--json").json
    again = old.dealwire("prune", "--vacuum", "--json").json

    assert would.startswith("Would prune 1 articles and 0 earlier versions: 1.0 MiB of text.")
    assert "xxxx" in shown
    assert did.startswith("Pruned 1 articles")
    assert "free (--vacuum gives them back)" in did
    assert "No text any more (pruned on 20" in gone
    assert "not flagged" not in gone
    assert [row["body_source"] for row in listed] == ["pruned"]
    assert (again["pruned"], again["database"]["free"], again["database"]["wal"]) == (0, 0, 0)
    assert old.dealwire("watches", "replay", "--json").json["pruned"] == 1
    assert "1 could not be: their texts were pruned." in old.dealwire("watches", "replay").out


def test_compacting_needs_the_store_alone(old: World) -> None:
    """Pruning does not."""
    with sole_writer(old.folder.parent / "state"):
        vacuum, plain = old.dealwire("prune", "--vacuum"), old.dealwire("prune")

    assert (vacuum.code, plain.code) == (1, 0)
    assert "Stop it first" in vacuum.err


def test_prune_says_what_it_cannot(old: World) -> None:
    """A dry run compacts nothing; where all texts are kept, that is said."""
    both = old.dealwire("prune", "--dry-run", "--vacuum")
    write_config(old.folder, retention={"bodies": 0})

    assert both.code == 2
    assert old.dealwire("prune").out.startswith("retention.bodies is 0: all texts are kept.")


def test_doctor_tells_a_line_for_each_check(own: World) -> None:
    """Text and JSON say the same; what only deserves a warning is no failure."""
    text, data = own.dealwire("doctor", "--full"), own.dealwire("doctor", "--json").json

    assert text.code == 0
    assert [line[5:].split(":")[0] for line in text.out.splitlines()] == [check["name"] for check in data]
    assert {check["grade"] for check in data} <= {"ok", "warn"}
    assert "ok   database: whole check: sound" in text.out


def test_doctor_of_a_damaged_store(own: World) -> None:
    """It fails without a traceback, and names the way out."""
    path = own.folder.parent / "state" / FILE
    path.write_bytes(b"rubbish" * 10_000)
    result = own.dealwire("doctor")

    assert result.code == 1
    assert "FAIL database: " in result.out
    assert "`dealwire restore FILE`" in result.out


def test_doctor_without_anything(dealwire: Run) -> None:
    """There is not even a configuration."""
    result = dealwire("doctor", "--json")

    assert result.code == 1
    assert result.json[0]["grade"] == "fail"


def test_backing_up_nothing(dealwire: Run, tmp_path: Path) -> None:
    """Where nothing was ever stored, that is said, and nothing is made."""
    config = write_config(tmp_path / "config")
    result = dealwire("backup", tmp_path / "b.db")

    assert (result.code, config.is_dir()) == (1, True)
    assert "nothing to back up" in result.err
    assert not (tmp_path / "state").exists()
