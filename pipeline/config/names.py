"""What people name of a configuration, found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings


def watch(of: Settings, name: str) -> str:
    """The watch of this name, or the first where it is empty. Raises UsageError where there is none."""
    if name and name not in of.watches:
        raise UsageError(f"There is no watch {name!r}. `dealwire watches list` shows them.")
    return name or next(iter(of.watches))


def ledger_watch(of: Settings, name: str) -> str:
    """The watch of this name, or the first that keeps a ledger. Raises UsageError where there is none."""
    keeping = [each for each, rule in of.watches.items() if rule.ledger]
    if not keeping:
        raise UsageError("No watch keeps a ledger of deals. Set `ledger: true` for one in watches.yaml.")
    if name and watch(of, name) not in keeping:
        raise UsageError(f"The watch {name!r} keeps no ledger. These do: {', '.join(keeping)}.")
    return name or keeping[0]
