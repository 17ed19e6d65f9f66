"""The pictures of the ledger, and the pages on which they stand with the same facts as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from pipeline.deals import books
from pipeline.domain import Party, Status
from pipeline.flow.deal_search import books as all_deals
from pipeline.store import ledger
from pipeline.web.pages.charts import WIDTHS
from pipeline.web.site import Site
from tests.support.hostile_texts import TEXTS
from tests.support.ledger import save, state
from tests.web.conftest import Browser
from tests.web.html import active, parsed, rows, text
from tests.web.test_deals import NVIDIA, ORACLE, WATCH

NAMES = ("timeline", "network", "growth")
PAGES = {"timeline": "/deals/timeline", "network": "/deals/network", "growth": "/deals/totals"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_is_a_picture_that_runs_nothing(browser: Browser, name: str, theme: str) -> None:
    """SVG with no script, no link and nothing loaded; as a document of its own it may not either."""
    answer = browser.get(f"/charts/{name}.svg?theme={theme}&width=700")

    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    tree = etree.fromstring(answer.content)
    assert tree.get("width") == "700"
    tags = {etree.QName(node).localname for node in tree.iter() if isinstance(node.tag, str)}
    assert not tags & {"script", "foreignObject", "image", "a", "style", "use", "iframe"}
    assert not [key for node in tree.iter() for key in node.attrib if key.startswith("on") or key.endswith("href")]


def test_a_chart_is_sent_again_only_when_the_ledger_changed(browser: Browser, site: Site) -> None:
    """Its ETag goes with the ledger, the theme and the width."""
    path = "/charts/network.svg?width=700"
    tag = browser.get(path).headers["ETag"]

    again = browser.get(path, headers={"If-None-Match": tag})
    wider = browser.get("/charts/network.svg?width=701", headers={"If-None-Match": tag})
    with site.store.write() as session:
        save(session, WATCH, state(key="x", anchor="x"), "Another", site.now())
    after = browser.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")
    assert (wider.status_code, wider.headers["ETag"] == tag) == (200, False)
    assert after.status_code == 200
    assert after.headers["ETag"] != tag


def test_what_cannot_be_drawn_is_refused(browser: Browser) -> None:
    """No request makes a picture of any size, or of nothing."""
    for path, status in (
        ("/charts/none.svg", 404),
        ("/charts/network.svg?width=100000", 400),
        ("/charts/network.svg?width=1", 400),
        ("/charts/network.svg?theme=pink", 400),
        ("/charts/network.svg?watch=none", 400),
        ("/deals/totals?watch=none", 400),
        ("/deals/timeline?page=0", 400),
        ("/deals/timeline?page=99", 200),
    ):
        assert browser.get(path).status_code == status, path


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_its_picture_for_every_window(browser: Browser, name: str) -> None:
    """In both themes and as high as it is said to be, so that nothing jumps; with words for who does not see it."""
    tree = parsed(browser.get(PAGES[name]))

    [image] = tree.xpath("//figure//img")
    assert len(image.get("alt")) > 30
    found = tree.xpath("//figure//source")
    assert {(s.get("width"), "dark" in s.get("media")) for s in found} == {
        (str(width), dark) for width in WIDTHS for dark in (True, False)
    }
    for each in found[:2]:
        drawn = etree.fromstring(browser.get(each.get("srcset")).content)
        assert float(drawn.get("height")) == pytest.approx(float(each.get("height")), abs=1)
        assert drawn.get("width") == each.get("width")


def test_the_timeline_is_told_in_a_table(browser: Browser, site: Site) -> None:
    """Every deal that stands on it, the latest first, and what is left out."""
    with site.store.write() as session:
        save(session, WATCH, state(key="x", anchor="x", dismissed=True), "Dismissed", site.now())

    tree = parsed(browser.get("/deals/timeline"))
    found = {row["Deal"]: row for row in rows(tree)}
    assert found[ORACLE]["US dollars"] == "$300B"
    assert found[NVIDIA]["Capacity"] == "10 GW"
    assert "Dismissed" not in found
    assert "Left out: 1 deal dismissed" in text(tree.xpath("//ul[@class='notes']")[0])


def test_the_network_is_told_in_a_table(browser: Browser) -> None:
    """Each company with what it does, the figures, and its deals; circles are marked."""
    tree = parsed(browser.get("/deals/network"))

    cells = {text(body.xpath(".//th")[0]): text(body) for body in tree.xpath("//tbody")}
    nvidia = next(said for name, said in cells.items() if name.startswith("Nvidia"))
    assert "supplies" in nvidia
    assert NVIDIA in nvidia
    assert "10 GW" in nvidia
    assert "$318B" in next(said for name, said in cells.items() if name.startswith("Oracle"))


def test_totals_are_those_of_the_books(browser: Browser, site: Site) -> None:
    """By status and in all, with what they count and the circles of money."""
    with site.store.read() as session:
        expected = books.totals(all_deals(session, WATCH))
        circles = books.circles(all_deals(session, WATCH))

    tree = parsed(browser.get("/deals/totals"))
    lines = tree.xpath("//table[@class='totals']/tbody/tr")
    found = {text(row.xpath("./th")[0]): [text(cell) for cell in row.xpath("./td")] for row in lines}
    assert list(found) == [*map(str, expected.by_status), "All but cancelled"]
    assert found["All but cancelled"][0] == str(expected.live.deals)
    assert found["All but cancelled"][1] == books.dollars(expected.live.usd)
    notes = text(tree.xpath("//ul[@class='notes']")[0])
    assert all(re.sub(r"\[(\d+)\]", r"\1", note) in notes for note in expected.notes)
    assert len(tree.xpath("//section[@class='card']")) == len(circles)


def test_what_is_shown_follows_the_ledger(browser: Browser, site: Site) -> None:
    """A deal that a person dismissed counts no more, and counts again when that is undone."""
    before = text(parsed(browser.get("/deals/totals")).xpath("//dl[@class='stats']")[0])
    with site.store.read() as session:
        number = next(deal.id for deal in ledger.find(session, ledger.Filter()) if deal.title == ORACLE)

    browser.post(f"/deals/{number}/dismiss")
    without = text(parsed(browser.get("/deals/totals")).xpath("//dl[@class='stats']")[0])
    browser.post("/deals/rulings/1/undo")
    after = text(parsed(browser.get("/deals/totals")).xpath("//dl[@class='stats']")[0])

    assert without != before
    assert after == before


def test_no_text_of_strangers_runs(browser: Browser, site: Site) -> None:
    """In no picture, and on no page."""
    with site.store.write() as session:
        for number, name in enumerate(TEXTS):
            told = TEXTS[name].encode(errors="ignore").decode()
            party = Party(told[:300] or "x", told, "supplier", known=False)
            given = state(key=f"a{number}", anchor=f"a{number}", parties=(party,), status=Status.SIGNED)
            save(session, WATCH, given, told, site.now())

    for name, path in PAGES.items():
        answer = browser.get(path)
        picture = browser.get(f"/charts/{name}.svg")

        assert answer.status_code == 200
        assert active(parsed(answer)) == []
        assert len(answer.content) < 150_000
        tree = etree.fromstring(picture.content)
        assert not tree.xpath("//*[local-name()='script' or local-name()='foreignObject' or local-name()='a']")


def test_an_empty_ledger_says_so(browser: Browser, site: Site) -> None:
    """And shows no picture."""
    with site.store.read() as session:
        numbers = [deal.id for deal in ledger.find(session, ledger.Filter())]
    for number in numbers:
        browser.post(f"/deals/{number}/dismiss")

    for name, path in PAGES.items():
        tree = parsed(browser.get(path))
        assert not tree.xpath("//figure")
        assert tree.xpath("//p[@class='empty']")
        assert browser.get(f"/charts/{name}.svg").status_code == 404


def test_without_a_ledger_there_is_nothing_to_draw(browser: Browser, site: Site, folder: Path) -> None:
    """Where no watch keeps one, the pages say so."""
    watches = folder / "config" / "watches.yaml"
    watches.write_text(watches.read_text(encoding="utf-8").replace("ledger: true", "ledger: false"), encoding="utf-8")
    site.look()

    for path in PAGES.values():
        answer = browser.get(path)
        assert answer.status_code == 200
        assert parsed(answer).xpath("//p[@class='empty']")
