"""Text from outside as it may be shown."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.notify.clean import ascii_host, clean, cleaned, one_line, web_link
from tests.support.hostile_texts import LINKS, TEXTS

TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ANY = st.text(st.characters(exclude_categories=()), max_size=200)


@given(ANY)
def test_places_stay_what_they_are(text: str) -> None:
    """The hits of a passage are places in its quote: a character is replaced, never taken out."""
    found = clean(text)

    assert len(found) == len(text)
    assert all(after in (before, " ") for before, after in zip(text, found, strict=True))
    assert clean(found) == found


@given(ANY)
def test_nothing_that_steers_is_left(text: str) -> None:
    """No control but tab and line end, no turn of direction, nothing that UTF-8 or XML cannot write."""
    found = clean(text)

    assert not [char for char in found if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n"]
    assert not set(found) & set(TURNS)
    found.encode()


@pytest.mark.parametrize(
    "text", ["ü – “x” €", "日本語", "👩\u200d💻 ❤\ufe0f", "e\u0301", "नमस्ते", "می\u200cخواهم", "\t\n"]
)
def test_what_people_write_is_left_alone(text: str) -> None:
    """Letters of any script with their accents, and signs that are made of several."""
    assert clean(text) == text


@pytest.mark.parametrize("name", TEXTS)
def test_one_line(name: str) -> None:
    """Of at most so many characters, whatever was in it."""
    line = one_line(TEXTS[name], 100)

    assert len(line) <= 100
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


@pytest.mark.parametrize("name", LINKS)
def test_a_link_that_is_none_of_the_web_leads_nowhere(name: str) -> None:
    """Nor does one with a blank, a quotation mark or a user's name in it."""
    assert web_link(LINKS[name]) == ""


@pytest.mark.parametrize(
    "url", ["https://x.example/a?b=1&c=2#d", "http://x.example:8080/", "https://x.example/ü/%22", "HTTPS://x.example"]
)
def test_a_link_of_the_web_stays(url: str) -> None:
    """As it is."""
    assert web_link(url) == url


def test_a_host_in_other_letters_is_shown_in_ascii() -> None:
    """As DNS has it, so that it is not taken for another one."""
    assert ascii_host("\u043epenai.com") == "xn--penai-iye.com"
    assert ascii_host("openai.com") == "openai.com"
    assert ascii_host("a" * 70 + "\u043e").isascii()


def test_plain_data_is_cleaned_by_what_it_is() -> None:
    """A quote keeps its lines and its places, a url leads to the web or nowhere, numbers stay, the rest is a line."""
    data: dict[str, Any] = {
        "quote": "one\ntwo\0three",
        "url": "javascript:x",
        "title": "a\r\nb",
        "sources": ["x\ty"],
        "at": [{"quote": "z" * 6000, "n": 7, "none": None, "yes": True}],
    }

    found = cleaned(data)

    assert found["quote"] == "one\ntwo three"
    assert (found["url"], found["title"], found["sources"]) == ("", "a b", ["x y"])
    assert (found["at"][0]["n"], found["at"][0]["none"], found["at"][0]["yes"]) == (7, None, True)
    assert len(found["at"][0]["quote"]) == 5000
