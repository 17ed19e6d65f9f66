"""watches list, test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, World
from tests.support.web import Web
from tests.support.world import DEAL, OTHER, page, write_config


def test_list_counts(world: World) -> None:
    """Each watch with its groups and how much it flagged, for people and for programs."""
    text, data = world.dealwire("watches", "list").out, world.dealwire("watches", "list", "--json").json

    assert "who (1), deal (2), what (2)" in text
    assert "files, inbox" in text
    assert (data[0]["name"], data[0]["flagged"], data[0]["within"]) == ("test-deals", 1, "sentence")


@pytest.fixture
def sources(web: Web, tmp_path: Path) -> dict[str, tuple[str, bytes]]:
    """The same article as a text file, an HTML file, a page, and standard input: (argument, stdin)."""
    write_config(tmp_path / "config")
    html = page("Big news", DEAL)
    (tmp_path / "a.txt").write_text(f"Big news\n\n{DEAL}\n")
    (tmp_path / "bom.txt").write_text(f"\ufeffBig news\r\n\r\n{DEAL}\r\n")
    (tmp_path / "a.html").write_text(html)
    return {
        "text": ("a.txt", b""),
        "bom": ("bom.txt", b""),
        "html": ("a.html", b""),
        "url": (web.set("/a", html), b""),
        "stdin": ("-", f"Big news\n{DEAL}".encode()),
    }


@pytest.mark.parametrize("kind", ["text", "bom", "html", "url", "stdin"])
def test_a_text_is_judged(dealwire: Run, sources: dict[str, tuple[str, bytes]], kind: str) -> None:
    """Wherever it comes from, the text is judged with its title, and the reasons are shown."""
    argument, stdin = sources[kind]

    result = dealwire("watches", "test", argument, stdin=stdin)
    data = dealwire("watches", "test", argument, "--json", stdin=stdin).json

    assert result.code == 0
    assert result.out.startswith("Big news\n")
    assert "Test deals: flagged, about it (score" in result.out
    assert f"body: {DEAL}" in result.out
    assert [(verdict["watch"], verdict["matched"], verdict["title"]) for verdict in data] == [
        ("test-deals", True, "Big news")
    ]


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OTHER, "not flagged; what came nearest lacks"),
        ("Nothing of the kind.", "not flagged; none of its terms occurs."),
        ("", "(no title)"),
        ("[bold]OpenAI[/bold] [red", "[bold]OpenAI[/bold] [red"),
    ],
)
def test_what_is_not_flagged_says_what_lacks(dealwire: Run, text: str, says: str) -> None:
    """The nearest window is shown with the groups it lacks, and a text's own brackets are shown as they are."""
    result = dealwire("watches", "test", "-", stdin=text.encode())

    assert result.code == 0
    assert says in result.out
    assert ": flagged" not in result.out


def test_a_term_of_none_is_the_reason(dealwire: Run, tmp_path: Path) -> None:
    """A window that a term of `none` spoils says so."""
    watch = {"title": "Deals", "all": {"who": ["OpenAI"]}, "none": ["film"]}
    write_config(tmp_path / "config", watches={"deals": watch})

    result = dealwire("watches", "test", "-", stdin=b"News\nOpenAI makes a film.")

    assert "Deals: not flagged; what came nearest holds a term of `none`" in result.out


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ("nowhere.txt", 2, "nowhere.txt cannot be read (No such file or directory)"),
        (".", 2, "cannot be read"),
        ("{web}/gone", 1, "HTTP 404 Not Found"),
        ("http://127.0.0.1:1/", 1, "refused the connection"),
        ("http://[::1", 1, "is no URL"),
    ],
)
def test_an_unreadable_source_is_told(dealwire: Run, web: Web, source: str, code: int, says: str) -> None:
    """A file or page that cannot be had is told in words."""
    result = dealwire("watches", "test", source.format(web=web.base))

    assert result.code == code
    assert says in result.err


def test_an_edit_is_tried_on_a_text(dealwire: Run, config: Path, tmp_path: Path) -> None:
    """The text is judged by the file named in place of watches.yaml, which stays as it is."""
    edited = tmp_path / "edited.yaml"
    edited.write_text("watches:\n  films:\n    title: Films\n    all: {what: [film]}\n", encoding="utf-8")
    before = (config / "watches.yaml").read_bytes()

    result = dealwire("watches", "test", "-", "--watches", edited, stdin=b"News\nOpenAI makes a film.")

    assert "Films: flagged" in result.out
    assert (config / "watches.yaml").read_bytes() == before


@pytest.mark.usefixtures("config")
def test_a_broken_edit_is_told(dealwire: Run, tmp_path: Path) -> None:
    """With its own name and line, before any text is read."""
    (tmp_path / "edited.yaml").write_text("watches:\n  films: {titel: Films}\n", encoding="utf-8")

    result = dealwire("watches", "test", "nowhere.txt", "--watches", tmp_path / "edited.yaml")

    assert result.code == 2
    assert "edited.yaml:2: watches.films.titel: is not a known key" in result.err
