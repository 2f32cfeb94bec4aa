# ruff: noqa: E501 - patterns of many words
"""Numbers, codes, contacts and sums that belong to one customer's case, and the figures that belong to everybody.

Whatever holds four digits or more is taken for somebody's, unless it reads as a price, a measure, a time or a version:
an open slot too many costs an agent a glance, a stranger's number in a reply costs trust.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import phonenumbers

from assist.text.spans import KEEP, Rule

_I = re.IGNORECASE
_REGIONS = ("GB", "DE", "US", "FR", "ES", "BR", "PT")
_FREE = r"(?<![\w#+(/])(?<!\d[ .,/-])"
"""Not inside a longer run of digits."""

_SUM = r"\d(?:[\d.,'’]*\d)?(?:[  ]\d{3})*(?:[.,]\d\d)?(?:[.,][-–])?"
_CURRENCY = r"€|£|¥|₹|R\$|US\$|\$|EUR|USD|GBP|CHF|BRL|PLN|SEK"
_CURRENCY_WORD = r"€|£|\$|EUR\b|USD\b|GBP\b|CHF\b|BRL\b|euros?\b|dollars?\b|pounds?\b|reais\b|real\b|libras?\b|dólares\b|pence\b|cents?\b|céntimos\b|cêntimos\b|centavos\b"
AMOUNT = rf"(?:(?:{_CURRENCY}) ?{_SUM}|{_SUM} ?(?:{_CURRENCY_WORD}))"
_UNITS = (
    r"%|percent|prozent|por ?cento|pour cent|mm|cm|m|km|ml|cl|dl|l|g|kg|mg|lb|lbs|oz|ft|in|inch|inches|zoll|yd|miles|meter|meters|metres|metros|mètres|"
    r"m²|m2|w|kw|kwh|wh|mah|ah|v|volts?|hz|khz|mhz|ghz|db|lm|lumens?|lux|k|°c|°f|°|bar|psi|px|dpi|fps|rpm|bit|bits|kb|mb|gb|tb|mbit/s|mbps|"
    r"kcal|kj|denier|den|d|h|hrs?|hours?|min|mins|minutes?|sec|secs|seconds?|days?|weeks?|months?|years?|(?:working|business) days|"
    r"tage?n?|wochen?|monate?n?|jahre?n?|stunden?|minuten?|sekunden?|werktage?n?|uhr|jours?|semaines?|mois|ans|années?|heures?|secondes?|"
    r"días?|semanas?|mes(?:es)?|años?|horas?|minutos?|segundos?|dias?|anos?|characters|zeichen|caractères|caracteres|stück|pieces|pièces|piezas|peças|"
    r"points?|punkte|puntos|pontos|times|mal|fois|veces|vezes|steps|customers|users|people|pages|seiten|photos|items|wash(?:es)?|cycles"
)
_ISSUED = (
    # What a number belongs to, in five languages, and the slot it leaves open.
    ("order number", r"orders?|ord|po|purchase|bestell\w*|auftr[aä]g\w*|commande|pedido|encomenda|compra"),
    ("return number", r"returns?|rma|rücksende\w*|retouren?\w*|retour|devolución|devolução"),
    (
        "tracking number",
        r"tracking|track|parcel|consignment|shipment|sendungs?\w*|paket\w*|suivi|colis|envío|seguimiento|rastreio|rastreamento|envio",
    ),
    ("invoice number", r"invoices?|bill|receipt|rechnungs?\w*|beleg\w*|facture|factura|fatura|recibo|nota fiscal"),
    (
        "customer number",
        r"customer|client|member(?:ship)?|loyalty|kunden\w*|mitglieds?\w*|adhérent|cliente|socio|sócio|afiliado",
    ),
    ("serial number", r"serial|s/n|sn|imei|seriennummer|série|serie|serial"),
    (
        "ticket number",
        r"ticket|case|complaint|claim|vorgangs?\w*|fall\w*|dossier|réclamation|caso|incidencia|reclamación|chamado|protocolo|processo",
    ),
    (
        "coupon code",
        r"coupon|voucher|promo(?:tion(?:al)?)?|discount|gift ?card|gutschein\w*|rabatt\w*|aktions\w*|réduction|remise|cadeau|bon|cupón|cupom|cupão|descuento|desconto|vale|promocional",
    ),
    (
        "bank reference",
        r"bank|payment|transaction|transfer|mandate|remittance|sort|überweisungs?\w*|zahlungs?\w*|mandats?\w*|virement|paiement|transferencia|transferência|pago|pagamento|bic|swift|blz|iban",
    ),
    (
        "account number",
        r"account|acct|konto\w*|compte|cuenta|conta|policy|contract|vertrags?\w*|versicherungs?\w*|contrat|contrato|póliza|apólice|tax|vat|cpf|cnpj|nif|dni|nie|nin|ssn|passport|pass|ausweis\w*|steuer\w*",
    ),
    (
        "password",
        r"password|passwords?|passwort|kennwort|passcode|pin|otp|one-time|mot de passe|contraseña|senha|palavra-passe|verification|security|bestätigungs?\w*|verifizierungs?\w*|vérification|verificación|verificação",
    ),
    (
        "reference number",
        r"reference|ref|referenz\w*|aktenzeichen|référence|réf|referencia|referência|booking|reservation|buchungs?\w*|réservation|reserva|id|uuid|guid|device|gerät\w*",
    ),
)
_OF_A_THING = r"(?:(?: |-)?(?:reference|referenz|confirmation|de référence|de referencia|de referência))?(?:(?: |-)?(?:numbers?|nummern?|nr|no|num|numéro|número|núm|codes?|código|code|id|key|#|n)[.:º°]?)?"
_LINK = r"(?: ?(?:is|was|ist|war|lautet|est|es|é|:|=|–|-|n[º°o]\.?|nº|#|no\.?|nr\.?|numéro|número|de|do|da|del|du|is:)){0,3} ?[\"“«„'‘]?#?"
_VALUE = r"(?P<v>(?=[\w./-]*\d)[A-Z0-9][\w/-]*(?:\.[\w/-]+)*(?: (?=[A-Z0-9/-]*\d)[A-Z0-9/-]{2,12}(?![\w.,€£]))*)"
_NOT_ISSUED = re.compile(
    rf"^\d{{1,2}}$|^(?:19|20)\d\d$|^{_SUM}(?:{_UNITS})$|^\d+(?:st|nd|rd|th|er|e|ª|º)$|^\d{{1,3}}-\w+$|^\d{{1,2}}[.:]\d\d$|^24/7$",
    _I,
)
_TOKEN = re.compile(r"(?<![\w@])#?[^\W_][\w]*(?:[-–_/.:+&=]+\w+)*(?!\w)")
_KNOWN_TOKENS = re.compile(
    r"^(?:\d{1,3}(?:[.,]\d{1,3}){0,2}|(?:19|20)\d\d(?:[-–/](?:(?:19|20)?\d\d))?|[A-Za-z]{1,6}[-/]?\d{1,3}[A-Za-z]{0,4}|\d{1,3}[A-Za-z]{1,6}|"
    r"[A-Z]{1,2}\d{1,2}-\d{2}|"
    rf"\d{{1,2}}[.:]\d\d(?:[-–]\d{{1,2}}[.:]\d\d)?|{_SUM}(?:{_UNITS})|\d{{1,4}}x\d{{1,4}}(?:x\d{{1,4}})?(?:mm|cm|px)?|\d{{1,3}}(?:[-–/]\d{{1,3}}){{1,2}}|"
    r"v\d+(?:\.\d+)*|\d{1,3}(?:[.,]\d{3})+|[A-Za-z]+(?:-[A-Za-z]+)*-?\d{1,3}|(?:sha|utf|base|aes|iso|en|din|rfc|win|ipv|usb)-?\d+)$",
    _I,
)
_EMAIL = r"[\w.+%'’-]+(?: ?[@＠] ?| ?[\[(](?:at|arroba|ät)[\])] ?)[\w-]+(?:(?:\.| ?[\[(](?:dot|punkt|punto|ponto)[\])] ?)[\w-]+)+"
_ROLES = frozenset(
    [
        "support",
        "help",
        "service",
        "info",
        "hello",
        "contact",
        "returns",
        "orders",
        "care",
        "kontakt",
        "hilfe",
        "hallo",
        "retoure",
        "service-client",
        "aide",
        "soporte",
        "ayuda",
        "hola",
        "suporte",
        "ajuda",
        "ola",
        "team",
        "customercare",
        "repairs",
        "warranty",
        "mend",
    ]
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"“”]*[^\s<>()\[\]\"“”.,;:!?'’]", _I)
_PUBLIC_PATH = re.compile(
    r"/(?:hc|help|articles?|solutions?|faqs?|kb|docs|guides?|support|hilfe|aide|ayuda|ajuda|blog|products?|size-guide)(?:/|$|\?)",
    _I,
)
_SECRET_URL = re.compile(
    r"[?&#;][\w.-]*=|//[^/\s]*@|\d{6}|(?:track|sendung|parcel|suivi|rastre|seguim|token|signature|sig=|auth|session|reset|invite|verify|confirm|download|invoice|order)|/(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{12,}",
    _I,
)


def public_figures(own: Sequence[str]) -> tuple[Rule, ...]:
    """Return what stays: slots, links and mailboxes of the shop itself, prices, measures, times, versions.

    ``own`` are words of the shop's own hosts, e.g. its helpdesk's subdomain.
    """
    hosts = tuple(word.lower() for word in own if len(word) > 2)

    def is_public(match: re.Match[str]) -> bool:
        host, _, path = match[0].split("//")[-1].partition("/")
        if "@" in host:
            return False
        if _PUBLIC_PATH.search(f"/{path}") and not re.search(r"[?&#;][\w.-]*=", path):
            return True
        return not _SECRET_URL.search(match[0]) or (
            any(word in host.lower() for word in hosts) and not re.search(r"[?&#;=]|\d{4}|token", path)
        )

    def is_role(match: re.Match[str]) -> bool:
        mailbox, _, host = match[0].lower().partition("@")
        return mailbox in _ROLES and any(word in host for word in hosts)

    return (
        Rule(KEEP, re.compile(r"\[[^\[\]\n]{2,60}\]|\{\{[^{}]*\}\}")),
        Rule(KEEP, _URL, is_public),
        Rule(KEEP, re.compile(_EMAIL, _I), is_role),
    )


_OWN_SUM = (
    r"(?:(?:I|we)(?:['’]ve| have| had)?(?: just| already| now| also)? (?:refunded|credited|transferred|charged|deducted|reimbursed|returned|repaid|paid)"
    r"|(?:been|were|was) (?:refunded|charged|credited|debited|deducted|billed|reimbursed)|you(?:['’]ve| have)? (?:paid|owe)"
    r"|your (?:\w+ )?(?:refund|payment|balance|total|credit|invoice|bill|deposit|order|voucher)|(?:outstanding|remaining) (?:balance|amount)|(?:the|an?) (?:amount|sum|total) of|refund(?:ed)? of"
    r"|Ihre[rn]? (?:\w+ )?(?:Rückerstattung|Erstattung|Zahlung|Gutschrift|Rechnung|Bestellung|Guthaben|Kaution)|Ihr (?:Guthaben|Betrag)|(?:Rückerstattung|Erstattung|Gutschrift|Zahlung|Betrag|Summe) (?:von|über|in Höhe von)|(?:Betrag|Summe|Rechnungsbetrag)|in Höhe von|haben (?:wir )?(?:Ihnen|dir)"
    r"|votre (?:\w+ )?(?:remboursement|paiement|solde|facture|commande|avoir)|remboursement de|(?:montant|somme) (?:total )?de|nous (?:vous )?(?:avons|l['’]avons) (?:\w+ )?(?:remboursé|crédité|débité|prélevé)|vous (?:a été|ont été|avez) (?:\w+ )?(?:remboursés?|crédités?|débités?|prélevés?|payé|réglé)"
    r"|(?:su|tu) (?:\w+ )?(?:reembolso|pago|saldo|factura|pedido|abono)|reembolso de|(?:importe|cantidad|suma) (?:total )?de|(?:hemos|he|ha sido|le han|se ha|han sido|se le ha) (?:\w+ )?(?:reembolsado|devuelto|abonado|cobrado|cargado|ingresado)s?"
    r"|(?:o |a )?(?:seu|sua|teu|tua) (?:\w+ )?(?:reembolso|pagamento|saldo|fatura|pedido|encomenda|crédito)|(?:valor|montante|quantia) (?:total )?de|(?:reembols[aá]mos|devolvemos|estorn[aá]mos|credit[aá]mos|cobr[aá]mos|debit[aá]mos)|(?:foi|foram) (?:reembolsad|creditad|cobrad|debitad|estornad|devolvid)[oa]s?)"
)
_DONE_DE = r"(?:erstattet|zurückerstattet|überwiesen|gutgeschrieben|abgebucht|berechnet|bezahlt|zurückgezahlt|zurücküberwiesen|eingezogen)"
SUMS = (
    Rule(
        "amount",
        re.compile(rf"\b{_OWN_SUM}\b[^.!?\n€£$]{{0,32}}?(?P<v>{AMOUNT})", _I),
        lambda m: (
            not re.search(
                r"\b(?:over|up to|above|more than|bis zu|über \d|mehr als|jusqu|plus de|hasta|más de|até|mais de|from|ab)\s*$",
                m[0][: m.start("v") - m.start()],
                _I,
            )
        ),
    ),
    Rule("amount", re.compile(rf"(?P<v>{AMOUNT})[^.!?\n]{{0,40}}\b{_DONE_DE}\b", _I)),
    Rule(
        "amount",
        re.compile(
            rf"(?P<v>{AMOUNT}) (?:has been|was|have been|will be|a été|ont été|wurden?|ha sido|han sido|foi|foram) (?:\w+ ){{0,2}}(?:refunded|credited|charged|transferred|deducted|paid|rembours|crédit|débit|erstattet|überwiesen|reembols|abon|devuel|credit|estorn|devolv)",
            _I,
        ),
    ),
)

FIGURES = (
    Rule(KEEP, re.compile(rf"{_FREE}{AMOUNT}(?:(?: ?[–-] ?| (?:to|bis|à|a|and|und) ){AMOUNT})?", _I)),
    Rule(
        KEEP,
        re.compile(
            r"\b(?:version|v|firmware|ios|ipados|android|macos|windows|build|release|python|chrome|firefox|safari|fehler|error|erreur|erro|code d['’]erreur|fehlercode|http|iso|en|din|astm|step|schritt|étape|paso|passo|page|seite|chapter) ?(?:code |no\.? |nr\.? )?v?\d[\d.]*\d?(?:-\d+)?\b(?![-@])",
            _I,
        ),
    ),
    Rule(
        KEEP,
        re.compile(
            r"(?<![\d.:])(?:[01]?\d|2[0-4])(?:[:.h][0-5]\d)?(?: ?[ap]\.?m\.?| ?uhr| ?h)? ?(?:–|-|to|till|until|bis|à|a|às|y|e|and|und) ?(?:[01]?\d|2[0-4])(?:[:.h][0-5]\d| ?[ap]\.?m\b\.?| ?uhr| ?h\b)(?: ?[ap]\.?m\b\.?| ?uhr| ?h\b)?(?![\d.])",
            _I,
        ),
    ),
    Rule(
        KEEP,
        re.compile(
            r"(?<![\d.:/-])(?:[01]?\d|2[0-3])(?::[0-5]\d(?::[0-5]\d)?| ?h ?[0-5]\d|\.[0-5]\d(?= ?(?:uhr|[ap]m|h\b)))(?![\d:])(?: ?(?:uhr|[ap]\.?m\b\.?|h\b))?",
            _I,
        ),
    ),
    Rule(
        KEEP,
        re.compile(
            rf"{_FREE}\d(?:[\d.,]*\d)?(?:(?: ?[x×–-] ?| (?:to|bis|à|a|or|oder|ou|o|and|und) )\d(?:[\d.,]*\d)?){{0,2}}(?: |-| )?(?:{_UNITS})(?![\w])",
            _I,
        ),
        lambda m: len(re.findall(r"\d", m[0])) <= (3 if m[0].endswith(" in") else 6),
    ),
    Rule(KEEP, re.compile(r"(?<![\w./-])(?:19|20)\d\d ?[/–-] ?(?:(?:19|20)\d\d|\d\d)(?![\w./-])")),
)
"""Prices, measures and times: nobody's own."""

