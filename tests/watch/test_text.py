"""Plain text, words, sentences and paragraphs, with their offsets."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.text import Plain, Span, Words, paragraphs, sentences, tidy
from tests.watch.helpers import LONG, VARIANTS, cut, soon

PROSE = st.text() | st.text(alphabet="aA1 .!?…\n\"'’)([。」「$-ʼ\u0301字\xa0ｓ")
SAMPLE = """\"It's efficient," the data-center's first offer reads - a flat fee."""


def spans_of_sentences(text: str) -> list[Span]:
    return [span for line in paragraphs(text) for span in sentences(text, line)]


def forms(text: str) -> list[str]:
    return [form for form in Words(text).forms if form]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("‘a’ ‚b‛ cʼs d＇s e´s f′s", "'a' 'b' c's d's e's f's"),
        ("“a” „b‟ ＂c＂ d″", '"a" "b" "c" d"'),
        ("a‐b a‑b a‒b a–b a−b a﹣b a－b", "a-b a-b a-b a-b a-b a-b a-b"),
        ("a—b―c", "a|b|c"),
        ("a\xa0b\u2009c\u202fd\u3000e\u2028f", "a b c d e f"),
        ("ＯｐｅｎＡＩ！", "OpenAI!"),
        ("eﬃcient ﬁbre", "efficient fibre"),
        ("Intel® and™ more©", "Intel  and  more "),
        ("• a ● b", "* a * b"),
        ("wait…", "wait…"),
        ("Zürich, 5 €", "Zürich, 5 €"),
        ("line\nline\x0b", "line\nline\x0b"),
        ("x² ½", "x2 1⁄2"),
        ("", ""),
    ],
)
def test_plain(text: str, plain: str) -> None:
    """What print varies has one form; what means something else keeps its own."""
    assert Plain(text).text == plain


@pytest.mark.parametrize("variant", sorted(set(VARIANTS) - {"NFD"}))
def test_plain_of_every_print(variant: str) -> None:
    """However a text is printed, its plain form is the same, and it leads back to the printed letters."""
    printed = VARIANTS[variant](SAMPLE)
    plain = Plain(printed)

    assert plain.text == Plain(SAMPLE).text
    for word in ["It's", "efficient", "data-center", "first", "offer", "flat"]:
        start = plain.text.index(word)
        at = plain.original(Span(start, start + len(word)))
        assert printed[at.start : at.end] == VARIANTS[variant](word)


@given(PROSE)
def test_way_back(text: str) -> None:
    """A stretch of the plain text leads back to a stretch of the text as given that has all of it, and nothing else."""
    plain = Plain(text)
    length = len(plain.text)

    assert plain.original(Span(0, length)) == Span(0, len(text))
    for start in range(length):
        at = plain.original(Span(start, start + 1))
        assert at.end == at.start + 1
        assert plain.text[start] in Plain(text[at.start : at.end]).text


