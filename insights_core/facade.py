"""What a program that embeds the library sees: `Insights`, and a `Project` of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from . import inputs
from .errors import InvalidQuery
from .moments import system_clock
from .namer import Namer

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from types import TracebackType
    from typing import Literal, Self

    from .model import Insight, Name, Query, Receipt, RecentInsight
    from .store import Store


_Listed: TypeAlias = "list[Insight]"  # inside the classes, `list` is a method
_Recent: TypeAlias = "list[RecentInsight]"


class Insights:
    """Saved queries and their views in one place, for all projects and users.

    Safe from any thread and, on a file, from any number of processes. Use it as a context manager, or call `close()`.
    """

    def __init__(
        self, store: Store, *, clock: Callable[[], datetime] | None = None, namer: Namer | None = None
    ) -> None:
        self._store = store
        self._clock = clock or system_clock
        self._namer = namer or Namer()

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        busy_timeout: float = 5.0,
        clock: Callable[[], datetime] | None = None,
        namer: Namer | None = None,
    ) -> Self:
        """Open a database file, making it where it is missing; its folder must exist.

        Args:
            path: The file. SQLite keeps two more beside it while it is open (`-wal`, `-shm`).
            synchronous: `FULL`: what a call stored survives a power cut once it returned. `NORMAL`: it survives a crash
                of the program; a power cut may take the last moments, never damage the file. Faster.
            busy_timeout: How many seconds a call waits for another writer before it raises `StoreBusy`.
            clock: Returns the present as an aware datetime; for tests and simulations.
            namer: Makes the names; by default one with all installed plugins.

        Raises:
            StoreUnusable: The path is a folder, out of reach, damaged, another program's database or a newer version's,
                or SQLite is older than 3.37.
        """
        from .store.sqlite import SQLiteStore

        return cls(SQLiteStore.open(path, synchronous=synchronous, busy_timeout=busy_timeout), clock=clock, namer=namer)

    @classmethod
    def memory(cls, *, clock: Callable[[], datetime] | None = None, namer: Namer | None = None) -> Self:
        """Make a store in memory: gone when it is closed, and not to be carried over a fork."""
        from .store.sqlite import SQLiteStore

        return cls(SQLiteStore.memory(), clock=clock, namer=namer)

    def project(self, id: str) -> Project:  # noqa: A002 - the contract's word
        """Return a project by its id, any text of 1 to 400 characters; it needs no making."""
        return Project(inputs.key(id, "a project id"), self._store, self._now, self._namer)

    def close(self) -> None:
        """Wait for running calls and close the files. Later calls raise `StoreClosed`; closing twice is fine."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _now(self) -> int:
        return inputs.moment(self._clock(), "what the clock returns")


