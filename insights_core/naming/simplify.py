"""A meaning in the terms of those who read its name: passes that each take away what a format's way to ask puts in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import Aggregate, Column, Condition, Count, Entity, Group, Output
from insights_core.query.words import folded

from .populations import spoken_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.query.meaning import Meaning, Predicate


def _one_value(meaning: Meaning) -> Meaning:
    """What is looked for in one column or another is looked for once: in the title or the description."""
    return meaning._replace(conditions=tuple(dict.fromkeys(map(_plain, meaning.conditions))))


def _plain(item: Predicate) -> Predicate:
    if not isinstance(item, Group) or item.operator != "or":
        return item
    found = [inner for inner in item.items if isinstance(inner, Condition)]
    same = len({(inner.operator, inner.values) for inner in found}) == 1 and len(found) == len(item.items)
    return found[0] if same and found[0].values and isinstance(found[0].values[0], str) else item


_MOST_KEYS = 2


def _without_guards(meaning: Meaning) -> Meaning:
    """Drop what only guards against nulls and empty texts, and the plumbing of joins."""
    kept = tuple(
        item
        for item in meaning.conditions
        if not (
            isinstance(item, Condition)
            and (
                item.clause == "join"
                or item.operator == "is_set"
                or (item.operator == "is_not" and item.values in (("",), (0,)))
            )
        )
    )
    return meaning._replace(conditions=kept)


def _duplicates(meaning: Meaning) -> Meaning:
    """More than one row of a key is a duplicate."""
    for item in meaning.conditions:
        if (
            isinstance(item, Condition)
            and item.clause == "having"
            and isinstance(item.of, Count)
            and (item.operator, item.values) in (("gt", (1,)), ("gte", (2,)))
        ):
            if any(output.role == "measure" and not isinstance(output.value, Count) for output in meaning.outputs):
                return meaning  # a group of several rows, for what is measured of them
            keys = [
                output
                for output in meaning.outputs
                if output.role in ("dimension", "key") and isinstance(output.value, Column)
            ]
            counted = [output for output in keys if output.value == item.of.unit]
            keys = counted or keys
            if 0 < len(keys) <= _MOST_KEYS and meaning.shape in ("split", "rows") and (item.of.unit is None or counted):
                rows = tuple(output._replace(role="attribute") for output in keys)
                return meaning._replace(shape="duplicates", outputs=rows)
    return meaning


def _shared(meaning: Meaning) -> Meaning:
    """Conditions that each of the measures has hold for the whole."""
    measures = [output.value for output in meaning.outputs if output.role == "measure"]
    if meaning.format in ("sql", "HogQLQuery") or not measures:
        return meaning
    wheres = [value.where if isinstance(value, (Count, Aggregate)) else () for value in measures]
    shared = tuple(item for item in wheres[0] if all(item in where for where in wheres))
    if not shared:
        return meaning
    outputs = tuple(
        output._replace(value=output.value._replace(where=tuple(i for i in output.value.where if i not in shared)))
        if output.role == "measure" and isinstance(output.value, (Count, Aggregate))
        else output
        for output in meaning.outputs
    )
    return meaning._replace(outputs=outputs, conditions=(*meaning.conditions, *shared))


def _bare(value: Count | Aggregate) -> Count | Aggregate:
    """Return a measure without its conditions, and without the name that tells its entity from others."""
    if isinstance(value, Count):
        return value._replace(where=(), of=value.of._replace(label=""))
    of = value.of
    if isinstance(of, Column) and of.of is not None:
        of = of._replace(of=of.of._replace(label=""))
    return value._replace(where=(), of=of)


def _pivoted(meaning: Meaning) -> Meaning:
    """Measures that differ in the value of one condition are one measure, split by what that value is of."""
    measures = [output for output in meaning.outputs if output.role == "measure"]
    if len(measures) < 3 or not all(
        isinstance(output.value, (Count, Aggregate)) and output.value.where for output in measures
    ):
        return meaning
    wheres = [output.value.where for output in measures if isinstance(output.value, (Count, Aggregate))]
    plain = {_bare(output.value) for output in measures if isinstance(output.value, (Count, Aggregate))}
    shared = [item for item in wheres[0] if all(item in where for where in wheres)]
    own = [[item for item in where if item not in shared] for where in wheres]
    if len(plain) != 1 or not all(
        len(items) == 1 and isinstance(items[0], Condition) and items[0].operator in ("exact", "in") for items in own
    ):
        return meaning
    keys = {items[0].of for items in own if isinstance(items[0], Condition)}
    key = next(iter(keys))
    if len(keys) != 1 or not isinstance(key, Column):
        return meaning
    merged = Output("measure", plain.pop()._replace(where=tuple(shared)))
    others = tuple(output for output in meaning.outputs if output.role != "measure")
    shape = {"number": "split", "series": "matrix"}.get(meaning.shape, meaning.shape)
    values = tuple(value for items in own for item in items if isinstance(item, Condition) for value in item.values)
    named = Condition(key, "in", values, "pivot")
    return meaning._replace(
        shape=shape,
        outputs=(*others, merged, Output("dimension", key)),
        conditions=(*meaning.conditions, named),
        order=(),
    )


def _typed(meaning: Meaning) -> Meaning:
    """Rows of a table of many kinds are what their kind says: objects whose object_type is Dashboard are dashboards."""
    for place, item in enumerate(meaning.conditions):
        if (
            not isinstance(item, Condition)
            or item.operator != "exact"
            or not isinstance(item.of, Column)
            or item.of.of is None
        ):
            continue
        words = folded(item.of.name)
        told = spoken_value(item.values[0]) if len(item.values) == 1 else ()
        if (
            len(words) == 2
            and words[1] in ("type", "kind")
            and words[0] in {part.rstrip("s") for part in folded(item.of.of.name)}
            and told
        ):
            known = item.of.of
            kind = Entity("_".join(told), "table")
            rest = meaning.conditions[:place] + meaning.conditions[place + 1 :]
            return _with_entity(meaning._replace(conditions=rest), known, kind)
    return meaning


def _with_entity(meaning: Meaning, known: Entity, other: Entity) -> Meaning:
    def change(value: Any) -> Any:
        if value == known and isinstance(value, Entity):
            return other
        if isinstance(value, tuple):
            inner = [change(item) for item in value]
            return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
        return value

    return meaning._replace(
        source=change(meaning.source), outputs=change(meaning.outputs), sources=(other, *meaning.sources[1:])
    )


def _pinned(meaning: Meaning) -> Meaning:
    """What a condition leaves one value of splits nothing."""
    fixed = {
        (item.of.name.lower(), item.of.of)
        for item in meaning.conditions
        if isinstance(item, Condition)
        and isinstance(item.of, Column)
        and item.operator == "exact"
        and item.clause == "where"
    }
    if not fixed:
        return meaning
    outputs = tuple(
        output._replace(role="constant")
        if output.role == "dimension"
        and isinstance(output.value, Column)
        and (output.value.name.lower(), output.value.of) in fixed
        else output
        for output in meaning.outputs
    )
    left = any(output.role == "dimension" for output in outputs)
    shape = meaning.shape if left else {"split": "number", "matrix": "series"}.get(meaning.shape, meaning.shape)
    return meaning._replace(outputs=outputs, shape=shape)


PASSES: tuple[Callable[[Meaning], Meaning], ...] = (
    _shared,
    _one_value,
    _without_guards,
    _pinned,
    _duplicates,
    _typed,
    _pivoted,
)


def simplified(meaning: Meaning, *, guards: bool = False) -> Meaning:
    """Return a meaning after all passes, in their order; with its guards where it is to be told in full."""
    for change in PASSES:
        if not (guards and change is _without_guards):
            meaning = change(meaning)
    return meaning
