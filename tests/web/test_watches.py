"""The watches, and the box to try an edit of them out in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline import flow
from pipeline.config import watches_file
from pipeline.config.watches_file import LARGEST
from pipeline.flow import distribution
from pipeline.models import Worker
from pipeline.store import Store, articles, workers
from pipeline.web import trial
from pipeline.web.site import Site
from pipeline.web.trial import Asked, saved
from tests.support.web import Web
from tests.support.world import DEAL, page, write_config
from tests.web.chromium import Program, window
from tests.web.small import FEED, WATCH, Small, small
from tests.web.visits import dangers, words

YAML = f"""\
# mine
watches:
  {WATCH}:   # the first
    title: Test deals
    subject: who
    ledger: true
    all:
      who: ['@openai', "Stargate"]
      deal: [contract, <more>]
      what: [data center, gigawatt*]
    none: [film]
  quiet: {{title: Quiet, like: {WATCH}, notify: []}}
lists:
  more: [deal]
"""
WHO = json.dumps(["watches", WATCH, "all", "who"])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Small]:
    """One site for the tests that only look, or put back what they saved."""
    with small(tmp_path_factory.mktemp("watches"), migrated) as made:
        yield made


@pytest.fixture
def site(kept: Small) -> Small:
    """Its watches written as a person would."""
    folder = kept.site.settings.folder
    (folder / "watches.yaml").write_text(YAML, encoding="utf-8")
    (folder / "watches.yaml.bak").unlink(missing_ok=True)
    kept.site.look()
    return kept


def file_of(site: Site) -> Path:
    return site.settings.folder / "watches.yaml"


def send(site: Small, to: str = "try", **fields: str) -> requests.Response:
    """The form, filled in so, as a browser sends it."""
    data = {"csrf": site.program.token(), **fields}
    return site.program.session.post(
        f"{site.program.base}/watches/{to}", files={name: (None, value) for name, value in data.items()}, timeout=60
    )


def edited(old: str, new: str) -> str:
    assert old in YAML
    return YAML.replace(old, new).replace("\n", "\r\n")  # as browsers send text


def box(answer: requests.Response, name: str = "watches") -> str:
    """What stands in a box of the form."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n(.*?)</textarea>', answer.text, re.DOTALL)
    assert found
    return unescape(found[1])


def digest(answer: requests.Response) -> str:
    found = re.search(r'name="digest" value="(\w+)"', answer.text)
    assert found
    return found[1]


def test_watches_are_shown_as_they_are_in_force(site: Small) -> None:
    """With groups, terms, what these lead to, channels, what each flags, and the file."""
    html = site.program.get("/watches").text
    said = words(html)

    assert "Test deals" in said
    assert "6 articles flagged" in said
    assert 'who subject @openai · "Stargate"' in said
    assert "what data center · gigawatt*" in said
    assert "none of these film" in said
    assert "Tells files, desk" in said
    assert "Tells nobody; it stands in the digest" in said
    assert f"like {WATCH}" in said
    assert 'href="#list-more"' in html
    assert 'id="list-more"' in html
    assert "# mine" in said
    assert dangers(html) == []


def test_a_muted_watch_says_so(site: Small) -> None:
    """Until when nothing is told of it."""
    site.post(f"/watches/{WATCH}/mute", {})
    said = words(site.program.get("/watches").text)
    site.post(f"/watches/{WATCH}/unmute")

    assert "muted until" in said
    assert "muted until" not in words(site.program.get("/watches").text)


def test_a_broken_file_leaves_the_watches_shown(site: Small) -> None:
    """Those in force, with the fault above them, and no form that could not work."""
    file_of(site.site).write_text("watches: [", encoding="utf-8")
    site.site.look()
    said = words(site.program.get("/watches").text)

    assert "watches.yaml:1: not valid YAML" in said
    assert "Test deals" in said
    assert "Try with it" not in said


