"""Candidates for a name: what can be told of a meaning, put into the frames that fit its shape."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.words import folded
from insights_core.query.meaning import Aggregate, Bucket, Case, Column, Condition, Count, Duration, Entity, Opaque, Rank, Ratio, Running, columns_in

from .measures import column_words, entity_phrase, entity_words, is_blank, label_of, measure_phrase, rated_phrase, value_phrase
from .journeys import arrow, end_of_path, shared_start, steps, steps_phrases
from .joint import joined
from .nouns import described, plural, property_noun, singular, table_noun
from .pieces import SPACE, Part, Phrase, fill, phrase, required_slots, word, words_of
from .populations import adjective, adjectives, brackets, entity_ending, spoken_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.query.meaning import Meaning, Output

    from .language import Language

_MOST_DIMENSIONS = 2
_MOST_MEASURES = 2
_MOST_WAYS = 9
_LONGEST_LISTED = 6
_EVERY_DAY = ("day", "week", "month", "quarter", "year", "hour")


class Frame(NamedTuple):
    """One way to put a name together: for which shapes, and the pattern of its slots in the tables of the language."""

    pattern: str
    shapes: frozenset[str]


class Title(NamedTuple):
    """A candidate: its parts with their origins, the frame that it was put into, and what filled it."""

    parts: Phrase
    frame: str
    kinds: tuple[str, ...] = ()
    """What was chosen for each slot, by the names of `choose.KINDS`."""


def _frame(pattern: str, *shapes: str) -> Frame:
    return Frame(pattern, frozenset(shapes))


FRAMES = (
    _frame("number", "number"),
    _frame("series", "series", "samples"),
    _frame("split", "split", "matrix"),
    _frame("ranking", "ranking"),
    _frame("rows", "rows", "unknown"),
    _frame("rows.by", "rows"),
    _frame("latest", "latest"),
    _frame("duplicates", "duplicates"),
    _frame("statement", "statement"),
    _frame("table_top", "split"),
    _frame("funnel", "funnel"),
    _frame("funnel.common", "funnel"),
    _frame("funnel.trends", "funnel"),
    _frame("funnel.time", "funnel"),
    _frame("retention", "retention"),
    _frame("retention.two", "retention"),
    _frame("stickiness", "stickiness"),
    _frame("lifecycle", "lifecycle"),
    _frame("paths", "paths"),
    _frame("actors", "actors"),
    _frame("experiment", "experiment", "exposures"),
    _frame("product"),
)
_SHAPED = frozenset().union(*(frame.shapes for frame in FRAMES))


class _Head(NamedTuple):
    parts: Phrase
    kind: str


def candidates(meaning: Meaning, language: Language) -> Iterator[Title]:
    """Yield the titles that can be made of a meaning, the likeliest heads first."""
    if meaning.caption:
        yield Title(phrase(tuple(meaning.caption.split()), ("caption",)), "caption", ("caption",))
    slots = _slots(meaning, language)
    for frame in FRAMES:
        fits = meaning.shape in frame.shapes or (frame.pattern == "product" and meaning.shape not in _SHAPED)
        if fits and _suits(frame, meaning, language):
            yield from _filled(frame, meaning, slots, language)


def _suits(frame: Frame, meaning: Meaning, language: Language) -> bool:
    """Whether a frame is for this chart: a list of the first ones, a funnel over time."""
    if frame.pattern == "table_top":
        dims = [output for output in meaning.outputs if output.role == "dimension"]
        column = dims[0].value if len(dims) == 1 else None
        words = property_noun(column.name, language) if isinstance(column, Column) else ()
        return meaning.display in _TABLES and bool(words) and words[-1].lower() in language.ranked
    if frame.pattern.startswith("funnel"):
        wanted = {"trends": "funnel.trends", "time_to_convert": "funnel.time"}.get(str(meaning.option("funnelVizType")), "funnel")
        return frame.pattern == wanted or (frame.pattern, wanted) == ("funnel.common", "funnel")
    return True


_TABLES = frozenset({"ActionsTable", "ActionsBarValue", "ActionsPie"})


def _filled(frame: Frame, meaning: Meaning, slots: dict[str, list[_Head]], language: Language) -> Iterator[Title]:
    pattern = language.patterns[f"frame.{frame.pattern}"]
    names = [name for name in slots if "{" + name + "}" in pattern]
    for chosen in product(*(slots[name][:_MOST_WAYS] for name in names)):
        heads = dict(zip(names, chosen, strict=True))
        if not all(heads[name].parts for needed in required_slots(pattern) for name in needed):
            continue
        head = heads.get("measure", _NO_HEAD)
        if "breakdown" in heads and _is_said(heads["breakdown"].parts, head, language):
            continue
        filled = {name: _unsaid(name, head.parts, heads) for name, head in heads.items()}
        parts = fill(pattern, filled)
        yield Title(parts, frame.pattern, tuple(head.kind for head in chosen if head.kind))


_NO_HEAD = _Head((), "")


def _is_said(breakdown: Phrase, head: _Head, language: Language) -> bool:
    """Whether the head says already what it is split by: the author's label, or the name of a source."""
    named = "by" in words_of(head.parts) or head.kind in ("source", "rows", "under")
    return bool(breakdown) and named and set(_stems(breakdown, language)) <= set(_stems(head.parts, language))