@given(PROSE)
def test_plain_twice(text: str) -> None:
    """Letters that are plain already stay as they are, and so does every line end."""
    plain = Plain(text).text

    assert Plain(plain).text == plain
    assert plain.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "OpenAI signs.|Oracle builds.|It costs more.",
        "OpenAI, Inc. signed a deal.",
        "Talks with Oracle Corp. and Vantage Inc. went on.|The deal is done.",
        "OpenAI Inc. said so.|It was signed.",
        "It was bought by OpenAI Inc.|The deal is big.",
        "They sued Acme Co. Ltd. over it.|Shares fell.",
        "The U.S. government agreed.|It pays.",
        "The U.S. Department of Energy agreed.|It pays.",
        "OpenAI builds in the U.S.|The deal is big.",
        "It opens in Washington, D.C.|After that, more.",
        "It cost $22.4B.|Oracle rose.",
        "It cost $22.4B.|Then Oracle rose by 3.5%.|Good.",
        "Capacity is 1.2 GW, up from 0.9 GW.|More follows.",
        "Version 2.0 is out.|3 GW follow.",
        "Mr. Altman met Dr. Su and Gov. Abbott.|They agreed.",
        "J. P. Morgan lends.|OpenAI pays.",
        "J.P. Morgan lends.|OpenAI pays.",
        "Revenue was $1.5 billion vs. $1.2 billion.|Profit rose.",
        "It ends on Jan. 5 or Sept. 9.|Then more.",
        "He spoke at 5 p.m. Tuesday.|Nobody came.",
        "Sites, e.g. Abilene, i.e. Texas, etc. are built.|Good.",
        "He said “We will build.”|Then he left.",
        'He said "We will build."|"When?" she asked.',
        "“Is it signed?” she asked.|“Yes!”|He left.",
        "‘Is it signed?’ she asked.|‘Yes.’|He left.",
        "(It is signed.)|Work starts.",
        "[It is signed.]|(Work starts.)",
        "Really?!|Yes...|Then it began…|Now.",
        "• First item.|• Second item.|- Third item",
        "* First item.|* Second item.",
        "OpenAI signs deal with Oracle",
        "no capital, no stop",
        "iPhone sales rose. iPads too.",
        "Read acme.com and node.js today.|Done.",
        "今日は晴れ。|明日は雨！|「はい。」|終",
        "该公司签约。|明年动工？|终",
        "彼は言った。|「契約した。」|終わり",
        "Über alles.|Ärger folgt.|Éclair.",
        "¿Firmó el contrato?|Sí.",
    ],
)
def test_sentences(text: str) -> None:
    """Sentences end where a reader sees them end: not after abbreviations, initials and decimals."""
    expected = text.split("|")
    text = "".join(piece if not n or piece[0] in "明「終终" else " " + piece for n, piece in enumerate(expected))
    plain = Plain(text)

    assert cut(text, [plain.original(span) for span in spans_of_sentences(plain.text)]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The deal is signed.The work starts.", ["The deal is signed.", "The work starts."]),
        ("It cost 5.Shares rose.", ["It cost 5.", "Shares rose."]),
        ("Is it signed?Oracle knows.", ["Is it signed?", "Oracle knows."]),
        ('He said "yes."Then he left.', ['He said "yes."', "Then he left."]),
        ("It is signed (again).Now, work starts.", ["It is signed (again).", "Now, work starts."]),
        ("The firm Acme.AI signs.", ["The firm Acme.AI signs."]),
        ("The e.V. signs 2.5 GW.", ["The e.V. signs 2.5 GW."]),
    ],
)
def test_blocks_run_together(text: str, expected: list[str]) -> None:
    """Where a page's blocks were run together, a sentence ends at a stop though no space follows."""
    assert cut(text, spans_of_sentences(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Headline without a stop\nFirst sentence. Second one.",
            ["Headline without a stop", "First sentence.", "Second one."],
        ),
        (
            "Work starts. A crane at the site (Photo: A. Nobody)",
            ["Work starts.", "A crane at the site (Photo: A. Nobody)"],
        ),
        ("A crane at the site / Agency\nWork starts.", ["A crane at the site / Agency", "Work starts."]),
        ("Signed today:\n- 2 GW of power\n- 5,000 chips", ["Signed today:", "- 2 GW of power", "- 5,000 chips"]),
        ("OpenAI Inc.\nand more", ["OpenAI Inc.", "and more"]),
        ("  padded.  \n\n\t\n Next ", ["padded.", "Next"]),
        ("", []),
        (" \n ", []),
        ("...", ["..."]),
        (". . .", [".", ".", "."]),
    ],
)
def test_no_sentence_crosses_a_line(text: str, expected: list[str]) -> None:
    """A line end ends a sentence, and white space around it is no part of it."""
    assert cut(text, spans_of_sentences(text)) == expected


def test_sentences_of_one_paragraph() -> None:
    """Only the sentences of the given paragraph come, with offsets in the whole text."""
    text = "First. Second.\nThird. Fourth.\nFifth."
    [_, middle, _] = paragraphs(text)

    assert list(sentences(text, middle)) == [(15, 21), (22, 29)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("one\ntwo", ["one", "two"]), ("\n\none\n\n  \ntwo\n", ["one", "two"]), ("", []), ("\n", [])],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    """Every line that holds anything is a paragraph."""
    assert cut(text, paragraphs(text)) == expected


