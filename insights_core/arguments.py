"""What the calls of a project take by keyword, for type checkers and readers; imported by neither at run time.

Apart, since a program that imports the library would pay for each field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Query


class Changes(TypedDict, total=False):
    """The fields that `Project.update` can change; what is not given stays."""

    name: str | None
    derived_name: str | None
    query: Query | None
    order: int | None
    dashboards: Iterable[int]
    description: str | None
    tags: Iterable[str]
    favorited: bool
    folder: str | None


class Filters(TypedDict, total=False):
    """What `Project.list` and `Project.page` can go by; what is not given does not matter."""

    search: str
    """Every word of it starts a word of name, derived name, description or tags, in any case."""
    tags: Iterable[str]
    """All of them."""
    dashboards: Iterable[int]
    """All of them."""
    favorited: bool
    created_by: str
    name_source: str
    """`user`, or the backend that made the name that is shown."""
    deleted: bool
    """True lists the deleted ones instead."""
    order: str
    """`created_at`, `name`, `order`, each also with `-` in front for descending, or `-last_viewed_at`; ties go by id."""
    user: str
    """Whose views `-last_viewed_at` goes by; without it, anybody's."""
