"""Candidates for a name: what can be told of a meaning, put into the frames that fit its shape."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from insights_core.query.meaning import (
    Column,
)

from .frames import FRAMES, SHAPED, Frame
from .heads import heads, subject
from .journeys import end_of_path, shared_start, steps_phrases, told_apart, two_events
from .nouns import property_noun
from .pieces import Head, Phrase, fill, phrase, required_slots, slot_names, word, words_of
from .populations import of_what_was_done
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
    from collections.abc import Callable, Iterator

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Entity, Meaning


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
    meaning = of_what_was_done(meaning, language)
    fitting = [frame for frame in _frames(meaning.shape) if _suits(frame, meaning, language)]
    needed = {name for frame in fitting for name in slot_names(language.patterns[f"frame.{frame.pattern}"])}
    slots = _slots(meaning, needed, language)
    for frame in fitting:
        yield from _filled(frame, slots, language)


@lru_cache(maxsize=128)
def _frames(shape: str) -> tuple[Frame, ...]:
    return tuple(
        frame for frame in FRAMES if shape in frame.shapes or (frame.pattern == "product" and shape not in SHAPED)
    )


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
    name = f"frame.{frame.pattern}"
    pattern = language.patterns[name]
    told = slot_names(pattern)
    names = [slot for slot in slots if slot in told]
    required = [slot for needed in required_slots(pattern) for slot in needed]
    population = [slot for slot in _POPULATION if slot in names]
    for chosen in product(*(slots[slot][:_MOST_WAYS] for slot in names)):
        by_slot = dict(zip(names, chosen, strict=True))
        head = by_slot.get("measure", _NO_HEAD)
        filled = {slot: item.parts for slot, item in by_slot.items()}
        if not all(map(filled.__getitem__, required)):
            continue
        if head.kind in ALONE and any(map(filled.__getitem__, population)):
            continue
        if filled.get("breakdown") and _is_said(filled["breakdown"], head, language):
            continue
        for slot in population:
            # Left out where the measure says it already.
            if filled[slot] and set(words_of(filled[slot])) <= set(words_of(head.parts)):
                filled[slot] = ()
        yield Title(fill(language, name, filled), frame.pattern, tuple(item.kind for item in chosen if item.kind))


_NO_HEAD = Head((), "")
_POPULATION = ("adjective", "ending", "filter")


def _is_said(breakdown: Phrase, head: Head, language: Language) -> bool:
    """Whether the head says already what it is split by: the author's label, or the name of a source."""
    named = not language.identifiers.splits.isdisjoint(words_of(head.parts)) or head.kind in ("source", "rows", "under")
    return named and set(_stems(breakdown, language)) <= set(_stems(head.parts, language))


def _stems(parts: Phrase, language: Language) -> list[str]:
    return [language.singular((item,))[0] for item in words_of(parts) if item not in language.small]


def _verb(meaning: Meaning, language: Language) -> Phrase:
    """Return what a statement does that answers nothing."""
    done = str(meaning.option("statement") or "run")
    return word(language, f"statement.{done}", ("options", 0)) or phrase((done,), ("options", 0))


def _slots(meaning: Meaning, needed: set[str], language: Language) -> dict[str, list[Head]]:
    """Return the ways to fill each slot that is needed."""
    found = {"measure": heads(meaning, language)}
    asked = _Asked(meaning, subject(meaning), found["measure"][0].parts, language)
    if meaning.shape == "ranking":
        found["tops"], found["rest"] = counted_things(meaning, asked.head, language)
    return found | {name: make(asked) for name, make in _MAKERS.items() if name in needed and name not in found}


class _Asked(NamedTuple):
    """What slots are made of beside the head."""

    meaning: Meaning
    entity: Entity | None
    head: Phrase
    language: Language


def _groups(asked: _Asked) -> list[Head]:
    ranked = asked.meaning.shape == "best" or any(output.role == "measure" for output in asked.meaning.outputs)
    return groups(asked.meaning, asked.language) if ranked else [_NO_HEAD]


def _tops(asked: _Asked) -> list[Head]:
    ways = breakdowns(asked.meaning, asked.language)
    return [Head(pluralized(head.parts, asked.language), "tops") for head in ways if head.kind == "one"]


def _steps(asked: _Asked) -> list[Head]:
    if asked.meaning.shape == "retention":
        return two_events(asked.meaning, asked.language)
    return told_apart(asked.meaning, asked.language)


_MAKERS: dict[str, Callable[[_Asked], list[Head]]] = {
    "interval": lambda asked: intervals(asked.meaning, asked.language),
    "breakdown": lambda asked: breakdowns(asked.meaning, asked.language),
    "adjective": lambda asked: described_by(asked.meaning, asked.entity, asked.head, asked.language),
    "ending": lambda asked: endings(asked.meaning, asked.head, asked.language),
    "limit": lambda asked: limits(asked.meaning),
    "group": _groups,
    "key": lambda asked: keys(asked.meaning, asked.language),
    "compared": lambda asked: compared(asked.meaning, asked.language),
    "verb": lambda asked: [Head(_verb(asked.meaning, asked.language), "")],
    "tops": _tops,
    "start": lambda asked: [Head(end_of_path(asked.meaning, "start", asked.language), "")],
    "end": lambda asked: [Head(end_of_path(asked.meaning, "end", asked.language), "")],
    "steps": _steps,
    "subject": lambda asked: [Head(shared_start(steps_phrases(asked.meaning, asked.language)), "common_start")],
    "filter": lambda asked: filters(asked.meaning, asked.entity, asked.language, set(words_of(asked.head))),
}
"""What fills each slot, in the order of the ways to fill them."""
