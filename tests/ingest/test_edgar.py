"""Filings of SEC EDGAR: form, items and date can be matched and read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.domain import Entry
from pipeline.ingest.parse import parse

URL = "https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&type=8-K&output=atom"
FILED = datetime(2026, 3, 10, 21, 5, tzinfo=UTC)


def entry(content: str, summary: str, title: str, company: str = "") -> Entry:
    """The entry of a feed in EDGAR's shape."""
    info = f"<company-info><cik>1</cik><conformed-name>{company}</conformed-name></company-info>" if company else ""
    document = (
        f'<?xml version="1.0" encoding="ISO-8859-1" ?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<author><name>Webmaster</name></author>{info}<title>Filings</title><entry>{content}"
        f'<category label="form type" scheme="https://www.sec.gov/" term="8-K" /><id>urn:tag:sec.gov,2008:1</id>'
        f'<link href="https://www.sec.gov/Archives/1-index.htm" rel="alternate" type="text/html" />'
        f'<summary type="html">{summary}</summary><title>{title}</title><updated>2026-03-10T16:05:00-05:00</updated>'
        f"</entry></feed>"
    )
    return parse(document.encode(), URL).entries[0]


def of_company(items: str) -> Entry:
    content = (
        '<content type="text/xml"><accession-number>0000000001-26-000007</accession-number><act>34</act>'
        "<filing-date>2026-03-10</filing-date><filing-type>8-K</filing-type><form-name>Current report</form-name>"
        f"<items-desc>{items}</items-desc><size>4 MB</size></content>"
    )
    summary = " &lt;b&gt;Filed:&lt;/b&gt; 2026-03-10 &lt;b&gt;Size:&lt;/b&gt; 4 MB"
    return entry(content, summary, "8-K  - Current report", "EXAMPLE POWER CORP")


@pytest.mark.parametrize(
    ("items", "lines"),
    [
        (
            "items 1.01 and 9.01",
            ["Item 1.01: Entry into a Material Definitive Agreement", "Item 9.01: Financial Statements and Exhibits"],
        ),
        ("item 8.01", ["Item 8.01: Other Events"]),
        ("item 9.99", ["Item 9.99"]),
        ("", []),
    ],
)
def test_of_a_company(items: str, lines: list[str]) -> None:
    """The title names the company; the text has form, items with what they are about, and date."""
    found = of_company(items)
    text = found.text.split("\n")

    assert found.title == "8-K - Current report: EXAMPLE POWER CORP"
    assert (found.url, found.published, found.updated) == ("https://www.sec.gov/Archives/1-index.htm", FILED, FILED)
    assert text[0] == "Form 8-K: Current report"
    assert text[1 : 1 + len(lines)] == lines
    assert text[1 + len(lines)] == "Filed: 2026-03-10"
    assert "0000000001-26-000007" in found.text


def test_of_all_companies() -> None:
    """Current filings say it all in title and summary."""
    found = entry(
        "",
        "&lt;b&gt;Filed:&lt;/b&gt; 2026-03-10 &lt;b&gt;AccNo:&lt;/b&gt; 1 &lt;br&gt;Item 1.01: Entry into a Material "
        "Definitive Agreement&lt;br&gt;Item 9.01: Financial Statements and Exhibits",
        "8-K - EXAMPLE POWER CORP (0000000001) (Filer)",
    )

    assert found.title == "8-K - EXAMPLE POWER CORP (0000000001) (Filer)"
    assert found.text.split("\n") == [
        "Filed: 2026-03-10 AccNo: 1",
        "Item 1.01: Entry into a Material Definitive Agreement",
        "Item 9.01: Financial Statements and Exhibits",
    ]
