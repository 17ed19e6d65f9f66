"""Putting a term into a text of watches.yaml and taking it out, with everything else left as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.config import yaml
from pipeline.config.edit_terms import edit_terms, places
from pipeline.config.shipped import shipped_folder
from pipeline.errors import ConfigError, UsageError
from pipeline.flow.tools import load_settings
from tests.config.cases import VALID

SHIPPED = (shipped_folder() / "watches.yaml").read_text(encoding="utf-8")
WATCH = "openai-infrastructure-deals"
PLACES: list[yaml.Key] = [
    ("watches", WATCH, "all", "who"),
    ("watches", WATCH, "all", "deal"),
    ("watches", WATCH, "none"),
    ("watches", WATCH, "weigh", "people"),
    ("watches", WATCH, "weigh", "money"),
    ("lists", "signing"),
    ("lists", "memory"),
    ("lists", "billions"),
    ("furniture",),
]

WHO: yaml.Key = ("watches", "deals", "all", "who")


def _watch(who: str) -> str:
    """A text whose one group is written so, with comments on both sides."""
    before = "# mine\nwatches:\n  deals:\n    title: Deals   # odd spacing\n    all:\n      who: "
    return f"{before}{who}\n    none: [x]  # end\n"


def _terms(text: str, folder: Path) -> tuple[str, ...]:
    (folder / "watches.yaml").write_bytes(text.encode())
    return load_settings(folder).watches["deals"].all["who"]


@pytest.mark.parametrize("place", PLACES, ids=".".join)
@pytest.mark.parametrize(
    "term", ["new phrase", '"AMD"', r"/\$\d{1,2} ?'bn/", "@oracle", "<chips>", "can't", "算力", "no"]
)
def test_adding_and_taking_back_gives_every_byte_back(place: yaml.Key, term: str) -> None:
    """In lists of every layout of the shipped file."""
    edited = edit_terms(SHIPPED, place, add=[term])

    assert edited != SHIPPED
    assert edit_terms(edited, place, remove=[term]) == SHIPPED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a]", "[a, new]"),
        ("[a, b]", "[a, b, new]"),
        ("[a, b,]", "[a, b, new,]"),
        ("[ a, b ]   # two", "[ a, b, new ]   # two"),
        ("[a,  # one\n            b  # two\n           ]", "[a,  # one\n            b, new  # two\n           ]"),
        (
            f"[{'a' * 110}]",
            f"[{'a' * 110},\n            new]",
        ),
        ("\n        - a\n        - b", "\n        - a\n        - b\n        - new"),
        (
            "\n      - a\n      # about b\n      - b  # two",
            "\n      - a\n      # about b\n      - b  # two\n      - new",
        ),
        (
            "\n        - a\n        - >-\n          b\n          c",
            "\n        - a\n        - >-\n          b\n          c\n        - new",
        ),
    ],
)
def test_a_term_is_put_at_the_end(folder: Path, before: str, after: str) -> None:
    """In the style of the list, with its comments and its layout; what is there is not added again."""
    text = edit_terms(_watch(before), WHO, add=["new"])

    assert text == _watch(after)
    assert _terms(text, folder)[-1] == "new"
    assert edit_terms(text, WHO, add=[" new "]) == text


@pytest.mark.parametrize(
    ("before", "goes", "after"),
    [
        ("[a, b, c]", "a", "[b, c]"),
        ("[a, b, c]", "b", "[a, c]"),
        ("[a, b, c]", "c", "[a, b]"),
        ("[a, b, a]", "a", "[b]"),
        ("[a, b,]", "b", "[a,]"),
        ('[a, "b"]', '"b"', "[a]"),
        ("[a,\n            b, c]", "b", "[a, c]"),
        ("[a,  # one\n            b]", "b", "[a,  # one\n            ]"),
        ("[a,  # one\n            b]", "a", "[  # one\n            b]"),
        ("[a,  # one\n            b,  # two\n            c]", "b", "[a,  # one\n              # two\n            c]"),
        (
            "\n        - a\n        # about b\n        - b  # two\n        - c",
            "b",
            "\n        - a\n        # about b\n        - c",
        ),
        ("\n        - a\n        -\n          b\n        - c", "b", "\n        - a\n        - c"),
        ("\n        - a\n        - >-\n          b\n          c", "b c", "\n        - a"),
    ],
)
def test_a_term_is_taken_out(folder: Path, before: str, goes: str, after: str) -> None:
    """Wherever it stands, as often as it does, and with nothing but what is its own."""
    text = edit_terms(_watch(before), WHO, remove=[goes])

    assert text == _watch(after)
    assert goes not in _terms(text, folder)


def test_several_at_once(folder: Path) -> None:
    """Terms go and come in one step, so that one can be put in place of another."""
    text = edit_terms(_watch("[a, b]"), WHO, add=["c", '"d"'], remove=["a"])

    assert _terms(text, folder) == ("b", "c", '"d"')


@pytest.mark.parametrize(
    "text",
    [
        _watch("[a, b]").replace("\n", "\r\n"),
        _watch("\n        - a\n        - b").replace("\n", "\r\n"),
        "\ufeff" + _watch("[a, b]"),
        _watch("\n        - a\n        - b").partition("\n    none")[0],
        "{watches: {deals: {title: Deals, all: {who: [a, b]}}}}",
        '\ufeff{"watches": {"deals": {"title": "Deals", "all": {"who": [a, b]}}}}',
    ],
)
def test_any_layout_of_the_rest_stays(folder: Path, text: str) -> None:
    """Windows line ends, a byte order mark, a missing last line end, and all of it in one line."""
    edited = edit_terms(text, WHO, add=["new"])

    assert _terms(edited, folder) == ("a", "b", "new")
    assert ("\r\n" in edited, edited.count("\n") == edited.count("\r\n")) == (
        "\r\n" in text,
        "\r\n" in text or "\n" not in text,
    )
    assert edit_terms(edited, WHO, remove=["new"]).rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize(
    ("text", "how", "says"),
    [
        (_watch("[a]"), {"remove": ["b"]}, "There is no term b in watches.deals.all.who"),
        (_watch("\n        - a"), {"remove": ["a"]}, "last term of its group"),
        (_watch("&x [a]").replace("[x]", "*x"), {"add": ["b"]}, "uses anchors"),
        (_watch("a"), {"add": ["b"]}, "watches.deals.all.who is no list of terms. Edit the text"),
        (_watch("[[a]]"), {"add": ["b"]}, "is no list of terms"),
        (
            _watch("[a]").replace("who", "whom"),
            {"add": ["b"]},
            "does not stand in watches.yaml; a watch may have it from",
        ),
        (_watch("[a]"), {"add": ["one\ntwo"]}, "A term is one line"),
        (_watch("[a]"), {"add": ["${HOME}"]}, "A term is one line"),
        (_watch("[a]"), {"add": [" "]}, "A term is one line"),
        (_watch("[a]"), {"add": ["x" * 501]}, "A term is one line"),
        (_watch("\n        ? - a\n        : b"), {"add": ["b"]}, "is no list of terms"),
    ],
)
def test_what_cannot_be_edited_is_told(text: str, how: dict[str, list[str]], says: str) -> None:
    """Nothing is done by halves: the text is for the user to edit then."""
    with pytest.raises(UsageError) as caught:
        edit_terms(text, WHO, **how)

    assert says in str(caught.value)


def test_places_are_where_terms_can_be_edited() -> None:
    """All lists of terms that stand in the text, and nothing else; a group of the watch it is like is not one."""
    found = places(SHIPPED)
    other = _watch("[a]") + "  second: {title: Second, like: deals, all: {deal: [x], odd: y}}\nlists: {more: [z]}\n"

    assert set(PLACES) < set(found)
    assert all(edit_terms(SHIPPED, place, add=["new"]) != SHIPPED for place in found)
    assert places(other) == [WHO, ("watches", "deals", "none"), ("watches", "second", "all", "deal"), ("lists", "more")]


@pytest.mark.parametrize("text", ["watches: [", "", "a: b: c", "[" * 5000, "[" * 90 + "]" * 90])
def test_a_broken_text_is_told_with_its_line(text: str) -> None:
    """What is no YAML is not edited."""
    with pytest.raises(ConfigError, match=r"watches\.yaml:1: "):
        edit_terms(text, WHO, add=["b"])
    with pytest.raises(ConfigError, match=r"watches\.yaml:1: "):
        places(text)


_LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=30)


@given(_LINE.map(str.strip).filter(bool), st.sampled_from(["[a]", "[a, b,]", "\n        - a"]))
@example("a: b #c", "[a]")
@example("-", "\n        - a")
@example("''", "[a]")
@example('"', "[a]")
@example('"x\\"', "[a]")
@example('"@x"', "[a]")
def test_any_term_is_read_as_it_was_given_or_refused(term: str, written: str) -> None:
    """Whatever its characters mean to YAML."""
    before = _watch(written)
    try:
        edited = edit_terms(before, WHO, add=[term])
    except UsageError:
        assert not term.isprintable() or "${" in term
        return

    document = yaml.parse(edited.encode(), "watches.yaml", Path())
    assert document.problems == []
    assert edit_terms(edited, WHO, remove=[term]) == before or term in ("a", "b")


def test_the_folder_of_cases_is_as_these_tests_take_it(folder: Path) -> None:
    """The other files are valid by themselves."""
    assert _terms(VALID["watches.yaml"], folder) == ("OpenAI",)