def _stems(parts: Phrase, language: Language) -> list[str]:
    return [singular((item,), language)[0] for item in words_of(parts) if item not in language.small]


def _unsaid(name: str, parts: Phrase, heads: dict[str, _Head]) -> Phrase:
    """Leave out an adjective or a bracket whose words the measure or the breakdown says already."""
    if name in ("adjective", "filter", "ending") and parts and "measure" in heads:
        known = set(words_of(heads["measure"].parts))
        said = set(words_of(parts))
        return () if said <= known else parts
    return parts


def _slots(meaning: Meaning, language: Language) -> dict[str, list[_Head]]:
    heads = _heads(meaning, language)
    entity = _subject(meaning)
    found = {
        "measure": heads,
        "interval": _intervals(meaning, language),
        "breakdown": _breakdowns(meaning, language),
        "adjective": _adjectives(meaning, entity, heads[0].parts, language),
        "ending": _endings(meaning, heads[0].parts, language),
        "limit": _limits(meaning),
        "compared": _compared(meaning, language),
        "verb": [_Head(phrase((str(meaning.option("statement") or "run"),), ("options", 0)), "")],
    }
    known = {item for head in heads[:1] for item in words_of(head.parts)}
    if meaning.shape == "split":
        found["tops"] = [_Head(_plural(head.parts, language), "tops") for head in found["breakdown"] if head.kind == "one"]
    if meaning.shape in _JOURNEYS:
        found["start"] = [_Head(end_of_path(meaning, "start", language), "")]
        found["end"] = [_Head(end_of_path(meaning, "end", language), "")]
        found["steps"] = _two_events(meaning, language) if meaning.shape == "retention" else _told_apart(meaning, language)
        found["subject"] = [_Head(shared_start(steps_phrases(meaning, language)), "common_start")]
    found["filter"] = _filters(meaning, entity, language, known)
    return found


def _subject(meaning: Meaning) -> Entity | None:
    for output in meaning.outputs:
        if output.role == "measure":
            return _counted(output)
    return meaning.source


def _counted(output: Output) -> Entity | None:
    value = output.value
    if isinstance(value, Ratio):
        value = value.bottom
    return value.of if isinstance(value, Count) else None


# Heads: what a name is about


_JOURNEYS = frozenset({"funnel", "retention", "paths"})


def _two_events(meaning: Meaning, language: Language) -> list[_Head]:
    phrases = steps_phrases(meaning, language)
    if len(phrases) < 2 or words_of(phrases[0]) == words_of(phrases[-1]):
        return [_Head((), "")]
    return [_Head(arrow([phrases[0], phrases[-1]], language), "two_events")]


def _told_apart(meaning: Meaning, language: Language) -> list[_Head]:
    """Return the steps of a funnel without the words that all of them begin with."""
    phrases = steps_phrases(meaning, language)
    start = len(words_of(shared_start(phrases)))
    if not start:
        return [_Head((), "")]
    rest = [phrase(" ".join(part.text for part in parts).split()[start:], parts[0].fact) for parts in phrases]
    told = rest if len(rest) <= 3 else [rest[0], rest[-1]]
    return [_Head(arrow(told, language), "")]


