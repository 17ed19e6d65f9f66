"""What walls say and are built of, in English, German, French, Spanish, Italian and Dutch."""

from __future__ import annotations

import re

import re2


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(_either(*patterns), re.IGNORECASE)


def _quick(*patterns: str) -> re2._Regexp[str]:
    """For what all names on a page are searched for."""
    options = re2.Options()
    options.case_sensitive = False
    return re2.compile(_either(*patterns), options)


def _either(*patterns: str) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


BOT_TITLES = _any(
    r"just a moment",
    r"nur einen moment|einen moment(?:,? bitte)?|un instant|un momento(?:,? por favor)?|een ogenblik(?: geduld)?",
    r"attention required!? \| cloudflare",
    r"access (?:to this page has been )?denied|access is (?:temporarily )?restricted",
    r"zugriff verweigert|accès refusé|acceso denegado|accesso negato|toegang geweigerd",
    r"pardon our interruption|human verification|security check(?:point)?|bot (?:check|verification)|ddos-guard",
    r"are you a (?:robot|human)|(?:please )?verify(?:ing)? (?:that )?you are (?:a )?human|robot check",
    r"checking your browser|please wait|one moment,? please|client challenge|verification required",
    r"sind sie ein (?:roboter|mensch)|êtes-vous un (?:robot|humain)|¿?eres un robot|sei un robot|bent u een robot",
)
BOT_PHRASES = _any(
    r"checking (?:if the site connection is secure|your browser)",
    r"verif(?:y|ying|ies) (?:that )?you are (?:a |not a )?(?:human|ro?bot)|confirm (?:that )?you are (?:human|"
    r"not a robot)",
    r"needs to review the security of your connection",
    r"enable (?:javascript|js|cookies)(?: and (?:javascript|js|cookies|disable any ad ?blocker))?",
    r"unusual (?:traffic|activity) (?:from|coming from) your (?:computer )?network|detected unusual (?:traffic|"
    r"activity)",
    r"you (?:don't|do not) have permission to access",
    r"you have been blocked|sorry, you have been blocked|request unsuccessful|incapsula incident id",
    r"press (?:&|and) hold|slide right to (?:secure|complete)|complete the (?:security|captcha) (?:check|challenge|"
    r"below)",
    r"(?:ray|reference|incident|block) (?:id|#) ?:?|reference #[\d.]+|performance (?:&|and) security by cloudflare",
    r"(?:you are|you're) (?:not )?a (?:ro)?bot|make sure you'?re not a robot|this process is automatic",
    r"aktivieren sie (?:bitte )?(?:javascript|cookies)|bestätigen sie,? dass sie (?:ein mensch|kein roboter) sind",
    r"activer javascript|vérifi\w+ que vous (?:êtes (?:un )?humain|n'êtes pas un robot)|trafic inhabituel",
    r"habilit[ae]r? javascript|verific\w+ que (?:es|eres|usted es) (?:un )?humano|no (?:es|eres) un robot|"
    r"tráfico inusual",
    r"abilita(?:re)? javascript|verific\w+ (?:che )?(?:tu )?(?:sia|sei|di essere) (?:un )?uman|non sei un robot",
    r"schakel javascript in|(?:controleer|bevestig|verifieer)\w* (?:of|dat) (?:u|je) (?:een )?(?:mens|geen robot)",
)
GUARD_NAMES = _any(
    r"\bpx-captcha\b|\bchallenge-form\b|\bcf-browser-verification\b|\bcf-challenge\b|\bcf-error-details\b",
    r"\bcaptcha-container\b|\bsec-(?:if|bc)-\w+container\b|\bddg-captcha\b|\bbm-verify\b",
)
GUARD_SOURCES = _any(
    r"captcha-delivery\.com",
    r"_incapsula_resource",
    r"captcha\.awswaf\.com|"
    r"token\.awswaf\.com",
    r"/_sec/cp_challenge/",
)
GUARD_CODE = _any(r"\b_cf_chl_opt\b", r"\b_pxblockscript\b|\b_pxcaptcha\b", r"\bgokuprops\b", r"\bdd=\{'rt'")

