"""A message as a mail."""

from __future__ import annotations

import email
import email.policy
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import cast

import pytest

from pipeline.domain import Message
from pipeline.notify.mail import write_mail
from tests.support.world import FixedClock

NOW = FixedClock().now()
MESSAGE = Message("msg_1", "alert", "Großer Vertrag", "the text – ü\n", "<p>the HTML – ü</p>\n", {})
SENDER = "Dealwire <wire@example.org>"


def mail(message: Message, sender: str = SENDER, unsubscribe: str = "", hours: int = 0) -> EmailMessage:
    """The mail as whoever gets it reads it, sent so many hours late."""
    written = write_mail(message, sender, ["desk@example.org"], unsubscribe, NOW + timedelta(hours=hours))
    return cast(EmailMessage, email.message_from_bytes(written.as_bytes(), policy=email.policy.default))


def told(number: int, earlier: int) -> Message:
    """What is told of one deal for the nth time, after so many messages that were."""
    topic = "Re: OpenAI and Oracle" if earlier else "OpenAI and Oracle"
    before = tuple(f"msg_{at}" for at in range(number - earlier, number))
    made = NOW + timedelta(minutes=number)
    return Message(f"msg_{number}", "deal", f"happening {number}", "text", "html", {}, "deal-1a2b", topic, made, before)


def test_a_mail_is_the_same_on_every_try() -> None:
    """Message-ID and Date, so that a receiver can drop a duplicate and a thread keeps its order."""
    made = replace(MESSAGE, made=NOW - timedelta(minutes=3))
    tries = [mail(made, hours=hours) for hours in (0, 5)]

    assert [each["Message-ID"] for each in tries] == ["<msg_1@example.org>"] * 2
    assert [each["Date"].datetime for each in tries] == [made.made] * 2
    assert mail(MESSAGE, hours=5)["Date"].datetime == NOW + timedelta(hours=5)


