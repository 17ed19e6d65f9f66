"""What the command line does with what it is given, right or wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import shared
from tests.cli.conftest import Run, run
from tests.config.cases import CASES, VALID, Case

HEAVY = ("sqlmodel", "sqlalchemy", "trafilatura", "requests", "rich", "pydantic", "lxml", "jinja2", "apscheduler")


def test_help_is_light() -> None:
    """Importing the commands imports no heavy library, so that help and errors come at once."""
    code = f"import sys, pipeline.cli.app; print([name for name in {HEAVY!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_help_names_every_command() -> None:
    """The help lists all commands."""
    result = run("--help")

    assert result.code == 0
    for command in ("init", "run", "once", "check", "status", "demo", "articles", "show", "digest", "feeds"):
        assert f"  {command} " in result.out


@pytest.mark.parametrize("group", ["", "channels", "deals", "deliveries", "feeds", "labels", "watches"])
def test_what_a_command_does_fits_its_line(group: str) -> None:
    """In a terminal of 80 columns, whole."""
    result = run(*[group] * bool(group), "--help")

    assert result.code == 0
    assert "..." not in result.out.partition("Commands:")[2]
    assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("group", ["watches", "deliveries"])
def test_a_group_alone_shows_its_help(group: str) -> None:
    """A group without a command tells what there is."""
    result = run(group)

    assert "Commands:\n  list" in result.out + result.err


def test_the_version_is_shown() -> None:
    """It is that of the installed distribution."""
    result = run("--version")

    assert result.code == 0
    assert result.out.startswith("dealwire ")


@pytest.mark.parametrize("args", [("bogus",), ("once", "--bogus"), ("show",), ("show", "x"), ("articles", "-n", "0")])
def test_a_wrong_command_line_is_told(args: tuple[str, ...]) -> None:
    """The way to the help is shown, and the code is 2."""
    result = run(*args)

    assert result.code == 2
    assert "Error: " in result.err
    assert "-h" in result.err


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    "args",
    [
        ("show", "9" * 30),
        ("articles", "-n", "9" * 30),
        ("deliveries", "list", "-n", "9" * 30),
        ("deliveries", "retry", "9" * 30),
    ],
)
def test_numbers_beyond_the_database_are_told(dealwire: Run, args: tuple[str, ...]) -> None:
    """A number that no database knows is the command line's fault, not the program's."""
    result = dealwire(*args)

    assert result.code == 2
    assert "Error: Invalid value" in result.err


@pytest.mark.parametrize("case", CASES[:: len(CASES) // 12], ids=lambda case: case.id)
def test_a_broken_configuration_is_told(dealwire: Run, tmp_path: Path, case: Case) -> None:
    """Whatever is wrong with the files, its place is on stderr and the code is 2."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name, content in {**VALID, case.file: case.content}.items():
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    result = dealwire("check")

    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith("The configuration has 1 problem:\n\n")
    assert (f"{case.file}:{case.line}: " if case.line else f"{case.file}: ") in result.err
    assert case.says[0] in result.err


def test_a_missing_configuration_is_told() -> None:
    """Without a folder, the way to make one is shown."""
    result = run("status")

    assert result.code == 2
    assert "config: there is no such configuration folder. Run `dealwire init`" in result.err


@pytest.mark.usefixtures("config")
def test_an_unexpected_error_is_no_traceback(dealwire: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the program says so in words, with code 1, and how to see more."""

    def fail() -> None:
        raise RuntimeError("the roof is on fire")

    monkeypatch.setattr(shared, "settings", fail)
    result = dealwire("status")

    assert result.code == 1
    assert "RuntimeError: the roof is on fire" in result.err
    assert "DEALWIRE_DEBUG=1" in result.err


@pytest.mark.usefixtures("config")
def test_the_debug_switch_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """With DEALWIRE_DEBUG the error passes through."""

    def fail() -> None:
        raise RuntimeError("the roof is on fire")

    monkeypatch.setattr(shared, "settings", fail)
    monkeypatch.setenv("DEALWIRE_DEBUG", "1")

    with pytest.raises(RuntimeError, match="roof"):
        run("status")


@pytest.mark.usefixtures("config")
def test_an_interrupt_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command with a word."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shared, "settings", interrupt)
    result = run("status")

    assert result.code != 0
    assert len((result.out + result.err).strip().splitlines()) <= 1


def test_the_environment_names_the_folder(config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """DEALWIRE_CONFIG counts where --config is missing, and yields to it."""
    monkeypatch.setenv("DEALWIRE_CONFIG", str(tmp_path / "nowhere"))

    assert run("check").code == 2
    assert run("--config", config, "check").code == 0


def test_the_home_folder_is_the_last_resort(config: Path, tmp_path: Path) -> None:
    """Without ./config, ~/.config/dealwire is used."""
    home = tmp_path / "home" / ".config"
    home.mkdir(parents=True)
    config.rename(home / "dealwire")

    result = run("check")

    assert result.code == 0
    assert str(home / "dealwire") in result.out
