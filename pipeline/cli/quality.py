"""label, labels, eval, learn: how well a watch judges, and teaching it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipeline.cli import shared
from pipeline.errors import PipelineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.config.schema import Settings
    from pipeline.domain import Verdict
    from pipeline.flow.labels import Labelled
    from pipeline.watch.quality import Figures, Item, Quality

labels_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Your labels: import and export them.")

WatchName = Annotated[str, typer.Option("--watch", help="Of this watch.  [default: the first]")]
LabelFile = Annotated[Path, typer.Argument(metavar="FILE", help="JSON Lines.")]


def register(app: typer.Typer) -> None:
    app.command()(label)
    app.add_typer(labels_app, name="labels")
    app.command("eval")(evaluate)
    app.command()(learn)


def label(
    article: Annotated[int, typer.Argument(metavar="ID", max=shared.LARGEST, help="The article's number.")],
    answer: Annotated[Literal["yes", "no"], typer.Argument(help="Whether it mentions what is watched.")],
    about: Annotated[bool, typer.Option("--about", help="It is what the article is about.")] = False,
    watch: WatchName = "",
) -> None:
    """Say whether a watch should flag an article. `eval` and `learn` go by it."""
    from pipeline.store import articles, labels

    if about and answer == "no":
        raise UsageError("What an article does not mention it cannot be about. Leave out --about, or say yes.")
    settings = shared.settings()
    name = shared.watch(settings, watch)
    with shared.store(settings) as store, store.write() as session:
        if articles.get(session, article) is None:
            raise UsageError(f"There is no article {article}. `dealwire articles` lists them.")
        labels.put(session, article, name, answer == "yes", about, datetime.now(UTC))
    shared.console().print(f"Article {article}: {answer}{', and about it' if about else ''}.")


@labels_app.command("export")
def export(watch: WatchName = "") -> None:
    """Print your labelled articles as JSON Lines."""
    import sys

    from pipeline.flow import labels

    settings = shared.settings()
    with shared.store(settings) as store:
        for line in labels.export(store, shared.watch(settings, watch)):
            sys.stdout.write(line + "\n")


@labels_app.command("import")
def import_(file: LabelFile, watch: WatchName = "") -> None:
    """Label the stored articles that a file names by their URL."""
    from pipeline.flow import labels

    settings = shared.settings()
    with shared.store(settings) as store:
        done, unknown = labels.import_(store, shared.watch(settings, watch), file, datetime.now(UTC))
    console = shared.console()
    console.print(f"{done:,} articles labelled.")
    if unknown:
        shown = ", ".join(unknown[:10]) + (" ..." if len(unknown) > 10 else "")
        console.print(f"{len(unknown):,} items are not among the stored articles: {shown}", markup=False)


def evaluate(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="JSON Lines.  [default: your labels]")] = None,
    watch: WatchName = "",
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Also learn anew and judge each month by what the others teach.")
    ] = False,
    extra: Annotated[
        list[Path] | None, typer.Option("--extra", help="More labels to learn from, for --unseen.")
    ] = None,
    floors: Annotated[
        Path | None, typer.Option("--floors", help="Fail where a figure is below that of this JSON file.")
    ] = None,
    raise_floors: Annotated[bool, typer.Option("--raise-floors", help="Write the figures to --floors.")] = False,
    lower: Annotated[bool, typer.Option("--lower", help="With --raise-floors: write lower figures too.")] = False,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Measure the ledger instead: facts, deals and what was told. Needs FILE.")
    ] = False,
    orders: Annotated[
        int, typer.Option("--orders", min=0, help="With --ledger: also feed the items in so many random orders.")
    ] = 0,
    most: Annotated[int, typer.Option("--most", "-n", min=0, help="How many errors to show of each kind.")] = 20,
    as_json: shared.Json = False,
) -> None:
    """How well a watch judges labelled items, and where it errs."""
    from pipeline.flow import labels

    settings = shared.settings()
    name = shared.watch(settings, watch)
    if ledger:
        from pipeline.cli import ledger_quality

        ledger_quality.evaluate(settings, name, file, orders, most, as_json)
        return
    labelled = _labelled(settings, name, file)
    quality = labels.evaluate(settings, name, labelled)
    more = [item for path in extra or [] for item in labels.from_file(path)]
    months = labels.unseen(settings, name, labelled, more) if unseen else None
    data = quality.data() | ({"unseen": months.data()} if months else {})
    if as_json:
        shared.print_json(data)
    else:
        _show(quality, months, most)
    if floors:
        _hold(floors, data, raise_floors, lower)


def learn(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="Further labels, JSON Lines.")] = None,
    watch: WatchName = "",
    force: Annotated[bool, typer.Option("--force", help="Write the weights even if they judge no better.")] = False,
) -> None:
    """Learn the weights of a watch from labels, or from files."""
    from pipeline.config.weights import write_weights
    from pipeline.flow import labels

    settings = shared.settings()
    name = shared.watch(settings, watch)
    labelled = [item for file in files or [] for item in labels.from_file(file)]
    with shared.store(settings) as store:
        labelled += labels.from_store(store, name)
    if not labelled:
        raise UsageError("There are no labels. `dealwire label ID yes|no` makes one.")
    weights = labels.teach(settings, name, labelled)
    before = labels.evaluate(settings, name, labelled)
    after = labels.unseen(settings, name, labelled)
    console = shared.console()
    _table(
        console,
        {
            "In force": before.mentions,
            "Learned, on months not seen": after.mentions,
            "In force, about": before.about,
            "Learned, about": after.about,
        },
    )
    if after.mentions.f1 <= before.mentions.f1 and not force:
        console.print(
            "\nWhat is in force judges these labels at least as well, though it may have been learned from some of "
            "them: nothing was written. --force writes anyway."
        )
        return
    target = settings.folder / (settings.watches[name].weights or f"{name}.weights.yaml")
    note = (
        f"from {len(labelled):,} labels; on months not seen: precision {after.mentions.precision:.2f}, "
        f"recall {after.mentions.recall:.2f}"
    )
    write_weights(
        target,
        note,
        {
            "window": (weights.window.bias, weights.window.weights),
            "about": (weights.about.bias, weights.about.weights),
        },
    )
    console.print(f"\nWritten to {target}.", markup=False)
    if not settings.watches[name].weights:
        console.print(f"Add `weights: {target.name}` to the watch {name} in watches.yaml to use them.", markup=False)


def _labelled(settings: Settings, watch: str, file: Path | None) -> list[Labelled]:
    from pipeline.flow import labels

    if file:
        return labels.from_file(file)
    with shared.store(settings) as store:
        found = labels.from_store(store, watch)
    if not found:
        raise UsageError("There are no labels. `dealwire label ID yes|no` makes one, or name a FILE of them.")
    return found


def _show(quality: Quality, months: Quality | None, most: int) -> None:
    console = shared.console()
    rows = {"Mentions": quality.mentions, "About": quality.about}
    if months:
        rows |= {"Mentions, months not seen": months.mentions, "About, months not seen": months.about}
    _table(console, rows)
    console.print("\nMentions, by kind of text")
    _table(console, quality.by_text_kind)
    console.print("\nMentions, by source")
    _table(console, dict(list(quality.by_source.items())[:12]))
    _errors(console, "Missed", quality.misses, most)
    _errors(console, "False alarms", quality.false_alarms, most)


def _table(console: Any, rows: Mapping[str, Figures]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("")
    for column in ("Precision", "Recall", "F1", "n"):
        table.add_column(column, justify="right")
    for name, figures in rows.items():
        shown = (f"{value:.3f}" for value in (figures.precision, figures.recall, figures.f1))
        table.add_row(name or "(none)", *shown, f"{figures.n:,}")
    console.print(table)


def _errors(console: Any, heading: str, errors: Sequence[tuple[Item, Verdict]], most: int) -> None:
    from pipeline.cli import explain

    console.print(f"\n{heading}: {len(errors):,}", style="bold")
    for item, verdict in errors[:most]:
        console.print(f"\n{item.id}  {item.title}", markup=False)
        shown = verdict.passages[0] if verdict.matched else verdict.nearest
        if shown is None:
            console.print("  none of the terms occurs", style="dim")
            continue
        lack = f"; lacks {', '.join(verdict.lacking)}" if verdict.lacking else ""
        console.print(f"  certainty {verdict.certainty:.2f}{lack}", style="dim", markup=False)
        explain.passage(console, shown)
        causes = [reason for reason in verdict.window_reasons if (reason.share > 0) == verdict.matched][:3]
        if causes:
            listed = ", ".join(f"{cause.name} ({cause.share:+.2f})" for cause in causes)
            console.print(f"  because of {listed}", style="dim", markup=False)
    if len(errors) > most:
        console.print(f"\n... and {len(errors) - most:,} more")


def _hold(file: Path, data: Mapping[str, Any], write: bool, lower: bool) -> None:
    """Compare the figures with the floors; raise them, or lower them where that is asked for."""
    try:
        floors: dict[str, float] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} holds no floors ({error}).") from error
    figures = {
        f"{part}{what}.{measure}": table[what][measure]
        for part, table in (("", data), ("unseen.", data.get("unseen")))
        if table
        for what in ("mentions", "about")
        for measure in ("precision", "recall", "f1")
    }
    below = [
        f"{name}: {figures[name]:.4f} is below {floor:.4f}"
        for name, floor in floors.items()
        if figures.get(name, 1) < floor
    ]
    if below and not (write and lower):
        raise PipelineError(
            "\n".join(below) + f"\nThese floors stand in {file}; only --raise-floors --lower lowers them."
        )
    if write:
        file.write_text(json.dumps(floors | figures, indent=2) + "\n", encoding="utf-8")
