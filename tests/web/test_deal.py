"""The page of a deal: what it shows, and all that a person may do there, and undo."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from pipeline.domain import Change, Kind, Party, Status
from pipeline.flow.replay import replay
from pipeline.models import Deal
from pipeline.store import ledger, mutes
from pipeline.web.site import Site
from tests.support.hostile_texts import HOMOGRAPH, LINKS, TEXTS
from tests.support.ledger import AMOUNT, CAPACITY, NEW, ORACLE, save, source, state
from tests.web.conftest import Browser
from tests.web.html import active, parsed, rows, text
from tests.web.test_deals import WATCH, titles

TITLE = "OpenAI and Oracle (compute)"
ACTIONS = ("set", "merge", "split", "dismiss", "mute", "unmute")


def find(site: Site, title: str = TITLE) -> Deal:
    with site.store.read() as session:
        [found] = [deal for deal in ledger.find(session, ledger.Filter(dismissed=True)) if deal.title == title]
        return found


def number(site: Site, title: str = TITLE) -> int:
    return find(site, title).id or 0


def articles_of(site: Site, number: int) -> list[int]:
    with site.store.read() as session:
        deal = ledger.get(session, number)
        return sorted({said["article"] for said in deal.data["sources"]}) if deal else []


def said(answer: requests.Response) -> str:
    """What the page tells of what was just done."""
    return text(parsed(answer).xpath("//div[contains(@class, 'note')]")[0])


def ruling(tree: Any) -> list[str]:
    return [text(item) for item in tree.xpath("//section[@id='rulings']//li")]


def test_a_deal_stands_with_its_sentences(browser: Browser, site: Site) -> None:
    """Figures, each with its words, origin, time and article; how sure; history; articles; and who was told."""
    deal = find(site)

    tree = parsed(browser.get(f"/deals/{deal.id}"))
    page = text(tree.xpath("//main")[0])
    assert text(tree.xpath("//h1")[0]) == TITLE
    [amount] = tree.xpath("//div[@class='said']/section[h3='Amount']")
    assert text(amount.xpath(".//div[@class='value']")[0]) == "$300 billion"
    assert "300" in text(amount.xpath(".//blockquote/p")[0])
    assert amount.xpath(".//footer/a[@class='away']")
    assert amount.xpath(".//footer//time")
    assert amount.xpath(".//footer/a[starts-with(@href, '/articles/')]")
    assert "3 independent reports" in page
    assert "New deal" in text(tree.xpath("//ol[@class='history']")[0])
    assert len(tree.xpath("//input[@name='articles']")) == len({s["article"] for s in deal.data["sources"]})
    assert "later" in text(tree.xpath("//aside")[0])
    assert tree.xpath("//a[starts-with(@href, '/deliveries/')]")


def test_figures_that_disagree_stand_side_by_side(browser: Browser, site: Site) -> None:
    """The one in force and what others say, each with its sentence; and that the figures look wrong."""
    rival = type(AMOUNT)(**{**vars(AMOUNT), "value": 1e9, "quote": "It is a mere billion.", "article": 2})
    others = (source(2, "other.example", official=True, day=3), source(3, "copy.example", day=4))
    told = state(disagreements=((rival, others[0]),), sources=(ORACLE, *others))
    with site.store.write() as session:
        save(session, WATCH, told, "Disputed", site.now())

    tree = parsed(browser.get(f"/deals/{number(site, 'Disputed')}"))
    [amount] = tree.xpath("//section[h3='Amount']/div[@class='pair']")
    assert [text(value) for value in amount.xpath(".//div[@class='value']")] == ["$300 billion", "$1 billion"]
    assert "It is a mere billion." in text(amount)
    assert "outside the usual" in text(tree.xpath("//div[@class='box warn']")[0])
    assert "officially confirmed" in text(tree.xpath("//p[@class='marks']")[0])
    assert "2 days later" in text(tree.xpath("//aside")[0])


def test_what_seemed_so_once_is_struck_through(browser: Browser, site: Site) -> None:
    """A change that no longer holds stands in the history, marked."""
    first = Change("status", "rumoured", "announced", "It was announced.", ORACLE)
    with site.store.write() as session:
        save(session, WATCH, state(changes=(NEW, first)), "Turned", site.now())
        save(session, WATCH, state(status=Status.SIGNED, changes=(NEW,)), "Turned", site.now())

    tree = parsed(browser.get(f"/deals/{number(site, 'Turned')}"))
    [past] = tree.xpath("//ol[@class='history']/li[contains(., 'as it seemed then')]")
    assert (text(past.xpath(".//del")[0]), text(past.xpath(".//ins")[0])) == ("rumoured", "announced")


def test_many_fields_are_set_at_once_and_undone(browser: Browser, site: Site) -> None:
    """Each that was touched is a ruling of its own; what was not touched is left to the articles."""
    deal, programme = number(site), number(site, "Stargate")
    untouched = {"title": "as it was", "was_title": "as it was", "kind": "chips", "was_kind": "chips"}
    before = {"was_status": "announced", "was_amount": "$300 billion", "was_capacity": "", "was_part_of": ""}
    wanted = {
        "status": "operating",
        "amount": "up to $400bn",
        "capacity": "4.5 GW",
        "part_of": f"{programme} · Stargate",
    }
    form = {**untouched, **before, **wanted}

    answer = browser.post(f"/deals/{deal}/set", form)
    now = find(site)

    assert answer.url.endswith(f"/deals/{deal}")
    assert "status of deal" in said(answer).lower()
    assert "Undo it under Rulings" in said(answer)
    assert (now.status, now.amount_usd, now.capacity_gw) == (Status.OPERATING, 4e11, 4.5)
    assert len(ruling(parsed(answer))) == 4
    assert "part of Stargate" in text(parsed(answer).xpath("//aside")[0])
    while undo := parsed(browser.get(f"/deals/{deal}")).xpath("//section[@id='rulings']//form/@action"):
        assert "Undone" in said(browser.post(undo[0], {"deal": deal}))
    assert (find(site).status, find(site).amount_usd, find(site).part_of) == (Status.ANNOUNCED, 3e11, "")


def test_an_emptied_field_is_taken_away(browser: Browser, site: Site) -> None:
    """The figure that an article states then stands as what others say."""
    deal = number(site)

    answer = browser.post(f"/deals/{deal}/set", {"amount": "", "was_amount": "$300 billion"})

    assert find(site).amount_usd is None
    assert "$300 billion" in text(parsed(answer).xpath("//section[h3='Amount']")[0])


@pytest.mark.parametrize(
    ("action", "form", "fault"),
    [
        ("set", {"amount": "a lot", "was_amount": ""}, "'a lot' is no amount"),
        ("set", {"title": "Mine", "was_title": "", "status": "odd", "was_status": ""}, "'odd' is no status"),
        ("set", {"title": "x" * 300, "was_title": ""}, "at most 200 characters"),
        ("set", {"title": "same", "was_title": "same"}, "Nothing was changed"),
        ("set", {"part_of": "no such deal", "was_part_of": ""}, "No other deal is called 'no such deal'"),
        ("merge", {"into": ""}, "Name the other deal"),
        ("merge", {"into": "OpenAI"}, "Several deals fit 'OpenAI'"),
        ("merge", {"into": "999999"}, "There is no deal 999999"),
        ("merge", {"into": "9" * 18}, "There is no deal"),
    ],
)
def test_what_cannot_be_is_told_beside_what_was_typed(
    browser: Browser, site: Site, action: str, form: dict[str, str], fault: str
) -> None:
    """On the same page, and nothing is done."""
    deal = number(site)

    answer = browser.post(f"/deals/{deal}/{action}", form)

    tree = parsed(answer)
    assert answer.status_code == 400
    [opened] = tree.xpath("//details[@class='does' and @open]")
    assert fault in text(opened.xpath(".//*[@role='alert']")[0])
    for name, value in form.items():
        assert opened.xpath(f".//input[@name='{name}']/@value | .//select[@name='{name}']/@name")[0] in (value, name)
    assert ruling(tree) == []


def test_a_deal_is_merged_and_parted_again(browser: Browser, site: Site) -> None:
    """By words of the other's title; its own page then says what became of it, and undoing brings it back."""
    deal, other = number(site), number(site, "OpenAI and AMD (chips)")

    merged = browser.post(f"/deals/{deal}/merge", {"into": "amd chips"})
    gone = browser.get(f"/deals/{deal}")
    listed = titles(browser, "")
    undone = browser.post("/deals/rulings/1/undo", {"deal": other})

    assert merged.url.endswith(f"/deals/{other}")
    assert said(merged) == f"Deal {deal} merged into deal {other}. Undo it under Rulings."
    assert gone.status_code == 200
    assert f"(deal {other})" in text(parsed(gone).xpath("//div[@class='box warn']")[0])
    assert not parsed(gone).xpath("//section[@id='decide']")
    assert TITLE not in listed
    assert undone.url.endswith(f"/deals/{other}")
    assert TITLE in titles(browser, "")


