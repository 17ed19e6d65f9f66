"""The made-up deal of a first message."""

from __future__ import annotations

from datetime import UTC

import jsonschema

from pipeline.notify.mail import write_mail
from pipeline.notify.sample import sample
from pipeline.notify.schemas import schema
from tests.support.world import FixedClock

NOW = FixedClock().now()
SAMPLE = sample("inbox", "test_1", UTC, NOW)


def test_it_says_that_it_is_no_news() -> None:
    """In the subject, in the text and in the data, with the channel's name."""
    assert SAMPLE.subject == "Dealwire test: a sample alert for inbox"
    assert SAMPLE.text.startswith("Sample: ")
    assert "dealwire channels test inbox" in " ".join(SAMPLE.text.split())
    assert SAMPLE.data["happened"].startswith("Sample: ")


def test_it_looks_as_an_alert_does() -> None:
    """Of the same kind and form, with a party, figures and the sentence that states them; and in no thread."""
    mail = write_mail(SAMPLE, "wire@example.org", ["desk@example.org"], "", NOW)

    jsonschema.validate(SAMPLE.data, schema("deal")["properties"]["data"] | {"$defs": schema("deal")["$defs"]})
    assert "$12 billion" in SAMPLE.text
    assert "$12 billion" in SAMPLE.html
    assert (SAMPLE.thread, mail["References"]) == ("", None)
