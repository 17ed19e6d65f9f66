"""What tests of `dealwire deals` do with a world."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Result, World


def rows(world: World, *args: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.dealwire("deals", *args, "--json").json
    return found


def number(world: World, party: str) -> str:
    [row] = rows(world, "--party", party)
    return str(row["id"])


def change(world: World, *args: str) -> Result:
    result = world.dealwire("deals", *args)
    assert (result.code, result.err) == (0, "")
    return result
