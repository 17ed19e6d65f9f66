"""Telling the service manager how the daemon fares. Source: sd_notify(3), systemd.service(5)."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping

import structlog


class Notifier:
    """Sends states to the socket that the environment names; does nothing where it names none."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):  # an abstract socket (unix(7))
            self._address = "\0" + self._address[1:]
        micros = environ.get("WATCHDOG_USEC", "")
        for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._every = int(micros) / 2_000_000 if micros.isdecimal() and for_us else 0.0
        self._barked = float("-inf")
        self._heard = True

    def ready(self) -> None:
        self._send("READY=1")

    def reloading(self) -> None:
        """`ready` ends it."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """One line for people, in `systemctl status`."""
        self._send(f"STATUS={text}")

    def alive(self, now: float) -> None:
        """Keep the watchdog quiet, twice in the time it grants; `now` is in seconds of a steady clock."""
        if self._every and now - self._barked >= self._every:
            self._barked = now
            self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            if self._heard:
                structlog.get_logger("dealwire").warning("the service manager does not hear us", error=str(error))
            self._heard = False
        else:
            self._heard = True
