"""CPU time of a process and its children."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.bench.idle_poll import cpu_seconds, spent_in


def test_stat() -> None:
    """User and system time count, and those of the children that it waited for, whatever the process is called."""
    line = "1 (a ) b) S " + " ".join(map(str, range(4, 14))) + " 100 200 300 400 20 0"

    assert spent_in(line) == pytest.approx(1000 / os.sysconf("SC_CLK_TCK"))


def test_children() -> None:
    """What a child takes that still runs is counted too; of a process that is gone there is nothing to count."""
    shell = "sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo; read rest'; true"
    with subprocess.Popen(["sh", "-c", shell], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        spent = cpu_seconds(process.pid)

    assert spent > 0
    assert cpu_seconds(process.pid) == 0
