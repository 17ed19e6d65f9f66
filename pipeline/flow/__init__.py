"""The units of work, and the whole story.

    due feeds ──poll──▶ fetch ▸ parse ──▶ new articles (pending)
    pending articles ──ingest──▶ fetch ▸ extract ▸ match ──▶ article + matches + outbox, one transaction
    pending deliveries ──deliver──▶ render ▸ send ──▶ delivered | retry later | dead
    clock ──digest──▶ the day ▸ outbox
    clock ──prune──▶ old articles that no watch flags ▸ known by name only

Every unit takes ids, is safe to run twice, and commits what it found out about one id together. It leases its ids
first, so that units may run side by side; what a stop leaves undone is handed back, and what a crash leaves undone
is due again when the next process starts, a feed when its interval has passed.
"""

from pipeline.flow.deliver import deliver
from pipeline.flow.edition import current_day, digest, digest_due, gather
from pipeline.flow.ingest import ingest
from pipeline.flow.poll import poll
from pipeline.flow.prune import prune
from pipeline.flow.recovery import mend_times, recover
from pipeline.flow.report import Report
from pipeline.flow.tools import Tools, bring_in_line, load_settings, open_store, open_tools

__all__ = [
    "Report",
    "Tools",
    "bring_in_line",
    "current_day",
    "deliver",
    "digest",
    "digest_due",
    "gather",
    "ingest",
    "load_settings",
    "mend_times",
    "open_store",
    "open_tools",
    "poll",
    "prune",
    "recover",
]