def _journey_heads(meaning: Meaning, language: Language) -> list[_Head]:
    if meaning.shape == "funnel":
        found = [_Head(parts, kind) for parts, kind in steps(meaning, language)]
        return found or [_Head((), "")]
    if meaning.shape == "paths":
        of = [source for source in meaning.sources if source.name.lower() not in language.plain_events]
        return [_Head(entity_phrase(of[0], ("sources", 0), language) if of else (), "")]
    first = meaning.steps[0].of if meaning.steps else Entity()
    same = len({step.of for step in meaning.steps}) < 2
    plain = first.name.lower() in language.plain_events or not same
    head = () if plain else phrase(singular(tuple(words_of(entity_phrase(first, ("steps", 0), language))), language), ("steps", 0, "of"))
    return [_Head(head, "one_event" if head else "")]


def _actor_heads(meaning: Meaning, language: Language) -> list[_Head]:
    actors = word(language, "actors.users", ("source",)) if meaning.source.kind == "actor" else entity_phrase(meaning.source, ("source",), language)
    done = [source for source in meaning.sources if source.kind in ("event", "action") and source.name]
    if not done:
        return [_Head(actors, "first")]
    things = entity_phrase(done[0], ("sources", 0), language)
    return [_Head(fill(language.patterns["actors"], {"actors": actors, "measure": things}), "first")]


def _product_heads(meaning: Meaning, language: Language) -> list[_Head]:
    """Return what a product's own query is called: by its measures, else by the words of its kind."""
    measured = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "measure"]
    found = _measure_heads(meaning, measured, language) if measured else []
    named = word(language, f"kind.{meaning.shape}", ("format",)) or phrase(
        tuple(item for item in described(meaning.format, language) if item.lower() not in ("query", "node")), ("format",)
    )
    if named:
        found.append(_Head(named, "kind"))
    if meaning.shape == "unknown":
        told = (*meaning.words, *(path.rpartition(".")[2] for path in meaning.unread))
        words = phrase(tuple(item for text in told[:2] for item in described(text, language))[:4], ("words",))
        if words and not set(words_of(words)) <= set(words_of(named)):
            found.append(_Head((*named, *(SPACE if named else ()), *words), "kind"))
    return found or [_Head(word(language, "kind.other", ("format",)), "nothing")]


def _heads(meaning: Meaning, language: Language) -> list[_Head]:
    if meaning.shape in _JOURNEYS:
        return _journey_heads(meaning, language)
    if meaning.shape == "actors":
        return _actor_heads(meaning, language)
    if meaning.shape in ("rows", "unknown") and not meaning.outputs and not meaning.source.name:
        return _product_heads(meaning, language)
    if meaning.shape not in _SHAPED or meaning.shape in ("experiment", "exposures"):
        return _product_heads(meaning, language)
    if meaning.shape in ("rows", "latest", "duplicates", "unknown", "toprows"):
        return _row_heads(meaning, language)
    if meaning.shape == "samples":
        return _sample_heads(meaning, language)
    if meaning.shape == "statement":
        return [_Head(_noun_of(meaning.source, ("source",), language), "source")]
    measures = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "measure"]
    if not measures and meaning.shape == "ranking":
        return _ranked_rows(meaning, language)
    return _measure_heads(meaning, measures, language)


