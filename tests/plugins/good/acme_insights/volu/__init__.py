"""Volu, a language that nobody speaks, as a folder: `grammar.py`, and `tables.py` with its words and patterns.

It shows what a language may do that English does not. Adjectives stand behind their noun and end as its gender and number
ask; nouns grow together without a blank, and they alone have capitals; the plural has an ending of its own, and lists are
joined otherwise.
"""

from dataclasses import replace

from insights_core.language.en import ENGLISH
from insights_core.language.protocol import Language

from . import grammar, tables

VOLU = Language(
    code="volu",
    # Columns and tables have English names where Volu is spoken, too; only what is short for a word is read otherwise.
    identifiers=replace(
        ENGLISH.identifiers,
        abbreviations=tables.ABBREVIATIONS,
        aggregating=ENGLISH.identifiers.aggregating | tables.AGGREGATING,
    ),
    patterns=tables.PATTERNS,
    words=tables.WORDS,
    known=tables.KNOWN,
    synonyms=tables.SYNONYMS,
    rates={},
    doing={},
    acronyms={},
    small=tables.SMALL,
    mathematical=frozenset(),
    claims={},
    neutral="",
    alike=(),
    opposing=(),
    elides=False,
    plural=grammar.plural,
    singular=grammar.singular,
    is_participle=ENGLISH.is_participle,
    counted=grammar.counted,
    step=ENGLISH.step,
    deed=ENGLISH.step,
    action=grammar.thing,
    thing=grammar.thing,
    agree=grammar.agree,
    joint=grammar.joint,
    cased=grammar.cased,
    stem=ENGLISH.stem,
)
