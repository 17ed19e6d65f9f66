"""A message through Apprise."""

from __future__ import annotations

import json
import logging.handlers
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pipeline.domain import Message
from pipeline.errors import DeliveryError
from pipeline.notify.apprise import AppriseChannel
from tests.support.web import Answer, Web

MESSAGE = Message("msg_1", "deal", "OpenAI and Oracle", "the text – ü\n<b>bold</b>\n", "<p>the HTML</p>", {})


def address(web: Web, schema: str, path: str = "") -> str:
    return web.base.replace("http", schema, 1) + path


def test_subject_and_text_arrive(web: Web) -> None:
    """As title and body, and the steps say by what."""
    web.answers["/hook"] = Answer("", 200)
    steps: list[str] = []
    AppriseChannel(address(web, "json", "/hook")).send(MESSAGE, steps.append)

    [request] = web.requests
    body = json.loads(request.body)
    assert (body["title"], body["message"].strip()) == (MESSAGE.subject, MESSAGE.text.strip())
    assert steps == ["taken by json"]


def test_a_chat_gets_plain_text(web: Web) -> None:
    """A service of another form than JSON, with the topic of a chat."""
    web.answers["/"] = Answer("{}", 200)
    AppriseChannel(address(web, "ntfy", "/deals")).send(MESSAGE)

    [request] = web.requests
    body = json.loads(request.body)
    assert body["topic"] == "deals"
    assert "OpenAI and Oracle" in request.body.decode()


def test_what_is_too_long_goes_out_in_parts(web: Web) -> None:
    """Each as long as the service takes, and nothing is lost."""
    web.answers["/"] = Answer("{}", 200)
    text = " ".join(f"word{number}" for number in range(1200))
    AppriseChannel(address(web, "ntfy", "/deals")).send(replace(MESSAGE, text=text))

    told = "".join(json.loads(request.body)["message"] for request in web.requests)
    assert len(web.requests) > 1
    assert all(f"word{number}" in told for number in range(0, 1200, 100))


@pytest.mark.parametrize("status", [403, 500])
def test_a_refusal_gives_the_reason_and_no_secret(web: Web, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be tried again; of the address nothing but the schema is told, in errors and in logs."""
    web.answers["/tok3n-s3cret"] = Answer("", status)
    steps: list[str] = []
    logged = logging.handlers.BufferingHandler(1000)
    monkeypatch.setattr(logging.getLogger(), "handlers", [logged])
    channel = AppriseChannel(address(web, "json", "/tok3n-s3cret").replace("://", "://us3r:p4ss%21word@"))
    with pytest.raises(DeliveryError, match=f"json did not.*{status}") as failure:
        channel.send(MESSAGE, steps.append)

    written = [record.getMessage() for record in logged.buffer]
    assert not failure.value.permanent
    for secret in ("tok3n-s3cret", "us3r", "p4ss%21word", "p4ss!word"):
        assert secret not in f"{failure.value} {steps} {written} {channel}"


def test_what_others_log_is_not_the_reason(web: Web) -> None:
    """Of several that send at a time, each tells its own."""
    for status in (400, 404, 500, 503):
        web.answers[f"/{status}"] = Answer("", status)

    def reason(status: int) -> str:
        with pytest.raises(DeliveryError) as failure:
            AppriseChannel(address(web, "json", f"/{status}")).send(MESSAGE)
        return str(failure.value)

    with ThreadPoolExecutor(4) as threads:
        reasons = dict(zip((400, 404, 500, 503), threads.map(reason, (400, 404, 500, 503)), strict=True))
    assert all(reasons[status].count("error=") == 1 for status in reasons)


def test_an_address_that_is_none_is_told() -> None:
    """Without the address; trying again will not mend it."""
    channel = AppriseChannel("nonsense://s3cret-token")
    for call in (channel.probe, lambda: channel.send(MESSAGE)):
        with pytest.raises(DeliveryError, match="none that Apprise knows") as failure:
            call()

        assert failure.value.permanent
        assert "s3cret" not in str(failure.value)


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(DeliveryError, match=r"pip install 'dealwire\[chats\]'"):
        AppriseChannel("json://127.0.0.1/").probe()


def test_the_library_is_loaded_only_when_used() -> None:
    """It takes a fifth of a second."""
    import subprocess

    code = "import sys, pipeline.flow.channels; print('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
