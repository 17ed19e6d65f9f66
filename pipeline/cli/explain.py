"""Why a watch flags a text or does not: verdicts, passages with their terms marked, and what each feature adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

    from pipeline.domain import Passage, Reason, Verdict

_MOST_REASONS = 8


def verdict(console: Any, title: str, found: Verdict) -> None:
    """Print what a watch of this title says of a text, and why."""
    from pipeline.flow.tryout import outcome

    shown = found.passages or ([found.nearest] if found.nearest else [])
    end = "" if found.matched else ":" if shown else "."
    console.print(f"\n{title}: {outcome(found)}{end}", markup=False)
    for each in shown:
        passage(console, each)
    reasons(console, "the best window" if found.matched else "this window", found.window_reasons)
    reasons(console, "the score of the piece", found.piece_reasons if found.matched else ())


def passage(console: Any, shown: Passage) -> None:
    """Print a passage with its terms marked, and below it the terms by group."""
    from pipeline.notify.render import terms

    console.print(f"\n  {shown.where}: ", marked(shown), sep="")
    console.print(f"  {terms(shown)}", style="dim", markup=False)


def reasons(console: Any, of: str, shares: Sequence[Reason]) -> None:
    """Print what weighs most, for and against."""
    if not shares:
        return
    console.print(f"\n  What makes {of} (log-odds):", style="dim", markup=False)
    for reason in shares[:_MOST_REASONS]:
        console.print(f"    {reason.share:+5.2f}  {reason.name}", style="dim", markup=False)
    if rest := shares[_MOST_REASONS:]:
        console.print(f"    {sum(r.share for r in rest):+5.2f}  {len(rest)} more", style="dim", markup=False)


def data(found: Verdict) -> dict[str, Any]:
    """A verdict as plain data."""
    from dataclasses import asdict

    return {"matched": found.matched, "level": found.level, "certainty": found.certainty, **asdict(found)}


def marked(shown: Passage) -> Text:
    from rich.text import Text

    from pipeline.notify.render import merged

    text = Text(shown.quote)
    for start, end in merged([(hit.start - shown.start, hit.end - shown.start) for hit in shown.hits]):
        text.stylize("bold yellow", start, end)
    return text