def test_a_deal_is_not_merged_with_itself(browser: Browser, site: Site) -> None:
    """Nor is one that is gone merged further."""
    deal, other = number(site), number(site, "OpenAI and AMD (chips)")

    itself = browser.post(f"/deals/{deal}/merge", {"into": str(deal)})
    browser.post(f"/deals/{deal}/merge", {"into": str(other)})
    again = browser.post(f"/deals/{deal}/dismiss")

    assert "cannot be merged with itself" in text(parsed(itself).xpath("//*[@role='alert']")[0])
    assert "was merged into" in said(again)


def test_chosen_articles_are_split_off(browser: Browser, site: Site) -> None:
    """They get a deal of their own; undoing brings them back."""
    deal = number(site)
    articles = articles_of(site, deal)

    split = browser.post(f"/deals/{deal}/split", {"articles": [str(articles[0]), str(articles[1])]})
    left = articles_of(site, deal)
    new = said(split).partition("it is deal ")[2].partition(".")[0]
    there = browser.get(f"/deals/{new}")
    browser.post("/deals/rulings/1/undo", {"deal": deal})

    assert left == articles[2:]
    assert there.status_code == 200
    assert len(parsed(there).xpath("//input[@name='articles']")) == 2
    assert articles_of(site, deal) == articles