class Project:
    """The insights and views of one project; made by `Insights.project`.

    An insight is named by its id, its short id, or the digits of its id.
    """

    def __init__(self, id: str, store: Store, now: Callable[[], int], namer: Namer) -> None:  # noqa: A002
        self.id = id
        self._store = store
        self._now = now
        self._namer = namer

    def create(  # noqa: PLR0913 - as many as an insight has fields
        self,
        query: Query | None = None,
        *,
        name: str | None = None,
        derived_name: str | None = None,
        order: int | None = None,
        dashboards: Iterable[int] = (),
        description: str | None = None,
        tags: Iterable[str] = (),
        favorited: bool = False,
        folder: str | None = None,
        user: str | None = None,
        name_source: str | None = None,
    ) -> Insight:
        """Keep a new insight and return it.

        With a `user` it is created by them, and counts as viewed by them. Without `name` and `derived_name`, the
        derived name is made from the query by the rules. `name_source` says who made the name that is given; it is
        `user` where nothing is said.

        Raises:
            InvalidInput: A field is of the wrong type, or the query is no JSON object.
        """
        packed = inputs.query_json(query)
        if name is not None:
            name_source = name_source or "user"
        elif derived_name is None and query is not None:
            derived_name, name_source = self._derived(query)
        new = inputs.NewInsight(
            name=inputs.optional_text(name, "name"),
            derived_name=inputs.optional_text(derived_name, "derived_name"),
            query=packed,
            order=None if order is None else inputs.integer(order, "order", -(2**63), inputs.LARGEST_ID),
            dashboards=inputs.dashboards_json(dashboards),
            description=inputs.optional_text(description, "description"),
            tags=inputs.tags_json(tags),
            favorited=inputs.flag(favorited, "favorited"),
            folder=inputs.optional_text(folder, "folder"),
            created_by=None if user is None else inputs.key(user, "a user id"),
            name_source=inputs.optional_text(name_source, "name_source"),
        )
        return self._store.create(self.id, new, self._now())

    def get(self, insight: int | str) -> Insight:
        """Return an insight; `NotFound` where it does not exist here or is deleted."""
        return self._store.get(self.id, inputs.reference(insight))

    def ids(self, insights: Iterable[int | str]) -> list[int]:
        """Return the ids of those insights that exist in this project, deleted ones too, in the order given."""
        references = [inputs.reference(insight) for insight in insights]
        found = self._store.ids(self.id, references)
        return [found[reference] for reference in references if reference in found]

    def list(self, *, limit: int | None = None) -> _Listed:
        """Return the insights that are not deleted, newest first, at most `limit` of them."""
        most = inputs.LARGEST_ID if limit is None else inputs.integer(limit, "limit", 1, inputs.LARGEST_ID)
        return self._store.list(self.id, most)

    def delete(self, *insights: int | str) -> _Listed:
        """Hide insights until they are restored: all of them, or none and `NotFound` if one is not there."""
        return self._set_deleted(insights, deleted=True)

    def restore(self, *insights: int | str) -> _Listed:
        """Bring deleted insights back to their old places; one that is not deleted stays as it is."""
        return self._set_deleted(insights, deleted=False)

    def viewed(self, user: str, ids: Iterable[int], at: datetime | None = None) -> Receipt:
        """Record that the user viewed these insights, all at one moment.

        Ids that do not exist here or are deleted are dropped silently. The moment is the present, and always later than
        each earlier view of this user; or it is `at`, for views that were made offline: a view never moves backwards, so
        that replays and late deliveries do no harm. On disk when this returns.

        Args:
            user: Any text of 1 to 400 characters.
            ids: Integers from 1 to 2**63 - 1, at least one; any number of them costs one write statement.
            at: An aware datetime, at most five minutes ahead of the clock.

        Raises:
            InvalidInput: Anything else; nothing is stored.
        """
        now = self._now()
        moment = None if at is None else inputs.replayed_moment(at, now)
        return self._store.record_views(self.id, inputs.key(user, "a user id"), inputs.insight_ids(ids), now, moment)

    def my_last_viewed(self, user: str, limit: int = 5) -> _Recent:
        """Return what the user viewed last, most recent first; equal times by id, the higher first."""
        return self._store.recent(
            self.id, inputs.key(user, "a user id"), inputs.integer(limit, "limit", 1, inputs.LARGEST_ID)
        )

    def generate_name(
        self, query: Query | str | Insight, *, backend: str | None = None, deadline: float | None = None
    ) -> Name:
        """Return a name for a query or an insight; see `Namer.generate_name`. Nothing is stored."""
        return self._namer.generate_name(query, backend=backend, deadline=deadline)

    def _derived(self, query: Query) -> tuple[str | None, str | None]:
        try:
            made = self._namer.generate_name(query, backend="heuristic")
        except InvalidQuery:
            return None, None  # kept all the same: a query may be saved before it says anything
        return made.name, made.backend

    def _set_deleted(self, insights: tuple[int | str, ...], *, deleted: bool) -> _Listed:
        references = [inputs.reference(insight) for insight in insights]
        return self._store.set_deleted(self.id, references, self._now(), deleted=deleted)
