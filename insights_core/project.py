"""The insights and views of one project: the calls of the contract, and those around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Unpack

from . import inputs
from .errors import InvalidQuery
from .model import Answered, Asked, Name, Page
from .namer import DEFAULT_BACKEND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from .arguments import Changes, Filters
    from .model import Insight, Query, Receipt, RecentInsight, TrendingInsight
    from .namer import Namer
    from .store import Store

_Listed: TypeAlias = "list[Insight]"  # inside the classes, `list` is a method
_Recent: TypeAlias = "list[RecentInsight]"
_Trending: TypeAlias = "list[TrendingInsight]"
_Proposed: TypeAlias = "list[Proposal]"


class Proposal(NamedTuple):
    """A generated name for an insight that no person named."""

    insight: Insight
    """As it was."""
    name: Name


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
        source = inputs.optional_text(name_source, "name_source")
        derived_source = None if derived_name is None or name is not None else source
        if name is None and derived_name is None and query is not None:
            derived_name, derived_source = self._derived(query)
        new = inputs.NewInsight(
            name=inputs.optional_text(name, "name"),
            derived_name=inputs.optional_text(derived_name, "derived_name"),
            query=packed,
            order=inputs.optional_order(order),
            dashboards=inputs.dashboards_json(dashboards),
            description=inputs.optional_text(description, "description"),
            tags=inputs.tags_json(tags),
            favorited=inputs.flag(favorited, "favorited"),
            folder=inputs.optional_text(folder, "folder"),
            created_by=None if user is None else inputs.key(user, "a user id"),
            name_source=None if name is None else source or "user",
            derived_source=derived_source,
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

    def list(self, *, limit: int | None = None, **filters: Unpack[Filters]) -> _Listed:
        """Return insights that are not deleted, newest first, at most `limit` of them; see `Filters` for more."""
        return self._store.list(self.id, self._listing(filters, limit))

    def page(self, cursor: str | None = None, *, limit: int = 100, **filters: Unpack[Filters]) -> Page:
        """Return a part of a listing, and the cursor of the next: what is created meanwhile shifts no page.

        Args:
            cursor: `next_cursor` of the page before, with the same filters; None for the first page.
            limit: The length of a page.
            filters: As for `list`.
        """
        listing = self._listing(filters, limit)
        if cursor is not None:
            listing = listing._replace(after=inputs.cursor(cursor, listing.order))
        found, behind = self._store.page(self.id, listing)
        return Page(tuple(found), None if behind is None else inputs.cursor_text(listing.order, *behind))

    def search(self, text: str, *, limit: int | None = None) -> _Listed:
        """Return the insights in whose name, description or tags each word of the text starts a word, newest first."""
        return self.list(search=text, limit=limit)

    def update(
        self, insight: int | str, *, user: str | None = None, revision: int | None = None, **changes: Unpack[Changes]
    ) -> Insight:
        """Change fields of an insight, and return it as it is now.

        Name, description and query move `last_modified_at` and `last_modified_by`; every change raises `revision` and
        moves `updated_at`; what has these values already changes nothing. A new query brings a new derived name.

        Args:
            insight: Its id or short id.
            user: Who changes it.
            revision: What the change builds on.
            changes: See `Changes`.

        Raises:
            Conflict: The insight has another revision than `revision`; nothing is changed.
            NotFound: It does not exist, or is deleted.
            InvalidInput: A field is unknown or of the wrong type.
        """
        stored = inputs.changes(changes)
        if "query" in changes and "derived_name" not in changes:
            query = changes["query"]
            stored["derived_name"], stored["derived_source"] = (None, None) if query is None else self._derived(query)
        return self._store.update(
            self.id, inputs.reference(insight), stored, self._now(),
            user=None if user is None else inputs.key(user, "a user id"),
            revision=None if revision is None else inputs.integer(revision, "revision", 1, inputs.LARGEST_ID),
        )  # fmt: skip

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

    def trending(self, *, days: int = 7, limit: int = 10) -> _Trending:
        """Return what most users viewed in the last `days` (1 to 365) times 24 hours, at most `limit` (1 to 100)."""
        since = self._now() - inputs.integer(days, "days", 1, 365) * 24 * 60 * 60 * 1_000_000
        return self._store.trending(self.id, since, inputs.integer(limit, "limit", 1, 100))

    def forget(self, user: str) -> int:
        """Clear the user's list for good and return how many views that were.

        No view up to now, nor one at or before the newest that was there, ever comes back, by replay or import.
        """
        return self._store.forget(self.id, inputs.key(user, "a user id"), self._now())

    def generate_name(
        self, query: Query | str | Insight, *, backend: str | None = None, deadline: float | None = None
    ) -> Name:
        """Return a name for a query or an insight; see `Namer.generate_name`. No insight is changed.

        What a model answered is kept: the same meaning is asked once.
        """
        return self._namer.generate_name(query, backend=backend, deadline=deadline, memory=self._store)

    def name_missing(self, *, backend: str | None = None, dry_run: bool = False, only_stale: bool = False) -> _Proposed:
        """Generate a name for each insight that no person named, keep those that are new, and return them.

        Different queries get different names, where any fact can tell them apart. What a model answers is kept as it
        comes, so that a run that was stopped goes on where it was.

        With `dry_run` no insight is changed, with `only_stale` none but those that `stale` returns. `undo_naming` takes
        the last run back.
        """
        unnamed = self._unnamed()
        wanted = {insight.id for insight in (self.stale() if only_stale else unnamed)}
        made = self._namer.name_all(unnamed, backend=backend, memory=self._store)
        proposals = [
            Proposal(insight, name)
            for insight, name in zip(unnamed, made, strict=True)
            if insight.id in wanted
            and isinstance(name, Name)
            and (name.name, name.backend) != (insight.derived_name, insight.name_source)
        ]
        if dry_run or not proposals:
            return proposals
        for insight, name in proposals:
            # Told apart from others, it is not what the rules make of the query alone: `stale` has to know it.
            if name.backend == DEFAULT_BACKEND and not self._is_by_rules(
                insight._replace(derived_name=name.name, name_source=name.backend)
            ):
                asked = Asked(self._namer.fingerprint(insight), name.name, DEFAULT_BACKEND)
                self._store.remember_name(asked, Answered(name.name))
        renamings = [inputs.Renaming(old.id, old.revision, name.name, name.backend) for old, name in proposals]
        kept = {insight.id for insight in self._store.rename(self.id, renamings, self._now())}
        return [proposal for proposal in proposals if proposal.insight.id in kept]

    def stale(self, insights: Iterable[Insight] | None = None) -> _Listed:
        """Return the insights (of these, or of all) whose generated name is not what its maker makes of the query now.

        By the rules, where they write another name: this version's may differ from those that wrote it. By a backend,
        where it is not known to have made this name of a query of this meaning. Names by persons never are, nor those
        that were given without saying who made them.
        """
        found = [
            insight
            for insight in (self.list() if insights is None else insights)
            if insight.name is None and insight.derived_name and insight.name_source and self._is_nameable(insight)
        ]
        others = [insight for insight in found if not self._is_by_rules(insight)]
        meanings = {insight.id: self._namer.fingerprint(insight) for insight in others}
        made = self._store.names_made(sorted(set(meanings.values()))) if meanings else set()
        return [insight for insight in others if (meanings[insight.id], insight.derived_name) not in made]

    def _is_by_rules(self, insight: Insight) -> bool:
        made = self._namer.generate_name(insight, backend=DEFAULT_BACKEND)
        return (made.name, made.backend) == (insight.derived_name, insight.name_source)

    def _unnamed(self) -> _Listed:
        """Return the insights that no person named, and that can be."""
        return [insight for insight in self.list() if insight.name is None and self._is_nameable(insight)]

    def undo_naming(self) -> _Listed:
        """Take the last run of `name_missing` back where its names still stand; `NotFound` where there is none."""
        return self._store.undo_renaming(self.id, self._now())

    def _is_nameable(self, insight: Insight) -> bool:
        try:
            self._namer.describe(insight)
        except InvalidQuery:
            return False
        return True

    def _listing(self, filters: Filters, limit: int | None) -> inputs.Listing:
        return inputs.listing(dict(filters), limit)

    def _derived(self, query: Query) -> tuple[str | None, str | None]:
        try:
            made = self._namer.generate_name(query, backend="heuristic")
        except InvalidQuery:
            return None, None  # kept all the same: a query may be saved before it says anything
        return made.name, made.backend

    def _set_deleted(self, insights: tuple[int | str, ...], *, deleted: bool) -> _Listed:
        references = [inputs.reference(insight) for insight in insights]
        return self._store.set_deleted(self.id, references, self._now(), deleted=deleted)
