"""A meaning in the terms of those who read its name: passes that each take away what a format's way to ask puts in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.meaning import Column, Condition, Count

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.query.meaning import Meaning


def _without_guards(meaning: Meaning) -> Meaning:
    """Drop what only guards against nulls and empty texts."""
    kept = tuple(
        item
        for item in meaning.conditions
        if not (isinstance(item, Condition) and (item.operator in ("is_set",) or (item.operator == "is_not" and item.values in (("",), (0,)))))
    )
    return meaning._replace(conditions=kept)


def _duplicates(meaning: Meaning) -> Meaning:
    """More than one row of a key is a duplicate."""
    for item in meaning.conditions:
        if isinstance(item, Condition) and item.clause == "having" and isinstance(item.of, Count) and (item.operator, item.values) in (("gt", (1,)), ("gte", (2,))):
            keys = [output for output in meaning.outputs if output.role in ("dimension", "key") and isinstance(output.value, Column)]
            if len(keys) == 1 and meaning.shape in ("split", "rows") and item.of.unit is None:
                rows = tuple(output._replace(role="attribute") for output in keys)
                return meaning._replace(shape="duplicates", outputs=rows)
    return meaning


PASSES: tuple[Callable[[Meaning], Meaning], ...] = (_without_guards, _duplicates)


def simplified(meaning: Meaning) -> Meaning:
    """Return a meaning after all passes, in their order."""
    for change in PASSES:
        meaning = change(meaning)
    return meaning
