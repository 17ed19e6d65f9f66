"""What each kind of term finds in a text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from string import ascii_lowercase
from threading import Barrier

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.watch.finder import Finder, Found
from pipeline.watch.terms import Company, Kind, Vocabulary, parse
from pipeline.watch.text import Plain
from tests.watch.helpers import LONG, VARIANTS, VOCABULARY, found, run_soon, soon


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
        ("OpenAI’s", "OpenAI OpenAI's", ["OpenAI", "OpenAI"]),
        ("Sam Altman", "Sam Altman's Sam Altman Samuel Altman Altman Sam", ["Sam Altman", "Sam Altman"]),
        ("América", "Ame\u0301rica América", ["Ame\u0301rica", "América"]),
        ("ÉLECTRICITÉ", "l'électricité", ["électricité"]),
        ('"AMD"', "AMD amd Amd AMDs AMD's -AMD-", ["AMD", "AMD", "AMD"]),
        ('"Data Center"', "Data Center data center Data Centers Data-Center", ["Data Center", "Data-Center"]),
        ('"contract"', "contracts contract", ["contract"]),
        ("gigawatt*", "gigawatt Gigawatts gigawatt-hour multigigawatt", ["gigawatt", "Gigawatts", "gigawatt"]),
        ("Stargate*", "stargate STARGATES Stargate's", ["stargate", "STARGATES", "Stargate"]),
        ("nuclear react*", "nuclear reactors, Nuclear reaction, reactors", ["nuclear reactors", "Nuclear reaction"]),
        ("centers react*", "center reactors", ["center reactors"]),
        (r"/\$\d+ ?bn/", "for €5, $30bn and $5 BN, 30bn", ["$30bn", "$5 BN"]),
        ("/stargate (one|two)/", "Stargate One, stargate three", ["Stargate One"]),
        ("/é+/", "a ééé b é", ["ééé", "é"]),
        (r"/\b/", "no letters", []),
        ("/^x/", "xx", ["x"]),
        ("/^x/", "a x\nx b", ["x"]),
        ("@nvidia", "Nvidia NVIDIA nvidia NVDA nvda Nvidia's", ["Nvidia", "NVIDIA", "NVDA", "Nvidia"]),
        ("@meta", "Meta META meta-analysis Metadata", ["Meta", "META"]),
        ("@amazon", "AWS AMZN Amazons", ["AWS", "AMZN"]),
        ("@moody", "Moody's and Moody’s and MOODY'S", ["Moody", "Moody", "MOODY"]),
        ("@sign", "", []),
        ("@sign", "— a —", []),
        ("@role:chips", "Meta, Nvidia, AMD, ADVANCED MICRO DEVICES", ["Nvidia", "AMD", "ADVANCED MICRO DEVICES"]),
        ("@role:nobody", "Meta, Nvidia", []),
        ("<signing>", "signs inks deals", ["signs", "inks"]),
        ("<deals>", "signs a deal, inks an MoU, no mou", ["signs", "deal", "inks", "MoU"]),
        ("<chips>", "AMD sells GPUs to Meta and amd", ["AMD", "GPUs", "Meta"]),
        ("<empty>", "nothing", []),
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


@pytest.mark.parametrize("gap", ["-", " - ", "/", " / ", " & ", "_", "' ", "–", "."])
def test_words_joined_by_a_mark(gap: str) -> None:
    """A mark that joins words stands within a phrase."""
    assert found("data center", f"the data{gap}center") == [f"data{gap}center"]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("Sam Altman", "Sam  Altman"),
        ("Sam Altman", "Sam\xa0 Altman"),
        ("Moody's Ratings", "Moody's Ratings"),
        ("Moody Ratings", "Moody’s Ratings"),
    ],
)
def test_what_is_nothing_between_words(term: str, text: str) -> None:
    """Spaces, trade marks and a possessive between two words of a phrase do not part them."""
    assert found(term, f"So {text} did.") == [text]


@pytest.mark.parametrize("name", ["J.P. Morgan", "U.S. Steel", "St. Louis", "Yahoo! Japan"])
def test_terms_that_hold_a_stop(name: str) -> None:
    """A term finds itself, also where it holds a mark that ends a clause elsewhere."""
    vocabulary = Vocabulary({"it": Company([name])})

    for term in (name, f'"{name}"', "@it"):
        assert found(term, f"Then {name} signed.", vocabulary=vocabulary)


@pytest.mark.parametrize(
    "text",
    [
        "database center",
        "data",
        "center",
        "center data",
        "data in the center",
        "metadata center",
        "more data. Center stage",
        "data, center",
        "data; center",
        "data: center",
        "data! Center",
        "data? Center",
        "data (center)",
        "(data) center",
        "data — center",
        "data—center",
        "data … center",
        "data… center",
        'data" center',
        "data\ncenter",
        "data -\ncenter",
        "data\n\ncenter",
        "data | center",
        "data * center",
    ],
)
def test_other_words(text: str) -> None:
    """A phrase needs all its words, whole, next to each other, in order, in one clause and one line."""
    assert found("data center", text) == []
    assert found('"data center"', text.lower()) == []
    assert found("data center*", text) == []


@pytest.mark.parametrize(
    ("language", "term", "text", "expected"),
    [
        ("en", "lease", "leases leased leasing", ["leases", "leased", "leasing"]),
        ("es", "contrato", "los contratos, el contrato", ["contratos", "contrato"]),
        ("es", "firmar", "firmó, firman y firmaron", ["firmó", "firman", "firmaron"]),
        ("es", "centro de datos", "dos centros de datos", ["centros de datos"]),
        ("de", "Vertrag", "Verträge, Vertrags, VERTRÄGEN", ["Verträge", "Vertrags", "VERTRÄGEN"]),
        ("de", "Kraftwerk", "Kraftwerke und Kraftwerken", ["Kraftwerke", "Kraftwerken"]),
        ("fr", "signer", "a signé, il signe", ["signé", "signe"]),
        ("fr", "centre de données", "les centres de données", ["centres de données"]),
        ("en", "firmar", "firmó, firman y firmaron", []),
        ("en", "Vertrag", "Verträge Vertrag", ["Vertrag"]),
        ("ja", "contract", "contract contracts", ["contract"]),
        ("", "contract", "contract contracts", ["contract"]),
        ("de", '"Vertrag"', "Verträge Vertrag", ["Vertrag"]),
        ("de", "Vertr*", "Verträge Vertrag", ["Verträge", "Vertrag"]),
    ],
)
def test_inflection(language: str, term: str, text: str, expected: list[str]) -> None:
    """Words are inflected as the text's language does; where it has no stemmer, not at all."""
    assert found(term, text, language) == expected


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("数据中心", "建设数据中心项目", ["数据中心"]),
        ("数据中心", "数据、中心和数据。中心", []),
        ("データセンター", "新データセンターを建設", ["データセンター"]),
        ("データ*", "新データセンター", ["データ"]),
        ("ソフトバンク", "ソフトバンクGとOpenAI", ["ソフトバンク"]),
        ('"契約"', "大型契約を結ぶ", ["契約"]),
        ("OpenAI", "OpenAIが日本で", ["OpenAI"]),
        ("OpenAI", "对OpenAI的投资", ["OpenAI"]),
        ("电力", "电　力", ["电　力"]),
        ("ศูนย์ข้อมูล", "สร้างศูนย์ข้อมูลใหม่", ["ศูนย์ข้อมูล"]),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_unspaced_scripts(language: str, term: str, text: str, expected: list[str]) -> None:
    """A term of a script without spaces is found literally, anywhere inside a run, not across a clause's end."""
    assert found(term, text, language) == expected


