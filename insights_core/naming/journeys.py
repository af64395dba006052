"""What people do one after the other, as slots of a name: steps of funnels, both events of retention, the ends of paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.meaning import Column, Condition, Entity
from insights_core.query.words import is_label, split

from .entities import entity_phrase
from .joint import distinct
from .nouns import described, event_noun, event_step, property_noun
from .pieces import Head, Phrase, fill, phrase, quoted, words_of
from .populations import value_words

if TYPE_CHECKING:
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning, Step

_MOST_STEPS = 3


def step_phrase(step: Step, at: int, language: Language, *, noun: bool = False) -> Phrase:
    """Return a step as what was done there once; as a noun (signup, import completion) where asked."""
    origin = ("steps", at, "of")
    entity = step.of
    if entity.label:
        return phrase(language.deed(split(entity.label)) if noun else split(entity.label), (*origin, "label"))
    if not entity.name:
        return phrase((language.words["all"],), origin)
    if entity.kind == "action" and is_label(entity.name):
        words = described(entity.name, language)
        return phrase(language.deed(words) if noun else words, origin)
    words = event_step(entity.name, language)
    if noun:
        words = language.singular(event_noun(entity.name, language))
        words = language.deed(words)
    return phrase(words, origin)


def _place(step: Step, at: int, language: Language) -> Phrase:
    """Return what tells a step from another of the same event: the page, the button."""
    for place, item in enumerate(step.where):
        if (
            isinstance(item, Condition)
            and isinstance(item.of, Column)
            and len(item.values) == 1
            and item.operator in ("exact", "icontains", "ends", "is_cleaned_path_exact", "starts")
        ):
            value = str(item.values[0])
            words = value_words(item, language)
            if words or value.startswith("/"):
                return quoted(words or (value[:40],), ("steps", at, "where", place))
    return ()


def _between(meaning: Meaning) -> list[tuple[int, Step]]:
    """Return the steps that are measured: a rate or a time can be that between two of them."""
    found = list(enumerate(meaning.steps))
    if meaning.option("funnelVizType") not in ("trends", "time_to_convert"):
        return found
    start, end = meaning.option("funnelFromStep"), meaning.option("funnelToStep")
    last = end + 1 if type(end) is int else len(found)
    kept = found[start if type(start) is int and start > 0 else 0 : last]
    return kept if len(kept) > 1 else found


def steps_phrases(meaning: Meaning, language: Language, *, noun: bool = False) -> list[Phrase]:
    """Return the steps in words; those of one event are told apart by where they happened."""
    entities = [step.of for step in meaning.steps]
    found = []
    for at, step in _between(meaning):
        parts = step_phrase(step, at, language, noun=noun)
        plain = step.of.name.lower() in language.identifiers.plain_events and not step.of.label
        if (plain or entities.count(step.of) > 1) and (place := _place(step, at, language)):
            parts = place
        found.append(parts)
    return [item for item in found if item]


def steps(meaning: Meaning, language: Language) -> list[tuple[Phrase, str]]:
    """Return ways to tell the steps of a funnel: its ends, as verbs or as nouns, or all of a few."""
    found: list[tuple[Phrase, str]] = []
    for noun in (False, True):
        phrases = distinct(steps_phrases(meaning, language, noun=noun))
        half = noun and len(phrases) > 1 and any(language.is_participle(words_of(phrases[at])[-1]) for at in (0, -1))
        if not phrases or half:
            continue  # nouns beside what was done read like two languages
        if len(phrases) == 1:
            found.append((phrases[0], "ends"))
            continue
        found.append((arrow([phrases[0], phrases[-1]], language), "noun_ends" if noun else "ends"))
        if len(phrases) == _MOST_STEPS:
            found.append((arrow(phrases, language), "noun_steps" if noun else "all_steps"))
        subject = shared_start(phrases)
        if subject and len(phrases) > 2:
            found.append((subject, "subject"))
    return list({tuple(words_of(parts)): (parts, kind) for parts, kind in reversed(found)}.values())[::-1]


def arrow(phrases: list[Phrase], language: Language) -> Phrase:
    """Return phrases as stations of a way."""
    whole = phrases[0]
    for item in phrases[1:]:
        whole = fill(language, "step", {"first": whole, "second": item})
    return whole


def shared_start(phrases: list[Phrase]) -> Phrase:
    """Return the words that all steps begin with, where each has more."""
    if len(phrases) < 2:
        return ()
    texts = [words_of(parts) for parts in phrases]
    size = 0
    while all(len(text) > size + 1 and text[size] == texts[0][size] for text in texts):
        size += 1
    return phrase(" ".join(part.text for part in phrases[0]).split()[:size], phrases[0][0].fact) if size else ()


def end_of_path(meaning: Meaning, role: str, language: Language) -> Phrase:
    """Return where paths start or end."""
    for at, step in enumerate(meaning.steps):
        if step.role == role:
            name = step.of.name
            host, _, path = (name.partition("://")[2] or name).partition("/")
            words = split(path) or tuple(item for item in host.lower().split(".")[:-1] if item != "www")
            if step.of.kind == "page" and words:
                return phrase(words[-3:], ("steps", at))
            if step.of.kind == "page":
                return phrase((name[:40],), ("steps", at))
            return phrase(event_step(name, language) or property_noun(name, language) or (name[:40],), ("steps", at))
    return ()


def two_events(meaning: Meaning, language: Language) -> list[Head]:
    """Return both events of a retention, where they differ."""
    phrases = steps_phrases(meaning, language, noun=True)
    if (
        len(phrases) < 2
        or meaning.steps[-1].of.name.lower() in language.identifiers.plain_events
        or words_of(phrases[0]) == words_of(phrases[-1])
    ):
        return [Head((), "")]
    return [Head(arrow([phrases[0], phrases[-1]], language), "two_events")]


def told_apart(meaning: Meaning, language: Language) -> list[Head]:
    """Return the steps of a funnel without the words that all of them begin with."""
    phrases = steps_phrases(meaning, language)
    start = len(words_of(shared_start(phrases)))
    if not start:
        return [Head((), "")]
    rest = [phrase(" ".join(part.text for part in parts).split()[start:], parts[0].fact) for parts in phrases]
    told = rest if len(rest) <= 3 else [rest[0], rest[-1]]
    return [Head(arrow(told, language), "")]


def journey_heads(meaning: Meaning, language: Language) -> list[Head]:
    """Return what a funnel, a retention or paths are about."""
    if meaning.shape == "funnel":
        found = [Head(parts, kind) for parts, kind in steps(meaning, language)]
        return found or [Head((), "")]
    if meaning.shape == "paths":
        of = [source for source in meaning.sources if source.name.lower() not in language.identifiers.plain_events]
        return [Head(entity_phrase(of[0], ("sources", 0), language) if of else (), "")]
    first = meaning.steps[0].of if meaning.steps else Entity()
    returning = meaning.steps[-1].of if meaning.steps else first
    same = returning == first or returning.name.lower() in language.identifiers.plain_events
    plain = first.name.lower() in language.identifiers.plain_events or not same
    head = () if plain or not meaning.steps else step_phrase(meaning.steps[0], 0, language, noun=True)
    return [Head(head, "one_event" if head else "")]