CONTACTS = (
    Rule("e-mail address", re.compile(_EMAIL, _I)),
    Rule("tracking link", _URL, lambda m: bool(re.search(r"track|sendung|parcel|suivi|rastre|seguim|paket", m[0], _I))),
    Rule("link", _URL),
    Rule("user name", re.compile(r"(?<![\w.@/])@[\w.-]*\w{2}")),
    Rule(
        "account number",
        re.compile(
            r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b|\b[a-z]{2}\d{2}(?: ?\d{4}){3,7}(?: ?\d{1,4})?\b"
        ),
    ),
    Rule(
        "IP address",
        re.compile(
            r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]\d)(?::\d+)?|(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])|\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b",
            _I,
        ),
    ),
    Rule(
        "user name",
        re.compile(
            r"\b(?:user ?names?|user|login|nick(?:name)?|handle|benutzer(?:name|konto)?|nutzer(?:name)?|anmeldename|identifiant|pseudo|utilisateur|usuario|nombre de usuario|usuário|utilizador|nome de utilizador|nome de usuário)\b(?: ?(?:is|ist|lautet|est|es|é|:|=|named|called|namens))?[ :]{1,2}[\"“«„'‘]?(?P<v>(?=[\w.-]*[\d_.])[a-z][\w.-]*\w|(?<=[:\"“«„'‘])[a-z][\w.-]*\w|(?<=(?:: |s |é |t ))(?!\b(?:not|no|the|your|a|an|case|already|locked|nicht|der|die|das|pas|no|não|ihre|correct|falsch|gesperrt|bloqueado|y|e|und|and|et|or|oder|o|ou)\b)[a-z]{3,20}(?=[.,;!\n]|$))",
            _I,
        ),
    ),
)


