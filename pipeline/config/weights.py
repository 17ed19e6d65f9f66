"""Writing a file of learned weights: YAML that people can read, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.config import yaml

_HEAD = """\
# Learned by `dealwire learn`: what each feature adds, in log-odds, to the certainty that a window says what the watch
# looks for (`window`), and to the score of how central that is to the piece (`about`). A group, or a list in angle
# brackets, stands for what a window holds; one + another for both together.
"""


def write_weights(path: Path, learned: str, parts: Mapping[str, tuple[float, Mapping[str, float]]]) -> None:
    """Write the bias and the weights of each part. Raises UsageError."""
    yaml.write(
        path, [_HEAD, f"learned: {yaml.quoted(learned)}\n", *(line for part in parts.items() for line in _part(*part))]
    )


def _part(name: str, part: tuple[float, Mapping[str, float]]) -> Iterator[str]:
    bias, weights = part
    yield f"\n{name}:\n  bias: {bias}\n  weights:{'' if weights else ' {}'}\n"
    for feature, weight in sorted(weights.items(), key=lambda pair: (-abs(pair[1]), pair[0])):
        yield f"    {yaml.quoted(feature)}: {weight}\n"
