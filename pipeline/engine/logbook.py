"""What is told of a batch when it has ended: to the vitals, and in the log."""

from __future__ import annotations

from datetime import datetime

import structlog

from pipeline.engine.vitals import Vitals
from pipeline.flow import Report


def enter(vitals: Vitals, stage: str, report: Report, seconds: float, at: datetime) -> None:
    """A batch of the stage ended then, and took so many seconds."""
    log = structlog.get_logger("dealwire")
    vitals.worked(stage, report, seconds, at)
    for what, why in report.failures:
        log.warning("failed", stage=stage, what=what, why=why)
    for what, note in report.notes:
        log.warning("of note", stage=stage, what=what, note=note)
    if report.counts:
        log.info(stage, **report.counts, seconds=round(seconds, 2))