MISSING_TITLES = _any(
    r"(?:error |http )?404(?: error)?|(?:error |http )?404[ :–-]*(?:\(?not found\)?|.{0,40}not found)",
    r"(?:(?:the |this )?(?:page|article|content|file|story) )?(?:was |is |could |can|cannot be |"
    r"not )*not (?:be )?found",
    r"(?:sorry,? )?(?:the |this )?(?:page|article|story) (?:not found|(?:does not|doesn'?t|no longer) exists??)",
    r"(?:page|article) (?:is )?(?:no longer available|unavailable)|oops[!,. ]*(?:page not found)?",
    r"(?:die )?(?:seite|artikel)(?: wurde)? (?:leider )?nicht gefunden|page (?:introuvable|non trouvée)",
    r"page (?:not found|inexistante)|p[áa]gina no (?:encontrada|existe)|pagina non trovata|pagina niet gevonden",
)
MISSING_PHRASES = _any(
    r"the (?:page|article|content) you (?:requested|were looking for|are looking for|tried to open)",
    r"(?:could|can)(?:not| ?n'?t) (?:be found|find (?:the|that|this) page)|no longer exists?|(?:has|"
    r"may have) been (?:re)?moved",
    r"error 404|404 error|page not found|check the (?:url|address|link)|mistyped",
    r"(?:die|diese) (?:gewünschte |angeforderte |gesuchte )?seite (?:wurde|konnte|existiert)|"
    r"nicht gefunden(?: werden)?",
    r"la page (?:que vous (?:recherchez|demandez|cherchez)|demandée)|n'existe (?:pas|plus)|introuvable",
    r"la página (?:que (?:buscas|busca|solicitas)|solicitada)|no (?:existe|se (?:ha )?encontr\w+)",
    r"la pagina (?:che (?:cerchi|stai cercando)|richiesta)|non (?:esiste|è stata trovata)",
    r"de (?:opgevraagde |gevraagde )?pagina (?:die u zoekt|bestaat niet|is niet gevonden)|niet gevonden",
)
ERROR_TITLES = _any(
    r"(?:error |http )?50[0234](?: error)?|(?:50[0234] )?(?:internal server error|bad gateway|gateway time-?out)",
    r"(?:503 )?service (?:temporarily )?unavailable|(?:site|down for|scheduled) maintenance|wartungsarbeiten",
    r"(?:server|application|unexpected|database) error|error establishing a database connection|something went wrong",
    r"an error (?:has )?occurred|es ist ein fehler aufgetreten|une erreur (?:est survenue|s'est produite)",
    r"ha ocurrido un error|si è verificato un errore|er is een fout opgetreden|too many requests|429",
)
ERROR_PHRASES = _any(
    r"(?:please )?try (?:again|your request again) later|the server (?:encountered|is temporarily)|"
    r"internal server error",
    r"we are (?:currently )?(?:performing|undergoing) (?:scheduled )?maintenance|too many requests|guru meditation",
    r"versuchen sie es (?:später|in kürze) (?:noch ?mal|erneut|wieder)|réessayer plus tard|"
    r"inténtelo (?:de nuevo )?más tarde",
)

