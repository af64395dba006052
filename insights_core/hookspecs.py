"""The hooks that a plugin can implement, and the markers to do it with.

A plugin is any module or object with functions marked by `hookimpl`. An installed distribution offers one through an
entry point in the group `insights_core`:

    [project.entry-points.insights_core]
    acme = "acme_insights.plugin"

Each plugin is called on its own: one that raises, or returns the wrong thing, is reported by `insights backends` and
harms no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

import pluggy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .language.protocol import Language
    from .query.meaning import Meaning

    _F = TypeVar("_F", bound=Callable[..., Any])

ENTRY_POINT_GROUP = "insights_core"

_specification = pluggy.HookspecMarker("insights_core")
_implementation = pluggy.HookimplMarker("insights_core")


def hookspec(function: _F) -> _F:
    """Mark a function as the typed specification of a hook."""
    return _specification(function)


def hookimpl(function: _F) -> _F:
    """Mark a function of a plugin as its implementation of the hook of the same name."""
    return _implementation(function)


class NamingRequest(Protocol):
    """What a backend is asked."""

    @property
    def meaning(self) -> Meaning:
        """What was read from the query; the query itself never reaches a backend."""

    @property
    def draft(self) -> str:
        """The name that the rules made: true, and good enough to return as it is."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Other names that the rules weighed, the best first: they tell of all that the draft tells of."""

    @property
    def seconds_left(self) -> float:
        """How long the answer is still waited for; 0 once it is too late."""

    def objections(self, title: str) -> list[str]:
        """Return why a title would be refused, one line each; nothing of one with placeholders."""


@runtime_checkable
class NamingBackend(Protocol):
    """Something that proposes a name for what a query means.

    It may also have a method `missing()`: it returns in one line what stands in the way and what to do, or nothing, and
    `insights backends` shows it. It must load, open and write nothing. And it may have `is_local = True`: it opens no
    socket, and may be asked where somebody wants to stay offline; without it, it may not, and what it is asked holds
    placeholders (`VALUE1`) in place of the query's values, which are put back into what it answers. A method `maker()` returns what
    its answers depend on beside the request (its model, the version of its prompt): where it has one, stores keep its
    answers and do not ask again. And `check` may be the level that judges its answers where the user names none: `strict`
    without it, `contradiction`, or `off`.
    """

    name: str
    """Lower case letters, digits and underscores; what `--backend` takes."""

    keeps_deadline: bool
    """True where `propose` returns at once or watches `seconds_left`: it is then called in the caller's own thread.
    False has it run in a thread of its own that is abandoned when the time is over."""

    def propose(self, request: NamingRequest) -> str:
        """Return a name in one line.

        It is cleaned and checked by the caller; whatever this raises ends in the rules' name. Called from any thread,
        from several at once. The heavy imports belong in here, not at the top of the module.
        """


@hookspec
def insights_naming_backends() -> Iterable[NamingBackend]:
    """Offer naming backends. Creating them must be cheap: nothing is loaded, opened or written before `propose`."""
    return ()


@hookspec
def insights_describe_query(query: Any) -> Meaning | None:
    """Read a query of another format into its meaning, or return None for "not mine".

    `query` is a JSON value (never a wrapper around it, never text that holds JSON) or the text of an SQL statement.
    Built-in formats are asked first, plugins after them, and last the reader that takes any JSON object. Raise
    `InvalidQuery` for a query that is yours and is wrong.
    """


@hookspec
def insights_languages() -> Iterable[Language]:
    """Offer languages to write names in, each under a code of its own; `--language` takes it.

    Asked where somebody asks for a language that is not built in. The tables are made when this is called, not when the
    plugin is imported.
    """
    return ()