def test_the_box_holds_the_file(site: Small) -> None:
    """As it is, to the last character; or with an article that is named."""
    with site.site.store.read() as session:
        article = articles.find(session, articles.Filter(most=1))[0]

    answer = site.program.get("/watches/try")
    with_article = site.program.get(f"/watches/try?article={article.id}")

    assert box(answer) == YAML
    assert digest(answer) == watches_file.read(site.site.settings.folder).digest
    assert box(answer, "text") == ""
    assert box(with_article, "text") == f"{article.title}\n\n{article.body}"
    assert site.program.get("/watches/try?article=999999").status_code == 200


def test_a_text_is_judged_by_the_edit(site: Small) -> None:
    """What matches and why, and of what does not what it lacked; the file stays as it is."""
    text = f"Big news\r\n{DEAL}"
    as_it_is = words(send(site, text=text).text)
    without = words(send(site, watches=edited("[contract, <more>]", "[lease]"), text=text).text)

    assert "Test deals flagged Flagged, about it" in as_it_is
    assert "who: @openai · deal: contract · what: gigawatt*, data center" in as_it_is
    assert "Not flagged; what came nearest lacks deal." in without
    assert file_of(site.site).read_text(encoding="utf-8") == YAML


def test_terms_are_marked(site: Small) -> None:
    """Where they stand in the passage, and nothing of the text is taken for markup."""
    html = send(site, text="News\nOpenAI <b>has</b> a contract for a data center.").text

    assert '<mark class="term">OpenAI</mark> &lt;b&gt;has&lt;/b&gt; a <mark class="term">contract</mark>' in html
    assert dangers(html) == []


def test_a_page_is_fetched_and_judged(site: Small, web: Web) -> None:
    """Its text then stands in the box, so that it is asked for once only."""
    url = web.set("/a", page("Big news", DEAL))

    answer = send(site, url=url)

    assert f"Read from {url}." in words(answer.text)
    assert box(answer, "text").startswith(f"Big news\n\nBig news\n{DEAL}")
    assert 'name="url" value=""' in answer.text
    assert "Flagged, about it" in words(answer.text)


@pytest.mark.parametrize(
    ("url", "says"),
    [("{web}/gone", "HTTP 404"), ("http://10.1.2.3/", "is not a public address"), ("file:///etc/passwd", "file:")],
)
def test_a_page_that_cannot_be_had_is_told(site: Small, web: Web, url: str, says: str) -> None:
    """In words, with the form kept."""
    answer = send(site, url=url.format(web=web.base), watches=edited("[film]", "[movie]"))

    assert answer.status_code == 422
    assert says in words(answer.text)
    assert "[movie]" in box(answer)


def test_html_that_is_pasted_becomes_its_text(site: Small) -> None:
    """As ingestion would read the page."""
    answer = send(site, text=page("Big news", DEAL))

    assert box(answer, "text").startswith(f"Big news\n\nBig news\n{DEAL}")
    assert "Flagged, about it" in words(answer.text)


def test_what_an_edit_would_have_flagged(site: Small) -> None:
    """Counts and examples of the stored articles of the last days, and the lines that differ."""
    lost = words(send(site, watches=edited("[contract, <more>]", "[lease]")).text)
    gained = words(send(site, watches=edited("[film]", "[]").replace("gigawatt*]", "gigawatt*, takes a stake]")).text)
    short = words(send(site, watches=edited("[contract, <more>]", "[lease]"), days="1").text)

    assert "Looked at all 6 articles." in lost
    assert "Flagged before 6 Newly +0 No longer −6 After 0" in lost
    assert "No longer flagged 6" in lost
    assert "what came nearest lacks deal" in lost
    assert "- deal: [contract, <more>]" in lost
    assert "+ deal: [lease]" in lost
    assert "In the last 1 days" in short
    assert "Flagged before 6 Newly +0" in gained


def test_what_makes_no_difference_says_so(site: Small) -> None:
    """An edit that flags the same, and no edit at all."""
    assert "It flags the same as before." in words(send(site, watches=edited("title: Quiet", "title: Still")).text)
    assert "The text is as the file is." in words(send(site, watches=YAML).text)
    assert "The text is as the file is." in words(send(site, watches="").text)