CONSENT_TITLES = _any(
    r"before you continue(?: to .{1,40})?|bevor (?:sie|du) (?:.{1,40} )?(?:fort|weiter)\w+(?: .{1,40})?",
    r"avant (?:de continuer|d'accéder)(?: .{1,40})?|antes de (?:continuar|ir)(?: .{1,40})?",
    r"prima di continuare(?: .{1,40})?|voordat (?:je|u) (?:verder ?gaat|doorgaat)(?: .{1,40})?",
    r"(?:cookie|privacy|data)[ -]?(?:consent|settings|einstellungen|zustimmung|instellingen)|your privacy choices?",
    r"zustimmung(?: erforderlich)?|we value your privacy|nous respectons votre vie privée|(?:gdpr|dsgvo) consent",
    r"valoramos tu privacidad|la tua privacy|wij? (?:waarderen|respecteren) (?:uw|je) privacy|privacy gate|"
    r"privacywall",
)
CONSENT_WORDS = _any(
    r"\bcookies?\b|\bconsent|\bprivacy\b|\bpersonal (?:data|information)|\btracking\b|\badvertis|\bour partners\b",
    r"\beinwillig|\bzustimm|\bdatenschutz|\bdaten\b|\bwerbung\b|\bpartner",
    r"\bconsent|\bdonnées\b|\bconfidentialité|\bpartenaires\b|\bpublicité|\btraceurs\b|\bvie privée",
    r"\bconsentim|\bdatos\b|\bprivacidad|\bsocios\b|\bpublicidad",
    r"\bconsenso|\bdati\b|\bpubblicità|\btoestemming|\bgegevens\b|\badvertenties",
)
CONSENT_PHRASES = _any(
    r"(?:accept|allow|agree to|reject|refuse) all(?: cookies)?|accept (?:and|&) (?:continue|close)|i (?:agree|"
    r"accept)\b",
    r"we (?:and our (?:\d+ )?partners )?(?:use|store)(?:,| and/or access)? .{0,40}(?:cookies|information on)",
    r"manage (?:options|settings|preferences|cookies)|withdraw (?:your )?consent|more options|legitimate interest",
    r"alle[ns]? (?:cookies )?(?:akzeptieren|zustimmen|ablehnen)|(?:akzeptieren|zustimmen) (?:und|&) (?:weiter\w*|"
    r"schließen)",
    r"mit werbung (?:weiter\w*|lesen|nutzen)|wir (?:und unsere (?:\d+ )?partner )?(?:verwenden|nutzen|verarbeiten)",
    r"einwilligung .{0,60}widerrufen|weitere optionen|einstellungen (?:verwalten|anpassen)",
    r"tout (?:accepter|refuser)|accepter (?:et|&) (?:continuer|fermer)|continuer sans accepter|"
    r"retirer votre consentement",
    r"nous (?:et nos (?:\d+ )?partenaires )?(?:utilisons|stockons)|param[ée]trer les (?:cookies|traceurs)",
    r"(?:aceptar|rechazar) (?:todo|todas)|aceptar y (?:continuar|cerrar)|nosotros y nuestros (?:\d+ )?socios|"
    r"retirar (?:su|tu) consentimiento",
    r"(?:accetta|rifiuta)(?:re)? (?:tutto|tutti)|accetta e (?:continua|chiudi)|noi e i nostri (?:\d+ )?partner|"
    r"continua senza accettare",
    r"alles (?:accepteren|weigeren)|alle cookies (?:accepteren|weigeren)|accepteren en (?:doorgaan|sluiten)|"
    r"wij en onze (?:\d+ )?partners",
)

LOGIN_TITLES = _any(
    r"(?:please )?(?:log|sign)[ -]?in(?: to .{1,40})?|(?:member )?login|(?:bitte )?(?:anmelden|einloggen)|anmeldung",
    r"(?:se )?connexion|(?:se )?connecter|identifiez-vous|iniciar sesión|inicia sesión|acceder|accedi|inloggen|"
    r"aanmelden",
)

WALL_NAMES = _quick(
    r"pay-?wall|reg-?wall|registration-?wall|subscri(?:ber|ption)-?(?:wall|gate|barrier)|"
    r"metered?-?(?:wall|content)",
    r"(?:content|premium|article)-?(?:wall|gate|lock|barrier)|piano-?(?:offer|container|inline)|tp-(?:container|"
    r"modal)",
    r"\bwall-(?:message|overlay)\b|(?:abo|plus)-?(?:schranke|wall|box)|abobox|barrera|muro-?de-?pago|paid-?content",
)
ASKING = _any(
    r"subscri(?:be|ption)|become a (?:member|subscriber)|already a (?:member|subscriber)|register (?:for free )?to|"
    r"sign in to",
    r"(?:jetzt|zum) (?:abo|weiterlesen)|abonnent|abonnieren|registrieren|abonne[rz]|abonné|s'abonner|identifiez-vous",
    r"suscr[íi]b|suscripc|abbonati|abbonamento|registrati|abonneer|abonnee|word (?:lid|abonnee)",
)

