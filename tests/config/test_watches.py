"""Watches that build on lists, on each other, and on learned weights; the example of the README."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipeline.config.shipped import shipped_folder
from pipeline.config.weights import write_weights
from pipeline.errors import ConfigError
from pipeline.flow.matching import build_matcher
from pipeline.flow.tools import load_settings
from pipeline.watch.piece import Piece
from tests.support.world import write_config

BASE = """\
watches:
  first:
    title: First
    subject: who
    alert: about
    all: {who: [OpenAI], deal: [<deals>]}
    weigh: {size: ["huge"]}
  second:
    title: Second
    like: first
    all: {who: ['@oracle']}
    weigh: {odd: [film]}
lists:
  deals: [deal, <more>]
  more: [contract]
furniture: [Read more]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_config(tmp_path / "config")
    (made / "watches.yaml").write_text(BASE, encoding="utf-8")
    return made


def test_like(folder: Path) -> None:
    """A watch takes what it does not say itself from the one it is like, group by group; double quotes stay exact."""
    second = load_settings(folder).watches["second"]

    assert second.title == "Second"
    assert (second.subject, second.alert) == ("who", "about")
    assert second.all == {"who": ("@oracle",), "deal": ("<deals>",)}
    assert second.weigh == {"size": ('"huge"',), "odd": ("film",)}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "like: first",
            "like: frist",
            "watches.yaml:10: watches.second.like: 'frist' is not a watch. Did you mean first?",
        ),
        ("    alert: about", "    like: second", "watches.first.like: leads back to this watch"),
        ("subject: who", "subject: whom", "watches.first.subject: 'whom' is not a group of `all`. Did you mean who?"),
        ("weigh: {odd:", "weigh: {deal:", "watches.second.weigh.deal: is a group of `all` already"),
        ("[<deals>]", "[<dealz>]", "watches.first.all.deal.0: <dealz> is not a list of `lists`. Did you mean deals?"),
        ("more: [contract]", "more: [<deals>]", "lists.deals: holds itself"),
        ("[contract]", "['@role:chip']", "lists.more.0: @role:chip is not a role in companies.yaml"),
        ("[Read more]", "['/(/']", "furniture.0: '/(/' is not a regular expression"),
        ("alert: about", "alert: often", "watches.first.alert: 'often' is not allowed here"),
        ("subject: who", "weights: w.yaml", "watches.first.weights: there is no file w.yaml in"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, old: str, new: str, says: str) -> None:
    """Each fault is told with its place and the way out."""
    assert old in BASE
    (folder / "watches.yaml").write_text(BASE.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ConfigError) as error:
        load_settings(folder)

    assert says in str(error.value)


def test_weights_are_written_for_people_and_read_back(folder: Path) -> None:
    """The weightiest stands first, and what was written is what is used."""
    write_weights(
        folder / "w.yaml", 'from "3" labels', {"window": (-1.5, {"a": 0.5, "<b>": -2.0}), "about": (0.25, {})}
    )
    (folder / "watches.yaml").write_text(BASE.replace("subject: who", "weights: w.yaml"), encoding="utf-8")
    file = load_settings(folder).weights["w.yaml"]

    assert (file.learned, file.window.bias, dict(file.window.weights)) == (
        'from "3" labels',
        -1.5,
        {"a": 0.5, "<b>": -2.0},
    )
    assert (folder / "w.yaml").read_text().index("<b>") < (folder / "w.yaml").read_text().index('"a"')


def test_broken_weights_are_told(folder: Path) -> None:
    """A weight that is no number is told with file, line and key."""
    (folder / "w.yaml").write_text("window:\n  bias: 0\n  weights: {a: much}\nabout: {bias: 0, weights: {}}\n")
    (folder / "watches.yaml").write_text(BASE.replace("subject: who", "weights: w.yaml"), encoding="utf-8")

    with pytest.raises(ConfigError, match=r"w\.yaml:3: window\.weights\.a: "):
        load_settings(folder)


def _example(text: str) -> list[str]:
    """The lines of the commented example of a second watch."""
    found = re.search(r"((?:^ *# +anthropic-infrastructure-deals:\n)(?:^ *# .*\n){4})", text, re.MULTILINE)
    assert found
    return [re.sub(r"# ", "", line, count=1) for line in found[1].splitlines()]


def test_the_example_of_another_subject(tmp_path: Path) -> None:
    """The five lines that the README shows are those of watches.yaml, and uncommented they watch another company."""
    shutil.copytree(shipped_folder(), tmp_path / "config")
    shipped = (tmp_path / "config" / "watches.yaml").read_text(encoding="utf-8")
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = _example(shipped)
    commented = ["  # " + line.removeprefix("  ") for line in lines]
    edited = shipped.replace("\n".join(commented), "\n".join(lines))
    (tmp_path / "config" / "watches.yaml").write_text(edited, encoding="utf-8")
    matcher = build_matcher(load_settings(tmp_path / "config"))

    assert edited != shipped
    assert all(line in readme for line in lines)
    ours, theirs = matcher.judge(Piece("Anthropic signs a $20 billion deal with Broadcom for 2 gigawatts of chips", ""))
    assert (ours.matched, theirs.matched) == (False, True)


LEDGER = """\
watches:
  first:
    title: First
    ledger: true
    subject: who
    all: {who: [OpenAI, '@oracle'], deal: [deal]}
  second: {title: Second, like: first, all: {who: [Oracle]}}
"""


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("", "", "watches.yaml:7: watches.second.ledger"),
        ("    subject: who\n", "", "watches.yaml:4: watches.first.ledger"),
        ("'@oracle'", "Oracle", "watches.yaml:4: watches.first.ledger"),
        ("'@oracle'", "'@role:cloud'", "watches.yaml:4: watches.first.ledger"),
    ],
)
def test_a_ledger_needs_a_company_whose_deals_it_keeps(folder: Path, old: str, new: str, where: str) -> None:
    """Without one, of its own or of the watch it is like, nothing would ever stand in it."""
    text = LEDGER.replace(old, new) if old else LEDGER
    (folder / "watches.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    assert f"{where}: needs a subject that is a company" in str(caught.value)
    assert "Set `subject`" in str(caught.value)