@pytest.mark.parametrize("days", ["0", "366", "x", "-1", "٣", "9" * 5000])
def test_days_that_are_none(site: Small, days: str) -> None:
    """They are told, and the text is not lost."""
    answer = send(site, watches=edited("[film]", "[movie]"), days=days)

    assert answer.status_code == 422
    assert "is no number of days from 1 to 365" in words(answer.text)
    assert "[movie]" in box(answer)


def test_faults_are_told_with_their_lines(site: Small) -> None:
    """All of them, in the page; typed live, the page is found all the same."""
    broken = edited("title: Test deals", "titel: Test deals").replace("[film]", "['/(/']")

    answer, live = send(site, watches=broken), send(site, watches=broken, live="true")

    said = words(answer.text)
    assert (answer.status_code, live.status_code) == (422, 200)
    assert f"watches.yaml:4 watches.{WATCH}.titel is not a known key. Did you mean title?" in said
    assert f"watches.yaml:11 watches.{WATCH}.none.0 '/(/' is not a regular expression" in said
    assert 'data-line="11"' in answer.text
    assert "is not a known key" in words(live.text)


@pytest.mark.parametrize(
    ("act", "term", "old", "new"),
    [
        ("add", "Sam Altman", '"Stargate"]', '"Stargate", Sam Altman]'),
        ("add", '"xAI"', '"Stargate"]', '"Stargate", "xAI"]'),
        ("remove", '"Stargate"', ', "Stargate"]', "]"),
    ],
)
def test_one_term_is_tried(site: Small, act: str, term: str, old: str, new: str) -> None:
    """The form of the page of watches leads to the box with the text edited, comments and all; nothing is saved."""
    assert unescape(site.program.get("/watches").text).count(f'value="{WHO}"') == 1

    answer = send(site, place=WHO, term=term, act=act)

    assert box(answer) == YAML.replace(old, new)
    assert "In the last 30 days" in words(answer.text)
    assert file_of(site.site).read_text(encoding="utf-8") == YAML


@pytest.mark.parametrize(
    ("place", "term", "says"),
    [
        (WHO, "nobody", "There is no term nobody in"),
        (WHO, "", "A term is one line of text"),
        ("", "x", "Choose the list"),
        ("{", "x", "Choose the list"),
        ('["watches", 1]', "x", "Choose the list"),
        ('["watches", "no", "all", "who"]', "x", "does not stand in watches.yaml"),
    ],
)
def test_a_term_that_cannot_be_changed_is_told(site: Small, place: str, term: str, says: str) -> None:
    """In words, above the text as it is."""
    answer = send(site, place=place, term=term, act="remove")

    assert answer.status_code == 422
    assert says in words(answer.text)
    assert box(answer) == YAML


def test_what_is_saved_is_in_force(site: Small) -> None:
    """The file holds the text, its comments kept, and the page shows it at once."""
    text = edited("[film]", "[film, movie]  # both")

    answer = send(site, "save", watches=text, digest=digest(site.program.get("/watches/try")))

    assert answer.url.endswith("/watches")
    assert "Saved, and in force within seconds." in words(answer.text)
    assert "none of these film · movie" in words(answer.text)
    assert file_of(site.site).read_bytes().decode() == text.replace("\r\n", "\n")
    assert file_of(site.site).with_name("watches.yaml.bak").read_text(encoding="utf-8") == YAML


def test_what_is_saved_beside_workers_is_in_force_for_them(tmp_path: Path, emptied: str) -> None:
    """It is published; but not where they go by other files than those that were edited here."""
    folder = write_config(tmp_path / "config", [FEED], store=emptied)
    file = folder / "watches.yaml"
    with Store(emptied) as store:
        site = Site(flow.load_settings(folder), store)
        with store.write() as session:
            now = workers.now(session)
            workers.beat(session, Worker(name="w", machine="m", pid=1, queues="", started_at=now, seen_at=now))
        distribution.publish(folder, store)
        before = watches_file.read(folder)

        assert saved(site, Asked(watches=f"{before.text}# mine\n", digest=before.digest)) is None
        version, files = distribution.newer(store, 1) or (0, {})
        (folder / "feeds.yaml").write_text("feeds: []", encoding="utf-8")
        refused = saved(site, Asked(watches=before.text, digest=watches_file.read(folder).digest))

    assert (version, files["watches.yaml"]) == (2, f"{before.text}# mine\n")
    assert refused is not None
    assert "`dealwire publish`" in refused.faults[0]
    assert file.read_text(encoding="utf-8") == f"{before.text}# mine\n"


