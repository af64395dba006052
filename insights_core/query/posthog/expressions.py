"""HogQL's expressions, as the SQL that they are: read by the SQL reader as a SELECT from the events."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.query.meaning import (
    Aggregate,
    Change,
    Column,
    Condition,
    Count,
    Entity,
    Group,
    Opaque,
    Product,
    Ratio,
    Running,
    Sum,
)

from .filters import FEATURE, in_order

if TYPE_CHECKING:
    from insights_core.query.meaning import Meaning, Period, Predicate, Value

_LONGEST = 20_000
_EVENTS = "events"
_ANY = Entity("", "all")
# Strings come first, so that a path in one stays. What follows `properties` is kept as one name, with its owner before it.
_PATH = re.compile(
    r"'(?:[^'\\]++|\\.|'')*+'?+"
    r"|\b(?:(?P<owner>person|session|events?|poe|group_\d)\.)?properties(?:\.(?P<plain>[$\w]+(?:\.[$\w]+)*+)|\.[`\"](?P<quoted>[^`\"]+)[`\"]"
    r"|\[\s*'(?P<key>[^']*)'\s*\])"
    r"|\b(?P<of>person|session|event)\.[`\"]?(?P<name>[$\w]++)[`\"]?+(?!\w*+\s*+\()"
    r"|(?<![\w$.@`\"])(?P<bare>\$[A-Za-z_]\w*)",
)
_PLAIN = re.compile(
    r"(?:(?P<owner>person|session|events?|poe|group_\d)\.)?(?:(?P<inner>properties)\.)?(?:(?P<bare>[$A-Za-z_][\w$]*+)|[`\"](?P<quoted>[^`\"]++)[`\"])(?P<deeper>(?:\.[$A-Za-z_][\w$]*+)*+)|(?P<all>\*)"
)
_COMMENT = re.compile(r"\s--\s{0,9}(?P<label>[^\n]{1,500}+)$")
_ALIAS = re.compile(r"\sas\s{1,20}[`\"']?(?P<label>[^`\"'()]{1,500}+)[`\"']?+\s{0,20}$", re.IGNORECASE)
_SCOPES = {"person": "person", "session": "session", "poe": "person"}
_ACTORS = {
    "person_id": "dau",
    "distinct_id": "dau",
    "person": "dau",
    "person.id": "dau",
    "$session_id": "unique_session",
}
"""What counting different values of a column of the events counts."""
_CODED = re.compile(r"(?P<scope>event|person|session|group_\d):(?P<name>.+)", re.DOTALL)


class Expression(NamedTuple):
    """A selected expression."""

    value: Value
    label: str = ""
    is_read: bool = True


def label_of(source: str) -> tuple[str, str]:
    """Return an expression without the name that a person gave to it, in a comment or an alias, and that name."""
    found = _COMMENT.search(source) or _ALIAS.search(source)
    if found is None:
        return source.strip(), ""
    return source[: found.start()].strip(), found["label"].strip()


def value(source: str, of: Entity = _ANY, where: tuple[Predicate, ...] = ()) -> Expression:
    """Return what an expression computes over the rows of an entity; what cannot be read is opaque."""
    bare, label = label_of(source)
    found = _plain(bare) or _value(bare[:_LONGEST])
    if found is None:
        return Expression(Opaque(bare), label, is_read=False)
    local = _localized(found, of, where)
    if isinstance(local, Column) and local.scope == "event":
        local = local._replace(of=None)
    return Expression(local, label, not isinstance(found, Opaque))


def is_measured(found: Value | None) -> bool:
    """Whether a value is computed over several rows."""
    if isinstance(found, (Count, Aggregate, Running)):
        return True
    if isinstance(found, Ratio):
        return is_measured(found.top) or is_measured(found.bottom)
    if isinstance(found, (Sum, Product)):
        return any(map(is_measured, found.parts))
    if isinstance(found, Change):
        return is_measured(found.of) or is_measured(found.since)
    return isinstance(found, Opaque) and any(map(is_measured, found.columns))


def column(source: str) -> Column:
    """Return the column that an expression reads; one that does more is a column of the whole expression."""
    bare, label = label_of(source)
    found = _plain(bare)
    if found is None:
        read = _value(bare[:_LONGEST])
        read = _localized(read, _ANY, ()) if read is not None else None
        found = read if isinstance(read, Column) else Column(bare, None, (), "expression")
    return found._replace(labels=(label,)) if label and label != found.name else found


def conditions(source: str) -> tuple[Predicate, ...] | None:
    """Return what an expression asks of rows; None where it cannot be read."""
    read = predicates(source)
    return None if read is None or read[1] is not None else read[0]


@lru_cache(maxsize=1024)
def predicates(source: str) -> tuple[tuple[Predicate, ...], Period | None] | None:
    """Return what an expression asks of rows and the period that it bounds; None where it cannot be read."""
    meaning = _read(f"SELECT 1 FROM {_EVENTS} WHERE ({label_of(source[:_LONGEST])[0]})")  # noqa: S608 - read, never run
    if meaning is None or not (meaning.conditions or meaning.period or meaning.source.kind == "event"):
        return None
    found = [_predicate(item, _ANY) for item in meaning.conditions]
    if meaning.source.kind == "event":
        names = (meaning.source.name, *meaning.source.alternatives)
        found.append(Condition(Column("event"), "in" if len(names) > 1 else "exact", names))
    return in_order(found), meaning.period


def _read(statement: str) -> Meaning | None:
    from insights_core.query import sql

    meaning = sql.read(_PATH.sub(_coded, statement), "clickhouse")
    return None if meaning is None or "syntax" in meaning.unread else meaning


def _coded(found: re.Match[str]) -> str:
    if found["bare"]:
        # A column of the sessions; to other readers of SQL it looks like a variable.
        return f'"{found["bare"]}"'
    name = found["plain"] or found["quoted"] or found["key"]
    if found["of"]:
        # `event.x` is a column of the events and no property.
        return f'"{_SCOPES.get(found["of"], "event")}:{found["name"]}"'
    if not name:
        return found[0]
    owner = found["owner"] or ""
    return f'"{_SCOPES.get(owner) or (owner if owner.startswith("group_") else "event")}:{name}"'


def _plain(source: str) -> Column | None:
    found = _PLAIN.fullmatch(source)
    if found is None:
        return None
    owner = found["owner"] or ""
    name = found["bare"] or found["quoted"] or "*"
    if found["deeper"]:
        if not found["inner"]:
            return None
        name += found["deeper"]
    if name == "properties" and not found["inner"]:
        return Column("properties")
    if name.startswith(FEATURE):
        return Column(name.removeprefix(FEATURE), None, (), "feature")
    if owner.startswith("group_"):
        return Column(name, Entity(owner.removeprefix("group_"), "group"), (), "group")
    return Column(name, None, (), _SCOPES.get(owner, "") or ("event" if found["inner"] else ""))


@lru_cache(maxsize=2048)
def _value(source: str) -> Value | None:
    if not source:
        return None
    meaning = _read(f"SELECT {source} FROM {_EVENTS}")  # noqa: S608 - read, never run
    if meaning is None or len(meaning.outputs) != 1 or meaning.shape == "statement":
        return None
    return meaning.outputs[0].value


# From a SELECT of the events to the series that the expression is about


def _entity(entity: Entity, of: Entity) -> Entity:
    if entity.kind == "event" and entity.name:
        return entity
    return of if entity.name in (_EVENTS, "") else entity


def _column(found: Column, of: Entity) -> Column:
    coded = _CODED.fullmatch(found.name)
    about = None if found.of is None or found.of.name == _EVENTS else found.of
    if coded is None:
        return found._replace(of=about if about is None or about.name else None)
    name, scope = coded["name"], coded["scope"]
    if name.startswith(FEATURE):
        return Column(name.removeprefix(FEATURE), None, found.labels, "feature")
    if scope.startswith("group_"):
        return Column(name, Entity(scope.removeprefix("group_"), "group"), found.labels, "group")
    return Column(name, of if scope == "event" and of.name else None, found.labels, scope)


def _unit(found: Column, of: Entity) -> Column | Entity:
    read = _column(found, of)
    actor = _ACTORS.get(f"person.{read.name}" if read.scope == "person" else read.name)
    return Entity(actor, "actor") if actor else read


def _localized(found: Value, of: Entity, where: tuple[Predicate, ...]) -> Value:
    """Return a value with the series in place of the events; `where` holds for everything that is counted in it."""
    if isinstance(found, Column):
        return _column(found, of)
    if isinstance(found, Count):
        unit = _unit(found.unit, of) if isinstance(found.unit, Column) else found.unit
        return Count(_entity(found.of, of), unit, _both(found.where, where, of), found.per)
    if isinstance(found, Aggregate):
        inner = _localized(found.of, of, ())
        return Aggregate(found.function, inner, _both(found.where, where, of), found.per)
    if isinstance(found, Opaque):
        return Opaque(_decoded(found.text), tuple(_localized(item, of, where) for item in found.columns))
    # Of every other kind the fields are values, tuples of values, or codes.
    kind: Any = type(found)
    local: Value = kind(*(_field(item, of, where) for item in found))
    return local


def _field(item: Any, of: Entity, where: tuple[Predicate, ...]) -> Any:
    if hasattr(item, "_fields"):
        return _localized(item, of, where)
    return tuple(_field(part, of, where) for part in item) if isinstance(item, tuple) else item


def _decoded(source: str) -> str:
    return re.sub(r'"(?:event|person|session|group_\d):([^"]+)"', r"\1", source)


def _both(own: tuple[Predicate, ...], where: tuple[Predicate, ...], of: Entity) -> tuple[Predicate, ...]:
    return in_order([*(_predicate(item, of) for item in own), *where]) if own else where


def _predicate(item: Predicate, of: Entity) -> Predicate:
    if isinstance(item, Group):
        return Group(item.operator, tuple(_predicate(inner, of) for inner in item.items))
    about = _localized(item.of, of, ())
    if isinstance(about, Column) and about.scope == "event":
        # As in a filter of its own: the series that it belongs to says what it is about.
        about = about._replace(of=None)
    return item._replace(of=about)
