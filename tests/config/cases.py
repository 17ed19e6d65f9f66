"""Broken configurations: what stands in one file, and what must be said of it."""

from __future__ import annotations

from dataclasses import dataclass

GENERAL = "state: ../state\n"
FEEDS = "feeds:\n  - name: One\n    url: https://one.example/feed\n"
WATCHES = "watches:\n  deals:\n    title: Deals\n    all:\n      who: [OpenAI]\n"
COMPANIES = "companies:\n  nvidia:\n    name: Nvidia\n"

VALID = {"dealwire.yaml": GENERAL, "feeds.yaml": FEEDS, "watches.yaml": WATCHES, "companies.yaml": COMPANIES}


@dataclass(frozen=True)
class Case:
    """`content` stands in `file` (None: there is no such file); `line` 0 where there is none to name."""

    id: str
    file: str
    content: str | bytes | None
    line: int
    key: str
    says: tuple[str, ...]


def _watch(terms: str, group: str = "all:\n      who: ") -> str:
    """A watch whose terms stand in line 5 (or 4, for a group on one line)."""
    return f"watches:\n  deals:\n    title: Deals\n    {group}{terms}\n"


def _general(section: str, line: str) -> str:
    return f"# How it runs\n{section}:\n  {line}\n"


_EMAIL = "channels:\n  inbox:\n    type: email\n    to: [{to}]\n    sender: desk@example.org\n    host: localhost\n"
_TWO_FEEDS = FEEDS + "  - name: {name}\n    url: {url}\n"
_WHO = "watches.deals.all.who"