def _measure_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[_Head]:
    phrases = [(at, output, measure_phrase(output, at, language)) for at, output in measures]
    phrases = [item for item in phrases if item[2]]
    if not phrases:
        return [_Head(_noun_of(meaning.source, ("source",), language), "source")]
    key = meaning.order[0].output if meaning.order and meaning.order[0].descending else None
    first = next((item for item in phrases if item[0] == key), None) or _primary(phrases)
    found = [_Head(first[2], "first")]
    if isinstance(first[1].value, Running) and meaning.display:
        # A chart that adds up as it goes shows the same measure.
        inner = measure_phrase(first[1]._replace(value=first[1].value.of), first[0], language)
        found.append(_Head(inner, "first"))
    plain = measure_phrase(first[1], first[0], language, owned=False)
    if plain and words_of(plain) != words_of(first[2]):
        found.append(_Head(plain, "plain"))
    computed = value_phrase(first[1].value, ("outputs", first[0], "value"), language)
    if computed and words_of(computed) != words_of(first[2]):
        found.append(_Head(computed, "computed"))
    found += _metric_heads(meaning, measures, language)
    found += _statistics(meaning, measures, language)
    computed_ones = [item for item in phrases if not isinstance(item[1].value, Count)]
    if computed_ones and len(computed_ones) < len(phrases) and computed_ones[0] != first:
        found.append(_Head(computed_ones[0][2], "aggregate"))
        more = _distinct(computed_ones)
        if len(more) > 1:
            found.append(_Head(_pair(more[0], more[1], language), "aggregates"))
    distinct = _distinct(phrases)
    found += _maths_heads(meaning, measures, language)
    if len(phrases) == 1 and isinstance(first[1].value, Ratio) and not first[1].labels and (meaning.option("scale") or meaning.display == "BoldNumber"):
        top = value_phrase(first[1].value.top, ("outputs", first[0], "value", "top"), language)
        found.append(_Head(fill(language.patterns["rate"], {"first": rated_phrase(top, language)}), "rate"))
    together = joined(distinct, language) if len(distinct) > 1 else ()
    if together:
        found.append(_Head(together, "joined"))
    if len(distinct) == _MOST_MEASURES:
        found.append(_Head(_pair(distinct[0], distinct[1], language), "both"))
    elif len(distinct) > _MOST_MEASURES:
        common = _common(distinct)
        if common:
            found.append(_Head(common, "common"))
        source = entity_phrase(meaning.source, ("source",), language)
        if source and key is None:
            found.append(_Head(source, "source"))
        if len(distinct) == 3:
            found.append(_Head(fill(language.patterns["list.three"], {"first": distinct[0], "second": distinct[1], "third": distinct[2]}), "three"))
        else:
            found.append(_Head(_pair(distinct[0], distinct[1], language), "two_of_many"))
    return found


def _metric_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[_Head]:
    """Return what a table of named values is asked for: where the counter's name is `Page Splits/sec`, page splits."""
    generic = all(any(item in _GENERIC_VALUE for item in folded(column.name)) for _, output in measures for column in columns_in(output.value))
    if not generic or not any(True for _, output in measures for _ in columns_in(output.value)):
        return []
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Column) and item.operator in ("exact", "in"):
            words = folded(item.of.name)
            if words and (words[-1] in _METRIC_NAMES or (words[-1] == "name" and len(words) > 1 and words[-2] in _METRIC_NAMES)):
                told = [phrase(spoken, ("conditions", at)) for value in item.values if (spoken := spoken_value(value))]
                if len(told) == 1:
                    return [_Head(told[0], "metric")]
                if told:
                    return [_Head(_pair(told[0], told[1], language), "metric" if len(told) == 2 else "metrics")]
    return []


_GENERIC_VALUE = frozenset("value val values cntr reading amount number data count quantity".split())
_METRIC_NAMES = frozenset("metric counter measure indicator stat statistic variable parameter kpi signal".split())


