"""The demo: write a configuration for the sample site, run the pipeline on it, and tell what arrived."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import flow
from pipeline.config.shipped import shipped_folder
from pipeline.demo.catch import mail_server, webhook_receiver
from pipeline.demo.site import Site, serve
from pipeline.domain import Message
from pipeline.engine.stages import Show, once
from pipeline.errors import UsageError
from pipeline.store import articles, ledger


@dataclass(frozen=True)
class Result:
    """What the demo made: the alerts as text, the digest as text, and how much was sent where."""

    articles: int
    feeds: int
    flagged: int
    deals: int
    alerts: tuple[str, ...]
    digest: str
    mails: int
    posts: int
    kept: Path | None

    def lines(self) -> Iterator[str]:
        rule = "=" * 72
        yield f"{self.articles} articles from {self.feeds} feeds of a sample site; {self.flagged} flagged."
        yield f"They tell of {self.deals} deals: {len(self.alerts)} alerts, and not one for each article."
        yield f"\n{rule}\nALERTS, as they arrived by mail\n{rule}"
        for alert in self.alerts:
            yield alert
            yield "-" * 72
        yield f"\n{rule}\nTHE DIGEST\n{rule}\n{self.digest}"
        yield f"{self.mails} mails and {self.posts} webhook posts were received on this machine; nothing left it."
        if self.kept:
            yield f"Kept in {self.kept}. Look around: dealwire --config {self.kept / 'config'} articles --flagged"


def show(keep: Path | None, progress: Show) -> Result:
    """Run the demo; `keep` is an empty or new folder to leave configuration and state in. Raises UsageError."""
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep} is not empty. Name a new folder.")
    now = datetime.now(UTC)
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dealwire-demo-")))
        site = stack.enter_context(serve(now))
        mailbox, port = stack.enter_context(mail_server())
        posts, hook = stack.enter_context(webhook_receiver())
        write_config(folder / "config", site, port, hook)
        settings = flow.load_settings(folder / "config")
        store = stack.enter_context(flow.open_store(settings))
        tools = stack.enter_context(flow.open_tools(settings, store, _say_nothing))
        reports = once(tools, progress)
        flow.digest(settings, store, now, flow.current_day(settings, now))
        once(tools, progress)
        with store.read() as session:
            flagged, deals = articles.counts(session).flagged, len(ledger.find(session, ledger.Filter()))
    texts = [_text(mail) for mail in mailbox.mails]
    return Result(
        articles=reports["poll"].counts.get("new", 0),
        feeds=len(settings.feeds),
        flagged=flagged,
        deals=deals,
        alerts=tuple(text for text in texts if not text.startswith("DEALWIRE DIGEST")),
        digest=next((text for text in texts if text.startswith("DEALWIRE DIGEST")), ""),
        mails=len(mailbox.mails),
        posts=len(posts),
        kept=keep,
    )


def write_config(folder: Path, site: Site, smtp_port: int, hook: str) -> None:
    """The shipped watches and companies, the sample feeds, and channels that lead to the catchers."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in [
        shipped_folder() / "watches.yaml",
        shipped_folder() / "companies.yaml",
        *shipped_folder().glob("*.weights.yaml"),
    ]:
        shutil.copyfile(path, folder / path.name)
    general: dict[str, Any] = {
        "state": "../state",
        "http": {"allow_private": ["127.0.0.1"], "per_host": 16, "spacing": 0},
        "channels": {
            "inbox": {
                "type": "email",
                "to": ["analyst@example.org"],
                "sender": "Dealwire <dealwire@example.org>",
                "host": "127.0.0.1",
                "port": smtp_port,
                "security": "none",
            },
            "desk-webhook": {"type": "webhook", "url": hook},
        },
    }
    feeds = [{"name": feed.title, "url": f"{site.base}/{feed.slug}", "tier": feed.tier} for feed in site.feeds]
    # JSON is YAML.
    (folder / "dealwire.yaml").write_text(json.dumps(general, indent=2), encoding="utf-8")
    (folder / "feeds.yaml").write_text(json.dumps({"feeds": feeds}, indent=2), encoding="utf-8")


def _text(mail: Any) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()).strip() if part else ""


def _say_nothing(message: Message) -> None:
    """The catchers show what arrives."""
