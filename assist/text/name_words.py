# ruff: noqa: E501 - lists of words
"""Words by which names are told: cues before them, endings of them, and what looks like one and is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from resources import ROOT


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Return ``word`` small and without accents: "Inês" and "INES" are one name."""
    plain = unicodedata.normalize("NFKD", word.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("ı", "i"))
    return (
        "".join(letter for letter in plain if not unicodedata.combining(letter))
        .lower()
        .replace("ß", "ss")
        .replace("’", "'")
    )


WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
SHORT_TITLES = {"fr": ("M",), "de": ("Hr", "Fr"), "es": ("Don", "Sr"), "pt": ("Dom", "Sr")}
GREETINGS = (
    r"hi|hello|hey|dear|hiya|good (?:morning|afternoon|evening)|thanks|thank you|many thanks|thanks again|sorry|welcome(?: back)?|congratulations|cheers|"
    r"hallo|moin|liebe[r]?|guten (?:tag|morgen|abend)|servus|grüezi|danke|vielen dank|"
    r"bonjour|bonsoir|salut|ch[eè]re?|merci|hola|buen[oa]s (?:días|tardes|noches)|estimad[oa]|querid[oa]|gracias|muchas gracias|"
    r"olá|oi|bom dia|boa (?:tarde|noite)|prezad[oa]|car[oa]|obrigad[oa]|muito obrigad[oa]"
)
GREETING = re.compile(
    rf"(?:^|(?<=[.!?] )|(?<=\n))[ \t]*(?:{GREETINGS})(?:,|:)? (?P<v>[^\W\d_][^\n.!?,:;–]{{0,40}}?)(?=[ ]?(?:[,!:;–.]|$|\n| -))",
    re.IGNORECASE | re.MULTILINE,
)
HELLO = re.compile(
    r"(?:hi|hello|hey|dear|hiya|hallo|moin|liebe|bonjour|salut|ch[eè]re?|hola|querid|olá|oi)", re.IGNORECASE
)
BEFORE_NAME = re.compile(
    r"(?<!\w)(?:signed (?:for )?by|addressed to|in the name of|under the name(?: of)?|on behalf of|(?:spoke|spoken|speak|talked?|talking|chatted) (?:to|with)|(?:name|recipient|contact|holder) (?:is|was|on [^.\n]{0,30} is)|"
    r"called|named|(?:received|accepted|taken in|collected|picked up|ordered|placed|requested|reported|booked|bought) by|(?:left|it|parcel|package|key|keys) with|handed (?:it |over )?to|payable to|account holder|c/o|attn\.?:?|for the attention of|recipient:?|registered (?:to|for|under)|"
    r"(?:ask|tell|told|asked|contact|call|email|inform|from your|for|gift (?:for|to)) (?=[^\W\d_]+(?: [^\W\d_]+)? (?:to|that|if|about|on|at|has|had|in|who|by|and)\b)|"
    r"unterschrieben von|unterschrift von|auf den namen|im namen von|entgegengenommen von|angenommen von|abgeholt von|bestellt von|empfänger(?:in)?:?|kontoinhaber(?:in)?:?|ansprechpartner(?:in)?:?|heißt|namens|z\. ?hd\. ?(?:von)?|gesprochen mit|telefonat mit|abgegeben bei|hinterlegt bei|gez\.|"
    r"signé par|au nom de|de la part de|remis à|remise à|reçue? par|réceptionnée? par|retirée? par|commandée? par|déposée? chez|confiée? à|parlé (?:à|avec)|s['’]appelle|nommée?|à l['’]attention de|destinataire ?:?|titulaire ?:?|"
    r"firmado por|a nombre de|de parte de|entregado a|entregada a|recibid[oa] por|recogid[oa] por|pedid[oa] por|habl(?:ó|é|amos|ado|aron) con|se llama|llamad[oa]|a la atención de|destinatari[oa]:?|titular:?|dejado con|"
    r"assinad[oa] por|em nome de|da parte de|entregue (?:a|ao|à|para)|recebid[oa] por|retirad[oa] por|pedido por|fal(?:ou|ei|[aá]mos|ado) com|chama-se|chamad[oa]|aos cuidados de|destinatári[oa]:?|deixad[oa] com)\s+(?:(?:the |a |an |your |his |her |dem |der |einer? |einem |den |die |ihre[mnr]? |ihr |votre |un |une |le |la |l['’]|su |una? |el |seu |sua |o |a |um |uma )?(?=\S))",
    re.IGNORECASE,
)
ENDINGS = re.compile(
    r"(?:[a-zà-ÿ]{2,}(?:ski|ska|sky|cki|wicz|czyk|ović|ovic|ević|evic|enko|chuk|idis|poulos|akis|opoulou|ssen|sson|dóttir|dottir|shvili|dze|yan|escu|oğlu|oglu|ulos|ueira|eiro|eira|ães|ões|ández|ínez|érez|ález|ández|mann|stein|hauser|meier|maier|mayer|berg|wala|wal|swamy|murthy|moto|mura|yama|gawa|kawa|shita))$"
)
ENDINGS_DE = re.compile(
    r"(?:[a-zà-ÿ]{2,}(?:ski|ska|cki|wicz|czyk|ović|ović|enko|chuk|idis|poulos|sson|dóttir|escu|oğlu|huber|meier|maier|mayer|müller|hauser))$"
)
PREFIXED = re.compile(r"^(?:O['’]|Mc|Mac(?=[A-Z])|D['’](?=[A-Z])|Fitz)[A-Z][a-zà-ÿ]{2,}$")
SUFFIXES = ("s", "es", "n", "en", "e", "a", "as", "u", "em", "om", "owi", "ego", "in", "'s", "’s", "'", "’")


COMMON_ENDINGS = re.compile(r"(?:ung|heit|keit|schaft|tion|tions|ment|ments|ing|ity|ness|ware|able|ible|ery|ies)$")


@lru_cache(maxsize=1)
def listed_names() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return given names, family names and those that are words too, folded."""
    found = _sections("names.txt")
    given, family, also = (frozenset(fold(word) for word in found[name]) for name in ("given", "family", "also words"))
    return given, family, also


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    return frozenset(
        word
        for language in ("de", "en", "es", "fr", "pt")
        for word in (ROOT / "stopwords" / f"{language}.txt").read_text(encoding="utf-8").split()
    )


@lru_cache(maxsize=1)
def _words() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in _sections("name_words.txt").items()}


def _sections(file_name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    section = ""
    for line in (ROOT / file_name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif not line.startswith("#"):
            found.setdefault(section, []).extend(line.split())
    return found


TITLES = _words()["titles"]
LOWER_TITLES = _words()["titles also small"]
PARTICLES = _words()["particles"]
KIN = _words()["kin"]
OURS = _words()["ours"]
COMPANIES = _words()["companies and places"]
THANKS_LINE = _words()["sign-offs"]
PLACES = _words()["before places"]
DOERS = _words()["what people do"]
PREPOSITIONS_DE = _words()["german prepositions"]
COMMON = _words()["what shops write large"]
"""Never one half of a name."""
NOUNS = _words()["german nouns"]
BEFORE_ONE = _words()["before one name"]
"""One capital after these is a person or a place, unless the shop writes it large."""