@given(PROSE)
def test_spans(text: str) -> None:
    """Sentences and paragraphs lie in order, apart, within the text, trimmed, and leave out nothing but white space."""
    text = Plain(text).text
    for spans in (spans_of_sentences(text), paragraphs(text)):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert all(before.end <= after.start for before, after in pairwise(spans))
        assert "".join("".join(cut(text, spans)).split()) == "".join(text.split())
    assert all(piece == piece.strip() and "\n" not in piece for piece in cut(text, spans_of_sentences(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OpenAI signs", ["OpenAI", "signs"]),
        ("OpenAI's, OpenAI’s, OpenAIʼs, OpenAI＇s OPENAI'S", ["OpenAI"] * 4 + ["OPENAI"]),
        ("the suppliers' 's it's", ["the", "suppliers", "it"]),
        ("it'so o'so", ["it", "so", "o", "so"]),
        ("data-center data‑center data–center data_center", ["data", "center"] * 4),
        ("data\xa0center\u2009site", ["data", "center", "site"]),
        ("ＯｐｅｎＡＩ ﬁber", ["OpenAI", "fiber"]),
        ("$22.4B 2GW 1,000", ["22", "4B", "2GW", "1", "000"]),
        ("América Über", ["América", "Über"]),
        ("数据AI中心", ["数", "据", "AI", "中", "心"]),
        ("データ", ["デ", "ー", "タ"]),
        ("AIé数é", ["AIé", "数", "é"]),
        ("договор по 5", ["договор", "по", "5"]),
        ("서울 데이터", ["서울", "데이터"]),
        ("AT&T", ["AT", "T"]),
        ("a—b•c", ["a", "b", "c"]),
        ("", []),
        ("-- … $", []),
        ("-- é… $", ["é"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """Words come without possessive, apart at every mark, unspaced scripts by the character."""
    text = Plain(text).text

    assert forms(text) == expected
    assert bool(Words(text)) is bool(expected)


@pytest.mark.parametrize("filler", ["", " é", " 数", " …"])
@pytest.mark.parametrize("text", ["Ame\u0301rica", "e\u0301", "Re\u0301seau e\u0301lectrique"])
def test_accents_belong_to_their_letters(text: str, filler: str) -> None:
    """A combining accent does not part a word, whatever else the text holds."""
    assert forms(text + filler)[: len(text.split())] == text.split()


@given(PROSE)
def test_word_offsets(text: str) -> None:
    """The offsets of a word cut it out of the plain text; words lie in order and apart."""
    text = Plain(text).text
    words = Words(text)
    places = [(words.starts[n], words.end(n)) for n in range(len(words.forms))]

    assert [text[start:end] for start, end in places] == list(words.forms)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert all(unicodedata.category(c)[0] in "LMNS" for c in "".join(words.forms))


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("data center", True),
        ("data-center", True),
        ("data - center", True),
        ("data/center", True),
        ("data & center", True),
        ("suppliers' center", True),
        ("data.center", True),
        ("数据", True),
        ("é-数", True),
        ("data. center", False),
        ("data, center", False),
        ("data\ncenter", False),
        ("data (center", False),
        ("data | center", False),
        ("data                 center", False),
        ("data", False),
        ("data  ", False),
    ],
)
def test_following(text: str, follows: bool) -> None:
    """A word follows another in one phrase where nothing stands between them that ends a clause or a line."""
    words = Words(text)
    index = words.following(0)

    assert (index is not None) is follows
    if index is not None:
        assert words.forms[index] == forms(text)[1]


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("data\u00adcenter", "datacenter"),
        ("zero\u200bwidth\ufeff\u2060", "zerowidth"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("Ame\u0301rica", "América"),
        ("  a  \n\t b\t", "a\nb"),
        ("nul\0 bell\x07x", "nul  bell x"),
        ("\n\na\n\nb\n\n", "a\n\nb"),
        ("", ""),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    """Invisible characters vanish, control characters become spaces, accents are joined, lines are trimmed."""
    assert tidy(text) == tidied


@given(st.text())
def test_tidy_twice(text: str) -> None:
    """What is tidy stays as it is."""
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    "piece",
    [
        ".",
        "?!",
        "Mr. A ",
        "U.S. A ",
        "Inc. x ",
        "Inc. " + " " * 200,
        '."',
        ".'\"",
        ". ",
        ".(",
        "." + "(" * 100,
        "A.",
        "a.A",
        "'s ",
        "'",
        "a\u0301",
        "\u0301",
        "é",
        "aé数",
        "数a",
        "。",
        "。」",
        "\n",
        " ",
        "a b. C",
        "ﷺ",
        "_",
    ],
)
def test_hostile_text_is_quick(piece: str) -> None:
    """No text, however odd, takes more than linear time."""
    text = piece * (LONG // len(piece))

    with soon():
        plain = Plain(tidy(text) or text)
        spans = spans_of_sentences(plain.text)
        words = Words(plain.text)
        for index in range(len(words.forms)):
            words.following(index)
        for span in spans:
            plain.original(span)