def _by_cue() -> tuple[Rule, ...]:
    rules = []
    for slot, words in _ISSUED:
        cue = rf"(?<![\w@])(?:{words}){_OF_A_THING}{_LINK}"
        rules.append(Rule(slot, re.compile(rf"{cue}{_VALUE}", _I), _is_issued))
    codes = r"coupon|voucher|promo|discount|gift ?card|gutschein|rabatt|code|código|cupón|cupom|cupão|bon"
    rules.append(
        Rule(
            "coupon code",
            re.compile(
                rf"(?i:\b(?:{codes})(?:-?codes?)?(?: is| ist| est| es| é|:| lautet)?) [\"“«„'‘]?(?P<v>[A-Z]{{4,}}(?:-?[A-Z0-9]+)*)\b"
            ),
            lambda m: m["v"] not in {"VAT", "HTTP", "IBAN", "SWIFT", "PIN"},
        )
    )
    rules.append(
        Rule(
            "password",
            re.compile(
                r"(?i:\b(?:password|passwort|kennwort|mot de passe|contraseña|senha|palavra-passe)(?: is| ist| lautet| est| es| é|:)+) ?[\"“«„'‘]?(?P<v>(?=\S*[\d!$%&#?*_])[^\s\"”»]{4,}?)(?=[\"”».,;]?(?:\s|$))"
            ),
        )
    )
    rules.append(
        Rule(
            "card number",
            re.compile(
                r"(?i:\b(?:ending(?: in| with)?|last (?:four|4) digits(?: are)?|endet auf|endend auf|Endziffern|terminant par|se terminant par|finissant par|terminada en|que termina en|terminad[oa] em|final|com final)) [*x•·. ]*(?P<v>\d{3,4})\b"
            ),
        )
    )
    rules.append(Rule("card number", re.compile(r"(?<!\w)(?:[*x•·X]{2,4}[ -]?){1,4}\d{2,4}\b")))
    return tuple(rules)


