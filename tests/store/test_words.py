"""What people type to search by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.fulltext.fts5 import written
from pipeline.store.words import query_of


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("data center", '("data") AND ("center")'),
        ('"data center" power', '("data center") AND ("power")'),
        ('"data center', '("data center")'),
        ("invest*", '("invest"*)'),
        ("up* AT&T* -ab*", '(("up") AND ("AT T")) NOT ("ab")'),
        ("chips -nvidia", '(("chips")) NOT ("nvidia")'),
        ('chips -"Nvidia Corp" -AMD', '(("chips")) NOT ("Nvidia Corp" OR "AMD")'),
        ("Oracle OR AMD chips", '("Oracle" OR "AMD") AND ("chips")'),
        ("x OR y OR z", '("x" OR "y" OR "z")'),
        ("OR x OR", '("x")'),
        ("x OR -y", '(("x")) NOT ("y")'),
        ("x AND NEAR(y z) NOT w NOT", '(("x") AND ("NEAR y") AND ("z") AND ("NOT")) NOT ("w")'),
        ("title:deal", '("title deal")'),
        ("The data of Oracle", '("data") AND ("Oracle")'),
        ("the of", '("the") AND ("of")'),
        ('"the deal"', '("the deal")'),
        ("-nvidia", ""),
        ('%&/ - * "" \'', ""),
        ("x\0y\ud800z", '("x") AND ("yz")'),
        ("", ""),
    ],
)
def test_words_become_a_query(words: str, query: str) -> None:
    """Words and phrases are joined, alternatives and what is ruled out are told; nothing else of the syntax counts."""
    assert written(query_of(words)) == query


def test_what_is_very_long_is_cut() -> None:
    """So many words count, and no more."""
    assert written(query_of("word " * 5_000)).count("word") == 24
    assert len(written(query_of("x" * 5_000))) < 2_100


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(title, text, tokenize='porter unicode61')")
        yield connection


@given(st.text(alphabet=st.characters() | st.sampled_from('"-*() ORANDNEAR:^+{}'), max_size=200))
def test_the_index_takes_every_query(index: sqlite3.Connection, words: str) -> None:
    """Whatever is typed, the index finds no fault in what is made of it."""
    query = written(query_of(words))

    if query:
        assert index.execute("SELECT count(*) FROM t WHERE t MATCH ?", (query,)).fetchone() == (0,)
