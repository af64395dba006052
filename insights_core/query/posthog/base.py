"""The one table of kinds, through which the readers of nodes that hold other nodes reach those."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from insights_core.query.meaning import Meaning

NodeReader: TypeAlias = Callable[[dict[str, Any]], "Meaning | None"]
READERS: dict[str, NodeReader] = {}
"""Who reads which kind; `kinds` fills it."""


def read(query: Any) -> Meaning | None:
    """Return the meaning of a node, or None where it is none that this format knows."""
    if not isinstance(query, dict):
        return None
    kind = query.get("kind")
    reader = READERS.get(kind) if isinstance(kind, str) else None
    return reader(query) if reader is not None else None
