"""Make the table of related words that the check reads: `python -m bench lexicon FOLDER`.

FOLDER holds WordNet 3.0 as Debian's package `wordnet-base` brings it (`/usr/share/wordnet`). Taken are its single
words; of those that its own corpus has at least once also which share one of their most frequent senses, and which are derived
from each other. No network is used.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.names import ROOT
from insights_core.language.en import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = ROOT / "insights_core" / "models" / "related_en.txt"
_HEAD = """\
# Related words of English, by their stems: `python -m bench lexicon` makes this file of WordNet 3.0.
# A line of several stems: they share a sense, or one is derived from another. A line of one: a word with no relative here.
# WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. Its licence stands in WORDNET-LICENSE beside this file.
"""
_FREQUENT_SENSES = 4
_WORD = re.compile(r"[a-z]{2,24}")
_PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_DERIVED = {"+", "\\"}
"""The signs of pointers between two words: derivationally related, pertaining to."""


class Synset(NamedTuple):
    """Words of one sense, and pointers from one of them to a word of another."""

    place: str
    words: list[str]
    pointers: list[tuple[int, str, int]]


def synsets(folder: Path) -> Iterator[Synset]:
    for name, part in _PARTS.items():
        for line in _lines(folder / f"data.{name}"):
            fields = line.partition(" | ")[0].split()
            count = int(fields[3], 16)
            words = [re.sub(r"\(.*", "", fields[4 + 2 * at]) for at in range(count)]
            start = 5 + 2 * count
            quads = [fields[start + 4 * at : start + 4 * at + 4] for at in range(int(fields[start - 1]))]
            pointers = [
                (int(ends[:2], 16) - 1, ("a" if other == "s" else other) + place, int(ends[2:], 16) - 1)  # noqa: FURB166 - two numbers of two digits each
                for sign, place, other, ends in quads
                if sign in _DERIVED and ends != "0000"
            ]
            yield Synset(part + fields[0], words, pointers)


def _lines(file: Path) -> Iterator[str]:
    return (line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(" "))


def _frequent(folder: Path) -> set[tuple[str, str]]:
    """The words with those of their senses that are met most."""
    found = set()
    for name, part in _PARTS.items():
        for line in _lines(folder / f"index.{name}"):
            fields = line.split()
            found.update((fields[0], part + place) for place in fields[6 + int(fields[3]) :][:_FREQUENT_SENSES])
    return found


def _irregular(folder: Path) -> Iterator[set[str]]:
    for name in _PARTS:
        for line in _lines(folder / f"{name}.exc"):
            yield set(line.split())


def groups(folder: Path) -> set[frozenset[str]]:
    met: Counter[str] = Counter()
    for line in _lines(folder / "cntlist.rev"):
        key, _, count = line.split()
        met[key.partition("%")[0]] += int(count)
    kept = {ENGLISH.stem(word) for word in met if _WORD.fullmatch(word)}
    frequent = _frequent(folder)
    every = {item.place: item for item in synsets(folder)}
    found = list(_irregular(folder))
    for item in every.values():
        found.append({word for word in item.words if (word, item.place) in frequent})
        for at, place, other in item.pointers:
            if place in every and other < len(every[place].words):
                found.append({item.words[at], every[place].words[other]})
    stems = {frozenset(ENGLISH.stem(word) for word in group if _WORD.fullmatch(word)) & kept for group in found}
    lines = {group for group in stems if len(group) > 1}
    every_word = {ENGLISH.stem(word) for item in every.values() for word in item.words if _WORD.fullmatch(word)}
    return lines | {frozenset({stem}) for stem in (kept | every_word).difference(*lines)}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench lexicon", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    lines = sorted(" ".join(sorted(group)) for group in groups(parser.parse_args(arguments).folder))
    TABLE.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines):,} lines, {TABLE.stat().st_size:,} bytes in {TABLE.relative_to(ROOT)}")