@pytest.mark.parametrize("chosen", [[], ["999999"], "all"])
def test_a_split_that_cannot_be_is_told(browser: Browser, site: Site, chosen: Any) -> None:
    """None, another's, or all of its articles."""
    deal = find(site)
    articles = [str(s["article"]) for s in deal.data["sources"]]

    answer = browser.post(f"/deals/{deal.id}/split", {"articles": articles if chosen == "all" else chosen})

    assert parsed(answer).xpath("//div[@class='note error']")
    assert ruling(parsed(answer)) == []


def test_a_deal_is_dismissed_and_comes_back(browser: Browser, site: Site) -> None:
    """It leaves the table, and its page says so; undoing brings it back."""
    deal = number(site)

    dismissed = browser.post(f"/deals/{deal}/dismiss")
    listed = titles(browser, "")
    again = browser.post(f"/deals/{deal}/dismiss")
    browser.post("/deals/rulings/1/undo", {"deal": deal})

    assert "dismissed" in text(parsed(dismissed).xpath("//p[@class='marks']")[0])
    assert TITLE not in listed
    assert "is dismissed already" in said(again)
    assert TITLE in titles(browser, "")


def test_a_deal_is_muted_and_told_of_again(browser: Browser, site: Site) -> None:
    """For so many days."""
    deal = number(site)

    muted = browser.post(f"/deals/{deal}/mute", {"days": "3"})
    with site.store.read() as session:
        [mute] = mutes.in_force(session, site.now())
    unmuted = browser.post(f"/deals/{deal}/unmute")
    twice = browser.post(f"/deals/{deal}/unmute")

    assert "Muted until" in said(muted)
    assert "muted until" in text(parsed(muted).xpath("//p[@class='marks']")[0])
    assert mute.deal_id == deal
    assert timedelta(days=2.9) < mute.until - site.now() < timedelta(days=3.1)
    assert said(unmuted) == "It is told of again."
    assert said(twice) == "It was not muted."


def test_no_mute_is_endless(browser: Browser, site: Site) -> None:
    """A day at least, a year at most."""
    deal = number(site)

    for days in ("0", "-1", "366", "soon", "9" * 30):
        assert browser.post(f"/deals/{deal}/mute", {"days": days}).status_code == 400, days


