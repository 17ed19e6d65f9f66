"""Our own labels of items of the measuring data's stream, joined with those items.

`stream_labels.jsonl` holds labels by id only: the items themselves stay outside the project.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

LABELS = Path(__file__).parent / "stream_labels.jsonl"


def labelled_stream(corpus: Path) -> Iterator[str]:
    """The labelled items as JSON Lines, in the form that `dealwire eval` and `dealwire learn` take."""
    labels = {label["id"]: label for label in map(json.loads, LABELS.read_text(encoding="utf-8").splitlines())}
    with (corpus / "stream.jsonl").open(encoding="utf-8") as stream:
        for line in stream:
            item = json.loads(line)
            if label := labels.get(item["id"]):
                yield json.dumps({**item, "label": label}, ensure_ascii=False)


if __name__ == "__main__":
    for line in labelled_stream(Path(sys.argv[1])):
        sys.stdout.write(line + "\n")
