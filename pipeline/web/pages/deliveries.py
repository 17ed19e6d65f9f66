"""The outbox: what was told, what waits, what found no way out; and what keeps it quiet."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from pydantic import ValidationError

from pipeline.config.schema import Settings
from pipeline.domain import Message
from pipeline.errors import UsageError
from pipeline.flow import daemon
from pipeline.models import Delivery, DeliveryState
from pipeline.notify import render
from pipeline.notify.clean import clean, cleaned, cut
from pipeline.notify.envelope import envelope
from pipeline.store import beside, channels, ledger, mutes, outbox
from pipeline.store.pressure import Pressure, pressure
from pipeline.web.paging import SIZE, Id, PageNumber, Text
from pipeline.web.render import page, redirect
from pipeline.web.site import SiteHere

router = APIRouter()

_MOST_TEXT, _MOST_JSON = 40_000, 40_000
"""Characters of a message that are shown."""
_MOST_DAYS = 365
_LARGEST = 2**63 - 1

Chosen = Annotated[str, Form(max_length=300)]


@router.get("/deliveries")
def all_deliveries(
    request: Request, site: SiteHere, state: Text = "", channel: Text = "", number: PageNumber = 1
) -> Response:
    if state and state not in list(DeliveryState):
        raise UsageError(f"{state!r} is no state. Choose one of: {', '.join(DeliveryState)}.")
    now, settings = site.now(), site.settings
    with site.store.read() as session:
        rows, total = outbox.page(session, state, channel, number, SIZE)
        waiting = pressure(session, now)
        disabled = {row.channel: (row, count) for row, count in channels.disabled(session)}
        quiet = mutes.in_force(session, now)
        muted = [(each, ledger.get(session, each.deal_id) if each.deal_id else None) for each in quiet]
    return page(
        request,
        "deliveries.html",
        rows=rows,
        total=total,
        state=state,
        channel=channel,
        number=number,
        size=SIZE,
        pressure=waiting,
        states=_states(waiting, channel),
        channels=_channels(settings, waiting),
        disabled=disabled,
        muted=muted,
        titles={name: rule.title for name, rule in settings.watches.items()},
        daemon=daemon.find(settings.state),
    )


@router.get("/deliveries/{delivery:int}")
def one_delivery(request: Request, site: SiteHere, delivery: Id) -> Response:
    with site.store.read() as session:
        found = outbox.get(session, delivery)
        if found is None:
            raise HTTPException(404)
        within = beside.gathered_in(session, delivery)
        disabled = {row.channel: row for row, _ in channels.disabled(session)}
    message, why = _message(site.settings, found)
    return page(
        request,
        "delivery.html",
        delivery=found,
        within=within,
        disabled=disabled.get(found.channel),
        known=found.channel in site.settings.channels,
        message=message,
        why=why,
        text=cut(message.text, _MOST_TEXT) if message else "",
        payload=cut(_payload(message, found, site), _MOST_JSON),
    )


@router.post("/deliveries/{delivery:int}/retry")
def retry(request: Request, site: SiteHere, delivery: Id, back: Chosen = "") -> Response:
    """Send one again."""
    with site.store.write() as session:
        if outbox.get(session, delivery) is None:
            raise HTTPException(404)
        count = outbox.retry(session, [delivery], site.now())
    to = f"/deliveries?{back}" if back else f"/deliveries/{delivery}"
    if not count:
        return redirect(request, to, f"Delivery {delivery} was sent already, or is on its way.", "error")
    return redirect(request, to, f"Delivery {delivery} {_goes_out(site)}.")


@router.post("/deliveries/retry")
def retry_dead(request: Request, site: SiteHere, channel: Chosen = "") -> Response:
    """Send again all that found no way out, to one channel or to any."""
    with site.store.write() as session:
        count = outbox.retry_dead(session, site.now(), channel)
    to = f" to {channel}" if channel else ""
    sent = f"{render.counted(count, 'dead message')}{to} {_goes_out(site, count)}."
    said = sent if count else "None was dead."
    return redirect(request, "/deliveries?state=pending", said)


@router.post("/deliveries/enable")
def enable(request: Request, site: SiteHere, channel: Chosen) -> Response:
    """Send to a disabled channel again."""
    with site.store.write() as session:
        count = {row.channel: waiting for row, waiting in channels.disabled(session)}.get(channel, 0)
        if not channels.enable(session, channel):
            raise UsageError(f"The channel {channel!r} is not disabled.")
    waited = f" What waited ({count:,}) {_goes_out(site)}." if count else ""
    return redirect(request, "/deliveries", f"{channel} is enabled.{waited}")


@router.post("/deliveries/mute")
def mute(request: Request, site: SiteHere, watch: Chosen, days: Annotated[int, Form(ge=1, le=_MOST_DAYS)]) -> Response:
    """Tell nothing of a watch for some days."""
    if watch not in site.settings.watches:
        raise UsageError(f"There is no watch {watch!r}.")
    now = site.now()
    with site.store.write() as session:
        kept = mutes.mute(session, watch, None, now + timedelta(days=days), now)
    also = f" {render.counted(kept, 'message')} that waited are kept back with it." if kept else ""
    title = site.settings.watches[watch].title
    return redirect(request, "/deliveries", f"Nothing is told of {title} for {render.counted(days, 'day')}.{also}")


@router.post("/deliveries/unmute")
def unmute(
    request: Request,
    site: SiteHere,
    watch: Chosen,
    deal: Annotated[int | None, Form(le=_LARGEST)] = None,
) -> Response:
    """Tell of a watch, or of a deal of it, again."""
    with site.store.write() as session:
        if not mutes.unmute(session, watch, deal):
            raise UsageError("That is not muted any more.")
    return redirect(
        request, "/deliveries", "Told of again. What was kept back stays muted; it can be sent from the list below."
    )


def _states(waiting: Pressure, channel: str) -> list[tuple[str, int]]:
    """How many deliveries there are of each state, of this channel or of all."""
    sums = dict.fromkeys(map(str, DeliveryState), 0)
    for (state, name), count in waiting.deliveries.items():
        if not channel or name == channel:
            sums[state] += count
    return list(sums.items())


def _channels(settings: Settings, waiting: Pressure) -> list[tuple[str, str, dict[str, int]]]:
    """Name, type and deliveries by state of each channel, those too that are not configured any more."""
    counts: dict[str, dict[str, int]] = {name: {} for name in settings.channels}
    for (state, name), count in waiting.deliveries.items():
        counts.setdefault(name, {})[state] = count
    return [
        (name, settings.channels[name].type if name in settings.channels else "", found)
        for name, found in counts.items()
    ]


def _goes_out(site: SiteHere, count: int = 1) -> str:
    works = daemon.works(site.store, site.settings.state)
    go = "goes" if count == 1 else "go"
    return f"{go} out within seconds" if works else f"{go} out once `dealwire run` works, or with `dealwire once`"


def _message(settings: Settings, row: Delivery) -> tuple[Message | None, str]:
    """The message as it is sent; else why it cannot be made."""
    try:
        made = render.message(row.kind, row.uid, row.subject, row.payload, settings.zone, row.created_at)
    except (ValidationError, KeyError) as error:
        return None, cut(clean(str(error)), 500)
    return made, ""


def _payload(message: Message | None, row: Delivery, site: SiteHere) -> str:
    """What programs are sent, for people to read."""
    data: Any = json.loads(envelope(message, site.now())) if message else cleaned(row.payload)
    return json.dumps(data, ensure_ascii=False, indent=2)