def test_overlapping_names_of_one_company() -> None:
    """Names that overlap are each found, in the order of the text."""
    assert found("@amazon", "Amazon Web Services signs") == ["Amazon", "Amazon Web Services"]


@pytest.mark.parametrize(
    ("term", "text", "labels"),
    [
        ("  OpenAI ", "openai", {"OpenAI"}),
        ("@nvidia", "NVDA", {"@nvidia"}),
        ("@role:chips", "NVDA", {"@role:chips"}),
        ("<deals>", "deal", {"<deals>"}),
        ("<deals>", "signs", {"<signing>"}),
        ("<chips>", "Meta", {"<chips>"}),
        ("<chips>", "a GPU", {"<chips>"}),
    ],
)
def test_labels(term: str, text: str, labels: set[str]) -> None:
    """A find says of which list it comes, of the innermost one; without a list, of which term."""
    assert {place.label for place in Finder([parse(term)], VOCABULARY).find(text, "en")} == labels


def test_terms_are_told_apart() -> None:
    """A term given twice is found for each, and each find names its place among the terms."""
    places = Finder([parse(term) for term in ["OpenAI", "openai", "sign", "/sign/"]], VOCABULARY)

    assert sorted(places.find("OpenAI signs.", "en")) == [
        Found(0, "OpenAI", (0, 6)),
        Found(1, "openai", (0, 6)),
        Found(2, "sign", (7, 12)),
        Found(3, "/sign/", (7, 11)),
    ]