def _statistics(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[_Head]:
    """Return the thing whose least, mean and greatest value stand side by side."""
    groups: dict[tuple[str, ...], list[tuple[int, Output]]] = {}
    for at, output in measures:
        label = label_of(output, language)
        words = tuple(item for item in label if item.lower() not in language.aggregating and item.lower() not in language.blank and not item.isdigit())
        groups.setdefault(tuple(item.lower() for item in words), []).append((at, output))
    key, most = max(groups.items(), key=lambda item: len(item[1]))
    if len(most) < 2:
        return []
    at, output = most[0]
    of = output.value.of if isinstance(output.value, Aggregate) else None
    noun = phrase(key, ("outputs", at, "label")) if key else value_phrase(of, ("outputs", at, "value"), language)
    if not noun:
        return []
    found = [_Head(noun, "thing")]
    if len(most) > 2:
        found.append(_Head(fill(language.patterns["statistics"], {"first": noun}), "statistics"))
    return found


def _maths_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[_Head]:
    """Return a value with the two or three functions that are taken of it: load time P75/P90/P99."""
    values = [output.value for _, output in measures if isinstance(output.value, Aggregate)]
    functions = list(dict.fromkeys(value.function for value in values))
    if len(values) != len(measures) or len({value.of for value in values}) != 1 or not 1 < len(functions) <= 3:
        return []
    at = measures[0][0]
    noun = value_phrase(values[0].of, ("outputs", at, "value", "of"), language)
    spoken = [word(language, f"math.{function}", ("outputs", at, "value", "function")) for function in functions]
    if not noun or not all(spoken):
        return []
    told = Part("/".join(parts[0].text for parts in spoken), ("outputs", at, "value", "function"))
    return [_Head((*noun, *SPACE, told), "maths")]


def _primary(phrases: list[tuple[int, Output, Phrase]]) -> tuple[int, Output, Phrase]:
    """Return the measure that the others lead to: a ratio that is computed beside what it is computed from, else the first."""
    ratios = [item for item in phrases if isinstance(item[1].value, Ratio)]
    return ratios[-1] if len(ratios) == 1 and len(phrases) > 1 else phrases[0]


def _distinct(phrases: list[tuple[int, Output, Phrase]]) -> list[Phrase]:
    found: dict[tuple[str, ...], Phrase] = {}
    for _, _, parts in phrases:
        found.setdefault(tuple(words_of(parts)), parts)
    return list(found.values())


def _pair(left: Phrase, right: Phrase, language: Language) -> Phrase:
    """Join two measures; what both end or begin with is said once."""
    a, b = words_of(left), words_of(right)
    if len(a) > 1 and len(b) > 1 and a[0] == b[0] and len(right) >= 1:
        shorter = _without_first(right)
        if shorter:
            right = shorter
    elif len(a) > 1 and len(b) > 1 and a[-1] == b[-1]:
        left = _without_last(left)
    return fill(language.patterns["frame.pair"], {"first": left, "second": right})


def _without_first(parts: Phrase) -> Phrase:
    first, *rest = parts
    left = first.text.split()[1:]
    head = (Part(" ".join(left), first.fact),) if left else ()
    behind = tuple(rest)
    if not head and behind and not behind[0].text.strip():
        behind = behind[1:]
    return (*head, *behind)


def _without_last(parts: Phrase) -> Phrase:
    *rest, last = parts
    left = last.text.split()[:-1]
    if left:
        return (*rest, Part(" ".join(left), last.fact))
    while rest and not rest[-1].text.strip():
        rest.pop()
    return tuple(rest)


def _common(phrases: list[Phrase]) -> Phrase:
    """Return the words that all measures end with: two or more, or one that is no general noun."""
    texts = [words_of(parts) for parts in phrases]
    size = 0
    while all(len(text) > size + 1 and text[-1 - size] == texts[0][-1 - size] for text in texts):
        size += 1
    if size < 1:
        return ()
    last = phrases[0]
    words = " ".join(part.text for part in last).split()[-size:]
    return phrase(words, ("outputs",))


def _noun_of(entity: Entity, origin: tuple, language: Language) -> Phrase:
    return entity_phrase(entity, origin, language) or word(language, "all", origin)


def _row_heads(meaning: Meaning, language: Language) -> list[_Head]:
    source = meaning.source
    found = []
    main = entity_phrase(source, ("source",), language)
    if main:
        found.append(_Head(main, "rows" if source.kind != "function" else "function"))
    under = meaning.sources[0] if meaning.sources else None
    if under is not None and under != source:
        found.append(_Head(entity_phrase(under, ("sources", 0), language), "under"))
    columns = _telling_columns(meaning, language)
    if meaning.shape == "duplicates" and columns:
        owner = entity_phrase(source, ("source",), language, number="singular")
        said = set(words_of(owner)) & set(words_of(columns[0]))
        return [_Head(columns[0] if said or not owner else (*owner, *SPACE, *columns[0]), "first")]
    for at, output in enumerate(meaning.outputs):
        if output.role == "unit" and (label := label_of(output, language) or tuple(words_of(value_phrase(output.value, ("outputs", at), language)))):
            owner = entity_phrase(source, ("source",), language, number="singular")
            things = phrase(plural(label, language), ("outputs", at))
            found.append(_Head((*owner, *SPACE, *things) if owner else things, "unit"))
    shared = _shared_prefix(meaning, language)
    if shared:
        found.append(_Head(shared, "shared"))
    if len(columns) == 1:
        found.append(_Head(_of_entity(columns[0], main), "column" if len(meaning.outputs) == 1 else "a_column"))
    elif len(columns) == _MOST_MEASURES and len(meaning.outputs) <= 3:
        found.append(_Head(_pair(columns[0], columns[1], language), "columns"))
    return [head for head in found if head.parts] or [_Head(word(language, "kind.sql", ("source",)), "nothing")]


def _shared_prefix(meaning: Meaning, language: Language) -> Phrase:
    """Return what the author's names for most columns begin with: drug_concept_id, drug_concept_name are drug concepts."""
    labels = [folded(output.labels[-1]) for output in meaning.outputs if output.labels and output.role in ("attribute", "key")]
    if len(labels) < 3:
        return ()
    first = max(labels, key=lambda words: sum(other[:1] == words[:1] for other in labels))
    same = [words for words in labels if words[:1] == first[:1]]
    if len(same) * 3 < len(labels) * 2 or len(same) < 3:
        return ()
    size = 1
    while all(len(words) > size + 1 and words[size] == first[size] for words in same):
        size += 1
    words = property_noun("_".join(first[:size]), language)
    return phrase(plural(words, language), ("outputs",)) if words and words[0] not in language.aggregating else ()


def _of_entity(column: Phrase, main: Phrase) -> Phrase:
    return column


def _telling_columns(meaning: Meaning, language: Language) -> list[Phrase]:
    found = []
    for at, output in enumerate(meaning.outputs):
        if output.role not in ("attribute", "key"):
            continue
        value = output.value
        if isinstance(value, Column) and value.name == "*":
            return []
        label = label_of(output, language)
        words = label or (column_words(value, language) if isinstance(value, Column) else ())
        if words:
            found.append(phrase(plural(words, language), ("outputs", at)))
    return list({tuple(words_of(item)): item for item in found}.values())


def _ranked_rows(meaning: Meaning, language: Language) -> list[_Head]:
    key = meaning.order[0].output
    if key is None:
        return _row_heads(meaning, language)
    output = meaning.outputs[key]
    found = measure_phrase(output, key, language)
    return [_Head(found, "first")] if found else _row_heads(meaning, language)


def _sample_heads(meaning: Meaning, language: Language) -> list[_Head]:
    samples = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "sample"]
    phrases = []
    for at, output in samples:
        found = measure_phrase(output, at, language)
        if found:
            phrases.append((at, output, found))
    main = entity_phrase(meaning.source, ("source",), language)
    distinct = _distinct(phrases)
    found = [_Head(distinct[0], "sample")] if distinct else []
    if len(distinct) == _MOST_MEASURES:
        found.append(_Head(_pair(distinct[0], distinct[1], language), "both"))
    elif len(distinct) > _MOST_MEASURES:
        common = _common(distinct)
        if common:
            found.append(_Head(common, "common"))
        found.append(_Head(_pair(distinct[0], distinct[1], language), "two_of_many"))
        if main:
            found.append(_Head(main, "rows"))
    if main:
        found.append(_Head(main, "source"))
    return found or [_Head(word(language, "kind.sql", ("source",)), "nothing")]