def test_what_another_saved_is_not_lost(site: Small) -> None:
    """The text stays in the form with what differs from the file now; sent again, it is saved."""
    before = digest(site.program.get("/watches/try"))
    file_of(site.site).write_text(YAML.replace("# mine", "# theirs"), encoding="utf-8")

    refused = send(site, "save", watches=edited("[film]", "[movie]"), digest=before)
    between = file_of(site.site).read_text(encoding="utf-8")
    again = send(site, "save", watches=box(refused), digest=digest(refused))

    assert refused.status_code == 422
    assert "was changed by someone else meanwhile" in words(refused.text)
    assert "- # theirs" in words(refused.text)
    assert "# theirs" in between
    assert "Saved" in words(again.text)
    assert "[movie]" in file_of(site.site).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("watches", "says"),
    [
        ("watches: [", "not valid YAML"),
        ("", "the file is empty"),
        ("#" * (LARGEST + 1), "may have 262,144"),
        (YAML.replace("Quiet", "'${HOME}'"), "${HOME} is not filled in here"),
        (YAML.replace("title: Quiet", "title: Quiet, weights: /etc/passwd"), "is in another folder"),
    ],
)
def test_what_is_not_valid_is_not_saved(site: Small, watches: str, says: str) -> None:
    """It is told, and the text stays in the form."""
    answer = send(site, "save", watches=watches, digest=digest(site.program.get("/watches/try")))

    assert answer.status_code == 422
    assert says in words(answer.text)
    assert box(answer) == watches
    assert file_of(site.site).read_text(encoding="utf-8") == YAML


def test_nothing_is_saved_for_another_site(site: Small) -> None:
    """A form without the token of the session is refused, whatever it says."""
    fields: dict[str, Any] = {"watches": YAML, "digest": digest(site.program.get("/watches/try"))}
    for to in ("try", "save"):
        answer = site.program.session.post(f"{site.program.base}/watches/{to}", data=fields, timeout=60)

        assert answer.status_code == 403


def test_two_try_outs_do_not_run_at_once(site: Small) -> None:
    """Each takes a core, so one that comes while another works judges the text only, and says so."""
    with trial._working:
        live = words(send(site, watches=edited("[film]", "[]"), text=f"News\n{DEAL}", live="true").text)

    assert "another try-out is under way" in live
    assert "Flagged, about it" in live


def test_results_come_while_one_types(tmp_path: Path, migrated: Path, chromium: Program) -> None:
    """With scripts, what an edit comes to stands below the text, and a fault leads to its line."""
    with small(tmp_path, migrated) as site:
        file_of(site.site).write_text(YAML, encoding="utf-8")
        site.site.look()
        with window(chromium, site.program.base, "light", 1440) as seen:
            results = seen.page.locator("#results")
            seen.goto("/watches/try")
            seen.page.get_by_label("A text to judge").fill(f"News\n{DEAL}")
            results.get_by_text("Flagged, about it").first.wait_for()
            seen.page.locator("#watches").fill(YAML.replace("[film]", "['/(/']"))
            results.get_by_text("Not valid").wait_for()
            results.locator("[data-line]").click()
            chosen = seen.page.evaluate("getSelection().toString()")
            seen.page.locator("#watches").fill(YAML.replace("[contract, <more>]", "[lease]"))
            results.get_by_text("No longer flagged").first.wait_for()

            seen.goto("/watches")
            seen.page.get_by_role("link", name="<more>").first.click()
            seen.page.locator("#list-more[open]").wait_for()

            assert not seen.complaints, "\n".join(seen.complaints)
        assert chosen.strip() == "none: ['/(/']"
