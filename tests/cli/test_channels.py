"""channels schema."""

from __future__ import annotations

import pytest

from pipeline.notify.schemas import schema
from tests.cli.conftest import Run


@pytest.mark.parametrize("kind", ["deal", "alert", "digest", ""])
def test_the_schema_is_printed(dealwire: Run, kind: str) -> None:
    """As JSON, of one kind or of all, without any configuration."""
    result = dealwire("channels", "schema", *[kind] * bool(kind))

    assert result.code == 0
    assert result.json == schema(kind)


def test_an_unknown_kind_is_told(dealwire: Run) -> None:
    """With those that there are."""
    result = dealwire("channels", "schema", "story")

    assert result.code == 2
    assert "'story' is no type of payload. Use one of: alert, bundle, deal, digest." in result.err
