"""Valid configurations, and what they come to mean."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path

import pytest

from pipeline.config.channels import EmailChannel, LocalChannel
from pipeline.config.load import load
from pipeline.config.shipped import shipped_folder
from pipeline.errors import ConfigError
from pipeline.flow import load_settings
from pipeline.flow.matching import build_matcher
from pipeline.flow.tools import build_fetcher
from tests.config.cases import VALID
from tests.support.world import write_config


def test_the_shipped_configuration_is_valid() -> None:
    """What comes with Dealwire loads, watches OpenAI's deals and polls some forty feeds."""
    settings = load_settings(shipped_folder())

    assert 35 <= len(settings.feeds) <= 60
    assert "openai-infrastructure-deals" in settings.watches
    assert settings.general.schedule.poll_every == timedelta(minutes=15)
    assert settings.general.digest.at == time(7)
    build_matcher(settings)


def test_the_shipped_examples_of_channels_are_valid(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes the # away gets one channel of each type, with what stands there."""
    secrets = {"WEBHOOK_SECRET": "whsec_" + "QUJD" * 11, "DESK_CHAT": "json://localhost", "SMTP_PASSWORD": "x"}
    for name, value in {**secrets, "DESK_TOKEN": "x"}.items():
        monkeypatch.setenv(name, value)
    shipped = (shipped_folder() / "dealwire.yaml").read_text(encoding="utf-8")
    example = re.search(r"^# channels:\n(?:#.*\n)+", shipped, re.MULTILINE)
    assert example
    (folder / "dealwire.yaml").write_text(re.sub("^# ?", "", example[0], flags=re.MULTILINE), encoding="utf-8")

    types = [channel.type for channel in load_settings(folder).channels.values()]
    assert types == ["email", "webhook", "apprise", "file", "feed"]


def test_terms_in_double_quotes_are_exact(folder: Path) -> None:
    """Double quotes of YAML make a term exact; companies, prefixes, patterns and single quotes are left alone."""
    (folder / "watches.yaml").write_text(
        "watches:\n  deals:\n    title: Deals\n    all:\n"
        """      who: ["AMD", 'Arm', "@nvidia", "/a+/", "giga*", '"Meta"', Intel]\n"""
        """    none: ["Stargate Finance", films]\n"""
    )

    watch = load_settings(folder).watches["deals"]

    assert watch.all["who"] == ('"AMD"', "Arm", "@nvidia", "/a+/", "giga*", '"Meta"', "Intel")
    assert watch.none == ('"Stargate Finance"', "films")


def test_titles_in_double_quotes_keep_none(folder: Path) -> None:
    """Only terms mean something by their quotes."""
    (folder / "watches.yaml").write_text(VALID["watches.yaml"].replace("title: Deals", 'title: "Deals"'))

    assert load_settings(folder).watches["deals"].title == "Deals"


def test_without_channels_there_is_a_local_one(folder: Path) -> None:
    """Alerts of a configuration without channels go to the terminal and to files, under a name to refer to."""
    (folder / "watches.yaml").write_text(VALID["watches.yaml"] + "    notify: [local]\n")

    settings = load_settings(folder)

    assert settings.channels == {"local": LocalChannel(type="local", folder="outbox")}
    assert settings.channels_for(None) == ("local",)
    assert settings.channels_for(()) == ()


def test_channels_of_the_file_stand_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where channels are named, there is no local one beside them, and every value is what was written."""
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    (folder / "dealwire.yaml").write_text(
        "channels:\n  inbox:\n    type: email\n    to: [Desk <desk@example.org>]\n"
        "    sender: dealwire@example.org\n    host: localhost\n    security: tls\n    password: ${SMTP_PASSWORD}\n"
    )

    settings = load_settings(folder)
    inbox = settings.channels["inbox"]

    assert list(settings.channels) == ["inbox"]
    assert isinstance(inbox, EmailChannel)
    assert inbox.effective_port == 465
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("written", "seconds"), [("30s", 30), ("1.5h", 5400), ("15 m", 900), ("2d", 172800), ("1w", 604800)]
)
def test_durations_have_units(folder: Path, written: str, seconds: float) -> None:
    """Seconds, minutes, hours, days and weeks."""
    (folder / "dealwire.yaml").write_text(f"schedule: {{poll_every: {written}}}\n")

    assert load_settings(folder).general.schedule.poll_every.total_seconds() == seconds


@pytest.mark.parametrize(("written", "size"), [("512", 512), ("500KiB", 512_000), ("10 MiB", 10_485_760)])
def test_sizes_are_binary(folder: Path, written: str, size: int) -> None:
    """Bytes, or powers of 1,024 of them."""
    (folder / "dealwire.yaml").write_text(f"http: {{max_body: {written}}}\n")

    assert load_settings(folder).general.http.max_body == size


@pytest.mark.parametrize(("written", "seconds"), [("0", 0), ("1s", 1), ("2.5s", 2.5)])
def test_spacing_may_be_none(folder: Path, written: str, seconds: float) -> None:
    """A duration, or 0 for none; a second where nothing is said, and pages are then asked about in robots.txt."""
    assert load_settings(folder).general.http.spacing.total_seconds() == 1
    assert load_settings(folder).general.http.robots
    (folder / "dealwire.yaml").write_text(f"http: {{spacing: {written}, robots: false}}\n")

    assert load_settings(folder).general.http.spacing.total_seconds() == seconds
    assert not load_settings(folder).general.http.robots


def test_the_password_of_a_proxy_is_kept_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from the environment, reaches the fetcher, and is shown nowhere, also where the URL is wrong."""
    monkeypatch.setenv("WORD", "s3cret")
    (folder / "dealwire.yaml").write_text("http: {proxy: 'http://desk:${WORD}@proxy.example:3128'}\n")
    settings = load_settings(folder)
    (folder / "dealwire.yaml").write_text("http: {proxy: 'https://desk:${WORD}@proxy.example:3128'}\n")
    with pytest.raises(ConfigError, match="must be the address of a proxy") as caught:
        load_settings(folder)

    assert build_fetcher(settings)._limits.proxy == "http://desk:s3cret@proxy.example:3128"
    assert "s3cret" not in repr(settings) + str(caught.value)


def test_the_state_folder_is_relative_to_the_configuration(folder: Path) -> None:
    """It does not matter from where the command is run."""
    assert load_settings(folder).state == (folder.parent / "state").resolve()


def test_a_company_may_repeat_its_own_forms(folder: Path) -> None:
    """Only a form that two companies share is in doubt."""
    (folder / "companies.yaml").write_text(
        "companies:\n  amd:\n    name: AMD\n    aliases: [AMD]\n    tickers: [AMD]\n"
    )

    assert load_settings(folder).companies["amd"].tickers == ("AMD",)


def test_each_term_is_checked(folder: Path) -> None:
    """The check that is passed in sees the terms of every group and of none."""
    (folder / "watches.yaml").write_text(VALID["watches.yaml"] + "    none: [films]\n")
    seen: list[str] = []

    load(folder, check_term=seen.append)

    assert {"OpenAI", "films"} <= set(seen)


def test_a_value_from_the_environment_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ${NAME} brought in may be a secret, so an error about it does not quote it."""
    monkeypatch.setenv("HOOK", "hooks.example/SECRET")
    folder = write_config(tmp_path / "config", channels={"hook": {"type": "webhook", "url": "${HOOK}"}})

    with pytest.raises(ConfigError) as found:
        load_settings(folder)
    assert "SECRET" not in str(found.value)
    assert "channels.hook.url: the value filled in must be a web address" in str(found.value)


@pytest.mark.parametrize(
    ("written", "means"), [("12h", timedelta(hours=12)), ("0", timedelta(0)), ("3d", timedelta(days=3))]
)
def test_story_windows(folder: Path, written: str, means: timedelta) -> None:
    """An event is told once in three days, unless the watch says otherwise; 0 turns that off."""
    (folder / "watches.yaml").write_text(VALID["watches.yaml"] + f"    story_window: {written}\n")

    assert load_settings(folder).watches["deals"].story_window == means
    (folder / "watches.yaml").write_text(VALID["watches.yaml"])
    assert load_settings(folder).watches["deals"].story_window == timedelta(hours=72)


def test_outlets_by_host() -> None:
    """A host belongs to the outlet whose domain it is or lies under, and to no other that only ends alike."""
    ledger = load_settings(shipped_folder()).ledger

    assert len(ledger.outlets) >= 40
    assert ledger.outlet_of("reuters.com") == ledger.outlet_of("jp.reuters.com") == "reuters"
    assert ledger.outlet_of("notreuters.com") == ledger.outlet_of("") == ""


def test_a_ledger_without_outlets(folder: Path) -> None:
    """A ledger.yaml from before there were outlets still loads, and knows none."""
    shipped = (shipped_folder() / "ledger.yaml").read_text(encoding="utf-8")
    (folder / "ledger.yaml").write_text(shipped.partition("\n# Outlets")[0], encoding="utf-8")

    ledger = load_settings(folder).ledger

    assert (ledger.outlets, ledger.reporting.verbs) == ({}, ())


def test_reporting_words_in_double_quotes_are_exact(folder: Path) -> None:
    """Double quotes mean the same in ledger.yaml's words of reporting as everywhere."""
    shipped = (shipped_folder() / "ledger.yaml").read_text(encoding="utf-8")
    own = shipped.partition("\n# Outlets")[0] + """\nreporting:\n  verbs: ["Says", tells]\n"""
    (folder / "ledger.yaml").write_text(own, encoding="utf-8")

    assert load_settings(folder).ledger.reporting.verbs == ('"Says"', "tells")


@pytest.mark.parametrize("part", ["names", "domains"])
def test_no_two_outlets_share(folder: Path, part: str) -> None:
    """A name or a domain that two outlets have is told with its place."""
    shipped = (shipped_folder() / "ledger.yaml").read_text(encoding="utf-8")
    outlets = {"names": "names: [Gazette]", "domains": "names: [{}], domains: [gazette.example]"}[part]
    own = f"\noutlets:\n  one: {{{outlets.format('A')}}}\n  two: {{{outlets.format('B')}}}\n"
    (folder / "ledger.yaml").write_text(shipped.partition("\n# Outlets")[0] + own, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    assert f"outlets.two.{part}" in str(caught.value)
    assert "already belongs to one" in str(caught.value)


@pytest.mark.parametrize(
    ("section", "own", "says"),
    [
        ("kinds", "  chips: [chip, '@nobody']", "kinds.chips.1: @nobody is not a company of companies.yaml"),
        ("kinds", "  chips: [chip, '@role:nobody']", "kinds.chips.1: @role:nobody is not a role in companies.yaml"),
        ("kinds", "  chips: [chip, <machines>]", "kinds.chips.1: <machines> is not known here"),
        ("within", "  texas: [abilen]", "within.texas.0: 'abilen' is not one of `places`. Did you mean abilene?"),
    ],
)
def test_what_a_ledger_refers_to_exists(folder: Path, section: str, own: str, says: str) -> None:
    """A company that no file knows would fail each article that is read; a place would never be found."""
    shipped = (shipped_folder() / "ledger.yaml").read_text(encoding="utf-8")
    begin = shipped.index(f"\n{section}:\n") + len(section) + 2
    end = re.compile(r"\n(?=[a-z_#])").search(shipped, begin + 1)
    assert end
    (folder / "ledger.yaml").write_text(shipped[:begin] + f"\n{own}" + shipped[end.start() :], encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_settings(folder)

    assert says in str(caught.value)
