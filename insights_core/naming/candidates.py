"""Candidates for a name: what can be told of a meaning, put into the frames that fit its shape."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from insights_core.query.meaning import (
    Column,
)

from .frames import FRAMES, SHAPED, Frame
from .heads import JOURNEYS, heads, subject
from .journeys import end_of_path, shared_start, steps_phrases, told_apart, two_events
from .nouns import property_noun
from .pieces import Head, Phrase, fill, phrase, required_slots, slot_names, word, words_of
from .rows import ALONE
from .slots import (
    breakdowns,
    compared,
    counted_things,
    described_by,
    endings,
    filters,
    groups,
    intervals,
    keys,
    limits,
    pluralized,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning


_MOST_WAYS = 9


class Title(NamedTuple):
    """A candidate: its parts with their origins, the frame that it was put into, and what filled it."""

    parts: Phrase
    frame: str
    kinds: tuple[str, ...] = ()
    """What was chosen for each slot, by the names of `choose.KINDS`."""


def candidates(meaning: Meaning, language: Language) -> Iterator[Title]:
    """Yield the titles that can be made of a meaning, the likeliest heads first."""
    if meaning.caption:
        yield Title(phrase(tuple(meaning.caption.split()), ("caption",)), "caption", ("caption",))
    slots = _slots(meaning, language)
    for frame in FRAMES:
        fits = meaning.shape in frame.shapes or (frame.pattern == "product" and meaning.shape not in SHAPED)
        if fits and _suits(frame, meaning, language):
            yield from _filled(frame, slots, language)


def _suits(frame: Frame, meaning: Meaning, language: Language) -> bool:
    """Whether a frame is for this chart: a list of the first ones, a funnel over time."""
    if frame.pattern == "table_top":
        dims = [output for output in meaning.outputs if output.role == "dimension"]
        column = dims[0].value if len(dims) == 1 else None
        words = property_noun(column.name, language) if isinstance(column, Column) else ()
        return meaning.display in _TABLES and bool(words) and words[-1].lower() in language.identifiers.ranked
    if frame.pattern.startswith("funnel"):
        wanted = {"trends": "funnel.trends", "time_to_convert": "funnel.time"}.get(
            str(meaning.option("funnelVizType")), "funnel"
        )
        return frame.pattern == wanted or (frame.pattern, wanted) == ("funnel.common", "funnel")
    return True


_TABLES = frozenset({"ActionsTable", "ActionsBarValue", "ActionsPie"})


def _filled(frame: Frame, slots: dict[str, list[Head]], language: Language) -> Iterator[Title]:
    pattern = language.patterns[f"frame.{frame.pattern}"]
    told = slot_names(pattern)
    names = [name for name in slots if name in told]
    for chosen in product(*(slots[name][:_MOST_WAYS] for name in names)):
        chosen_heads = dict(zip(names, chosen, strict=True))
        if not all(chosen_heads[name].parts for needed in required_slots(pattern) for name in needed):
            continue
        head = chosen_heads.get("measure", _NO_HEAD)
        if head.kind in ALONE and any(chosen_heads[name].parts for name in _POPULATION if name in chosen_heads):
            continue
        if "breakdown" in chosen_heads and _is_said(chosen_heads["breakdown"].parts, head, language):
            continue
        filled = {name: _unsaid(name, head.parts, chosen_heads) for name, head in chosen_heads.items()}
        parts = fill(language, f"frame.{frame.pattern}", filled)
        yield Title(parts, frame.pattern, tuple(head.kind for head in chosen if head.kind))


_NO_HEAD = Head((), "")
_POPULATION = ("adjective", "ending", "filter")


def _is_said(breakdown: Phrase, head: Head, language: Language) -> bool:
    """Whether the head says already what it is split by: the author's label, or the name of a source."""
    named = not language.identifiers.splits.isdisjoint(words_of(head.parts)) or head.kind in ("source", "rows", "under")
    return bool(breakdown) and named and set(_stems(breakdown, language)) <= set(_stems(head.parts, language))


def _stems(parts: Phrase, language: Language) -> list[str]:
    return [language.singular((item,))[0] for item in words_of(parts) if item not in language.small]


def _unsaid(name: str, parts: Phrase, chosen_heads: dict[str, Head]) -> Phrase:
    """Leave out an adjective or a bracket whose words the measure or the breakdown says already."""
    if name in ("adjective", "filter", "ending") and parts and "measure" in chosen_heads:
        known = set(words_of(chosen_heads["measure"].parts))
        said = set(words_of(parts))
        return () if said <= known else parts
    return parts


def _verb(meaning: Meaning, language: Language) -> Phrase:
    """Return what a statement does that answers nothing."""
    done = str(meaning.option("statement") or "run")
    return word(language, f"statement.{done}", ("options", 0)) or phrase((done,), ("options", 0))


def _slots(meaning: Meaning, language: Language) -> dict[str, list[Head]]:
    found_heads = heads(meaning, language)
    entity = subject(meaning)
    ranked = meaning.shape == "best" or any(output.role == "measure" for output in meaning.outputs)
    found = {
        "measure": found_heads,
        "interval": intervals(meaning, language),
        "breakdown": breakdowns(meaning, language),
        "adjective": described_by(meaning, entity, found_heads[0].parts, language),
        "ending": endings(meaning, found_heads[0].parts, language),
        "limit": limits(meaning),
        "group": groups(meaning, language) if ranked else [Head((), "")],
        "key": keys(meaning, language) if meaning.shape == "best" else [],
        "compared": compared(meaning, language),
        "verb": [Head(_verb(meaning, language), "")],
    }
    known = {item for head in found_heads[:1] for item in words_of(head.parts)}
    if meaning.shape == "ranking":
        found["tops"], found["rest"] = counted_things(meaning, found_heads[0].parts, language)
    if meaning.shape == "split":
        found["tops"] = [
            Head(pluralized(head.parts, language), "tops") for head in found["breakdown"] if head.kind == "one"
        ]
    if meaning.shape in JOURNEYS:
        found["start"] = [Head(end_of_path(meaning, "start", language), "")]
        found["end"] = [Head(end_of_path(meaning, "end", language), "")]
        found["steps"] = (
            two_events(meaning, language) if meaning.shape == "retention" else told_apart(meaning, language)
        )
        found["subject"] = [Head(shared_start(steps_phrases(meaning, language)), "common_start")]
    found["filter"] = filters(meaning, entity, language, known)
    return found
