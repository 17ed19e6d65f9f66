"""The table of deals: what it shows, filters, sorts and pages, and the list of rulings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.domain import Party, Status
from pipeline.flow import rulings
from pipeline.flow.rulings import Verb, Wish
from pipeline.store import ledger
from pipeline.web.site import Site
from tests.support.hostile_texts import TEXTS
from tests.support.ledger import save, state
from tests.web.conftest import Browser
from tests.web.html import active, parsed, rows, text

WATCH = "openai-infrastructure-deals"
ORACLE, NVIDIA, AMD = "OpenAI and Oracle (compute)", "OpenAI and Nvidia (chips)", "OpenAI and AMD (chips)"
ABILENE, NEW_MEXICO = "OpenAI: Abilene (datacenter)", "OpenAI: New Mexico (datacenter)"
BROADCOM, POWER = "OpenAI and Broadcom (chips)", "OpenAI and Llano Ridge Energy (power)"


def add(site: Site, *numbers: int) -> None:
    """Deals of these numbers, each with another company, mentioned a minute apart long ago."""
    with site.store.write() as session:
        for number in numbers:
            told = state().sources[0].published + timedelta(minutes=number)
            sources = tuple(type(s)(s.article, s.url, told, s.origin, s.official) for s in state().sources)
            given = state(key=f"k{number}", anchor=f"k{number}", sources=sources, facts={})
            save(session, WATCH, given, f"Deal number {number:03}", site.now())


def titles(browser: Browser, query: str) -> list[str]:
    return [row["Deal"] for row in rows(parsed(browser.get(f"/deals?{query}")))]


def test_a_row_says_what_is_known(browser: Browser) -> None:
    """In few characters, with a link to the deal and to those of its companies."""
    tree = parsed(browser.get("/deals"))

    [row] = [row for row in rows(tree) if row["Deal"] == NVIDIA]
    assert [row[name] for name in ("Companies", "Kind", "Status", "Amount", "Capacity", "Sources")] == [
        *("Nvidia", "chips", "signed", "≤$100B", "10 GW", "4")
    ]
    assert row["First seen"]
    assert browser.get(tree.xpath(f"//a[.='{NVIDIA}']/@href")[0]).status_code == 200
    assert titles(browser, tree.xpath("//a[.='Nvidia']/@href")[0].partition("?")[2]) == [NVIDIA]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("party=ORCL", {ORACLE, ABILENE, NEW_MEXICO}),
        ("party=ORCL&kind=compute", {ORACLE}),
        ("party=oracle&kind=chips", set()),
        ("kind=power", {POWER}),
        ("status=signed", {NVIDIA, POWER}),
        ("least_usd=50bn", {ORACLE, NVIDIA}),
        ("least_usd=%24300+billion", {ORACLE}),
        ("least_usd=3e11", {ORACLE}),
        ("least_gw=6", {NVIDIA, AMD, BROADCOM}),
        ("least_gw=6000+MW", {NVIDIA, AMD, BROADCOM}),
        ("words=llano", {POWER}),
        ("words=AMD+chips&since=52w", {AMD}),
        ("words=AMD&since=2999-01-01", set()),
        (f"watch={WATCH}&party=amd", {AMD}),
    ],
)
def test_filters(browser: Browser, query: str, found: set[str]) -> None:
    """Each narrows the table, and several do together."""
    answer = browser.get(f"/deals?{query}")

    tree = parsed(answer)
    assert answer.status_code == 200
    assert {row["Deal"] for row in rows(tree)} == found
    assert text(tree.xpath("//h1/span[@class='count']")[0]) == str(len(found))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("least_usd=lots", "'lots' is no amount"),
        ("least_usd=%E2%82%AC5bn", "is no amount"),
        ("least_gw=5+apples", "'5 apples' is no capacity"),
        ("kind=compte", "Did you mean compute?"),
        ("status=sign", "Did you mean signed?"),
        ("party=Orakle", "Did you mean Oracle?"),
        ("since=whenever", "'whenever' is no time"),
        ("watch=none", "There is no watch 'none'"),
        ("sort=colour", "cannot be sorted by 'colour'"),
    ],
)
def test_what_cannot_be_understood_is_told(browser: Browser, query: str, said: str) -> None:
    """With the way out, above an empty table, and what was typed stays in the form."""
    answer = browser.get(f"/deals?{query}&words=oracle")

    tree = parsed(answer)
    assert answer.status_code == 400
    assert said in text(tree.xpath("//*[@role='alert']")[0])
    assert rows(tree) == []
    assert tree.xpath("//input[@name='words']/@value") == ["oracle"]


def test_no_figure_breaks_the_page(browser: Browser) -> None:
    """Whatever is asked for as a figure is answered."""
    for least in ("nan", "inf", "1e99", "-5", "9" * 150):
        assert browser.get(f"/deals?least_usd={least}&least_gw={least}").status_code in (200, 400), least


def test_sorting_turns_round(browser: Browser) -> None:
    """The head of a column sorts by it, the largest first, and then the other way; what has none stands last."""
    tree = parsed(browser.get("/deals?kind=&words=OpenAI"))
    down = tree.xpath("//th/a[starts-with(., 'Amount')]/@href")[0]
    up = parsed(browser.get(down)).xpath("//th/a[starts-with(., 'Amount')]/@href")[0]

    first, last = ([row["Amount"] for row in rows(parsed(browser.get(path)))] for path in (down, up))
    known = [amount for amount in first if amount]
    assert first[:2] == ["$300B", "≤$100B"]
    assert [amount for amount in last if amount] == known[::-1]
    assert first[-1] == last[-1] == ""
    assert "words=OpenAI" in up
    assert parsed(browser.get(down)).xpath("//th[@aria-sort='descending']/a/text()") == ["Amount"]


def test_pages_hold_fifty(browser: Browser, site: Site) -> None:
    """The rest follows, in the same order and by the same filters, and nothing stands twice."""
    add(site, *range(110))

    tree = parsed(browser.get("/deals?words=number&sort=title"))
    found = [row["Deal"] for row in rows(tree)]
    while further := tree.xpath("//a[@rel='next']/@href"):
        tree = parsed(browser.get(further[0]))
        found += [row["Deal"] for row in rows(tree)]
    assert found == [f"Deal number {number:03}" for number in range(110)]
    assert "Page 3 of 3" in text(tree.xpath("//nav[@class='pager']")[0])
    assert text(tree.xpath("//h1")[0]) == "Deals110"


def test_dismissed_and_superseded_deals_are_marked(browser: Browser, site: Site) -> None:
    """Dismissed ones are shown only where they are asked for."""
    with site.store.write() as session:
        save(session, WATCH, state(key="a", anchor="a", dismissed=True, facts={}), "Dismissed one", site.now())
        save(session, WATCH, state(key="b", anchor="b", status=Status.CANCELLED, facts={}), "Old one", site.now())
        save(session, WATCH, state(key="c", anchor="c", supersedes="b", facts={}), "New one", site.now())

    assert set(titles(browser, "words=one")) == {"Old one superseded", "New one"}
    assert set(titles(browser, "words=one&dismissed=true")) >= {"Dismissed one dismissed"}


def test_figures_that_look_wrong_are_marked(browser: Browser, site: Site) -> None:
    """With the reason where one asks."""
    with site.store.write() as session:
        save(session, WATCH, state(key="a", anchor="a"), "Odd one", site.now())

    tree = parsed(browser.get("/deals?words=odd"))
    assert "outside the usual" in tree.xpath("//tbody//span[.='check figures']/@title")[0]


def test_an_empty_table_says_so(browser: Browser) -> None:
    """And how to see more."""
    tree = parsed(browser.get("/deals?words=nothing-is-called-so"))

    assert "No deal fits" in text(tree.xpath("//p[@class='empty']")[0])
    assert tree.xpath("//a[.='Clear']/@href") == ["/deals"]


def test_the_export_has_the_same_filters(browser: Browser) -> None:
    """As the API names them, in numbers."""
    tree = parsed(browser.get("/deals?party=ORCL&least_usd=50bn&dismissed=true&sort=title&page=1"))

    links = tree.xpath("//a[@download]/@href")
    assert [link.partition("?")[0] for link in links] == [
        f"/api/v1/deals.{form}" for form in ("csv", "jsonl", "parquet")
    ]
    assert {link.partition("?")[2] for link in links} == {"party=oracle&dismissed=true&least_usd=50000000000.0"}


def test_no_text_of_strangers_runs(browser: Browser, site: Site) -> None:
    """Titles, names and slugs of companies are shown as text."""
    told = [each.encode(errors="ignore").decode() for each in TEXTS.values()]
    with site.store.write() as session:
        for number, each in enumerate(told):
            party = Party(each[:300] or "x", each, "supplier", known=False)
            save(session, WATCH, state(key=f"a{number}", anchor=f"a{number}", parties=(party,)), each, site.now())

    first, second = (browser.get(f"/deals?sort=first&page={page}") for page in (1, 2))
    found = rows(parsed(first)) + rows(parsed(second))
    assert len(found) > len(told)
    assert active(parsed(first)) == active(parsed(second)) == []
    assert any(row["Deal"].startswith("<script>alert(1)</script>News") for row in found)
    assert len(first.content) < 150_000


def test_rulings_are_listed_and_undone(browser: Browser, site: Site) -> None:
    """The latest first, in words, with the deals they are of; undone ones stay."""
    with site.store.read() as session:
        number = next(deal.id or 0 for deal in ledger.find(session, ledger.Filter()) if deal.title == ORACLE)
    for value in ("signed", "operating"):
        wish = Wish(Verb.SET, number, field="status", value=value)
        rulings.decide(site.settings, site.store, [wish], site.now())

    listed = rows(parsed(browser.get("/deals/rulings")))
    tree = parsed(browser.post("/deals/rulings/2/undo"))

    assert [row["What"] for row in listed] == [f"status of deal {number} set to {to}" for to in ("operating", "signed")]
    assert listed[0]["Deals"] == f"{ORACLE} {number}"
    assert text(tree.xpath("//*[@role='status']")[0]) == f"Undone: status of deal {number} set to operating."
    assert "undone" in rows(tree)[0]["Undo"]
    assert titles(browser, "status=signed&party=oracle") == [ORACLE]


def test_a_ruling_that_is_none_cannot_be_undone(browser: Browser) -> None:
    """That is told on the list."""
    for number in (9, 2**63, 10**30):
        tree = parsed(browser.post(f"/deals/rulings/{number}/undo"))

        assert "There is no ruling" in text(tree.xpath("//*[@role='status']")[0])
        assert "No rulings yet" in text(tree.xpath("//main")[0])
