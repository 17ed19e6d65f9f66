"""Everything that a person can do on the pages, done in Chromium, on a phone and on a wide screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.store import articles, ledger, outbox
from pipeline.web.site import Site
from tests.web.chromium import Program, Window, window
from tests.web.conftest import Browser

LOOKS = [("light", 1440), ("dark", 390)]


@contextmanager
def looking(chromium: Program, browser: Browser, theme: str, width: int) -> Iterator[Window]:
    """A window that must have nothing to complain of at the end."""
    with window(chromium, browser.base, theme, width) as seen:
        yield seen

        assert not seen.complaints, "\n".join(seen.complaints)


def opened(seen: Window, summary: str) -> None:
    """Open what is folded in under these words, where it is not open."""
    folded = seen.page.locator("details", has=seen.page.get_by_text(summary, exact=True)).first
    if folded.get_attribute("open") is None:
        folded.locator("summary").click()


def said(seen: Window) -> str:
    return seen.page.get_by_role("status").inner_text()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_deals_are_ruled_on(chromium: Program, browser: Browser, site: Site, theme: str, width: int) -> None:
    """Set, merge, split, dismiss and mute, each taken back again; then the ledger is as it was."""
    with site.store.read() as session:
        before = {deal.id: (deal.title, deal.status) for deal in ledger.find(session, ledger.Filter())}
        deal = max(ledger.find(session, ledger.Filter()), key=lambda d: len(d.data["sources"]))
        other = next(d for d in ledger.find(session, ledger.Filter()) if d.id != deal.id)
    here = f"/deals/{deal.id}"
    with looking(chromium, browser, theme, width) as seen:
        page = seen.page

        def undo() -> None:
            page.get_by_role("button", name="Undo ruling").first.click()
            assert "undone" in said(seen).lower() or "taken back" in said(seen).lower()

        seen.goto(here)
        opened(seen, "Set fields")
        page.get_by_label("Title").fill("By another name")
        page.get_by_label("Amount").fill("$7bn")
        page.get_by_role("button", name="Set", exact=True).click()
        assert page.get_by_role("heading", level=1).inner_text() == "By another name"
        assert "$7 billion" in page.content()
        undo()
        undo()

        seen.goto(here)
        opened(seen, "Set fields")
        page.get_by_label("Amount").fill("a lot")
        page.get_by_role("button", name="Set", exact=True).click()
        assert page.get_by_label("Amount").input_value() == "a lot"
        seen.complaints.clear()  # the browser tells of the 400

        seen.goto(here)
        page.get_by_label("Choose article").first.check()
        page.get_by_role("button", name="Split off chosen").click()
        assert said(seen)
        seen.goto(here)
        undo()

        seen.goto(here)
        opened(seen, "Merge into another deal")
        page.get_by_label("The deal it is the same as").fill(str(other.id))
        page.get_by_role("button", name="Merge", exact=True).click()
        assert said(seen)
        seen.goto("/deals/rulings")
        undo()

        seen.goto(here)
        opened(seen, "Mute")
        page.get_by_label("Days").fill("3")
        page.get_by_role("button", name="Mute", exact=True).click()
        opened(seen, "Muted")
        page.get_by_role("button", name="Tell of it again").click()
        opened(seen, "Mute")

        opened(seen, "Not a deal")
        page.get_by_role("button", name="Dismiss", exact=True).click()
        seen.goto("/deals")
        assert page.locator(f'a.main[href="{here}"]').count() == 0
        seen.goto("/deals/rulings")
        undo()

    with site.store.read() as session:
        after = {d.id: (d.title, d.status) for d in ledger.find(session, ledger.Filter())}
    assert after == before


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_deals_are_found(chromium: Program, browser: Browser, theme: str, width: int) -> None:
    """The table is narrowed and sorted by what its address says; the keyboard gets there too."""
    with looking(chromium, browser, theme, width) as seen:
        page = seen.page
        seen.goto("/deals")
        page.get_by_label("Kind").select_option("chips")
        page.wait_for_url("**kind=chips**")
        kinds = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
        assert kinds
        assert set(kinds) == {"chips"}
        page.get_by_role("link", name="Capacity").click()
        page.wait_for_url("**sort=**")
        assert page.locator("th[aria-sort]").inner_text().startswith("Capacity")
        page.keyboard.press("/")
        page.keyboard.type("gigawatt")
        page.keyboard.press("Enter")
        page.wait_for_url("**/articles?q=gigawatt")
        assert page.locator("mark").count() > 0


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_articles_are_labelled(chromium: Program, browser: Browser, site: Site, theme: str, width: int) -> None:
    """Yes, no, and taken back."""
    with site.store.read() as session:
        article = articles.find(session, articles.Filter(flagged=True))[0]
    with looking(chromium, browser, theme, width) as seen:
        page = seen.page
        seen.goto(f"/articles/{article.id}")
        page.get_by_role("button", name="neither").first.click()
        assert page.get_by_role("button", name="neither").first.get_attribute("aria-pressed") == "true"
        page.get_by_role("button", name="is about this").first.click()
        assert page.get_by_role("button", name="is about this").first.get_attribute("aria-pressed") == "true"
        page.get_by_role("button", name="take back").click()
        assert page.locator("[aria-pressed=true]").count() == 0


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_feeds_and_deliveries_are_hurried(
    chromium: Program, browser: Browser, site: Site, theme: str, width: int
) -> None:
    """A feed is polled now, what is dead goes out again, a watch is muted and is not."""
    with site.store.write() as session:
        row = outbox.listing(session, most=1)[0]
        row.state, row.last_error = "dead", "HTTP 500"  # type: ignore[assignment]
        session.add(row)
    with looking(chromium, browser, theme, width) as seen:
        page = seen.page
        seen.goto("/feeds/1")
        page.get_by_role("button", name="Poll now").click()
        assert said(seen)

        seen.goto("/deliveries?state=dead")
        assert "HTTP 500" in page.content()
        page.get_by_role("button", name=f"Send {row.id} again").click()
        seen.goto(f"/deliveries/{row.id}")
        assert "pending" in page.content()

        seen.goto("/deliveries")
        page.get_by_role("button", name="Mute", exact=True).click()
        page.get_by_role("button", name="Unmute").click()
        assert "Nothing is muted" in page.content()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_watches_are_tried_and_saved(chromium: Program, browser: Browser, site: Site, theme: str, width: int) -> None:
    """A fault is told with its line; a text is judged; what is saved keeps every comment."""
    file = site.settings.folder / "watches.yaml"
    before = file.read_text()
    with looking(chromium, browser, theme, width) as seen:
        page = seen.page
        seen.goto("/watches/try")
        page.get_by_label("watches.yaml").fill("watches: {}")
        page.get_by_role("button", name="Try", exact=True).click()
        page.get_by_text("watches.yaml:1").first.wait_for()
        seen.complaints.clear()  # the browser tells of the 400

        seen.goto("/watches/try")
        page.get_by_label("A text to judge").fill(
            "Oracle will lease a 2 gigawatt data center to OpenAI for $10 billion."
        )
        page.get_by_label("watches.yaml").fill(before.replace("- Greg Brockman\n", "- Greg Brockman\n        - Quux\n"))
        page.get_by_role("button", name="Try", exact=True).click()
        page.locator("mark").first.wait_for()
        assert page.get_by_label("A text to judge").input_value().startswith("Oracle")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("status").wait_for()

    assert file.read_text() == before.replace("- Greg Brockman\n", "- Greg Brockman\n        - Quux\n")
    site.look()
    assert "Quux" in site.settings.watches["openai-infrastructure-deals"].all["who"]