# Slots beside the head


def _intervals(meaning: Meaning, language: Language) -> list[_Head]:
    if not meaning.interval or meaning.interval not in _EVERY_DAY:
        return [_Head((), "")]
    kind = "interval"
    if meaning.shape == "retention":
        kind = "retention_interval"
    elif meaning.format != "sql" and meaning.interval == "day":
        # A day is what a chart has that nobody chose; of active people it is the unit.
        first = next((output.value for output in meaning.outputs if output.role == "measure"), None)
        dau = isinstance(first, Count) and isinstance(first.unit, Entity) and first.unit.name == "dau"
        active = dau and meaning.shape == "series" and first.of.name.lower() in language.plain_events
        kind = "actor_interval" if active else "default_interval"
    elif meaning.format != "sql":
        kind = "chosen_interval"
    spoken = _Head(word(language, f"interval.{meaning.interval}", ("interval",)), kind)
    return [spoken, _Head((), "")]


def dimension_phrase(output: Output, at: int, language: Language, subject: Entity | None) -> Phrase:
    """Return what an answer is split by."""
    origin = ("outputs", at)
    value = output.value
    if isinstance(value, Bucket):
        return word(language, f"time.{value.unit}", origin)
    if isinstance(value, Column) and value.scope == "cohort":
        return word(language, "scope.cohort", origin)
    if isinstance(value, Column) and value.scope == "feature":
        flag = tuple(item for item in property_noun(value.name, language) if item.lower() not in language.testing)
        return fill(language.patterns["variant"], {"key": phrase(flag, origin)}) if flag else word(language, "scope.feature", origin)
    for label in reversed(output.labels):
        if not is_blank(label, language) and not all(item in language.naming for item in folded(label)):
            words = property_noun(label, language)
            low = [item.lower() for item in words]
            owner = _owner_words(value, language)
            if len(low) == 1 and low[0] in language.attributive and owner and low[0] not in [item.lower() for item in owner]:
                return phrase((*owner, *words), origin)
            return phrase(words, origin)
    if isinstance(value, Column):
        words = column_words(value, language)
        low = {item.lower() for item in words}
        same_thing = entity_words(subject, language, number="singular")
        if len(words) > 1 and value.of == subject and same_thing and low > {item.lower() for item in same_thing}:
            rest = tuple(item for item in words if item.lower() not in {part.lower() for part in same_thing})
            if rest and rest[0].lower() in language.attributive:
                words = rest
        return phrase(words, origin)
    return value_phrase(value, origin, language)


