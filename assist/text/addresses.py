# ruff: noqa: E501 - patterns of many words
"""Postal addresses of English-, German-, French-, Spanish- and Portuguese-speaking countries."""

from __future__ import annotations

import re

_CAP = r"[^\W\d_a-zà-öø-ÿ][\w'’.-]*"
_NO = r"\d{1,5}(?:[-/ ]?[A-Za-z](?!\w))?(?:[-–/]\d{1,4}[A-Za-z]?)?"
_EN_KINDS = (
    "Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Drive|Dr|Close|Court|Ct|Way|Terrace|Place|Pl|Crescent|Row|Gardens|Boulevard|Blvd|"
    "Square|Sq|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Grove|Hill|Mews|Park|Walk|Green|View|Rise|Mount|Quay|Wharf|Broadway"
)
_UNIT = (
    r"(?:(?:Flat|Apartment|Apt\.?|Unit|Suite|Ste\.?|Floor|Room|Box|P\.?O\.? Box|Postfach|Hinterhaus|Wohnung|Appartement|Appt\.?|Bât(?:iment|\.)?|"
    r"Piso|Puerta|Portal|Apto\.?|Apartamento|Bloco|Casa) ?(?:no\.? ?)?#?[\dA-Z][\w-]{0,5},? ?)"
)
_STREETS = (
    # 31 Brudenell Road; 1600 Pennsylvania Ave NW, Apt 4B
    rf"(?:{_UNIT})?(?<![\d.,])\b{_NO},? (?:(?:N|S|E|W|North|South|East|West|Upper|Lower|Old|New|St|\d{{1,3}}(?:st|nd|rd|th))\.? )?(?:(?:{_CAP}|of|the|la|de) ){{0,4}}(?:{_EN_KINDS})\b\.?(?: (?:NW|NE|SW|SE|N|S|E|W)\b)?",
    rf"(?<![\d.,])\b{_NO} (?:N|S|E|W|North|South|East|West)\.? \d{{1,3}}(?:st|nd|rd|th) (?:{_EN_KINDS})\b\.?",
    r"\bP\.?O\.? Box \d{2,6}\b|\bPostfach \d[\d ]{1,8}\b|\bApartado (?:de correos )?\d{2,6}\b|\bCaixa Postal \d{2,6}\b|\bBP \d{2,6}\b",
    # Sonnenallee 12; Lange Reihe 4a; Am Alten Markt 5; Unter den Linden 77
    rf"\b(?:{_CAP}[ -])?{_CAP}(?:straße|strasse|str\.|weg|gasse|allee|platz|ufer|damm|ring|steig|pfad|chaussee|markt|hof|berg|kamp|twiete) ?\d{{1,4}} ?(?:[a-z]\b)?",
    rf"\b{_CAP}(?:er|sche)? (?:Straße|Strasse|Str\.|Weg|Gasse|Allee|Platz|Ufer|Damm|Ring|Reihe|Markt|Steig|Pfad|Chaussee|Landstraße) ?\d{{1,4}} ?(?:[a-z]\b)?",
    rf"\b(?:Am|An der|An den|Im|In der|In den|Auf dem|Auf der|Unter den|Zum|Zur|Vor dem|Hinter der|Bei der|Alte|Alter|Neue|Neuer|Große|Kleine) (?:(?:alten|neuen|großen|kleinen|Alten|Neuen) )?{_CAP} \d{{1,4}} ?(?:[a-z]\b)?",
    # 12 bis, rue de la République
    rf"(?<![\d.,])\b{_NO}(?: ?(?:bis|ter))?,? (?i:rue|avenue|av\.|bd\.?|boulevard|place|pl\.|chemin|impasse|allées?|quai|route|cours|square|passage|faubourg|villa|sentier|résidence) (?:(?:de|du|des|la|le|les|l['’]|d['’]|en|aux?|sur|sous|saint|sainte)[ -]?|l['’]|d['’])*{_CAP}(?:[ -](?:(?:de|du|des|la|le|les|et|en|sur|sous) )*(?:l['’]|d['’])?{_CAP}){{0,3}}",
    # Calle Mayor 12, 3º B; Rua das Flores, 123, apto 45
    rf"\b(?i:calle|c/|c\.|avda?\.?|avenida|plaza|pza\.?|paseo|p\.º|carrer|camino|ronda|travesía|glorieta|carretera|rúa|rua|r\.|av\.|travessa|alameda|praça|estrada|rodovia|largo|calçada|beco|viela)(?: |(?<=/)) ?(?:(?:de|del|da|do|das|dos|la|las|los|el|d['’]|l['’]|San|Santa|São|Dr\.|Gen\.|Prof\.) ?)*{_CAP}(?: (?:(?:de|del|da|do|das|dos|la|las|los|el|e|y|i) )*{_CAP}){{0,4}},?(?: ?(?:n\.?º|nº|n°|núm\.?|num\.?|no\.?))? ?\d{{1,5}}(?: ?[A-Z]\b)?(?:,? ?\d{{1,2}} ?[.ºª°](?: ?[A-Z]\b| ?(?:izq|dcha|esq|dto)\.?)?)?(?:[,–-]? ?(?:apto|apt|ap|bloco|sala|andar|piso|puerta|casa)\.? ?\w{{1,5}})*",
)
_CITY = (
    rf"{_CAP}(?:[ -](?:(?:am|an der|im|bei|sur|en|la|le|les|de|del|do|da|dos|upon|on|the|i\.|a\.)[ -])*{_CAP}){{0,3}}"
)
_UK = r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
_US = r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\.?,? \d{5}(?:-\d{4})?\b"
_BR = r"\b\d{5}-\d{3}\b"
_CA = r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b"
_PT = rf"\b\d{{4}}-\d{{3}}\b(?: {_CITY})?"
_CONTINENT = rf"\b(?:[A-Z]{{1,2}}-)?\d{{5}} {_CITY}|\b(?:A|CH)-\d{{4}} {_CITY}|\b\d{{4}} ?[A-Z]{{2}} {_CITY}"
_CODES = rf"{_UK}|{_BR}(?:,? {_CITY})?|{_PT}|{_CA}|{_US}"

_STREET = "|".join(_STREETS)
_AFTER = rf",?\s{{1,2}}(?:{_UNIT}|{_CITY},?[ \n–-]{{1,3}}){{0,3}}(?:{_CODES}|{_CONTINENT})(?: ?[-–(/,]? ?(?-i:[A-Z]{{2}})\b\)?)?"
ADDRESS = re.compile(rf"(?:(?:{_UNIT}))?(?:{_STREET})(?:,? ?{_UNIT})?(?:{_AFTER})?")
PLACE = re.compile(rf"{_CITY},? {_US}|{_CONTINENT}")
POSTCODE = re.compile(
    rf"{_CODES}|(?i:postcode|post code|zip(?: code)?|postleitzahl|plz|code postal|código postal|cep|c\.p\.)(?: is| ist| est| es| é|:)? (?P<v>[A-Z\d][A-Z\d -]{{2,8}}\d[A-Z]{{0,2}})"
)
