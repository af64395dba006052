"""The words and the patterns of Volu. Adjectives end in -e there, nouns have their capitals."""

from __future__ import annotations

import re

from insights_core.language.en import ENGLISH

_BY, _PER, _WITH, _AND, _OR, _NOT = "dor", "zil", "kon", "ke", "vel", "nul"
SMALL = frozenset({_BY, _PER, _WITH, _AND, _OR, _NOT, "ab", "ad", "sen", "pri"})


def _coined(text: str) -> str:
    """Return a word of Volu for each word of a text: the same for the same."""

    def coin(found: re.Match[str]) -> str:
        number = sum(ord(letter) * (place + 1) for place, letter in enumerate(found[0].lower()))
        return "zyx" + "".join("vrktmj"[number // 6**place % 6] + "iuoa"[number // 4**place % 4] for place in range(3))

    pieces = re.split(r"(\{\w+\}|[\[\]])", text)
    return "".join(piece if piece[:1] in ("{", "[", "]") else re.sub(r"[^\W\d_]+", coin, piece) for piece in pieces)


_ENDS = f"[ {_BY} {{breakdown}}][ ({{filter}})]"
_NAMES = {
    "list.two": f"{{first}} {_AND} {{second}}",
    "list.three": f"{{first}} {_AND} {{second}} {_AND} {{third}}",
    "frame.pair": f"{{first}} {_AND} {{second}}",
    "join.and": f"{{first}} {_AND} {{second}}",
    "join.or": f"{{first}} {_OR} {{second}}",
    "list.comma": f"{{first}} {_AND} {{second}}",
    "versus": f"{{first}} {_OR} {{second}}",
    "step": "{first} » {second}",
    "details": "{measure} ({details})",
    "described": "{noun} {adjective~noun}",
    "owned": "{owner}{noun}",
    "ended": "{measure} {ending}",
    "of": "{measure} {math~measure}",
    "per": f"{{first}} {_PER} {{second}}",
    "rate": "Kota pri {first}",
    "share": "Parto pri {first}",
    "share_of": "Parto pri {first}",
    "actors": f"{{actors}} {_WITH} {{measure}}",
    "first_time": "{measure} {=prime~measure}",
    "not": f"{_NOT} {{value}}",
    "with": f"{_WITH} {{thing}}",
    "without": "sen {thing}",
    "maths": "{measure} {maths~measure}",
    "frame.number": "{measure}[ {adjective~measure}][ {ending}][ ({filter})][ {compared}]",
    "frame.series": "{measure}[ {interval~measure}][ {adjective~measure}][ {ending}][ ({filter})][ {compared}]",
    "frame.split": f"{{measure}}[ {{interval~measure}}][ {{adjective~measure}}][ {{ending}}]{_ENDS}",
    "frame.ranking": f"{{breakdown}} {{=supe~breakdown}}[ {{limit}}] {_BY} {{measure}}[ {{adjective~measure}}][ {_PER} {{group}}][ ({{filter}})]",
    "frame.rows": "{measure}[ {adjective~measure}][ {ending}][ ({filter})]",
    "frame.latest": f"{{measure}} {{=nove~measure}}[ {{adjective~measure}}][ {_PER} {{breakdown}}][ ({{filter}})]",
    "frame.duplicates": "{measure} {=duple~measure}[ {adjective~measure}][ ({filter})]",
    "frame.statement": "{measure}: {verb}",
    "frame.funnel": f"Fono: {{measure}}{_ENDS}",
    "frame.retention": f"Reteno[ {{interval}}][ pri {{measure}}]{_ENDS}",
    "frame.paths": "Vojo[ ab {start}][ ad {end}][: {measure}][ ({filter})]",
}
PATTERNS = {name: _coined(text) for name, text in ENGLISH.patterns.items()} | _NAMES

WORDS = {code: _coined(text) for code, text in ENGLISH.words.items()} | {
    "math.avg": "medike",
    "math.max": "makse",
    "math.min": "minime",
    "interval.day": "diane",
    "interval.week": "septane",
    "interval.month": "lumane",
    "extreme.last": "nove",
    "all": "Evento",
    "actors.users": "Uzoi",
    "actors.visitors": "Gastoi",
    "actor.dau": "Uzo",
    "statement.delete": "forigo",
    "duration": "tempo",
    "time.week": "Septo",
    "time.month": "Lumo",
    "table.persons": "Uzoi",
    "per_second": f"{_PER} Sekundo",
}

KNOWN = {"$pageview": "Pagino", "$browser": "Navigo", "$geoip_country_code": "Lando"}

SYNONYMS = {
    key: {value: _coined(said) + "e" for value, said in table.items()} for key, table in ENGLISH.synonyms.items()
}
SYNONYMS["status"] |= {"failed": "fale", "success": "bone"}

ABBREVIATIONS = {"avg": "medike", "max": "makse", "min": "minime", "num": "", "cnt": ""}
AGGREGATING = frozenset({"medike", "makse", "minime"})

_BENT = {"prime", "supe", "nove", "duple"}  # they stand in patterns
ADJECTIVES = frozenset(
    {*AGGREGATING, "diane", "septane", "lumane", *_BENT}.union(*(table.values() for table in SYNONYMS.values()))
)
"""In the form that stands alone."""
