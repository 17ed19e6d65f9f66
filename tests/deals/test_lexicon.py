"""What companies stand for."""

from __future__ import annotations

import pytest

from pipeline.deals.lexicon import slug_of
from pipeline.domain import Kind, Party
from tests.deals.helpers import LEXICON


@pytest.mark.parametrize(
    ("slug", "kinds"),
    [("acme", [Kind.COMPUTE]), ("corewell", [Kind.COMPUTE, Kind.DATACENTER]), ("zephyr", []), ("nobody", [])],
)
def test_the_kinds_of_a_company(slug: str, kinds: list[Kind]) -> None:
    """Those of its roles, in their order; the first is what it is taken for."""
    assert LEXICON.kinds_of(slug) == kinds
    assert LEXICON.kind_of(slug) == (kinds[0] if kinds else None)


@pytest.mark.parametrize(
    ("slug", "name", "party"),
    [
        ("acme", "", Party("acme", "Acme", "supplier")),
        ("acme", "ACME Inc", Party("acme", "Acme", "supplier")),
        ("quill", "", Party("quill", "Quill", "")),
        ("ferndale", "Ferndale Power", Party("ferndale", "Ferndale Power", "", known=False)),
        ("ferndale", "", Party("ferndale", "ferndale", "", known=False)),
    ],
    ids=["known", "known by its own name", "without a role", "unknown", "unknown and nameless"],
)
def test_a_party(slug: str, name: str, party: Party) -> None:
    """A known company has its own name and its role's part; another one the name that a piece gives it."""
    assert LEXICON.party(slug, name) == party


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Morrow & Lane", "morrow-lane"), ("Ferndale Power, Inc.", "ferndale-power-inc"), ("東風", "東風"), ("—", "—")],
)
def test_slugs(name: str, slug: str) -> None:
    """Small letters and digits with hyphens; a name that has none of these stands for itself."""
    assert slug_of(name) == slug