@pytest.mark.parametrize(
    ("term", "lists"),
    [
        ("<a>", {"a": ["<a>"]}),
        ("<a>", {"a": ["x", "<b>"], "b": ["<c>"], "c": ["y", "<a>"]}),
        ("<b>", {"a": ["<a>"], "b": ["<a>"]}),
    ],
)
def test_a_list_that_holds_itself(term: str, lists: dict[str, list[str]]) -> None:
    """A list that holds itself, however far round, is refused."""
    with pytest.raises(ValueError, match="the list a holds itself"):
        Finder([parse(term)], Vocabulary(lists=lists))


def test_a_list_may_be_held_twice() -> None:
    """A list that is part of two others is no circle."""
    lists = {"all": ["<one>", "<two>"], "one": ["<both>"], "two": ["<both>", "other"], "both": ["deal"]}

    assert found("<all>", "the other deal", vocabulary=Vocabulary(lists=lists)) == ["other", "deal"]


@pytest.mark.parametrize("term", ["@unknown", "<unknown>", "<holds>"])
def test_dangling_references(term: str) -> None:
    """A term that refers to what is not there raises KeyError."""
    with pytest.raises(KeyError, match="unknown"):
        Finder([parse(term)], Vocabulary(lists={"holds": ["@unknown"]}))


def test_no_terms() -> None:
    """Without terms there is nothing to find."""
    assert Finder([], VOCABULARY).find("OpenAI", "en") == []


TERMS = ["data center", '"AMD"', "gig*", r"/\d+ ?bn/", "@nvidia", "电力", "<deals>", "@role:chips", "América"]
FINDER = Finder([parse(term) for term in TERMS], VOCABULARY)
ODD = st.text(alphabet="Ddatcenr AMDgig5bnNvi电力'’s-\n.İßﬁ\u0301éÉ…。ｓ")


@given(ODD | st.text(), st.sampled_from(["en", "de", "ja"]))
def test_any_text(text: str, language: str) -> None:
    """Finds in any text lie within it and are no empty stretch, in the plain text and in the text as given."""
    plain = Plain(text)
    places = FINDER.find(plain.text, language)

    assert all(0 <= place.span.start < place.span.end <= len(plain.text) for place in places)
    assert all(0 <= at.start < at.end <= len(text) for at in (plain.original(place.span) for place in places))


@given(ODD | st.text(), st.sampled_from(['"{}"', "{}", "{}*"]))
def test_a_word_finds_itself(text: str, marks: str) -> None:
    """Whatever word a text holds, a term of that word finds it there."""
    for word in Plain(text).text.split():
        if not word.isalnum():
            continue
        places = found(marks.format(word), f"so {word} it")

        assert word in [Plain(place).text for place in places]


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "Efficient data center",
            "data-center",
            "OpenAI's",
            "Moody's",
            '"AMD"',
            "América",
            "América -",
            "flat 5 bn.",
            "AMD, Nvidia",
        ]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


PRINTED = Finder([parse(term) for term in [*TERMS, "OpenAI", "efficient", "flat", "@moody"]], VOCABULARY)


def in_plain_print(text: str) -> list[tuple[int, str]]:
    """What each term finds in the text as given, as it would be in plain print; term by term, in order."""
    plain = Plain(text)
    places = sorted((place.term, plain.original(place.span)) for place in PRINTED.find(plain.text, "en"))
    return [(term, Plain(VARIANTS["NFC"](text[span.start : span.end])).text) for term, span in places]


@pytest.mark.parametrize("variant", VARIANTS)
@given(text=FRAGMENTS)
@example(text="América")
def test_print_does_not_matter(variant: str, text: str) -> None:
    """However quotes, spaces, hyphens and letters are printed: the same terms in the same words."""
    assert in_plain_print(VARIANTS[variant](text)) == in_plain_print(text)


