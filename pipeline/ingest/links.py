"""Links of strangers to URLs that may be stored: absolute, http(s), cleaned of tracking. Pure."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from pipeline.ingest.plain import UNSTORABLE

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_hs(?:enc|mi)|mkt_tok", re.IGNORECASE
)
_LONGEST = 4000


def absolute(link: str, base: str) -> str:
    """The link as an absolute http(s) URL, or an empty string. Longer than 4,000 characters it is taken for none."""
    link = UNSTORABLE.sub("", link[: 2 * _LONGEST]).strip()
    try:
        url = urljoin(base, link).replace(" ", "%20")
        parts = urlsplit(url)
    except ValueError:
        return ""
    fits = link and len(url) <= _LONGEST and parts.scheme in ("http", "https") and parts.hostname
    return url if fits else ""


def canonical(url: str) -> str:
    """The URL without tracking parameters and fragment, host in lower case; all else as it is.

    What looks idle may name the article: a parameter without a value stays, and so does a fragment that starts with !.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    except ValueError:
        return url
    kept = [part for part in parts.query.split("&") if not _TRACKING.fullmatch(part.partition("=")[0])]
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit((parts.scheme, host, parts.path, "&".join(kept), fragment))
