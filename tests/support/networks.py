"""Network namespaces: each like a machine of its own, whose cable can be pulled. For the superuser of a Linux."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

_MINE = f"dw{os.getpid()}"
"""How names begin, so that several processes may have machines at once."""
_NET = f"10.{64 + os.getpid() % 64}.{os.getpid() // 64 % 256}"
HOST = f"{_NET}.1"
"""The address at which the machines reach this one."""


def possible() -> bool:
    return os.geteuid() == 0 and shutil.which("ip") is not None


@dataclass(frozen=True)
class Machine:
    """A network namespace with a cable to the others."""

    name: str

    def command(self, command: Sequence[str]) -> list[str]:
        """The command, to be run there."""
        return ["ip", "netns", "exec", self.name, *command]

    def plug(self, into: bool) -> None:
        """Put its cable in, or pull it."""
        _ip("link", "set", f"{self.name}o", "up" if into else "down")


@contextmanager
def machines(count: int) -> Iterator[list[Machine]]:
    """So many of them, until the block ends."""
    made = [Machine(f"{_MINE}n{number}") for number in range(count)]
    _ip("link", "add", f"{_MINE}b", "type", "bridge")
    try:
        _ip("addr", "add", f"{HOST}/24", "dev", f"{_MINE}b")
        _ip("link", "set", f"{_MINE}b", "up")
        for number, machine in enumerate(made, 2):
            _ip("netns", "add", machine.name)
            _ip("link", "add", f"{machine.name}o", "type", "veth", "peer", "name", "eth0", "netns", machine.name)
            _ip("link", "set", f"{machine.name}o", "master", f"{_MINE}b", "up")
            for command in (
                ("addr", "add", f"{_NET}.{number}/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
                ("link", "set", "lo", "up"),
            ):
                _ip("-n", machine.name, *command)
        yield made
    finally:
        for machine in made:
            subprocess.run(["ip", "netns", "del", machine.name], check=False, stderr=subprocess.DEVNULL)
        _ip("link", "del", f"{_MINE}b")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
