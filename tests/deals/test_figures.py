"""Money, capacity, chips and terms as people write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.figures import Figure, capacity, chips, money, terms
from pipeline.domain import Bound

TABLE = Path(__file__).parent / "figures.txt"


def forms() -> Iterator[tuple[str, list[str]]]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            text, _, figures = line.partition(" =>")
            yield text, [figure.strip() for figure in figures.split(";") if figure.strip()]


def shown(figure: Figure) -> str:
    """As the table writes it."""
    parts = [f"{figure.value:.15g} {figure.unit}"]
    if figure.bound is not Bound.EXACT:
        parts.append(str(figure.bound))
    if figure.low != figure.value:
        parts.append(f"from {figure.low:.15g}")
    if figure.per_year:
        parts.append("yearly")
    return " ".join(parts)


def plain(figure: str) -> str:
    """A figure of the table with its numbers written as `shown` does."""
    numbers = (f"{float(word):.15g}" if word[0].isdigit() else word for word in figure.split())
    return " ".join(numbers)


def found(text: str) -> list[str]:
    figures = [*money(text), *capacity(text), *chips(text), *terms(text)]
    return [shown(figure) for figure in sorted(figures, key=lambda figure: figure.start)]


def test_the_table_is_long() -> None:
    """At least 150 written forms."""
    assert len(list(forms())) >= 150


@pytest.mark.parametrize(("text", "figures"), list(forms()))
def test_written_forms(text: str, figures: list[str]) -> None:
    """Each form of the table says what stands beside it, by itself and in a sentence."""
    wanted = [plain(figure) for figure in figures]

    assert found(text) == wanted
    assert found(f"They said {text}, and no more.") == wanted


def test_the_language_tells_what_a_billion_is() -> None:
    """In German a Billion is a million millions."""
    text = "1 Billion Dollar"

    assert [figure.value for figure in money(text, "de")] == [1e12]
    assert [figure.value for figure in money(text, "en")] == [1e9]


@given(st.text(alphabet="$€0123456789., -+abgmtw\n億兆to", max_size=300))
def test_any_text_gives_figures_that_lie_in_it(text: str) -> None:
    """Offsets are those of the text, and a range has its lower end first."""
    for figure in [*money(text), *capacity(text), *chips(text), *terms(text)]:
        assert 0 <= figure.start < figure.end <= len(text)
        assert 0 <= figure.low <= figure.value


@pytest.mark.parametrize("number", ["9" * 400, "9" * 310, "0", "0.0", "9" * 17])
def test_what_cannot_be_a_figure(number: str) -> None:
    """Nothing, and numbers so long that only a mistake or an attack has them: some are infinite to a computer."""
    assert list(money(f"a deal of ${number} and of ${number} trillion")) == []
    assert list(capacity(f"{number} GW")) == []
    assert list(chips(f"{number} GPUs")) == []