def test_rulings_outlive_a_replay(browser: Browser, site: Site) -> None:
    """When all articles are read anew, what a person decided stays."""
    deal, other = number(site), number(site, "OpenAI and AMD (chips)")
    browser.post(f"/deals/{deal}/set", {"status": "operating", "was_status": "announced"})
    browser.post(f"/deals/{other}/dismiss")

    replay(site.settings, site.store, site.now(), apply=True)

    assert find(site).status is Status.OPERATING
    assert find(site, "OpenAI and AMD (chips)").dismissed
    assert len(ruling(parsed(browser.get(f"/deals/{deal}")))) == 1


def test_no_other_deal_is_there(browser: Browser) -> None:
    """It is said that there is no such page, and nothing can be done to it."""
    for path in ("0", "999999", str(2**63), "9" * 40, "abc", "-1", "1/nothing", "1.5"):
        assert browser.get(f"/deals/{path}").status_code == 404, path
    for action in ACTIONS:
        form = {"title": "x", "into": "1", "articles": "1"}
        assert browser.post(f"/deals/999999/{action}", form).status_code == 404, action


def test_another_sites_form_does_nothing(browser: Browser, site: Site) -> None:
    """Without the token of the session."""
    deal = number(site)

    for action in ACTIONS:
        form = {"csrf": "forged", "status": "signed", "into": "1", "articles": "1"}
        assert browser.post(f"/deals/{deal}/{action}", form).status_code == 403, action
    with site.store.read() as session:
        assert ledger.decisions(session) == []
        assert mutes.in_force(session, site.now()) == []


def test_many_articles_are_in_pages(browser: Browser, site: Site) -> None:
    """Fifty on each, and the page stays small."""
    with site.store.read() as session:
        ids = sorted({s["article"] for d in ledger.find(session, ledger.Filter()) for s in d.data["sources"]})
    sources = tuple(source(id_, f"host-{at}.example", day=1 + at % 28) for at, id_ in enumerate(ids))
    with site.store.write() as session:
        save(session, WATCH, state(sources=(ORACLE, *sources)), "Large", site.now())

    answer = browser.get(f"/deals/{number(site, 'Large')}")
    assert len(parsed(answer).xpath("//input[@name='articles']")) == min(50, len(ids))
    assert browser.get(f"/deals/{number(site, 'Large')}?page=9").status_code == 200


def test_no_text_of_strangers_runs(browser: Browser, site: Site) -> None:
    """Whatever stands in titles, quotes, names, figures and links is shown as text, and leads nowhere odd."""
    links = [*LINKS.values(), HOMOGRAPH]
    numbers = []
    with site.store.write() as session:
        for at, told in enumerate(each.encode(errors="ignore").decode() for each in TEXTS.values()):
            url = links[at % len(links)].encode(errors="ignore").decode()
            said_by = type(ORACLE)(1, url, ORACLE.published, told, at % 2 == 0)
            fact = type(AMOUNT)(**{**vars(AMOUNT), "quote": told, "attribution": told})
            changes = [Change(field, told, told, told, said_by, of=told) for field in ("new", "contradicted", "party")]
            given = state(
                key=f"h{at}", anchor=f"h{at}", kind=Kind.OTHER, facts={"amount": fact, "capacity": CAPACITY},
                parties=(Party(told or "x", told, "supplier", known=False),), sources=(said_by,), place=told,
                changes=tuple(changes), disagreements=((fact, said_by),) * 5,
            )  # fmt: skip
            save(session, WATCH, given, told, site.now())
            numbers.append(ledger.numbers(session, WATCH)[f"h{at}"])

    for each in numbers:
        answer = browser.get(f"/deals/{each}")

        assert answer.status_code == 200
        assert active(parsed(answer)) == []


def test_rows_of_what_was_told(browser: Browser, site: Site) -> None:
    """The first table lists the deal's articles with whose report each is."""
    found = rows(parsed(browser.get(f"/deals/{number(site)}")))

    assert all(row["Title"] and row["Published"] and row["Report of"] and row["Outlet"] for row in found)
