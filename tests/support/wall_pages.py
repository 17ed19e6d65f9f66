"""Pages that stand before an article or in its place, and articles that look like one. Written for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

OPENING = (
    "The utility said on Monday that it will add two turbines to the plant on the river, the first of which is to run "
    "in the spring of next year, and that the port has agreed to take half of the steam for its new dryers.\n"
    "A spokesman put the cost at 340 million dollars, a third of which the state bank lends at a fixed rate for twelve "
    "years. The rest comes from the sale of the old grid, he said, and from a bond that is planned for the autumn."
)
"""Two paragraphs, as an article that is cut off begins."""


def page(body: str, title: str = "", head: str = "") -> str:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def article(*lines: str, head: str = "", behind: str = "", title: str = "Utility adds two turbines") -> str:
    """An article page with the opening, then these lines in it, then this markup behind it."""
    paragraphs = "".join(f"<p>{line}</p>" for line in (*OPENING.split("\n"), *lines))
    return page(f"<article><h1>{title}</h1>{paragraphs}</article>{behind}", title, head)


def described(data: Mapping[str, Any] | list[Any]) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


BOT_CHECKS = {
    "a moment": page("<noscript>Enable JavaScript and cookies to continue</noscript>", "Just a moment..."),
    "a moment, in German": page("<h1>shop.example</h1><p>Sicherheitsprüfung läuft</p>", "Einen Moment bitte …"),
    "a moment, in French": page("<h1>journal.example</h1>", "Un instant…"),
    "a moment, in Spanish": page("<h1>diario.example</h1>", "Un momento…"),
    "a moment, in Dutch": page("<h1>krant.example</h1>", "Een ogenblik geduld…"),
    "the options of a challenge": page(
        "<p>Loading</p><script>window._cf_chl_opt = {cType: 'managed'};</script>", "news.example"
    ),
    "blocked": page("<h1>Sorry, you have been blocked</h1><p>Ray ID: 1f2e3d</p>", "Attention Required! | Cloudflare"),
    "edge": page(
        '<h1>Access Denied</h1>You don\'t have permission to access "http&#58;//news.example/a" on this server.<p>'
        "Reference #18.2f.1.3",
        "Access Denied",
    ),
    "press and hold": page("<div id='px-captcha'></div><p>Press &amp; Hold to confirm you are a human</p>", "news"),
    "a puzzle from elsewhere": page(
        "<p>Please enable JS and disable any ad blocker</p><script src='https://ct.captcha-delivery.com/c.js'></script>",
        "news.example",
    ),
    "an incident": page(
        "<iframe src='/_Incapsula_Resource?x=1'>Request unsuccessful. Incapsula incident ID: 7</iframe>"
    ),
    "an interruption": page("<h1>Pardon Our Interruption...</h1><p>Something about your browser.</p>", "Pardon"),
    "a robot?": page("<h1>Are you a robot?</h1><p>Click the box to let us know.</p>", "The Paper"),
    "unusual traffic": page(
        "<p>We have detected unusual traffic from your computer network.</p><p>This page checks to make "
        "sure you're not a robot. Please enable JavaScript.</p>",
        "https://search.example",
    ),
    "in Italian": page("<p>Verifica di essere umano.</p><p>Abilita JavaScript per proseguire.</p>", "giornale.example"),
    "in French": page(
        "<p>Veuillez activer JavaScript.</p><p>Nous vérifions que vous n'êtes pas un robot.</p>", "journal.example"
    ),
}

CONSENT_PAGES = {
    "of a search engine": page(
        "<h1>Before you continue to Search</h1><p>We use cookies and data to deliver services.</p>"
        "<button>Accept all</button>",
        "Before you continue to Search",
    ),
    "in English": page(
        "<p>We and our 312 partners store and/or access information on a device, such as cookies.</p><p>You may "
        "withdraw your consent at any time.</p><button>Accept all</button><button>Manage options</button>",
        "The Paper",
    ),
    "in German": page(
        "<h2>Mit Werbung weiterlesen</h2><p>Wir und unsere 180 Partner verarbeiten personenbezogene Daten, etwa durch "
        "Cookies.</p><p>Ihre Einwilligung können Sie jederzeit widerrufen.</p><button>Zustimmen und weiter</button>",
        "Die Zeitung",
    ),
    "in French": page(
        "<p>Nous et nos 95 partenaires utilisons des cookies et traceurs.</p><p>Vous pouvez retirer votre consentement "
        "à tout moment.</p><button>Tout accepter</button><button>Continuer sans accepter</button>",
        "Le Journal",
    ),
    "in Spanish": page(
        "<p>Nosotros y nuestros 70 socios guardamos cookies y tratamos datos personales.</p>"
        "<button>Aceptar todo</button>",
        "El Diario",
    ),
    "in Italian": page(
        "<p>Noi e i nostri 44 partner usiamo cookie per la pubblicità.</p><button>Accetta e continua</button>",
        "Il Foglio",
    ),
    "in Dutch": page(
        "<p>Wij en onze 21 partners plaatsen cookies.</p><p>Geef toestemming voor het gebruik van gegevens.</p>"
        "<button>Alles accepteren</button>",
        "De Krant",
    ),
}

MISSING_PAGES = {
    "in English": page("<h1>Page not found</h1><p>Try the search.</p>", "Page not found | The Paper"),
    "a number": page("<h1>Sorry</h1><p>Nothing here.</p>", "404 - The Paper"),
    "in German": page("<h1>Seite nicht gefunden</h1>", "Die Zeitung"),
    "in French": page("<h1>Page introuvable</h1>", "Le Journal"),
    "in Spanish": page("<h1>Página no encontrada</h1>", "El Diario"),
    "in Italian": page("<h1>Pagina non trovata</h1>", "Il Foglio"),
    "in Dutch": page("<h1>Pagina niet gevonden</h1>", "De Krant"),
    "without a heading": page(
        "<p>The page you requested no longer exists.</p><p>Please check the address.</p>", "The Paper"
    ),
}

ERROR_PAGES = {
    "a gateway": page("<center><h1>502 Bad Gateway</h1></center><hr>", "502 Bad Gateway"),
    "maintenance": page("<h1>Scheduled maintenance</h1><p>Back soon.</p>", "The Paper"),
    "a database": page("<h1>Error establishing a database connection</h1>", "Database Error"),
    "in German": page("<h1>Es ist ein Fehler aufgetreten</h1>", "Die Zeitung"),
}

LOGIN_PAGES = {
    "in English": page("<h1>Log in</h1><form><input name=u><input type=password></form>", "Log in | The Paper"),
    "in German": page("<h1>Anmelden</h1><form><input type='password'></form>", "Die Zeitung"),
    "in Spanish": page("<h1>Iniciar sesión</h1><form><input type='Password'></form>", "El Diario"),
}

_FREE = {"@type": "NewsArticle", "headline": "Utility adds two turbines"}

DECLARED = {
    "no": article(head=described(_FREE | {"isAccessibleForFree": False})),
    "a string": article(head=described(_FREE | {"isAccessibleForFree": "False"})),
    "an address": article(head=described(_FREE | {"isAccessibleForFree": "https://schema.org/False"})),
    "a part": article(head=described(_FREE | {"hasPart": {"isAccessibleForFree": "false", "cssSelector": ".rest"}})),
    "in a graph": article(head=described({"@graph": [{"@type": "WebSite"}, _FREE | {"isAccessibleForFree": False}]})),
    "in a list": article(
        head=described([{"@type": "WebPage", "mainEntity": _FREE | {"isAccessibleForFree": "False"}}])
    ),
    "locked": article(head="<meta property='article:content_tier' content='locked'>"),
    "metered": article(head="<meta name='article:content_tier' content='Metered'>"),
    "microdata": article(head="<meta itemprop='isAccessibleForFree' content='False'>"),
    "an element": article(behind="<div class='c-paywall__box'>Subscribe for 1 dollar a week.</div>"),
    "an element, in German": article(behind="<section id='paywall'><p>Jetzt Abo abschließen</p></section>"),
}

ASKING = [
    "Subscribe to continue reading",
    "Subscribe now to unlock this story.",
    "Sign in to read the full article",
    "Register for free to continue reading.",
    "To continue reading, please subscribe or log in.",
    "This article is for subscribers only.",
    "You have reached your limit of free articles.",
    "Want to read more? Keep reading with a free trial.",
    "Already a subscriber? Log in",
    "Dieser Artikel ist nur für Abonnenten lesbar.",
    "Jetzt abonnieren und weiterlesen",
    "Möchten Sie weiterlesen?",
    "Cet article est réservé aux abonnés.",
    "La suite est réservée aux abonnés",
    "Abonnez-vous pour lire la suite.",
    "Il vous reste 80 % de cet article à lire.",
    "Suscríbete para seguir leyendo",
    "Este contenido es exclusivo para suscriptores.",
    "Abbonati per continuare a leggere",
    "Questo articolo è riservato agli abbonati.",
    "Abonneer je om verder te lezen",
    "Dit artikel is exclusief voor abonnees.",
]
"""Closing lines of a text that is cut off."""

_NOTES = [
    "The firm said that nine of ten visitors who are asked to verify you are human get through at the first attempt, "
    "and that the message Just a moment is shown for less than a second to most of them.",
    "Critics say the puzzle, the captcha, harms the blind; a spokesman answered that a site can enable JavaScript "
    "checks and cookies in place of pictures, and that access denied is a word that nobody wants to read.",
    "The regulator wants the words Subscribe to continue reading to be followed by the price, and a button that says "
    "Accept all cookies to be followed by one that says Reject all, of the same size and colour.",
]

QUOTATIONS = page(
    "<p>The port has a new gate, and the gate has a sign.</p>"
    "<p>In letters as tall as a man it says to all who come: verify you are human.</p>"
    "<p>To which somebody has added at night with a thick red pen: press and hold.</p>",
    "A sign at the port",
)
"""A short note that quotes what bot checks say."""

ARTICLES = {
    "about captchas": article(*_NOTES, title="Verify you are human: the business of captchas"),
    "about captchas, without marks": page("".join(f"<p>{note}</p>" for note in _NOTES), "The business of captchas"),
    "about consent pages": page(
        "".join(f"<p>{note}</p>" for note in (_NOTES[2], _NOTES[0], OPENING)), "Regulator looks at accept all buttons"
    ),
    "about paywalls": article(
        _NOTES[2], "Papers gained readers by it.", title="Subscribe to continue: how paywalls pay"
    ),
    "of a wall's name": article(title="Access Denied", head="<meta property='og:type' content='article'>"),
    "of a wall's name, described": article(title="Page not found", head=described(_FREE)),
    "of a wall's name, in paragraphs": article(
        f"{_NOTES[0]}<p>{_NOTES[1]}<p>{OPENING}", title="Just a moment", head="<meta name='author' content='A. Writer'>"
    ),
    "about a page that is missing": article("It was called Page not found.", title="Page not found: a history of 404"),
    "with an offer in the midst": article("Subscribe to continue reading every day.", *_NOTES[:2]),
    "with a newsletter": article("Sign up to our newsletter to get the news every morning."),
    "with an empty wall": article(behind="<div class='paywall'></div>"),
    "with a login": article(behind="<form><label>Log in</label><input type='password'></form>"),
    "with silent checks": article(head="<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
    "with other silent checks": article(head="<script src='/_Incapsula_Resource?SWJ=1'></script>"),
    "with a puzzle for comments": article(behind="<div id='captcha-container'></div>"),
    "with a cookie notice": article(behind="<div>We use cookies. <button>Accept all</button> Manage options</div>"),
    "free": article(head=described(_FREE | {"isAccessibleForFree": True})),
    "free, the word": article(head=described(_FREE | {"isAccessibleForFree": "True"})),
    "beside others that are not": article(
        head=described([{"@type": "ItemList", "itemListElement": [_FREE | {"isAccessibleForFree": False}]}])
    ),
    "of a paper that is not": article(
        head=described(_FREE | {"isPartOf": {"@type": "Product", "isAccessibleForFree": False}})
    ),
    "with broken data": article(head='<script type="application/ld+json">{"isAccessibleForFree": false</script>'),
}
