"""Log lines: one for each unit of work, as text for people or JSON for programs (DEALWIRE_LOG=json)."""

from __future__ import annotations

import logging
import os
import sys


def configure() -> None:
    import structlog

    as_json = os.environ.get("DEALWIRE_LOG") == "json"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    # That a tick finds its like still running is normal; what goes wrong inside one is logged by the daemon.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
