"""What a reader found beside the fields: settings with their values, and what it did not understand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import Option, Scalar

from . import keys

if TYPE_CHECKING:
    from collections.abc import Mapping


def text(value: object) -> str:
    """Return an identifier as text; what cannot be one is empty."""
    if type(value) is str:
        return value
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def scalars(value: Any) -> tuple[Scalar, ...]:
    """Return the values of a list; one is as good as a list of one."""
    values = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(item for item in values if item is not None and isinstance(item, (str, int, float)))


def freeze(value: Any) -> Any:
    """Return a JSON value that cannot be changed any more: objects as options, arrays as tuples."""
    if isinstance(value, dict):
        return tuple(Option(str(key), freeze(item)) for key, item in sorted(value.items(), key=_by_key))
    return tuple(freeze(item) for item in value) if isinstance(value, (list, tuple)) else value


def _by_key(item: tuple[Any, Any]) -> str:
    return str(item[0])


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a list, or an empty one."""
    return value if isinstance(value, list) else []


class Notes:
    """The options and the unread paths of one query, collected while it is read."""

    __slots__ = ("found", "missed")

    def __init__(self) -> None:
        self.found: list[Option] = []
        self.missed: list[str] = []

    def part(self, query: Mapping[str, Any], key: str, prefix: str = "") -> dict[str, Any]:
        """Return the object under a key; anything else there is not understood."""
        value = query.get(key)
        if isinstance(value, dict):
            return value
        if value:
            self.missed.append(f"{prefix}{key}")
        return {}

    def several(self, query: Mapping[str, Any], key: str, prefix: str = "") -> list[Any]:
        """Return the list under a key; anything else there is not understood."""
        value = query.get(key)
        if isinstance(value, list):
            return value
        if value:
            self.missed.append(f"{prefix}{key}")
        return []

    def rest(
        self, query: Mapping[str, Any], structured: frozenset[str], known: frozenset[str], prefix: str = ""
    ) -> None:
        """Sort what no field of the meaning holds into known settings and unknown keys.

        What only shapes the chart on the screen is in `keys.SHOWN` and tells no two queries apart.
        """
        for key, value in query.items():
            if key in structured or key in keys.SHOWN or value is None:
                continue
            if key not in known:
                self.missed.append(f"{prefix}{key}")
            elif value is not False and value not in ("", [], {}):
                self.found.append(Option(key, freeze(value)))

    @property
    def options(self) -> tuple[Option, ...]:
        """The settings, by name."""
        return tuple(sorted(self.found, key=_by_name)) if len(self.found) > 1 else tuple(self.found)

    @property
    def unread(self) -> tuple[str, ...]:
        """The paths of what was not understood."""
        return tuple(sorted(set(self.missed))) if self.missed else ()


def _by_name(option: Option) -> str:
    return option.name