def test_a_program_says_that_it_is_one() -> None:
    """So that absence notes stay away; and where to turn to for no more of it."""
    sent = mail(MESSAGE)

    assert (sent["Auto-Submitted"], sent["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert sent["List-Id"] == "<dealwire.example.org>"
    assert sent["Precedence"] is None


@pytest.mark.parametrize(
    ("unsubscribe", "header"),
    [
        ("", "<mailto:wire@example.org?subject=unsubscribe>"),
        ("Desk <ops@example.org>", "<mailto:ops@example.org?subject=unsubscribe>"),
        ("https://example.org/stop?list=1", "<https://example.org/stop?list=1>"),
        (f"https://example.org/{'x' * 300}", f"<https://example.org/{'x' * 300}>"),
    ],
)
def test_the_way_out(unsubscribe: str, header: str) -> None:
    """A mail to the sender, or what the configuration names; never broken or encoded, however long."""
    assert mail(MESSAGE, unsubscribe=unsubscribe)["List-Unsubscribe"] == header


def test_a_message_that_stands_alone_answers_nothing() -> None:
    """An alert of an article, or a digest, is in no thread."""
    sent = mail(MESSAGE)

    assert sent["Subject"] == MESSAGE.subject
    assert sent["References"] is None
    assert sent["In-Reply-To"] is None


def test_a_mail_answers_the_one_before_it() -> None:
    """Or, being the first, the root of its thread, which nobody was sent."""
    first, third = mail(told(1, 0)), mail(told(3, 2))

    assert first["In-Reply-To"] == first["References"] == "<deal-1a2b@example.org>"
    assert third["In-Reply-To"] == "<msg_2@example.org>"
    assert third["References"].split() == [f"<{uid}@example.org>" for uid in ("deal-1a2b", "msg_1", "msg_2")]


def test_a_long_thread_names_its_root_and_its_last() -> None:
    """At most twenty, so that the header does not grow without end."""
    chain = mail(told(60, 59))["References"].split()

    assert chain == [f"<{uid}@example.org>" for uid in ("deal-1a2b", *(f"msg_{n}" for n in range(41, 60)))]


def threads(mails: Sequence[EmailMessage]) -> list[list[str]]:
    """The mails' subjects by thread, each in the order of its dates: as clients do after Zawinski's algorithm.

    Mails join through each id that they name, also of one that never came.
    """
    parent: dict[str, str] = {}

    def top(uid: str) -> str:
        while parent.setdefault(uid, uid) != uid:
            uid = parent[uid]
        return uid

    for each in mails:
        for named in f"{each['References'] or ''} {each['In-Reply-To'] or ''}".split():
            parent[top(each["Message-ID"])] = top(named)
    found: dict[str, list[EmailMessage]] = {}
    for each in mails:
        found.setdefault(top(each["Message-ID"]), []).append(each)
    ordered = [sorted(thread, key=lambda each: each["Date"].datetime) for thread in found.values()]
    return sorted([str(each["X-Number"]) for each in thread] for thread in ordered)


@pytest.mark.parametrize("missing", [(), (1,), (2, 3), (1, 2, 3, 4)])
@pytest.mark.parametrize("seed", range(4))
def test_all_mails_of_a_deal_are_one_thread_in_order(missing: Sequence[int], seed: int) -> None:
    """Whatever came first or never came, beside another deal's thread and a mail that stands alone."""
    mails = [numbered(mail(told(n, n - 1)), f"a{n}") for n in range(1, 8) if n not in missing]
    other = replace(told(9, 0), thread="deal-other")
    mails += [numbered(mail(other), "b1"), numbered(mail(replace(MESSAGE, id="msg_alone")), "c1")]
    random.Random(seed).shuffle(mails)

    assert threads(mails) == [[f"a{n}" for n in range(1, 8) if n not in missing], ["b1"], ["c1"]]


def numbered(sent: EmailMessage, number: str) -> EmailMessage:
    sent["X-Number"] = number
    return sent


@pytest.mark.parametrize("domain", [f"{'mail-' * 10}x.{'gateway-' * 4}x.example.org", "bücher.example"])
def test_ids_survive_any_domain(domain: str) -> None:
    """One longer than a line is neither broken nor encoded, and one in other letters is written in ASCII."""
    sent = mail(told(2, 1), sender=f"Dealwire <wire@{domain}>")

    ascii_domain = domain.encode("idna").decode()
    assert sent["Message-ID"] == f"<msg_2@{ascii_domain}>"
    assert sent["References"].split() == [f"<deal-1a2b@{ascii_domain}>", f"<msg_1@{ascii_domain}>"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0", "\x0b", "\x85", "\u2028"])
def test_a_line_end_in_a_subject_is_a_space(end: str) -> None:
    """Whichever kind: no header begins there."""
    for field in ("subject", "topic"):
        sent = mail(replace(MESSAGE, **{field: f"one{end}Bcc: victim@example.org"}))

        assert sent["Bcc"] is None
        assert sent["Subject"] == "one Bcc: victim@example.org"
        assert not sent.defects


@pytest.mark.parametrize("field", ["id", "thread"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_line_end_in_an_id_is_refused(field: str, end: str) -> None:
    """Ids are ours; one that is none is no mail."""
    with pytest.raises(ValueError, match="linefeed"):
        mail(replace(MESSAGE, **{"thread": "deal-1", field: f"one{end}Bcc: victim@example.org"}))


@pytest.mark.parametrize("trick", ["=?utf-8?q?a=0D=0ABcc:_victim@example.org?=", "=?utf-8?b?QmNjOiB4QGV4YW1wbGU=?="])
def test_encoded_words_in_a_title_are_text(trick: str) -> None:
    """What would be decoded by whoever reads the header stands there as it was written, but for a space."""
    sent = mail(replace(MESSAGE, subject=trick))

    assert sent["Subject"] == trick.replace("=?", "= ?")
    assert sent["Bcc"] is None


def test_no_header_stands_twice() -> None:
    """As RFC 5322 asks (section 3.6)."""
    names = [name.lower() for name in mail(told(3, 2)).keys()]  # noqa: SIM118  (a mail may hold one twice)

    assert len(names) == len(set(names))
