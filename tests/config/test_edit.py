"""Adding feeds to the file and taking them out, with everything else left as it stands."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.edit import NewFeed, add_feeds, remove_feed
from pipeline.errors import ConfigError, UsageError
from pipeline.flow import load_settings
from tests.config.cases import VALID

KEPT = """\
# Feeds, in an order that matters to me.
feeds:

  # --- Newsrooms ---
  - name:   'One'        # odd spacing
    url: https://one.example/feed
    tags: [a,
           b]

  - {name: Two, url: https://two.example/feed}   # all in one line
  # --- Press ---
  - name: >-
      Three
      of them
    url: https://three.example/feed
# the end
"""
FOUR = NewFeed("Four", "https://four.example/feed")
_FOUR_WRITTEN = '  - name: "Four"\n    url: "https://four.example/feed"\n'


def _content(folder: Path) -> str:
    return (folder / "feeds.yaml").read_bytes().decode()


def _write(folder: Path, content: str) -> None:
    (folder / "feeds.yaml").write_bytes(content.encode())


def test_adding_keeps_every_byte(folder: Path) -> None:
    """A new feed stands after the last one; comments, order and layout stay."""
    _write(folder, KEPT)

    written = add_feeds(folder, [FOUR])

    assert written == [FOUR]
    assert _content(folder) == KEPT.replace("# the end\n", _FOUR_WRITTEN + "# the end\n")
    assert [feed.name for feed in load_settings(folder).feeds] == ["One", "Two", "Three of them", "Four"]


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        ("One", (4, 8)),
        ("https://two.example/feed", (9, 10)),
        ("Three of them", (11, 15)),
    ],
)
def test_removing_keeps_every_other_byte(folder: Path, which: str, gone: tuple[int, int]) -> None:
    """A feed goes by name or URL, with all of its lines and no other."""
    _write(folder, KEPT)

    removed = remove_feed(folder, which)

    lines = KEPT.splitlines(keepends=True)
    assert which in (removed.name, removed.url)
    assert _content(folder) == "".join(lines[: gone[0]] + lines[gone[1] :])
    assert len(load_settings(folder).feeds) == 2


def test_adding_and_removing_gives_the_file_back(folder: Path) -> None:
    """What was added can be taken out without a trace."""
    _write(folder, KEPT)

    add_feeds(folder, [FOUR])
    remove_feed(folder, "Four")

    assert _content(folder) == KEPT


def test_windows_line_ends_stay(folder: Path) -> None:
    """A file with CRLF keeps them, and gets no other kind."""
    _write(folder, KEPT.replace("\n", "\r\n"))

    add_feeds(folder, [FOUR])

    assert _content(folder) == KEPT.replace("# the end\n", _FOUR_WRITTEN + "# the end\n").replace("\n", "\r\n")


def test_a_file_may_end_without_a_line_end(folder: Path) -> None:
    """The new feed starts on a line of its own."""
    _write(folder, VALID["feeds.yaml"].rstrip("\n"))

    add_feeds(folder, [FOUR])

    assert _content(folder) == VALID["feeds.yaml"] + _FOUR_WRITTEN


def test_a_block_text_at_the_end_stays_whole(folder: Path) -> None:
    """A feed whose last value is a block of text is not cut by the one added after it."""
    _write(folder, "feeds:\n  - url: https://one.example/feed\n    name: >-\n      One\n      more\n# end\n")

    add_feeds(folder, [FOUR])

    assert [feed.name for feed in load_settings(folder).feeds] == ["One more", "Four"]


def test_a_hyphen_may_stand_alone(folder: Path) -> None:
    """A feed goes with the hyphen above it."""
    _write(
        folder, "feeds:\n-\n  name: One\n  url: https://one.example/feed\n-\n  name: Two\n  url: https://two.example\n"
    )

    add_feeds(folder, [FOUR])
    remove_feed(folder, "One")

    assert [feed.name for feed in load_settings(folder).feeds] == ["Two", "Four"]


@pytest.mark.parametrize(
    "empty", ["feeds: []\n", "feeds: []   # none yet\n", "feeds:\n", "feeds: [ ]", "feeds: null\n"]
)
def test_an_empty_list_is_opened(folder: Path, empty: str) -> None:
    """The first feed can be added like any other, and a comment beside the list stays."""
    _write(folder, f"# mine\n{empty}")

    add_feeds(folder, [FOUR])

    assert [feed.name for feed in load_settings(folder).feeds] == ["Four"]
    assert ("# none yet" in _content(folder)) == ("# none yet" in empty)


def test_the_last_feed_leaves_an_empty_list(folder: Path) -> None:
    """The file stays valid without any feed, and keeps its comments."""
    _write(folder, "# mine\n" + VALID["feeds.yaml"].replace("feeds:", "feeds:  # all"))

    remove_feed(folder, "One")

    assert _content(folder) == "# mine\nfeeds: []  # all\n"
    assert load_settings(folder).feeds == ()


@pytest.mark.parametrize(
    "written",
    [
        "feeds: [{name: One, url: https://one.example/feed}]\n",
        '{"feeds": [\n  {"name": "One", "url": "https://one.example/feed"}\n]}\n',
    ],
)
def test_a_list_in_brackets_is_refused_and_left_alone(folder: Path, written: str) -> None:
    """Lines cannot be put into a list that is not written in lines; the file stays as it is."""
    _write(folder, written)

    with pytest.raises(UsageError, match="lines that start with a hyphen"):
        add_feeds(folder, [FOUR])
    with pytest.raises(UsageError, match="lines that start with a hyphen"):
        remove_feed(folder, "One")
    assert _content(folder) == written


@pytest.mark.parametrize("written", ['{"feeds": []}\n', "feeds: [\n]\n", "feeds:\n  []\n"])
def test_an_empty_list_in_an_odd_place_is_refused(folder: Path, written: str) -> None:
    """A layout that cannot be kept is told, not broken."""
    _write(folder, written)

    with pytest.raises(UsageError, match="Write"):
        add_feeds(folder, [FOUR])
    assert _content(folder) == written


def test_a_known_url_is_passed_over(folder: Path) -> None:
    """A feed is listed once, whatever it is called, and a list of known ones changes nothing."""
    before = _content(folder)

    assert add_feeds(folder, [NewFeed("Again", "https://one.example/feed")]) == []
    assert _content(folder) == before
    assert add_feeds(folder, [FOUR, NewFeed("Twin", FOUR.url)]) == [FOUR]


def test_names_are_made_unique(folder: Path) -> None:
    """Feeds of one name are numbered, past numbers already taken."""
    fresh = [NewFeed(name, f"https://{n}.example/") for n, name in enumerate(["One", "One (2)", "One"])]

    written = add_feeds(folder, fresh)

    assert [feed.name for feed in written] == ["One (2)", "One (2) (2)", "One (3)"]
    assert len(load_settings(folder).feeds) == 4


def test_the_environment_stays_out_of_what_others_wrote(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """${NAME} in a URL, name or tag that is added is never filled in, and the feed is known when added again."""
    monkeypatch.setenv("SMTP_PASSWORD", "s3cret")
    feed = NewFeed("Pay ${SMTP_PASSWORD}", "https://evil.example/?p=${SMTP_PASSWORD}", "", ("${SMTP_PASSWORD}",))

    add_feeds(folder, [feed])
    added = load_settings(folder).feeds[-1]

    assert "s3cret" not in repr(added)
    assert added.url == "https://evil.example/?p=$%7BSMTP_PASSWORD}"
    assert add_feeds(folder, [feed]) == []


def test_tier_and_tags_are_written(folder: Path) -> None:
    """What is known of a feed beyond its address is kept."""
    add_feeds(folder, [NewFeed("Four", "https://four.example/feed", "official", ("a: b", "#c"))])

    added = load_settings(folder).feeds[-1]

    assert (added.tier, added.tags) == ("official", ("a: b", "#c"))


def test_an_unknown_feed_is_told(folder: Path) -> None:
    """Removing what is not there names the command that lists what is."""
    with pytest.raises(UsageError, match=r"no feed 'Nine'.*dealwire feeds list"):
        remove_feed(folder, "Nine")


@pytest.mark.parametrize("content", ["feeds: {\n", "nothing: here\n", "- a\n", ""])
def test_a_broken_file_is_left_alone(folder: Path, content: str) -> None:
    """What cannot be read is not edited."""
    _write(folder, content)

    with pytest.raises(ConfigError, match=r"feeds\.yaml:\d"):
        add_feeds(folder, [FOUR])
    assert _content(folder) == content


def test_no_draft_stays(folder: Path) -> None:
    """The file is replaced in one step, and the draft is gone."""
    add_feeds(folder, [FOUR])

    assert sorted(path.name for path in folder.iterdir()) == sorted(VALID)


_ANY = st.characters(exclude_categories=("Cs",))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(_ANY, min_size=1).map(lambda name: " ".join(name.split())).filter(bool), max_size=4))
def test_any_name_survives(names: list[str]) -> None:
    """Whatever a feed is called, it is read back as it was written, and removed by that name."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, content in VALID.items():
            (folder / name).write_text(content, encoding="utf-8")

        written = add_feeds(folder, [NewFeed(name, f"https://{n}.example/") for n, name in enumerate(names)])

        assert [feed.name for feed in load_settings(folder).feeds[1:]] == [feed.name for feed in written]
        for feed in written:
            remove_feed(folder, feed.name)
        assert _content(folder) == VALID["feeds.yaml"]
