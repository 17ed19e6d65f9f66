"""Term syntax, and what each kind of term finds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from string import ascii_lowercase
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Hit
from pipeline.watch.terms import Automaton, Kind, Owner, Stems, parse

COMPANIES = {
    "nvidia": (["Nvidia", "NVIDIA Corporation"], ["NVDA"]),
    "meta": (["Meta Platforms", "Meta"], ["META"]),
    "amazon": (["Amazon", "AWS", "Amazon Web Services"], ["AMZN"]),
    "moody": (["Moody's"], []),
    "sign": (["—"], []),
}


def found(term: str, text: str) -> list[str]:
    """What the term finds, as written in the text."""
    hits = Automaton([(Owner(0, "group", term), parse(term))], COMPANIES).find(text).get(0, [])
    return [text[hit.start : hit.end] for hit in hits]


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("data center", Kind.PHRASE, "data center"),
        ("  OpenAI  ", Kind.PHRASE, "OpenAI"),
        ('"AMD"', Kind.EXACT, "AMD"),
        ("gigawatt*", Kind.PREFIX, "gigawatt"),
        (r"/\$\d+ ?bn/", Kind.REGEX, r"\$\d+ ?bn"),
        ("/a/b/", Kind.REGEX, "a/b"),
        ("@nvidia", Kind.COMPANY, "nvidia"),
        ("@ nvidia", Kind.COMPANY, "nvidia"),
    ],
)
def test_syntax(source: str, kind: Kind, text: str) -> None:
    """The marks of a term tell its kind and are no part of its text."""
    term = parse(source)

    assert (term.source, term.kind, term.text) == (source.strip(), kind, text)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "holds no word"),
        ("  ", "holds no word"),
        ("--", "holds no word"),
        ("*", "holds no word"),
        ('"-"', "holds no word"),
        ("giga*watt", r"\* at its end only"),
        ("*watt", r"\* at its end only"),
        ('"giga*"', r"\* at its end only"),
        ('"AMD', "quotation mark at one end only"),
        ('AMD"', "quotation mark at one end only"),
        ('"', "quotation mark at one end only"),
        ("/open", "does not end with it"),
        ("/", "does not end with it"),
        ("//", "does not end with it"),
        ("/(/", "not a regular expression"),
        (r"/(a)\1/", "not a regular expression"),
        ("/(?=a)a/", "not a regular expression"),
        ("/a{2000}{2000}/", "not a regular expression"),
        ("/a*/", "matches the empty text"),
        ("/x|/", "matches the empty text"),
        ("@", "names no company"),
        ("@ ", "names no company"),
    ],
)
def test_wrong_terms(source: str, reason: str) -> None:
    """A term that cannot work is refused with the reason."""
    with pytest.raises(ValueError, match=reason):
        parse(source)


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        (
            "contract",
            "contracts contracting contracted CONTRACT",
            ["contracts", "contracting", "contracted", "CONTRACT"],
        ),
        ("contracting", "a contract", ["contract"]),
        ("invest", "invests investing invested", ["invests", "investing", "invested"]),
        ("lease", "release leases leasing pleased", ["leases", "leasing"]),
        ("chip", "chips microchip chipset", ["chips"]),
        (
            "OpenAI",
            "openai OPENAI OpenAI's OpenAI’s OpenAIs XOpenAI",
            ["openai", "OPENAI", "OpenAI", "OpenAI", "OpenAIs"],
        ),
        ("OpenAI", "ＯｐｅｎＡＩ OpenAI\u02bcs (OpenAI)", ["ＯｐｅｎＡＩ", "OpenAI", "OpenAI"]),
        ("Sam Altman", "Sam Altman's Sam  Altman Samuel Altman Altman Sam", ["Sam Altman", "Sam  Altman"]),
        ("América", "Ame\u0301rica América", ["Ame\u0301rica", "América"]),
        ('"AMD"', "AMD amd Amd AMDs AMD's -AMD-", ["AMD", "AMD", "AMD"]),
        ('"Data Center"', "Data Center data center Data Centers Data-Center", ["Data Center", "Data-Center"]),
        ('"contract"', "contracts contract", ["contract"]),
        ("gigawatt*", "gigawatt Gigawatts gigawatt-hour multigigawatt", ["gigawatt", "Gigawatts", "gigawatt"]),
        ("Stargate*", "stargate STARGATES Stargate's", ["stargate", "STARGATES", "Stargate"]),
        ("nuclear react*", "nuclear reactors, Nuclear reaction, reactors", ["nuclear reactors", "Nuclear reaction"]),
        (r"/\$\d+ ?bn/", "für €5, $30bn and $5 BN, 30bn", ["$30bn", "$5 BN"]),
        ("/stargate (one|two)/", "Stargate One, stargate three", ["Stargate One"]),
        (r"/\b/", "no letters", []),
        ("/^x/", "xx", ["x"]),
        ("@nvidia", "Nvidia NVIDIA nvidia NVDA nvda Nvidia's", ["Nvidia", "NVIDIA", "NVDA", "Nvidia"]),
        ("@meta", "Meta META meta-analysis Metadata", ["Meta", "META"]),
        ("@amazon", "AWS AMZN Amazons", ["AWS", "AMZN"]),
        ("@moody", "Moody's and Moody’s", ["Moody", "Moody"]),
        ("@sign", "", []),
        ("@sign", "— a —", []),
        ("数据中心", "建设数据中心项目。数据、中心", ["数据中心", "数据、中心"]),
        ("データセンター", "新データセンターを建設", ["データセンター"]),
        ("ソフトバンク", "ソフトバンクGとOpenAI", ["ソフトバンク"]),
        ("OpenAI", "OpenAIが日本で", ["OpenAI"]),
    ],
)
def test_what_terms_find(term: str, text: str, expected: list[str]) -> None:
    """Each kind of term finds the forms that its row of the syntax names, and offsets cut out exactly those."""
    assert found(term, text) == expected


SPELLINGS = [
    "data center",
    "data-center",
    "datacenter",
    "Data Centers",
    "DATACENTERS",
    "data\xa0center",
    "data‑centers",
]


@pytest.mark.parametrize("term", ["data center", "data-center", "Data Centers"])
@pytest.mark.parametrize("text", SPELLINGS)
def test_joined_words(term: str, text: str) -> None:
    """The words of a phrase may be written apart, with a hyphen, or as one."""
    assert found(term, f"a {text} is") == [text]


def test_words_written_as_one() -> None:
    """A term of one word finds only that word, for nothing says where it would part."""
    assert found("datacenter", " ".join(SPELLINGS)) == ["datacenter", "DATACENTERS"]


@pytest.mark.parametrize(
    "text", ["database center", "data", "center", "center data", "data in the center", "metadata center"]
)
def test_other_words(text: str) -> None:
    """A phrase needs all its words, whole, next to each other and in order."""
    assert found("data center", text) == []


def test_long_passages_of_one_company() -> None:
    """Names that overlap are each found, in the order of the text."""
    text = "Amazon Web Services signs"

    assert found("@amazon", text) == ["Amazon", "Amazon Web Services"]


@pytest.mark.parametrize("pattern", ["/(a+)+$/", "/(a|aa)+$/", "/(a|a)*b/", "/(.*)(.*)(.*)(.*)x/"])
def test_regexes_are_linear(pattern: str) -> None:
    """A pattern that ruins a backtracking engine costs little on a long text."""
    automaton = Automaton([(Owner(0, "g", pattern), parse(pattern))], {})
    text = "a" * 20_000 + "!"
    started = time.monotonic()
    automaton.find(text)

    assert time.monotonic() - started < 60  # what this guards against takes far longer


def test_owners_and_order() -> None:
    """A term of several watches and groups is a hit for each, in the order of the text."""
    owners = [Owner(0, "who", "OpenAI"), Owner(1, "firm", "openai"), Owner(1, "any", "sign")]
    automaton = Automaton([(owner, parse(owner.term)) for owner in owners], {})

    hits = automaton.find("OpenAI signs.")

    assert hits == {
        0: [Hit("who", "OpenAI", 0, 6)],
        1: [Hit("firm", "openai", 0, 6), Hit("any", "sign", 7, 12)],
    }


def test_no_terms() -> None:
    """Without terms there is nothing to find."""
    assert Automaton([], {}).find("OpenAI") == {}


TERMS = ["data center", '"AMD"', "gig*", r"/\d+ ?bn/", "@nvidia", "电力"]


@given(
    st.text(alphabet=st.sampled_from("Ddatcenr AMDgig5bnNvi电力'’s-\n.İßﬁ\u0301é"))
    | st.text(st.characters(exclude_categories=["Cs"]))
)
def test_any_text(text: str) -> None:
    """Hits of any text lie within it and are no empty stretch."""
    automaton = Automaton([(Owner(0, "g", term), parse(term)) for term in TERMS], COMPANIES)

    hits = automaton.find(text).get(0, [])

    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
    assert hits == sorted(hits, key=lambda hit: (hit.start, hit.end))


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_agree() -> None:
    """Eight threads get the answers that one gets, also on words that the stemmer meets for the first time."""
    vocabulary = ["contracting", "leases", "invested", "centers", "utilities", "running", "generously", "hopping"]
    texts = [" ".join(f"{word}{letter}ational" for word in vocabulary) for letter in ascii_lowercase]
    terms = [(Owner(n, "g", text), parse(text)) for n, text in enumerate(" ".join(texts).split())]
    expected = [Automaton(terms, {}).find(text) for text in texts]
    shared, ready = Automaton(terms, {}), Barrier(8)
    shared._stems = Stems()  # the terms have taught it their words already

    def read() -> list[dict[int, list[Hit]]]:
        ready.wait()
        return [shared.find(text) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(read) for _ in range(8)]]

    assert all(answer == expected for answer in answers)


@pytest.mark.parametrize(
    ("form", "stem"), [("Centers", "center"), ("INVESTING", "invest"), ("2GW", "2gw"), ("数", "数")]
)
def test_stems(form: str, stem: str) -> None:
    """Stems are in lower case, and what has none stays."""
    stems = Stems()

    assert (stems.of(form), stems.of(form)) == (stem, stem)
