"""A made-up deal, for a first message over a channel. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from pipeline.domain import DealAlert, FactLine, Message, PartyLine, Proof, Status
from pipeline.notify import render


def sample(name: str, uid: str, zone: tzinfo, now: datetime) -> Message:
    """What an alert over the channel of this name looks like, marked as no news."""
    said = Proof(
        "Example Labs has signed a five-year contract with Sample Cloud for 1.2 gigawatts of data center capacity, "
        "worth $12 billion.",
        "https://news.example.org/sample-deal",
        now - timedelta(minutes=5),
    )
    alert = DealAlert(
        deal=0,
        watch="sample",
        watch_title=f"Sample, sent by `dealwire channels test {name}`: no news",
        title="Example Labs and Sample Cloud (compute)",
        happened="Sample: Example Labs and Sample Cloud (compute), $12 billion, 1.2 GW, 5 years",
        status=Status.SIGNED,
        origins=1,
        official="",
        parties=(PartyLine("Sample Cloud", "supplier", True, said),),
        facts=(
            FactLine("amount", "$12 billion", "", said),
            FactLine("capacity", "1.2 GW", "", said),
            FactLine("term", "5 years", "", said),
            FactLine("status", "signed", "", said),
        ),
        related=(),
        article=0,
        headline="Sample Cloud wins a made-up contract",
        url=said.url,
        sources=("Sample News",),
        published=said.said,
        quote=said.quote,
        thread="",
        topic=f"Dealwire test: a sample alert for {name}",
    )
    return render.message("deal", uid, alert.topic, render.pack(alert), zone)
