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
    if found.matched and found.level:
        level = "about it" if found.level == "about" else "mentions it"
        console.print(f"\n{title}: flagged, {level}{figures(found)}", markup=False)
        for shown in found.passages:
            passage(console, shown)
    elif found.nearest is None:
        console.print(f"\n{title}: not flagged; none of its terms occurs.", markup=False)
    else:
        console.print(f"\n{title}: not flagged; what came nearest {_lack(found)}:", markup=False)
        passage(console, found.nearest)
    reasons(console, "the best window" if found.matched else "this window", found.window_reasons)
    reasons(console, "the score of the piece", found.piece_reasons if found.matched else ())


def figures(found: Verdict) -> str:
    """Score and certainty, where they say more than yes."""
    return f" (score {found.score:.2f}, certainty {found.certainty:.2f})"


def _lack(found: Verdict) -> str:
    if found.lacking:
        return f"lacks {', '.join(found.lacking)}"
    if found.window_reasons:
        return f"is too uncertain ({found.certainty:.2f} of the 0.50 it takes)"
    return "holds a term of `none`"


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
