"""Names for queries, without a store: what joins the plugins, the facts and the naming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InvalidInput, InvalidQuery
from .model import Insight, RecentInsight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .facts import Facts
    from .model import Name, Query
    from .naming import Draft
    from .plugins import PluginStatus

DEFAULT_BACKEND = "heuristic"
DEFAULT_DEADLINE = 5.0


class Explanation(NamedTuple):
    """A name, and all that it was made from."""

    name: Name
    facts: Facts
    draft: Draft


class Namer:
    """Gives each query a short, true name.

    Args:
        plugins: Further plugins (modules or objects with `hookimpl` functions) beside the installed ones.
        installed: Whether to look for installed plugins by their entry points.
        backend: Who is asked where a call names nobody.
        deadline: Seconds that a call may take where it says nothing.
    """

    def __init__(
        self,
        plugins: Iterable[object] = (),
        *,
        installed: bool = True,
        backend: str = DEFAULT_BACKEND,
        deadline: float = DEFAULT_DEADLINE,
    ) -> None:
        from .plugins import Plugins

        self._plugins = Plugins(plugins, installed=installed)
        self._backend = backend
        self._deadline = deadline

    def generate_name(
        self, query: Query | str | Insight | RecentInsight, *, backend: str | None = None, deadline: float | None = None
    ) -> Name:
        """Return a name for a query: a JSON object in a known format, the text of an SQL statement, or an insight.

        It always answers: whatever goes wrong with a backend, the rules' name stands, `fallback_from` tells which
        backend did not deliver and `problems` why.

        Args:
            query: What to name.
            backend: Who is asked; see `backends()`.
            deadline: Seconds to wait for the backend, more than 0.

        Raises:
            InvalidQuery: The input is no query at all, or cannot be read.
        """
        return self.explain(query, backend=backend, deadline=deadline).name

    def explain(
        self, query: Query | str | Insight | RecentInsight, *, backend: str | None = None, deadline: float | None = None
    ) -> Explanation:
        """Return the name as `generate_name` does, with the facts and the draft behind it."""
        from .naming.draft import draft
        from .naming.pipeline import polish

        seconds = self._deadline if deadline is None else deadline
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
            raise InvalidInput(f"deadline must be a number of seconds above 0, not {seconds!r}")
        problems: list[str] = []
        facts = self._describe(query, problems)
        drafted = draft(facts)
        asked = self._backend if backend is None else backend
        return Explanation(polish(drafted, facts, asked, self._plugins.backend, seconds, problems), facts, drafted)

    def describe(self, query: Query | str | Insight | RecentInsight) -> Facts:
        """Return what the readers understand of a query; raise `InvalidQuery` where it is none."""
        return self._describe(query, [])

    def backends(self) -> list[PluginStatus]:
        """Return what is known of each backend, format and plugin: what is ready, what is missing, what is broken."""
        return self._plugins.status()

    def _describe(self, query: Any, problems: list[str]) -> Facts:
        from .facts import describe

        if isinstance(query, Insight | RecentInsight):
            if query.query is None:
                raise InvalidQuery(f"insight {query.id} has no query: give it one, or name it by hand")
            query = query.query
        return describe(query, self._plugins.readers(problems.append))