def _is_issued(match: re.Match[str]) -> bool:
    value = match["v"]
    if _NOT_ISSUED.search(value):
        return False
    after = match.string[match.end("v") : match.end("v") + 14]
    return not re.match(rf"[ -]?(?:{_UNITS}|€|£)(?!\w)", after, _I) or len(re.findall(r"\d", value)) >= 5


RETURN_NUMBER = re.compile(r"\b(?:RMA|RET|RTN)[-#: ]?\d{3,}\b")
ORDER_NUMBER = re.compile(
    # Any shop's own prefix (TT-204518), the usual words without a hyphen (INV20418), or a bare #20418.
    r"\b(?!RMA|RET|RTN)[A-Z]{2,8}[-#]\d{4,}(?:-[A-Z0-9]{1,6})*\b"
    r"|\b(?:ORD|PO|SO|INV|ORDER|CASE|REF)(?=[A-Z0-9]*\d)[A-Z0-9]{4,}\b|#\d{4,}\b"
)
SHAPES = (
    Rule("return number", RETURN_NUMBER),
    Rule("gift card code", re.compile(r"\b[A-Z]{2,4}(?:-[A-Z0-9]{4}){2,5}\b")),
    Rule("serial number", re.compile(r"\b[A-Z]\d{1,3}(?:-\d{2,4})*-\d{4,}\b")),
    Rule("order number", ORDER_NUMBER),
)
PLATES = (
    Rule(
        "licence plate",
        re.compile(r"\b[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[- ]?\d{2,4}[EH]?\b(?![-\w])"),
        lambda m: not re.match(r"(?:I|A|IN|IS|TO|OR|AM|EN|DE|LE|LA|EL|UM|US|UK|EU|CO|NO) [A-Z]{1,2} ?\d", m[0]),
    ),
    Rule(
        "licence plate",
        re.compile(
            r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b|\b[A-Z]{2}-\d{3}-[A-Z]{2}\b|\b[A-Z]{3}-?\d[A-Z]\d{2}\b|\b[A-Z]{3}-\d{3,4}\b|\b\d[A-Z]{3}\d{3}\b|\b\d{2}-[A-Z]{2}-\d{2}\b|\b[A-Z]{2}-\d{2}-[A-Z]{2}\b"
        ),
    ),
    Rule(
        "licence plate", re.compile(r"\b\d{4}[ -]?(?!EUR|USD|GBP|RPM|PLN|TBD|CHF|BRL|LED|PDF)[BCDFGHJ-NPR-TV-Z]{3}\b")
    ),
    Rule(
        "licence plate",
        re.compile(
            r"(?i:\b(?:plate|registration|reg|kennzeichen|immatriculation|plaque|matrícula|placa)\b(?: number| no\.?)?(?: is| ist| est| es| é|:)?) (?P<v>(?=[A-Z0-9 -]*\d)[A-ZÄÖÜ0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){1,3})\b"
        ),
    ),
)
CUED = _by_cue()