def _owner_words(value: object, language: Language) -> tuple[str, ...]:
    column = value if isinstance(value, Column) else None
    if isinstance(value, (Case, Opaque)):
        inner = value.of if isinstance(value, Case) else value.columns
        column = next((item for item in inner if isinstance(item, Column)), None)
    return entity_words(column.of, language, number="singular") if column is not None else ()


def _dimensions(meaning: Meaning, language: Language) -> list[Phrase]:
    """Return what the answer is split by, one phrase for each thing: keys of what is named beside them are left out."""
    subject = _subject(meaning)
    dims = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "dimension"]
    named = {output.value.of for _, output in dims if isinstance(output.value, Column) and _is_name(output.value)}
    titled = any(_ends_in_name(output) for _, output in dims)
    crowded = _crowded(dims, subject)
    found: dict[tuple[str, ...], Phrase] = {}
    for at, output in dims:
        value = output.value
        if isinstance(value, Column) and value.of in crowded:
            parts = entity_phrase(value.of, ("outputs", at), language, number="singular")
            found.setdefault(tuple(words_of(parts)), parts)
            continue
        key = isinstance(value, Column) and _is_key(value) and not _is_name(value)
        if key and (titled or value.of in named or _named_beside(value, dims)):
            continue
        parts = dimension_phrase(output, at, language, subject)
        if parts:
            found.setdefault(tuple(singular(tuple(words_of(parts)), language)), parts)
    return _without_parts(list(found.values()))


def _without_parts(dims: list[Phrase]) -> list[Phrase]:
    """Drop what a shorter one beside it says already: asset name and asset type, where asset stands there too."""
    sets = [set(words_of(parts)) for parts in dims]
    return [parts for at, parts in enumerate(dims) if not any(other < sets[at] for other in sets)]


def _named_beside(key: Column, dims: list[tuple[int, Output]]) -> bool:
    """Whether another column names what a key only points to: gender_concept_id beside gender_name."""
    words = set(folded((key.labels or (key.name,))[-1])) | set(folded(key.name))
    for _, output in dims:
        if output.value == key:
            continue
        label = output.labels[-1] if output.labels else output.value.name if isinstance(output.value, Column) else ""
        other = folded(label)
        if len(other) > 1 and other[-1] in ("name", "title", "label", "desc", "description") and other[0] in words:
            return True
    return False


_IDENTIFYING = frozenset("name title id address host hostname email code ip mac key number login username".split())


def _crowded(dims: list[tuple[int, Output]], subject: Entity | None) -> set[Entity]:
    """Return the entities that several columns together only identify: an asset by its address and its host name."""
    columns: dict[Entity, list[str]] = {}
    for _, output in dims:
        value = output.value
        if isinstance(value, Column) and value.of is not None and value.of != subject and value.of.name:
            columns.setdefault(value.of, []).append(value.name)
    return {entity for entity, names in columns.items() if len(names) > 1 and sum(bool(set(folded(name)) & _IDENTIFYING) for name in names) > 1}


def _ends_in_name(output: Output) -> bool:
    label = output.labels[-1] if output.labels else output.value.name if isinstance(output.value, Column) else ""
    words = folded(label)
    return bool(words) and words[-1] in ("name", "title")


def _is_name(column: Column) -> bool:
    words = folded((column.labels or (column.name,))[-1]) or folded(column.name)
    return bool(words) and words[-1] in ("name", "title", "label")


def _is_key(column: Column) -> bool:
    words = folded(column.name)
    return bool(words) and words[-1] in ("id", "uuid", "guid", "key", "code", "number", "hash", "sk", "oid", "num", "no", "nr")


