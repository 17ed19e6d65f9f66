"""Filings of SEC EDGAR's feeds, whose elements of their own say what was filed. Pure.

A company's feed (`browse-edgar?action=getcompany&output=atom`) gives them as elements of `<content>` and names the
company once for all. The feed of current filings (`getcurrent`) writes all of it into title and summary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ITEMS_OF_8K = {
    "1.01": "Entry into a Material Definitive Agreement",
    "1.02": "Termination of a Material Definitive Agreement",
    "1.03": "Bankruptcy or Receivership",
    "1.04": "Mine Safety - Reporting of Shutdowns and Patterns of Violations",
    "1.05": "Material Cybersecurity Incidents",
    "2.01": "Completion of Acquisition or Disposition of Assets",
    "2.02": "Results of Operations and Financial Condition",
    "2.03": "Creation of a Direct Financial Obligation or an Obligation under an Off-Balance Sheet Arrangement",
    "2.04": "Triggering Events That Accelerate or Increase a Direct Financial Obligation",
    "2.05": "Costs Associated with Exit or Disposal Activities",
    "2.06": "Material Impairments",
    "3.01": "Notice of Delisting or Failure to Satisfy a Continued Listing Rule or Standard",
    "3.02": "Unregistered Sales of Equity Securities",
    "3.03": "Material Modification to Rights of Security Holders",
    "4.01": "Changes in Registrant's Certifying Accountant",
    "4.02": "Non-Reliance on Previously Issued Financial Statements",
    "5.01": "Changes in Control of Registrant",
    "5.02": "Departure or Election of Directors or Certain Officers",
    "5.03": "Amendments to Articles of Incorporation or Bylaws; Change in Fiscal Year",
    "5.04": "Temporary Suspension of Trading under Employee Benefit Plans",
    "5.05": "Amendments to the Code of Ethics",
    "5.06": "Change in Shell Company Status",
    "5.07": "Submission of Matters to a Vote of Security Holders",
    "5.08": "Shareholder Director Nominations",
    "6.01": "ABS Informational and Computational Material",
    "7.01": "Regulation FD Disclosure",
    "8.01": "Other Events",
    "9.01": "Financial Statements and Exhibits",
}
"""What the items of form 8-K are about, by number. Source: the form's general instructions."""


def title_of(raw: Mapping[str, Any], feed: Mapping[str, Any]) -> str:
    """The title with the company, which EDGAR leaves to the feed; as it stands where that names none."""
    title, company = str(raw.get("title") or ""), _plain(feed, "conformed-name")
    return f"{title}: {company}" if raw.get("filing-type") and company and company not in title else title


def text_of(raw: Mapping[str, Any]) -> list[str]:
    """Lines of HTML that say what was filed and when; none where it is no filing."""
    form = _plain(raw, "filing-type")
    if not form:
        return []
    numbers = re.findall(r"\b[1-9]\.[0-9]{2}\b", _plain(raw, "items-desc"))
    lines = [f"Form {form}: {_plain(raw, 'form-name')}".removesuffix(": ")]
    lines += [f"Item {number}: {ITEMS_OF_8K.get(number, '')}".removesuffix(": ") for number in numbers]
    filed, accession = _plain(raw, "filing-date"), _plain(raw, "accession-number")
    lines += [f"Filed: {filed}"] if filed else []
    lines += [f"Accession number: {accession}"] if accession else []
    return lines


def _plain(mapping: Mapping[str, Any], name: str) -> str:
    return " ".join(str(mapping.get(name) or "").split())
