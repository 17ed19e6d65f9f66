"""A message to a webhook."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from pipeline.clock import SystemClock
from pipeline.domain import Message
from pipeline.errors import DeliveryError, ReceiverGone
from pipeline.ingest.fetch import Fetcher, Limits
from pipeline.notify.webhook import WebhookChannel
from tests.support.web import Answer, Request, Web
from tests.support.world import FixedClock

MESSAGE = Message("msg_1", "deal", "Großer Vertrag", "text", "html", {"title": "Großer “Vertrag” \U0001f680"})
OLD, NEW = (f"whsec_{base64.b64encode(bytes([n] * 32)).decode()}" for n in (1, 2))


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    from ipaddress import ip_network

    client = Fetcher("test", Limits(allow_private=(ip_network("127.0.0.1"),)))
    yield client
    client.close()


@pytest.fixture
def hook(web: Web, fetcher: Fetcher) -> Any:
    """Makes a channel to /hook, which answers 204."""
    web.answers["/hook"] = Answer("", 204)
    return lambda **fields: WebhookChannel(
        **{"url": f"{web.base}/hook", "client": fetcher, "clock": SystemClock(), **fields}
    )


def test_the_receiver_can_verify_who_sent_it(web: Web, hook: Any) -> None:
    """With the reference library; a body that was changed, or another secret, does not pass."""
    hook(secrets=[OLD]).send(MESSAGE)

    [request] = web.requests
    assert Webhook(OLD).verify(request.body, request.headers)["data"] == MESSAGE.data
    assert request.headers["webhook-signature"].startswith("v1,")
    for body, secret in ((request.body.replace(b"Vertrag", b"Betrug"), OLD), (request.body, NEW)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, request.headers)


def test_a_receiver_may_change_its_secret(web: Web, hook: Any) -> None:
    """Of several secrets each verifies, and the first one signs first."""
    hook(secrets=[NEW, OLD]).send(MESSAGE)

    [request] = web.requests
    first = request.headers["webhook-signature"].split()[0]
    assert Webhook(NEW).verify(request.body, request.headers) == Webhook(OLD).verify(request.body, request.headers)
    assert Webhook(NEW).verify(request.body, {**request.headers, "webhook-signature": first})


def test_without_a_secret_nothing_is_signed(web: Web, hook: Any) -> None:
    """And the headers of the configuration are sent."""
    hook(headers={"Authorization": "Bearer x"}).send(MESSAGE)

    assert "webhook-signature" not in web.requests[0].headers
    assert web.requests[0].headers["authorization"] == "Bearer x"


def test_every_try_has_the_same_body_and_its_own_time(web: Web, hook: Any) -> None:
    """The time in the body is when the message was made, the one in the header when it was sent."""
    clock = FixedClock()
    made = replace(MESSAGE, made=clock.now() - timedelta(hours=2))
    for _ in range(2):
        hook(clock=clock, secrets=[OLD]).send(made)
        clock.advance(hours=1)

    first, second = web.requests
    assert first.body == second.body
    assert datetime.fromisoformat(json.loads(first.body)["timestamp"]) == made.made
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "msg_1"
    times = [int(request.headers["webhook-timestamp"]) for request in (first, second)]
    assert times[1] - times[0] == 3600
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_a_receiver_that_is_gone_says_so(web: Web, hook: Any) -> None:
    """410 is not tried again, and is told apart from every other failure."""
    web.answers["/hook"] = Answer("", 410)
    with pytest.raises(ReceiverGone, match="HTTP 410"):
        hook().send(MESSAGE)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (301, "url to its new address"),
        (307, "url to its new address"),
        (400, "400"),
        (401, "headers and secret"),
        (404, "channel's url"),
        (429, "429"),
        (500, "500"),
    ],
)
def test_other_refusals_are_tried_again(web: Web, hook: Any, status: int, says: str) -> None:
    """They may be mended, here or there; what a person can do is said where it is known."""
    web.answers["/hook"] = Answer("", status)
    with pytest.raises(DeliveryError, match=says) as failure:
        hook().send(MESSAGE)

    assert not failure.value.permanent
    assert not isinstance(failure.value, ReceiverGone)


@pytest.mark.parametrize("status", [429, 503, 500, 409])
@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_passed_on(web: Web, hook: Any, status: int, as_date: bool) -> None:
    """With whatever error it comes, in seconds or as a date (RFC 9110, section 10.2.3)."""

    def answer(_: Request) -> Answer:
        then = datetime.now(UTC) + timedelta(seconds=600)
        return Answer("", status, {"Retry-After": format_datetime(then, usegmt=True) if as_date else "600"})

    web.answers["/hook"] = answer
    with pytest.raises(DeliveryError) as failure:
        hook().send(MESSAGE)

    assert failure.value.retry_after == pytest.approx(600, abs=60)


def test_no_answer_is_a_delivery_error(hook: Any) -> None:
    """As are addresses that may not be reached."""
    for url in ("http://127.0.0.1:9/", "http://10.0.0.1/"):
        with pytest.raises(DeliveryError):
            hook(url=url).send(MESSAGE)
        with pytest.raises(DeliveryError):
            hook(url=url).probe()


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example%00/s3cret?key=s3cret",
        "http://me:s3cret@127.0.0.1:9/",
        "ftp://127.0.0.1/s3cret",
        "http://127.0.0.1:9/s3cret?key=s3cret",
    ],
)
def test_no_error_shows_the_address(hook: Any, url: str) -> None:
    """Nor does the channel: who knows it may post there."""
    channel = hook(url=url)
    for ask in (lambda: channel.send(MESSAGE), channel.probe):
        with pytest.raises(DeliveryError) as failure:
            ask()

        assert "s3cret" not in f"{failure.value} {channel}"


def test_the_steps_are_told(hook: Any) -> None:
    """Signed by how many, and what was answered; no secret."""
    steps: list[str] = []
    channel = hook(secrets=[NEW, OLD], headers={"Authorization": "Bearer s3cret"})
    channel.send(MESSAGE, steps.append)

    assert steps[0] == "signed by 2 secrets"
    assert "answered by HTTP 204" in steps[1]
    assert not [secret for secret in (NEW, OLD, "s3cret") if secret in f"{channel} {steps}"]


def test_probe_asks_and_sends_nothing(web: Web, hook: Any) -> None:
    """Any answer will do."""
    hook().probe()

    assert [request.method for request in web.requests] == ["GET"]