def _breakdowns(meaning: Meaning, language: Language) -> list[_Head]:
    if meaning.shape == "latest":
        for item in meaning.conditions:
            if isinstance(item, Condition) and isinstance(item.of, Rank) and item.of.within:
                found = value_phrase(item.of.within[0], ("conditions", 0), language)
                return [_Head(_singular(found, language), "one"), _Head((), "")] if found else [_Head((), "")]
        return [_Head((), "")]
    if meaning.shape == "rows":
        return [_Head((), "")]
    dims = _dimensions(meaning, language)
    if meaning.shape == "ranking":
        things = dims[0] if dims else entity_phrase(meaning.source, ("source",), language)
        if not dims and any(output.role == "measure" for output in meaning.outputs):
            return [_Head((), "")]
        return [_Head(_plural(things, language), "one")]
    if not dims:
        return [_Head((), "")]
    found = [_Head(dims[0], "one"), _Head((), "undivided")]
    if len(dims) > 1:
        found.append(_Head(fill(language.patterns["frame.pair"], {"first": dims[0], "second": dims[1]}), "two" if len(dims) == 2 else "two_dims_of_many"))
    return found


def _plural(parts: Phrase, language: Language) -> Phrase:
    if not parts:
        return parts
    *lead, last = parts
    return (*lead, Part(" ".join(plural(tuple(last.text.split()), language)), last.fact))


def _singular(parts: Phrase, language: Language) -> Phrase:
    if not parts:
        return parts
    *lead, last = parts
    return (*lead, Part(" ".join(singular(tuple(last.text.split()), language)), last.fact))


def _adjectives(meaning: Meaning, entity: Entity | None, head: Phrase, language: Language) -> list[_Head]:
    first = next((output.value for output in meaning.outputs if output.role == "measure"), None)
    if first is not None and not isinstance(first, (Count, Ratio)):
        return [_Head((), "")]  # of revenue it is the orders that succeeded, not the revenue
    found = adjectives(meaning.conditions, ("conditions",), entity or meaning.source, language) or _described_head(meaning, head, language)
    return [_Head(found, "adjective"), _Head((), "")] if found else [_Head((), "")]


def _described_head(meaning: Meaning, head: Phrase, language: Language) -> Phrase:
    """Return the adjective of a condition on another entity than the main one, where the head names that entity."""
    known = {tuple(singular((item,), language))[0] for item in words_of(head)}
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Column) and item.of.of is not None:
            owner = entity_words(item.of.of, language, number="singular")
            if owner and owner[-1].lower() in known and (words := adjective(item, language)):
                return phrase(words, ("conditions", at))
    return ()


def _endings(meaning: Meaning, head: Phrase, language: Language) -> list[_Head]:
    found = entity_ending(meaning.conditions, ("conditions",), meaning.source, language)
    if found:
        return [_Head(found, "ending")]
    joined = _with_joined(meaning, head, language)
    return [_Head(joined, "with"), _Head((), "")] if joined else [_Head((), "")]


def _with_joined(meaning: Meaning, head: Phrase, language: Language) -> Phrase:
    """Return what the rows are joined to, where a condition describes that: members with archived plans."""
    known = set(words_of(head))
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Column) and item.of.of not in (None, meaning.source):
            words = adjective(item, language)
            things = entity_words(item.of.of, language)
            if words and things and not {part.lower() for part in things} & known:
                return fill(language.patterns["with"], {"thing": phrase((*words, *things), ("conditions", at))})
    return ()


def _filters(meaning: Meaning, entity: Entity | None, language: Language, known: set[str]) -> list[_Head]:
    first = next((output.value for output in meaning.outputs if output.role == "measure"), None)
    summed = first is not None and not isinstance(first, (Count, Ratio))
    details = brackets(meaning.conditions, ("conditions",), entity or meaning.source, language, known, every=summed)
    found = [_Head((), "")]
    if details:
        found.insert(0, _Head(details[0], "detail"))
    if len(details) > 1:
        both = fill(language.patterns["list.comma"], {"first": details[0], "second": details[1]})
        found.insert(0, _Head(both, "details"))
    return found


def _compared(meaning: Meaning, language: Language) -> list[_Head]:
    if meaning.compare != "previous":
        return [_Head((), "")]
    return [_Head(word(language, "compare.previous", ("compare",)), "compared"), _Head((), "")]


def _limits(meaning: Meaning) -> list[_Head]:
    if meaning.limit is None or meaning.limit < 2:
        return [_Head((), "")]
    return [_Head(phrase((str(meaning.limit),), ("limit",)), "limit")]


__all__ = ["FRAMES", "Duration", "Frame", "Title", "candidates", "table_noun", "SPACE"]
