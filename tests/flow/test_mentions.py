"""What a flagged piece says of deals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import flow
from pipeline.config.weights import write_weights
from pipeline.domain import Kind, Mention, Status
from pipeline.flow.mentions import Reader
from pipeline.watch.piece import Piece
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.world import write_config


def reader(folder: Path, companies: dict[str, Any] | None = None, **watch: Any) -> Reader:
    watches = {"test-deals": {**LEDGER_WATCH, **watch}}
    settings = flow.load_settings(write_config(folder / "config", watches=watches, companies=companies or COMPANIES))
    return Reader(settings, "test-deals")


@pytest.fixture
def reads(tmp_path: Path) -> Reader:
    return reader(tmp_path)


def by_anchor(found: list[Mention]) -> dict[str, dict[str, float | str]]:
    return {mention.anchor: {fact.field: fact.value for fact in mention.facts} for mention in found}


def test_a_piece_with_two_deals(reads: Reader) -> None:
    """A mention each, with the facts that title and body give it, by the words of ledger.yaml."""
    found = reads.read(
        Piece(
            "OpenAI signs compute contract with Oracle",
            "OpenAI will pay Oracle $30 billion under the contract.\nOpenAI also has a chip deal with Nvidia.",
        )
    )

    assert by_anchor(found) == {"oracle": {"amount": 30e9}, "nvidia": {}}
    assert [(m.kind, m.status) for m in found] == [(Kind.COMPUTE, Status.SIGNED), (Kind.CHIPS, Status.ANNOUNCED)]
    assert [party.name for mention in found for party in mention.parties] == ["Oracle", "Nvidia"]


def test_the_title_is_one_sentence(reads: Reader) -> None:
    """Also where it is cut by a full stop, so that a figure in its second half belongs to the deal of the first."""
    title = "OpenAI signs a compute contract with Oracle. Oracle’s data center deal: $30 billion"
    [mention] = reads.read(Piece(title, ""))

    [fact] = mention.facts
    assert mention.quote == fact.quote == title
    assert title[fact.start : fact.end] == "$30 billion"
    assert fact.where == "title"


def test_offsets_count_in_their_part(reads: Reader) -> None:
    """A fact's words are found again in the part of the piece that it names."""
    piece = Piece(
        "OpenAI and Oracle",
        "Nothing here.\nOpenAI signs a compute contract with Oracle for 2 gigawatts.",
        "OpenAI signs a compute contract with Oracle worth $30 billion.",
    )
    parts = {"title": piece.title, "body": piece.body, "feed": piece.feed}

    [mention] = reads.read(piece)

    said = {fact.field: parts[fact.where][fact.start : fact.end] for fact in mention.facts}
    assert said == {"amount": "$30 billion", "capacity": "2 gigawatts"}


@pytest.mark.parametrize(
    "title",
    ["Oracle signs a compute contract for $30 billion", "OpenAI hires people from Oracle", "", "OpenAI"],
    ids=["not the subject's", "no deal", "no text", "only the subject"],
)
def test_nothing_where_the_watch_does_not_flag(reads: Reader, title: str) -> None:
    """However much it looks like a deal."""
    assert reads.read(Piece(title, "")) == []


@pytest.mark.parametrize(("bias", "anchors"), [(-0.4, []), (0.4, ["oracle"])])
def test_nothing_where_it_is_rather_not_sure(tmp_path: Path, bias: float, anchors: list[str]) -> None:
    """Sentences that would be read in a flagged piece are not, where none is sure enough to flag it."""
    write_config(tmp_path / "config")
    weights = {"window": (bias, {}), "about": (0.0, {})}
    write_weights(tmp_path / "config" / "w.yaml", "by hand", weights)

    found = reader(tmp_path, weights="w.yaml").read(Piece("OpenAI signs a compute contract with Oracle", ""))

    assert [mention.anchor for mention in found] == anchors


def test_a_piece_in_passing(reads: Reader) -> None:
    """A piece that only brings a deal up is not about it."""
    filler = "\n".join(f"Nothing of the kind is said in chapter {number} of the book." for number in range(30))
    deal = "OpenAI signs a compute contract with Oracle."

    [aside] = reads.read(Piece("A book about gardens", f"{filler}\n{deal}"))
    [about] = reads.read(Piece(deal, deal))

    assert (aside.central, about.central) == (False, True)


def test_who_it_passes_on(reads: Reader) -> None:
    """The outlet of ledger.yaml whose report it is."""
    [mention] = reads.read(Piece("OpenAI signs a compute contract with Oracle, Reuters reported", ""))

    assert mention.cites == "reuters"


def test_subject_and_programme(tmp_path: Path, reads: Reader) -> None:
    """Whose deals these are, and the programme that its sites are part of, where it has one."""
    companies = {**COMPANIES, "apex": {"name": "Apex", "roles": ["lab", "programme"]}}
    all_ = {**LEDGER_WATCH["all"], "who": ["@openai", "@apex"]}
    other = reader(tmp_path / "other", companies, all=all_)

    assert (reads.subject, reads.programme) == ("OpenAI", "")
    assert (other.subject, other.programme) == ("OpenAI", "apex")


def test_a_subject_that_is_only_a_programme(tmp_path: Path) -> None:
    """Such a watch is its own name for whose deals these are. A role is no subject."""
    companies = {**COMPANIES, "apex": {"name": "Apex", "roles": ["lab", "programme"]}}
    all_ = {**LEDGER_WATCH["all"], "who": ["@apex", "@role:chips"]}

    assert reader(tmp_path, companies, all=all_).subject == "Test deals"
