"""What a second pass over feeds that did not change costs, against the first: CPU time of all processes.

python -m tests.bars.passes
"""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

from tests.bars.test_real_input import put_feeds, run
from tests.conftest import SHARED_DATA
from tests.support.web import serve
from tests.support.world import write_config

_RUNS = 3


def _seconds(folder: Path, *words: str) -> float:
    """CPU seconds that a command and its processes take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(folder, *words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    with serve() as web, tempfile.TemporaryDirectory() as temporary:
        documents = {path.name: path.read_bytes() for path in sorted((SHARED_DATA / "feeds").iterdir())}
        urls = list(put_feeds(web, documents).values())
        folder = write_config(Path(temporary) / "config", urls, http={"proxy": web.base})
        first = _seconds(folder, "once", "--json")
        second = min(_seconds(folder, "once", "--all", "--json") for _ in range(_RUNS))
    print(  # noqa: T201
        f"{len(urls)} feeds: first pass {first:.1f} s, second {second:.1f} s (least of {_RUNS}), "
        f"ratio {second / first:.3f}"
    )


if __name__ == "__main__":
    main()