_READ_ON = (
    r"(?:continue|keep reading|finish reading|unlock|access (?:this|the full)|"
    r"read (?:on|(?:this|the (?:full|rest|whole|entire))))"
)
ASKING_LINE = _any(
    rf"(?:please )?(?:subscribe|sign (?:up|in)|log in|register|join|create (?:a |an )?(?:free )?account|"
    rf"become a (?:member|"
    rf"subscriber)|start (?:a|your) (?:free )?(?:trial|subscription))(?: now| today| or (?:log|sign) in|"
    rf" for free)* to {_READ_ON}\b",
    r"möchten sie (?:den (?:ganzen )?artikel )?weiterlesen|lesen sie (?:jetzt )?weiter mit|"
    r"to (?:continue|keep|unlock|read (?:on|more|the (?:full|rest|whole|entire))).{0,60}(?:subscri|sign (?:in|up)|"
    r"log in|register)",
    r"(?:this|the (?:full|rest of this)) (?:article|story|content|post) is (?:for|only for|reserved for|"
    r"available (?:only )?to|"
    r"exclusive(?:ly)? (?:for|to)) .{0,30}(?:subscri|members|paying|paid|premium)",
    r"(?:want|would you like) to (?:read|keep reading|continue reading).{0,40}\?|keep reading with a|"
    r"continue reading (?:with|for)",
    r"you(?:'ve| have) (?:reached|read|used|run out of).{0,60}(?:free|article|limit)|"
    r"you have \d+ free articles? (?:left|remaining)",
    r"already (?:a |have a )?(?:subscri|member)|unlock (?:this|the full) (?:article|story)|subscribers? only",
    r"(?:jetzt |um )?(?:weiterlesen mit|weiterzulesen)|(?:dieser|diesen) (?:artikel|text|"
    r"beitrag) .{0,60}(?:abonnent|abo\b|registrier|plus-)",
    r"(?:jetzt )?(?:abonnieren|registrieren|anmelden)(?: sie sich)?,? (?:und|um) .{0,40}(?:weiter|lesen)|"
    r"sie haben bereits ein .{0,20}abo",
    r"(?:cet article|la suite(?: de cet article)?|ce contenu) (?:est )?(?:vous )?(?:est )?(?:est réservée?|"
    r"réservée?) (?:à|aux)",
    r"(?:abonnez-vous|connectez-vous|inscrivez-vous|identifiez-vous) pour (?:lire|continuer|accéder)|"
    r"pour (?:lire la suite|continuer|poursuivre)"
    r".{0,60}(?:abonn|connect|inscri)|il vous reste .{0,30}(?:article|à lire)|déjà abonnée?",
    r"(?:suscr[íi]bete|suscríbase|reg[íi]strate|regístrese|inicia sesión)(?: ahora| gratis)? para (?:seguir|"
    r"continuar|leer|acceder)",
    r"para (?:seguir|continuar) leyendo|(?:este|esta) (?:contenido|artículo|noticia) es (?:exclusiv|solo|"
    r"sólo)\w* .{0,20}(?:suscriptor|para)|¿?ya (?:eres|es) suscriptor",
    r"(?:abbonati|registrati|accedi)(?: ora| subito| gratis)? per (?:continuare|leggere|accedere)|"
    r"per continuare (?:a leggere|la lettura)",
    r"(?:questo|il) (?:articolo|contenuto) è riservato|(?:contenuto|articolo) riservato agli abbonati|"
    r"sei già abbonat",
    r"(?:abonneer|registreer|log|meld)(?: je| u)?(?: nu| in| aan| gratis)* om (?:verder|door|dit|het|te) |"
    r"(?:om )?(?:verder|door) ?te lezen|(?:verder|door)lezen\?",
    r"dit (?:artikel|verhaal) is (?:exclusief|alleen|enkel) (?:voor|beschikbaar)|(?:al|reeds) (?:een )?abonnee\?",
)
