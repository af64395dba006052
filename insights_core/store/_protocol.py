"""What every store offers the façade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from insights_core.inputs import Listing, NewInsight, Renaming
    from insights_core.model import (
        Answered,
        Asked,
        CheckReport,
        Insight,
        Receipt,
        RecentInsight,
        StoredKey,
        TrendingInsight,
    )


_Listed: TypeAlias = "list[Insight]"  # inside the class, `list` is a method
_Recent: TypeAlias = "list[RecentInsight]"
_Trending: TypeAlias = "list[TrendingInsight]"


class Store(Protocol):
    """Insights and views, kept.

    Arguments are checked already (`inputs.py`) and times are microseconds since 1970. Each call is atomic: it does all
    of what it says or raises a `StoreError`, `NotFound` or `Conflict` and leaves no trace. Safe from any thread.
    """

    def create(self, project: str, new: NewInsight, now: int) -> Insight:
        """Keep a new insight; where it was created by a user, that user has viewed it."""

    def get(self, project: str, reference: int | str) -> Insight:
        """Return an insight that is not deleted, else raise `NotFound`."""

    def ids(self, project: str, references: Sequence[int | str]) -> dict[int | str, int]:
        """Return the id for each reference of an insight in the project, deleted ones included; others are left out."""

    def list(self, project: str, listing: Listing) -> _Listed:
        """Return the insights that pass the filters, in the order asked for."""

    def page(self, project: str, listing: Listing) -> tuple[_Listed, tuple[Any, int] | None]:
        """Return as `list` does, and the sort key and id to go on after, or None where nothing comes behind."""

    def update(
        self,
        project: str,
        reference: int | str,
        changes: Mapping[str, Any],
        now: int,
        *,
        user: str | None,
        revision: int | None,
    ) -> Insight:
        """Change fields of an insight that is not deleted; values are as they are stored.

        Fields that have these values already do not count; where none is left nothing moves. `Conflict` where a
        `revision` is given and is not the newest.
        """

    def set_deleted(self, project: str, references: Sequence[int | str], now: int, *, deleted: bool) -> _Listed:
        """Delete or restore all of the insights or none.

        Deleting raises `NotFound` for one that is deleted already; restoring leaves one that is not deleted as it is.
        """

    def record_views(self, project: str, user: str, ids: Sequence[int], now: int, at: int | None) -> Receipt:
        """Record one timestamp for all of the ids (ascending, distinct) that exist, live in the project."""

    def recent(self, project: str, user: str, limit: int) -> _Recent:
        """Return the user's views, `last_viewed_at` then `id` descending, of insights that are not deleted."""

    def trending(self, project: str, since: int, limit: int) -> _Trending:
        """Return what was viewed at `since` or later, by number of viewers, then last view, then id, all descending."""

    def forget(self, project: str, user: str, now: int) -> int:
        """Set the user's watermark, remove the views up to it, and return how many there were."""

    def rename(self, project: str, renamings: Sequence[Renaming], now: int) -> _Listed:
        """Set derived names as one run that can be undone; insights that were changed or named since are left out."""

    def undo_renaming(self, project: str, now: int) -> _Listed:
        """Take the last run back where the names still stand; raise `NotFound` where there is none."""

    def recall_name(self, asked: Asked) -> Answered | None:
        """Return what was answered when this was asked before, or None."""

    def remember_name(self, asked: Asked, answered: Answered) -> None:
        """Keep an answer, in place of an earlier one."""

    def names_made(self, facts: Sequence[str]) -> set[tuple[str, str]]:
        """Return each (fingerprint of facts, name) of these facts that some backend made and that passed."""

    def add_key(self, key: StoredKey) -> None:
        """Keep a key."""

    def find_key(self, prefix: str) -> StoredKey | None:
        """Return the key with this prefix, or None."""

    def list_keys(self) -> Sequence[StoredKey]:
        """Return all keys, the oldest first."""

    def remove_key(self, prefix: str) -> bool:
        """Remove a key for good, and return whether it was there."""

    def touch_key(self, prefix: str, now: int) -> None:
        """Record that a key was used."""

    def check(self, now: int) -> CheckReport:
        """Look for damage and broken laws."""

    def repair(self, now: int, *, dry_run: bool) -> Sequence[str]:
        """Mend the rows that break a law, or only say how; return a line for each."""

    def export_records(self) -> Iterator[dict[str, Any]]:
        """Yield everything of all projects as of one moment."""

    def import_records(self, records: Iterable[dict[str, Any]], *, renumber: bool, now: int) -> dict[str, int]:
        """Add everything that was exported, or nothing and `InvalidInput` or `Conflict`; return how many of each type."""

    def backup(self, path: Any, *, mode: int | None = None) -> None:
        """Copy the whole store, as of one moment, to a file that does not exist yet, with these permissions."""

    def close(self) -> None:
        """Wait for running calls and let go of the files; later calls raise `StoreClosed`."""
