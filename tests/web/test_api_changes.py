"""What programs change by the API: rulings, mutes, labels and deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.models import DeliveryState
from pipeline.store import labels, outbox
from tests.web.conftest import Browser
from tests.web.small import Small, copied, small

ORACLE, NVIDIA, COREWELL = 1, 2, 3


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Small]:
    """To be copied, not changed."""
    with small(tmp_path_factory.mktemp("changes"), migrated) as made:
        yield made


@pytest.fixture
def site(first: Small, tmp_path: Path) -> Iterator[Small]:
    with copied(first, tmp_path) as made:
        yield made


def rule(site: Small, deal: int, **decided: Any) -> Any:
    answer = site.post(f"/deals/{deal}/rulings", decided)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_deals_are_merged_and_parted_again(site: Small) -> None:
    """The one that is left has the articles of both, until the ruling is taken back."""
    merged = rule(site, COREWELL, verb="merge", into=ORACLE)
    gone = site.data(f"/deals/{COREWELL}")
    listed = site.data("/rulings")["items"]
    undone = site.post(f"/rulings/{merged['rulings'][0]['id']}/undo").json()

    assert (merged["deal"]["id"], merged["deal"]["origins"]) == (ORACLE, 4)
    [ruling] = merged["rulings"]
    assert (ruling["verb"], ruling["deal"], ruling["into"]) == ("merge", COREWELL, ORACLE)
    assert ruling["words"] == f"deal {COREWELL} merged into deal {ORACLE}"
    assert (gone["live"], gone["gone"]) == (False, f"was merged into deal {ORACLE} by ruling 1")
    assert listed == merged["rulings"]
    assert datetime.fromisoformat(undone["undone"]) == site.clock.now()
    assert site.data(f"/deals/{COREWELL}")["live"]


def test_articles_are_split_off(site: Small) -> None:
    """They get a deal of their own, which is what comes back."""
    split = rule(site, ORACLE, verb="split", articles=[2, 3])

    assert split["deal"]["id"] not in (ORACLE, NVIDIA, COREWELL)
    assert [article["id"] for article in site.data(f"/deals/{split['deal']['id']}")["articles"]] == [2, 3]


def test_fields_are_set(site: Small) -> None:
    """All of them or none; what articles say stands beside it."""
    fields = {"amount": "up to $40bn", "status": "operating", "part_of": str(NVIDIA), "title": "The big one"}
    made = rule(site, ORACLE, verb="set", fields=fields)
    deal = site.data(f"/deals/{ORACLE}")

    assert (deal["title"], deal["status"], deal["part_of"]) == ("The big one", "operating", NVIDIA)
    assert (deal["amount"]["shown"], deal["amount"]["article"]) == ("up to $40 billion", None)
    assert "$30 billion" in [each["shown"] for each in deal["disagreements"]]
    assert [(each["field"], each["value"]) for each in made["rulings"]][2] == ("part_of", str(NVIDIA))
    assert site.data(f"/deals/{NVIDIA}")["related"][0]["how"] == "has the part"


def test_a_deal_is_dismissed(site: Small) -> None:
    """It is listed only where it is asked for."""
    rule(site, NVIDIA, verb="dismiss")

    assert site.data("/deals")["total"] == 2
    assert [deal["dismissed"] for deal in site.data("/deals", dismissed="true", party="nvidia")["items"]] == [True]


WRONG: list[tuple[str, Any, int, str]] = [
    ("/deals/99/rulings", {"verb": "dismiss"}, 404, "There is no deal 99."),
    ("/deals/1/rulings", {"verb": "merge", "into": 1}, 422, "Deal 1 cannot be merged with itself"),
    ("/deals/1/rulings", {"verb": "merge", "into": 99}, 422, "There is no deal 99."),
    ("/deals/1/rulings", {"verb": "merge"}, 422, "body.merge.into: field required"),
    ("/deals/1/rulings", {"verb": "split", "articles": [5]}, 422, "Article 5 is not of deal 1. Its articles: 1, 2, 3."),
    ("/deals/1/rulings", {"verb": "split", "articles": []}, 422, "body.split.articles: "),
    ("/deals/1/rulings", {"verb": "set", "fields": {"amount": "much"}}, 422, "'much' is no amount. Write it as $300bn"),
    ("/deals/1/rulings", {"verb": "set", "fields": {"colour": "red"}}, 422, "body.set.fields.colour"),
    ("/deals/1/rulings", {"verb": "set", "fields": {"title": "ok", "status": "sgined"}}, 422, "'sgined' is no status."),
    ("/deals/1/rulings", {"verb": "set", "fields": {}}, 422, "body.set.fields: "),
    ("/deals/1/rulings", {"verb": "burn"}, 422, "body: "),
    ("/deals/1/rulings", {"verb": "dismiss", "why": "x"}, 422, "body.dismiss.why: extra inputs are not permitted"),
    ("/deals/1/rulings", {"verb": "merge", "into": "2"}, 422, "body.merge.into: input should be a valid integer"),
    ("/deals/1/rulings", [1, 2], 422, "body: "),
    ("/rulings/1/undo", None, 404, "There is no ruling 1."),
    ("/deals/99/mute", {}, 404, "There is no deal 99."),
    ("/deals/1/mute", {"span": "soon"}, 422, "'soon' is no span of time. Write 12h, 7d or 2w."),
    ("/watches/nope/mute", {}, 404, "There is no watch 'nope'."),
    ("/articles/99/labels", {"mentions": True}, 404, "There is no article 99."),
    ("/articles/1/labels", {"mentions": False, "about": True}, 422, "What an article does not mention"),
    ("/articles/1/labels", {"mentions": "yes"}, 422, "body.mentions: input should be a valid boolean"),
    ("/articles/1/labels", {"mentions": True, "watch": "nope"}, 422, "There is no watch 'nope'."),
    ("/deliveries/99/retry", None, 404, "There is no delivery 99."),
    ("/deliveries/1/retry", None, 409, "Delivery 1 is delivered, or on its way"),
]


def test_what_cannot_be_is_told_and_changes_nothing(site: Small) -> None:
    """Each as a problem with what is wrong."""
    before = site.data("/deals"), site.data("/deliveries"), site.data("/mutes")

    for path, value, status, words in WRONG:
        answer = site.post(path, value)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), path
        assert words in answer.json()["detail"], (path, value, answer.text)
    assert (site.data("/deals"), site.data("/deliveries"), site.data("/mutes")) == before
    assert site.data("/rulings")["items"] == []


def test_a_body_that_is_none_is_told(site: Small) -> None:
    """No JSON, halves of characters, NUL and numbers without end break nothing."""
    token = site.data("/session")["token"]
    bodies = [b"{", b"\xff\xfe", b'{"verb":"set","fields":{"title":"\\ud800"}}', b"", b"null", b'{"verb":NaN}']
    bodies += [b'{"verb":"merge","into":1e400}', b'{"verb":"merge","into":' + b"9" * 5_000 + b"}"]
    bodies += [b"[" * 10_000, b'{"\\ud800":1}', b'{"verb":"\\ud800"}']

    for body in bodies:
        headers = {"X-CSRF-Token": token, "Content-Type": "application/json"}
        answer = site.program.session.post(
            f"{site.program.base}/api/v1/deals/1/rulings", data=body, headers=headers, timeout=60
        )
        assert answer.status_code in (400, 422), (body[:40], answer.text)
        assert answer.json()["status"] == answer.status_code


def test_a_nul_in_a_title_is_left_out(site: Small) -> None:
    """What no title may hold does not reach the ledger."""
    made = rule(site, ORACLE, verb="set", fields={"title": "a\0b\u202ec"})

    assert made["deal"]["title"] == "a b c"


def test_a_deal_and_a_watch_are_muted_for_a_while(site: Small) -> None:
    """What waits is kept back; it is listed, and ends when somebody says so."""
    deal = site.post(f"/deals/{NVIDIA}/mute", {"span": "12h"}).json()
    watch = site.post("/watches/test-deals/mute", {}).json()
    listed = site.data("/mutes")["items"]
    told = [item["title"] for item in site.data("/alerts.json")["items"]]

    assert datetime.fromisoformat(deal["until"]) == site.clock.now() + timedelta(hours=12)
    assert deal["kept_back"] == 2
    assert datetime.fromisoformat(watch["until"]) == site.clock.now() + timedelta(days=7)
    assert [(each["deal"], each["title"]) for each in listed] == [
        (NVIDIA, "OpenAI and Nvidia (equity)"),
        (None, "test-deals"),
    ]
    assert site.data("/watches")["items"][0]["muted_until"] == watch["until"]
    assert not any("Nvidia" in title for title in told)
    assert [site.post(f"/deals/{NVIDIA}/unmute").json()["was_muted"] for _ in range(2)] == [True, False]
    assert site.post("/watches/test-deals/unmute").json() == {"was_muted": True}
    assert site.data("/mutes")["items"] == []


def test_an_article_is_labelled(site: Small) -> None:
    """For the first watch, or the one named; a later label replaces an earlier one."""
    site.post("/articles/6/labels", {"mentions": True, "about": True})
    site.post("/articles/6/labels", {"mentions": True, "watch": "quiet"})
    kept = site.post("/articles/6/labels", {"mentions": False}).json()

    assert kept == {"article": 6, "watch": "test-deals", "mentions": False, "about": False}
    with site.site.store.read() as session:
        given = labels.of_article(session, 6)
    assert {name: (label.mentions, label.about) for name, label in given.items()} == {
        "test-deals": (False, False),
        "quiet": (True, False),
    }
    assert len(site.data("/articles/6")["labels"]) == 2


def test_a_delivery_is_sent_again(site: Small) -> None:
    """One that is dead waits again; its id is the same."""
    with site.site.store.write() as session:
        row = outbox.listing(session)[0]
        row.state, row.attempts, row.last_error = DeliveryState.DEAD, 9, "550 no"

    again = site.post(f"/deliveries/{row.id}/retry").json()

    assert (again["id"], again["uid"], again["state"]) == (row.id, row.uid, "pending")
    assert datetime.fromisoformat(again["next_try"]) == site.clock.now()


def test_watches_are_tried_out(site: Small) -> None:
    """A text is judged by those in force, or by a file that is nowhere saved; why, and what was lacking."""
    text = "Oracle\n\nOpenAI signs a deal for a gigawatt of compute with Oracle."
    edited = json.dumps({"watches": {"mine": {"title": "Mine", "all": {"who": ["Oracle"], "what": ["tulip*"]}}}})
    before = (site.site.settings.folder / "watches.yaml").read_bytes()
    in_force = site.post("/watches/try", {"text": text}).json()["items"]
    [mine] = site.post("/watches/try", {"text": text, "watches": edited}).json()["items"]

    assert [(each["watch"], each["flagged"]) for each in in_force] == [("test-deals", True), ("quiet", True)]
    assert {hit["group"] for hit in in_force[0]["passages"][0]["hits"]} == {"who", "deal", "what"}
    assert (mine["watch"], mine["flagged"], mine["lacking"]) == ("mine", False, ["what"])
    assert mine["words"] == "not flagged; what came nearest lacks what"
    assert mine["nearest"]["quote"] == "Oracle"
    assert (site.site.settings.folder / "watches.yaml").read_bytes() == before


def test_faults_of_watches_are_told_each(site: Small) -> None:
    """With line and key; a text that is too long is told too."""
    edited = "watches:\n  mine:\n    title: Mine\n    wihtin: sentence\n    non: [x]\n    all: {who: [x]}\n"
    problem = site.post("/watches/try", {"text": "x", "watches": edited}).json()

    assert problem["status"] == 422
    assert [fault["where"] for fault in problem["errors"]] == [
        "watches.yaml:4: watches.mine.wihtin",
        "watches.yaml:5: watches.mine.non",
    ]
    assert problem["errors"][0]["what"] == "is not a known key. Did you mean within?"
    for bad in ("", "watches: [", "\0", "- 1", "&a [*a]", "watches: {}"):
        assert site.post("/watches/try", {"text": "x", "watches": bad}).status_code == 422, bad
    assert site.post("/watches/try", {"text": "x" * 100_001}).status_code == 422


def changes(site: Small) -> list[str]:
    """Where something can be changed, with a number in the place of each parameter."""
    paths = site.data("/openapi.json")["paths"]
    return [path.replace("{id}", "1").replace("{name}", "test-deals") for path, how in paths.items() if "post" in how]


def test_nothing_is_changed_without_the_token(site: Small) -> None:
    """Wherever something could be: no token, that of another session, or one that is none."""
    with Browser(site.program.base).session as other:
        strange = other.get(f"{site.program.base}/api/v1/session", timeout=60).json()["token"]
    site.data("/session")

    for path in changes(site):
        for headers in ({}, {"X-CSRF-Token": strange}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": "\u00e9".encode()}):
            answer = site.program.session.post(
                f"{site.program.base}/api/v1{path}", json={"verb": "dismiss"}, headers=headers, timeout=60
            )
            assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden"), path
            assert "GET /api/v1/session" in answer.json()["detail"]
    assert site.data("/rulings")["items"] == site.data("/mutes")["items"] == []