_RUN = re.compile(r"(?<![\w.,@€£$])(?:\+|00|\()?\d(?:[ .()/–-]{0,3}\d){6,}(?![\w@])")
_GROUPED_CARD = re.compile(r"^\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}$|^3\d{3}[ -]?\d{6}[ -]?\d{5}$")


def run_slot(text: str) -> str:
    """Return what a run of seven digits or more most likely is: phone, card, tracking or other number."""
    digits = re.sub(r"\D", "", text)
    if text.startswith(("+", "00", "(")) and len(digits) <= 15:
        return "phone number"
    if 13 <= len(digits) <= 19 and (_GROUPED_CARD.match(text) or _luhn(digits)):
        return "card number"
    if len(digits) <= 13 and _is_phone(text):
        return "phone number"
    if len(digits) <= 22 and text.isdigit():
        return "tracking number" if len(digits) >= 9 else "reference number"
    return "phone number" if len(digits) <= 12 else "reference number"


def runs() -> re.Pattern[str]:
    """Return the pattern of digit runs with the separators of phone, card and bank numbers."""
    return _RUN


def tokens(text: str) -> list[tuple[int, int, str]]:
    """Return [start, end) and slot of each word of ``text`` that only one case can hold: a code, not a product."""
    found = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        digits = sum(letter.isdigit() for letter in word)
        if digits == 0 or _KNOWN_TOKENS.match(word):
            continue
        mixed = any(letter.isalpha() for letter in word)
        handle = re.fullmatch(r"[a-z]{3,}[._]?(?:[a-z]+[._])*[a-z]*\d{2,}|[a-z]+(?:_[a-z]+)*_?\d+\w*", word)
        if digits >= 4 or (mixed and digits >= 2 and len(word) >= 8) or handle:
            found.append((*match.span(), _token_slot(word, is_handle=handle is not None and digits < 5)))
    return found


def _token_slot(word: str, *, is_handle: bool) -> str:
    if is_handle:
        return "user name"
    if word.isdigit():
        return "tracking number" if len(word) >= 9 else "reference number"
    return "tracking number" if 9 <= len(word) <= 22 and word.isalnum() and word.isupper() else "reference number"


def _is_phone(text: str) -> bool:
    for region in _REGIONS:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and (text.startswith("0") or not text.isdigit()):
            return True
    return False


def _luhn(digits: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
