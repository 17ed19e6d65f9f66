"""What a person is told of a configuration that is not in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.flow import load_settings
from tests.config.cases import CASES, VALID, Case


def _write(folder: Path, case: Case) -> None:
    place = folder / case.file
    if case.content is None:
        place.unlink()
    else:
        place.write_bytes(case.content.encode() if isinstance(case.content, str) else case.content)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_is_told_with_place_key_and_way_out(folder: Path, case: Case) -> None:
    """One fault is one problem, and it names file, line and key, what is wrong and what to write."""
    _write(folder, case)

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    told = str(caught.value)
    place = f"{case.file}:{case.line}: " if case.line else f"{case.file}: "
    assert place + (f"{case.key}: " if case.key else "") in told
    for fragment in case.says:
        assert fragment in told
    assert len(caught.value.problems) == 1


def test_the_small_configuration_is_valid(folder: Path) -> None:
    """The files that the cases start from hold no fault of their own."""
    settings = load_settings(folder)

    assert [feed.name for feed in settings.feeds] == ["One"]
    assert list(settings.watches) == ["deals"]


def test_faults_of_several_files_are_told_at_once(folder: Path) -> None:
    """Every fault of every file is listed, in file and line order."""
    (folder / "dealwire.yaml").write_text("http:\n  timeout: soon\n  per_host: 0\ncolour: red\n")
    (folder / "feeds.yaml").write_text("feeds:\n  - url: nowhere\n    tier: best\n")
    (folder / "watches.yaml").write_text(VALID["watches.yaml"] + "    within: page\n    none: [a*b]\n")
    (folder / "companies.yaml").unlink()

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    assert [(problem.line, problem.key) for problem in caught.value.problems] == [
        (0, ""),
        (2, "http.timeout"),
        (3, "http.per_host"),
        (4, "colour"),
        (2, "feeds.0.name"),
        (2, "feeds.0.url"),
        (3, "feeds.0.tier"),
        (6, "watches.deals.within"),
        (7, "watches.deals.none.0"),
    ]
    assert len(str(caught.value).splitlines()) == 9


def test_references_between_valid_files_are_all_told(folder: Path) -> None:
    """An unknown channel and an unknown company are told together, though each file is valid by itself."""
    (folder / "watches.yaml").write_text(VALID["watches.yaml"] + "    none: ['@amd']\n    notify: [desk]\n")

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    assert [problem.key for problem in caught.value.problems] == ["watches.deals.none.0", "watches.deals.notify.0"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is not there is named, with the command that makes one."""
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "nowhere")

    assert str(tmp_path / "nowhere") in str(caught.value)
    assert "dealwire init" in str(caught.value)


def test_a_folder_in_place_of_a_file_is_told(folder: Path) -> None:
    """A file that cannot be read is a problem like any other."""
    (folder / "feeds.yaml").unlink()
    (folder / "feeds.yaml").mkdir()

    with pytest.raises(ConfigError, match=r"feeds\.yaml: cannot be read \(.+\)\. Check that it is a file"):
        load_settings(folder)


def test_an_unset_variable_is_told_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That an empty URL is no URL either is not added to the news that its variable is unset."""
    monkeypatch.delenv("FEED_URL", raising=False)
    (folder / "feeds.yaml").write_text("feeds:\n  - name: One\n    url: ${FEED_URL}\n")

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    assert [problem.message for problem in caught.value.problems] == ["needs the environment variable FEED_URL"]


def test_a_secret_is_not_shown_with_a_fault_beside_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a variable holds stays out of the messages."""
    monkeypatch.setenv("DESK_TOKEN", "s3cret")
    (folder / "dealwire.yaml").write_text(
        "channels:\n  hook:\n    type: webhook\n    url: nowhere\n"
        "    headers: {Authorization: 'Bearer ${DESK_TOKEN}'}\n"
    )

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    assert "channels.hook.url" in str(caught.value)
    assert "s3cret" not in str(caught.value)