CASES = [
    # keys
    Case("unknown-key-top", "dealwire.yaml", "state: x\nshedule: {}\n", 2, "shedule", ("not a known key", "schedule?")),
    Case(
        "unknown-key-nested",
        "dealwire.yaml",
        _general("http", "time_out: 20s"),
        3,
        "http.time_out",
        ("not a known key", "Did you mean timeout?"),
    ),
    Case(
        "unknown-key-in-list",
        "feeds.yaml",
        FEEDS + "    teir: press\n",
        4,
        "feeds.0.teir",
        ("not a known key", "Did you mean tier?"),
    ),
    Case(
        "unknown-key-in-channel",
        "dealwire.yaml",
        "channels:\n  hook:\n    type: webhook\n    url: https://a.example\n    header: {}\n",
        5,
        "channels.hook.header",
        ("not a known key", "Did you mean headers?"),
    ),
    Case(
        "unknown-key-like-none",
        "companies.yaml",
        COMPANIES + "    zzzzz: 1\n",
        4,
        "companies.nvidia.zzzzz",
        ("not a known key", "Use one of: aliases, domains, name, roles, tickers."),
    ),
    Case("missing-key", "feeds.yaml", "feeds:\n  - name: One\n", 2, "feeds.0.url", ("is missing", "Add it.")),
    Case("missing-list", "companies.yaml", "{}\n", 1, "companies", ("is missing", "Add it.")),
    Case(
        "duplicate-key",
        "watches.yaml",
        WATCHES + "    title: Again\n",
        6,
        "watches.deals.title",
        ("stands twice (first in line 3)", "Keep one"),
    ),
    # types
    Case("text-for-list", "watches.yaml", _watch("OpenAI"), 5, _WHO, ("must be a list", "Write it as [one, two]")),
    Case(
        "list-for-text",
        "watches.yaml",
        "watches:\n  deals:\n    title: [Deals]\n    all: {who: [OpenAI]}\n",
        3,
        "watches.deals.title",
        ("must be text", "one line of text"),
    ),
    Case(
        "text-for-mapping",
        "watches.yaml",
        "watches:\n  deals: OpenAI\n",
        2,
        "watches.deals",
        ("must be a mapping", "`name: value`"),
    ),
    Case(
        "number-for-text",
        "feeds.yaml",
        _TWO_FEEDS.format(name=2024, url="https://b.example"),
        4,
        "feeds.1.name",
        ("must be text", "Quote it"),
    ),
    Case(
        "bad-bool",
        "feeds.yaml",
        FEEDS + "    enabled: maybe\n",
        4,
        "feeds.0.enabled",
        ("must be true or false", "without quotes"),
    ),
    Case(
        "bad-whole-number",
        "dealwire.yaml",
        _general("http", "concurrency: many"),
        3,
        "http.concurrency",
        ("must be a whole number", "in digits"),
    ),
    Case(
        "number-too-large",
        "dealwire.yaml",
        _general("http", "per_host: 1000"),
        3,
        "http.per_host",
        ("must be 64 or less",),
    ),
    Case("list-without-items", "feeds.yaml", "feeds:\n", 1, "feeds", ("must be a list", "Write it as [one, two]")),
    # terms
    Case(
        "bad-regex",
        "watches.yaml",
        _watch("[OpenAI, /(/]"),
        5,
        f"{_WHO}.1",
        ("'/(/' is not a regular expression", "missing )", "Terms are written as"),
    ),
    Case(
        "bad-regex-below",
        "watches.yaml",
        _watch("\n        - OpenAI\n        - /[/"),
        7,
        f"{_WHO}.1",
        ("'/[/' is not a regular expression", "Terms are written as"),
    ),
    Case("backreference", "watches.yaml", _watch(r"['/(a)\1/']"), 5, f"{_WHO}.0", ("not a regular expression of RE2",)),
    Case(
        "regex-matches-empty",
        "watches.yaml",
        _watch("[/x*/]"),
        5,
        f"{_WHO}.0",
        ("matches the empty text", "Terms are written as"),
    ),
    Case("regex-not-closed", "watches.yaml", _watch("[/abc]"), 5, f"{_WHO}.0", ("write /pattern/",)),
    Case(
        "lone-quote",
        "watches.yaml",
        _watch("""['"AMD']"""),
        5,
        f"{_WHO}.0",
        ("quotation mark at one end only", "Terms are written as"),
    ),
    Case(
        "star-in-the-middle",
        "watches.yaml",
        _watch("[giga*watt]"),
        5,
        f"{_WHO}.0",
        ("may have * at its end only", "gigawatt*"),
    ),
    Case("no-word", "watches.yaml", _watch("['...']"), 5, f"{_WHO}.0", ("holds no word", "Terms are written as")),
    Case("bare-at", "watches.yaml", _watch("['@']"), 5, f"{_WHO}.0", ("names no company", "companies.yaml")),
    Case(
        "bad-term-of-none",
        "watches.yaml",
        WATCHES + "    none: [a*b]\n",
        6,
        "watches.deals.none.0",
        ("'a*b' may have * at its end only", "Terms are written as"),
    ),
    Case("empty-group", "watches.yaml", _watch("[]"), 5, _WHO, ("must hold at least one item", "Add an item")),
    Case("no-groups", "watches.yaml", _watch("{}", "all: "), 4, "watches.deals.all", ("is missing", "Add")),
    Case(
        "bad-within",
        "watches.yaml",
        WATCHES + "    within: page\n",
        6,
        "watches.deals.within",
        ("'page' must be sentence, paragraph, article", "25 words"),
    ),
    Case(
        "bad-watch-name",
        "watches.yaml",
        WATCHES.replace("deals", "My Deals"),
        2,
        "watches.My Deals",
        ("lower-case letters, digits and hyphens", "Rename it"),
    ),
    Case("company-unquoted", "watches.yaml", _watch("[OpenAI, @nvidia]"), 5, "", ("not valid YAML", "starts with @")),
    Case("star-first", "watches.yaml", _watch("[*watt]"), 5, "", ("not valid YAML", "starts with *")),
    Case("company-tagged", "watches.yaml", _watch('[!name "AMD"]'), 5, f"{_WHO}.0", ("has the tag", "Remove the tag")),
    Case("number-tagged", "watches.yaml", _watch('[!!int "5"]'), 5, f"{_WHO}.0", ("must be text", "Quote it")),
    # references
    Case(
        "unknown-channel-of-watch",
        "watches.yaml",
        WATCHES + "    notify: [locale]\n",
        6,
        "watches.deals.notify.0",
        ("'locale' is not a channel", "Did you mean local?"),
    ),
    Case(
        "unknown-channel-of-digest",
        "dealwire.yaml",
        _EMAIL.format(to="a@b.example") + "digest:\n  notify: [inbix]\n",
        8,
        "digest.notify.0",
        ("'inbix' is not a channel", "Did you mean inbox?"),
    ),
    Case(
        "unknown-company",
        "watches.yaml",
        _watch("[OpenAI, '@nvidea']"),
        5,
        f"{_WHO}.1",
        ("@nvidea is not a company of companies.yaml", "Did you mean nvidia?"),
    ),
    Case(
        "unknown-company-of-none",
        "watches.yaml",
        WATCHES + "    none:\n      - '@zzz'\n",
        7,
        "watches.deals.none.0",
        ("@zzz is not a company of companies.yaml", "Use one of: nvidia."),
    ),
    Case(
        "duplicate-feed-name",
        "feeds.yaml",
        _TWO_FEEDS.format(name="One", url="https://b.example"),
        4,
        "feeds.1.name",
        ("'One' stands twice (first in line 2)", "Keep one."),
    ),
    Case(
        "duplicate-feed-url",
        "feeds.yaml",
        _TWO_FEEDS.format(name="Two", url="https://one.example/feed"),
        5,
        "feeds.1.url",
        ("stands twice (first in line 3)", "Keep one."),
    ),
    Case(
        "duplicate-alias",
        "companies.yaml",
        COMPANIES + "  amd:\n    name: AMD\n    aliases: [Nvidia]\n",
        6,
        "companies.amd.aliases",
        ("'Nvidia' already names nvidia", "Keep one."),
    ),
    # values
    Case(
        "bad-duration",
        "dealwire.yaml",
        _general("schedule", "poll_every: 15 minutes"),
        3,
        "schedule.poll_every",
        ("'15 minutes' must be a duration such as 30s",),
    ),
    Case(
        "duration-zero", "dealwire.yaml", _general("http", "timeout: 0s"), 3, "http.timeout", ("between 1s and 365d",)
    ),
    Case(
        "bad-story-window",
        "watches.yaml",
        WATCHES + "    story_window: 0h\n",
        6,
        "watches.deals.story_window",
        ("must be 0 (off) or a duration such as 12h",),
    ),
    Case("duration-number", "feeds.yaml", FEEDS + "    every: 30\n", 4, "feeds.0.every", ("30 must be a duration",)),
    Case(
        "bad-size",
        "dealwire.yaml",
        _general("http", "max_body: 10MB"),
        3,
        "http.max_body",
        ("'10MB' must be a size such as 500KiB",),
    ),
    Case(
        "bad-time", "dealwire.yaml", _general("digest", "at: 7am"), 3, "digest.at", ('a time of day such as "07:00"',)
    ),
    Case(
        "bad-zone",
        "dealwire.yaml",
        _general("digest", "timezone: Mars/Base"),
        3,
        "digest.timezone",
        ("'Mars/Base' must be 'local' or a time zone name such as Europe/London",),
    ),
    Case(
        "bad-url",
        "feeds.yaml",
        "feeds:\n  - name: One\n    url: one.example/feed\n",
        3,
        "feeds.0.url",
        ("must be a web address such as https://",),
    ),
    Case(
        "ftp-url",
        "feeds.yaml",
        "feeds:\n  - name: One\n    url: ftp://one.example\n",
        3,
        "feeds.0.url",
        ("must be a web address such as https://",),
    ),
    Case(
        "bad-port-in-url",
        "feeds.yaml",
        "feeds:\n  - name: One\n    url: http://one.example:x/\n",
        3,
        "feeds.0.url",
        ("must be a web address such as https://",),
    ),
    Case(
        "bad-mail",
        "dealwire.yaml",
        _EMAIL.format(to="desk"),
        4,
        "channels.inbox.to.0",
        ("'desk' must be an e-mail address such as desk@example.org",),
    ),
    Case(
        "bad-network",
        "dealwire.yaml",
        _general("http", "allow_private: [10.0.0.300]"),
        3,
        "http.allow_private.0",
        ("'10.0.0.300' must be an address or network such as 127.0.0.1",),
    ),
    Case(
        "bad-spacing",
        "dealwire.yaml",
        _general("http", "spacing: 1"),
        3,
        "http.spacing",
        ("must be 0 (off) or a duration",),
    ),
    *(
        Case(
            f"bad-proxy-{number}",
            "dealwire.yaml",
            _general("http", f"proxy: {proxy}"),
            3,
            "http.proxy",
            ("must be the address of a proxy such as http://proxy.example:3128",),
        )
        for number, proxy in enumerate(
            (
                "proxy.example:3128",
                "https://proxy.example:3128",
                "socks5://proxy.example:1080",
                "http://proxy.example:3128/path",
                "http://proxy.example:port",
                "http://",
            )
        )
    ),
    Case(
        "bad-tier",
        "feeds.yaml",
        FEEDS + "    tier: offical\n",
        4,
        "feeds.0.tier",
        ("'offical' is not allowed here", "Did you mean official?"),
    ),
    Case(
        "bad-security",
        "dealwire.yaml",
        _EMAIL.format(to="a@b.example") + "    security: ssl\n",
        7,
        "channels.inbox.security",
        ("'ssl' is not allowed here", "Use one of: none, starttls, tls."),
    ),
    Case(
        "unknown-channel-type",
        "dealwire.yaml",
        "channels:\n  inbox:\n    type: emial\n",
        3,
        "channels.inbox.type",
        ("'emial' is not a type of channel", "Did you mean email?"),
    ),
    Case(
        "channel-without-type",
        "dealwire.yaml",
        "channels:\n  inbox:\n    to: [a@b.example]\n",
        2,
        "channels.inbox",
        ("needs a type", "`type: email`"),
    ),
    Case(
        "unset-variable",
        "dealwire.yaml",
        _EMAIL.format(to="a@b.example") + "    password: ${DEALWIRE_NO_SUCH}\n",
        7,
        "channels.inbox.password",
        ("needs the environment variable DEALWIRE_NO_SUCH", "Set DEALWIRE_NO_SUCH"),
    ),
    # files
    Case("tabs", "watches.yaml", "watches:\n  deals:\n\t  title: Deals\n", 3, "", ("not valid YAML", "not tabs")),
    Case(
        "variable-in-brackets",
        "dealwire.yaml",
        "operation: {ping: ${PING}}\n",
        1,
        "",
        ("not valid YAML", 'quote it: "${NAME}"'),
    ),
    Case(
        "negative-number",
        "dealwire.yaml",
        "channels:\n  a: {type: webhook, url: 'https://a.example', most_per_hour: -1}\n",
        2,
        "channels.a.most_per_hour",
        ("must be 0 or more", "Write a larger one."),
    ),
    Case("open-bracket", "feeds.yaml", "feeds: [\n", 2, "", ("not valid YAML", "brackets")),
    Case("colon-in-text", "feeds.yaml", "feeds:\n  - name: One: two\n", 2, "", ("not valid YAML", 'holds ": "')),
    Case("outdented-item", "feeds.yaml", FEEDS + " - name: Two\n", 4, "", ("not valid YAML", "the same column")),
    Case("two-documents", "feeds.yaml", FEEDS + "---\nfeeds: []\n", 4, "", ("not valid YAML", "Remove the line ---")),
    Case("undefined-alias", "feeds.yaml", "feeds: *all\n", 1, "", ("not valid YAML", "starts with *")),
    Case(
        "anchor-to-itself",
        "companies.yaml",
        "companies:\n  a: &a\n    name: *a\n",
        3,
        "companies.a.name",
        ("an anchor refers to itself", "Write it out"),
    ),
    Case(
        "anchor-that-doubles",
        "companies.yaml",
        "companies: &a\n  b: [*a, *a]\n",
        1,
        "companies.b.0",
        ("an anchor refers to itself", "Write it out"),
    ),
    Case("nested-out-of-hand", "feeds.yaml", "feeds: " + "[" * 600, 1, "", ("nested too deeply", "brackets")),
    Case(
        "number-out-of-hand",
        "feeds.yaml",
        FEEDS + f"    tags: [{'9' * 5000}]\n",
        4,
        "feeds.0.tags.0",
        ("is no number that can be used", "Write"),
    ),
    Case("control-character", "feeds.yaml", FEEDS + "# bell \x07\n", 4, "", ("U+0007", "Remove it")),
    Case("scalar-document", "feeds.yaml", "feeds\n", 1, "", ("must be a mapping", "`name: value`")),
    Case("list-document", "companies.yaml", "# none\n- nvidia\n", 2, "", ("must be a mapping", "`name: value`")),
    Case("empty-file", "watches.yaml", "", 1, "", ("the file is empty", "`dealwire init`")),
    Case("comments-only", "watches.yaml", "# nothing\n", 1, "", ("the file is empty", "`dealwire init`")),
    Case("missing-file", "companies.yaml", None, 0, "", ("there is no such file", "`dealwire init`")),
    Case("latin-1", "feeds.yaml", b"feeds:\n  - name: Z\xfcrich\n", 2, "", ("is not UTF-8 text", "Save it as UTF-8.")),
    # the dashboard
    Case(
        "web-public-without-a-password",
        "dealwire.yaml",
        _general("web", "listen: 0.0.0.0:8420"),
        3,
        "web.listen",
        ("0.0.0.0:8420", "can be reached by others, so web.password must be set"),
    ),
    Case(
        "web-listen-without-a-port",
        "dealwire.yaml",
        _general("web", "listen: localhost"),
        3,
        "web.listen",
        ("must be an address with a port such as 127.0.0.1:8420",),
    ),
    Case(
        "web-host-that-is-none",
        "dealwire.yaml",
        _general("web", "hosts: ['https://desk.example/']"),
        3,
        "web.hosts.0",
        ("must be the name of a host such as dealwire.example.org",),
    ),
]
