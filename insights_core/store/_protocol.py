"""What every store offers the façade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.inputs import NewInsight
    from insights_core.model import Insight, Receipt, RecentInsight


_Listed: TypeAlias = "list[Insight]"  # inside the class, `list` is a method
_Recent: TypeAlias = "list[RecentInsight]"


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

    def list(self, project: str, limit: int) -> _Listed:
        """Return insights that are not deleted, newest first: `created_at`, then `id`, both descending."""

    def set_deleted(self, project: str, references: Sequence[int | str], now: int, *, deleted: bool) -> _Listed:
        """Delete or restore all of the insights or none.

        Deleting raises `NotFound` for one that is deleted already; restoring leaves one that is not deleted as it is.
        """

    def record_views(self, project: str, user: str, ids: Sequence[int], now: int, at: int | None) -> Receipt:
        """Record one timestamp for all of the ids (ascending, distinct) that exist, live in the project."""

    def recent(self, project: str, user: str, limit: int) -> _Recent:
        """Return the user's views, `last_viewed_at` then `id` descending, of insights that are not deleted."""

    def close(self) -> None:
        """Wait for running calls and let go of the files; later calls raise `StoreClosed`."""