@pytest.mark.parametrize(
    "pattern", ["/(a+)+$/", "/(a|aa)+$/", "/(a|a)*b/", "/(.*)(.*)(.*)(.*)x/", "/a/", "/é/", "/a{1,50}!/"]
)
@pytest.mark.parametrize("filler", ["", "é"])
def test_regexes_are_quick(pattern: str, filler: str) -> None:
    """A pattern that ruins a backtracking engine costs little on a long text."""
    finder = Finder([parse(pattern)], VOCABULARY)

    with soon():
        finder.find(filler + "a" * 20_000 + "!" + filler, "en")


ATOMS = st.sampled_from(["a", "aa", "b", "a'", "é", "数", "x1"])
PHRASES = st.lists(ATOMS, min_size=1, max_size=30).map(" ".join)
HOSTILE_TERMS = st.lists(
    PHRASES | PHRASES.map('"{}"'.format) | PHRASES.map("{}*".format) | ATOMS.map(r"/({}+)+\b/".format),
    min_size=1,
    max_size=30,
)
HOSTILE_TEXTS = st.text(alphabet="ab1 é数\u0301.-'\"\n(…！\x00\u2028ﬃ", min_size=1, max_size=12)


@settings(max_examples=15)
@given(HOSTILE_TERMS, HOSTILE_TEXTS)
@example([" ".join(["a"] * length) for length in range(1, 40)], "a ")
@example(["a" * length + "*" for length in range(1, 200)], "a" * 1000 + " ")
@example(["a b"], "a" + " " * 1000)
@example(["a"], "\u0301")
def test_hostile_texts_are_quick(terms: list[str], piece: str) -> None:
    """No terms and no text, however odd, take more than linear time."""
    finder = Finder([parse(term) for term in terms], VOCABULARY)
    text = Plain(piece * (LONG // len(piece))).text

    with soon():
        finder.find(text, "en")


def test_new_words_without_end_are_quick() -> None:
    """A text of nothing but words never seen before takes no more than linear time."""
    text = " ".join(f"w{number}ing" for number in range(LONG))
    finder = Finder([parse("w7ing"), parse("w*")], VOCABULARY)

    with soon():
        assert len(finder.find(text, "en")) == LONG + 1


def test_lists_of_lists_are_quick() -> None:
    """Lists that each hold the next one twice cost no more than they hold different terms."""
    run_soon(
        "from pipeline.watch.finder import Finder\n"
        "from pipeline.watch.terms import Vocabulary, parse\n"
        "lists = {f'l{n}': [f'<l{n + 1}>'] * 2 for n in range(40)} | {'l40': ['deal']}\n"
        "assert len(Finder([parse('<l0>')], Vocabulary(lists=lists)).find('deal', 'en')) == 1\n"
    )


@contextmanager
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_threads_agree() -> None:
    """Eight threads get the answers that one gets, also on a language and words that are met for the first time."""
    words = ["contracting", "leases", "invested", "centers", "utilities", "running", "generously", "hopping"]
    texts = [" ".join(f"{word}{letter}ational" for word in words) for letter in ascii_lowercase]
    terms = [parse(text) for text in " ".join(texts).split()]
    expected = [Finder(terms, VOCABULARY).find(text, "en") for text in texts]
    shared, ready = Finder(terms, VOCABULARY), Barrier(9, timeout=60)

    def read() -> list[list[Found]]:
        ready.wait()
        return [shared.find(text, "en") for text in texts]

    with ThreadPoolExecutor(8) as pool:
        reading = [pool.submit(read) for _ in range(8)]
        ready.wait()
        with hasty():  # only now: a thread that starts in such haste may get lost
            answers = [future.result() for future in reading]

    assert all(expected)
    assert all(answer == expected for answer in answers)


def test_kinds() -> None:
    """Every kind of term is found: none is read and then forgotten."""
    terms = {
        Kind.PHRASE: "deals",
        Kind.EXACT: '"deal"',
        Kind.PREFIX: "dea*",
        Kind.REGEX: "/deal/",
        Kind.COMPANY: "@it",
        Kind.ROLE: "@role:it",
        Kind.LIST: "<it>",
    }
    vocabulary = Vocabulary({"it": Company(["deal"], roles=["it"])}, {"it": ["deal"]})

    assert terms.keys() == set(Kind)
    assert all(parse(term).kind is kind for kind, term in terms.items())
    assert all(found(term, "a deal", vocabulary=vocabulary) == ["deal"] for term in terms.values())
