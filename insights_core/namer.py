"""Names for queries, without a store: what joins the plugins, the readers and the naming."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from .errors import BackendError, BackendUnavailable, InvalidInput, InvalidQuery
from .model import Insight, Name, RecentInsight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .hookspecs import NamingBackend
    from .language.protocol import Language
    from .model import Query
    from .models.ask import Memory, Outward, Request
    from .models.check import Check, Verdict
    from .models.rules import Level
    from .naming import Draft
    from .plugins import PluginStatus
    from .query.meaning import Meaning

    Nameable: TypeAlias = Query | str | Insight | RecentInsight

DEFAULT_BACKEND = "heuristic"
DEFAULT_DEADLINE = 5.0
DEFAULT_LANGUAGE = "en"
OFFLINE_VARIABLE = "INSIGHTS_OFFLINE"
"""Set to anything but 0 (to `False` or a blank too), it forbids every backend that may open a socket."""


_HALF_READ = "not all of the SQL could be parsed: the name tells what was read of it"


class _Tools(NamedTuple):
    """What makes names, imported with the first of them: an import statement in a call costs a microsecond each time."""

    read: Callable[..., Meaning]
    draft: Callable[..., Draft]
    polish: Callable[..., Name]
    outward: Callable[..., list[Outward | BackendError]]
    request_for: Callable[..., tuple[Request, Outward | None]]
    request: Callable[..., Request]
    fingerprint: Callable[[Meaning], str]
    auto: str


@cache
def _tools() -> _Tools:
    from .models.ask import Request, fingerprint, polish, request_for
    from .models.outward import outward
    from .naming.draft import draft
    from .plugins import AUTO
    from .query.registry import read

    return _Tools(read, draft, polish, outward, request_for, Request, fingerprint, AUTO)


class Explanation(NamedTuple):
    """A name, and all that it was made from."""

    name: Name
    meaning: Meaning
    draft: Draft


class _Question(NamedTuple):
    """A query that a name is sought for, and what its answers need."""

    query: Nameable
    draft: Draft
    problems: list[str]
    """What went wrong when it was read."""
    outward: Callable[[], Outward]

    def check(self) -> Check:
        """Return the check of its titles; most names need none."""
        from .models.check import Check

        return Check(_query_of(self.query), self.draft.meaning, self.draft.name, self.draft.language)


class Namer:
    """Gives each query a short, true name.

    Args:
        plugins: Further plugins (modules or objects with `hookimpl` functions) beside the installed ones.
        installed: Whether to look for installed plugins by their entry points.
        backend: Who is asked where a call names nobody.
        deadline: Seconds that a call may take where it says nothing.
        style: `title` for Title Case, `sentence` for sentence case.
        language: The code of the language to write in: `en`, or one that a plugin brings.
        strict: Raise `BackendError` where a backend gives no name that can be used, instead of taking the rules' name.
        offline: Ask no backend that may open a socket; by default whether `INSIGHTS_OFFLINE` is set.
        captions: Whether a title that the author wrote in the first comment of a statement may be its name.
        check: How titles that a backend writes are judged: `strict`, `contradiction` or `off`; by default as the backend
            has it, `contradiction` for `remote` and `strict` for the others.
    """

    def __init__(  # noqa: PLR0913 - what a program sets once, all by name
        self,
        plugins: Iterable[object] = (),
        *,
        installed: bool = True,
        backend: str = DEFAULT_BACKEND,
        deadline: float = DEFAULT_DEADLINE,
        style: Literal["title", "sentence"] = "title",
        language: str = DEFAULT_LANGUAGE,
        strict: bool = False,
        offline: bool | None = None,
        captions: bool = True,
        check: Level | None = None,
    ) -> None:
        if check not in {None, "strict", "contradiction", "off"}:
            raise InvalidInput(f"check must be strict, contradiction or off, not {check!r}")
        if style not in {"title", "sentence"}:
            raise InvalidInput(f"style must be title or sentence, not {style!r}")
        from .plugins import Plugins

        self._plugins = Plugins(plugins, installed=installed)
        self._backend = backend
        self._deadline = deadline
        self._style = style
        self._code = language
        self._tables: Language | None = None
        if language != DEFAULT_LANGUAGE:
            self._language()  # a code that is unknown is an error of whoever set it
        self._strict = strict
        self._captions = captions
        self._check = check
        self._offline = os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0") if offline is None else offline

    def generate_name(
        self,
        query: Nameable,
        *,
        backend: str | None = None,
        deadline: float | None = None,
        siblings: Iterable[Nameable] = (),
        memory: Memory | None = None,
    ) -> Name:
        """Return a name for a query: a JSON object in a known format, the text of an SQL statement, or an insight.

        It always answers: whatever goes wrong with a backend, the rules' name stands, `fallback_from` tells which
        backend did not deliver and `problems` why.

        Args:
            query: What to name.
            backend: Who is asked; see `backends()`. `auto` is the model on this machine where it is ready, else the
                rules.
            deadline: Seconds to wait for the backend, more than 0.
            siblings: Queries that the name must tell this one from, where any fact can.
            memory: Where the answers of backends are kept, so that the same meaning is asked once.

        Raises:
            InvalidQuery: The input is no query at all, or cannot be read.
            BackendError: Only where the namer is strict.
        """
        return self.explain(query, backend=backend, deadline=deadline, siblings=siblings, memory=memory).name

    def explain(
        self,
        query: Nameable,
        *,
        backend: str | None = None,
        deadline: float | None = None,
        siblings: Iterable[Nameable] = (),
        memory: Memory | None = None,
    ) -> Explanation:
        """Return the name as `generate_name` does, with the meaning and the draft behind it."""
        draft = _tools().draft
        problems: list[str] = []
        meaning = self._describe(query, problems)
        beside = list(siblings)
        others = [self.describe(sibling) for sibling in beside]
        drafted = draft(meaning, language=self._language(), style=self._style, siblings=others)
        outward = self._outward([query, *beside], 0)
        question = _Question(query, drafted, problems, outward)
        return Explanation(self._polished(question, backend, deadline, memory), meaning, drafted)

    def check(self, title: str, query: Nameable, level: Level = "strict") -> Verdict:
        """Judge a title that somebody else wrote for a query.

        Args:
            title: What is judged.
            query: The query, as for `generate_name`.
            level: `strict`: every word has to be supported. `contradiction`: what is measured and split by has to be, no
                word may be a number, a name or a value that is not there, and nothing may contradict. `off`: nothing is judged.

        Raises:
            InvalidQuery: The input is no query at all, or cannot be read.
            InvalidInput: There is no such level.
        """
        drafted = _tools().draft(self.describe(query), language=self._language(), style=self._style)
        return _Question(query, drafted, [], self._outward([query], 0)).check().verdict(title, level)

    def payload(self, query: Nameable, *, backend: str = "remote", siblings: Iterable[Nameable] = ()) -> dict[str, Any]:
        """Return what a backend would send for a query, without its key; nothing is sent.

        Raises:
            InvalidQuery: As `generate_name`.
            BackendError: The backend sends nothing at all, or nothing of this query.
        """
        beside = list(siblings)
        made = self.explain(query, backend=DEFAULT_BACKEND, siblings=beside)
        asked = self._plugins.backend(backend)
        shown = getattr(asked, "payload", None)
        if shown is None:
            raise BackendError(f"{backend} sends nothing", backend=backend)
        tools = _tools()
        request = tools.request(made.meaning, made.draft.name, 0.0)
        payload: dict[str, Any] = shown(tools.request_for(asked, request, self._outward([query, *beside], 0))[0])
        return payload

    def name_all(
        self,
        queries: Iterable[Nameable],
        *,
        backend: str | None = None,
        deadline: float | None = None,
        memory: Memory | None = None,
    ) -> list[Name | InvalidQuery]:
        """Return a name for each query, so that queries that mean different things have different names.

        Where two would share a name, the smallest difference is added on either side; queries of the same meaning keep
        one name. In the place of what is no query stands the error that says why. `deadline` is for each of them.
        """
        from .naming import name_all

        asked: list[Nameable] = []
        found: list[Meaning] = []
        problems: list[list[str]] = []
        refused: list[InvalidQuery | None] = []
        for query in queries:
            told: list[str] = []
            try:
                found.append(self._describe(query, told))
            except InvalidQuery as error:
                refused.append(error.with_traceback(None))
                continue
            asked.append(query)
            problems.append(told)
            refused.append(None)
        drafts = name_all(found, language=self._language(), style=self._style)
        outward = cache(lambda: self._outward_all(asked))
        made = [
            self._polished(_Question(*asking, self._outward(asked, place, outward)), backend, deadline, memory)
            for place, asking in enumerate(zip(asked, drafts, problems, strict=True))
        ]
        names = iter(_told_apart(made, drafts))
        return [error if error is not None else next(names) for error in refused]

    def _language(self) -> Language:
        if self._tables is None:
            self._tables = self._plugins.language(self._code)
        return self._tables

    def _outward_all(self, queries: list[Nameable]) -> list[Outward | BackendError]:
        return _tools().outward([_query_of(query) for query in queries], self._language(), self._style)

    def _outward(
        self,
        queries: list[Nameable],
        place: int,
        made: Callable[[], list[Outward | BackendError]] | None = None,
    ) -> Callable[[], Outward]:
        """Return what makes that which may be sent of one of several queries; most backends never ask for it."""

        def outward() -> Outward:
            found = (made() if made is not None else self._outward_all(queries))[place]
            if isinstance(found, BackendError):
                raise found
            return found

        return outward

    def _polished(
        self, question: _Question, backend: str | None, deadline: float | None, memory: Memory | None
    ) -> Name:
        seconds = self._deadline if deadline is None else deadline
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
            raise InvalidInput(f"deadline must be a number of seconds above 0, not {seconds!r}")
        asked = self._backend if backend is None else backend
        tools = _tools()
        if asked == tools.auto:
            asked = self._plugins.automatic()
        name = tools.polish(
            question.draft,
            asked,
            self._backend_called,
            seconds,
            question.problems,
            check=cache(question.check),
            level=self._check,
            memory=memory,
            outward=question.outward,
        )
        if self._strict and name.fallback_from is not None:
            raise BackendError(name.problems[-1], backend=name.fallback_from)
        return name

    def _backend_called(self, name: str) -> NamingBackend:
        backend = self._plugins.backend(name)
        if self._offline and not getattr(backend, "is_local", False):
            raise BackendUnavailable("it may open a socket, and only what stays offline is allowed", backend=name)
        return backend

    def describe(self, query: Nameable) -> Meaning:
        """Return what the readers understand of a query; raise `InvalidQuery` where it is none."""
        return self._describe(query, [])

    def fingerprint(self, query: Nameable) -> str:
        """Return what identifies the meaning of a query; raise `InvalidQuery` where it is none."""
        return _tools().fingerprint(self.describe(query))

    def backends(self) -> list[PluginStatus]:
        """Return what is known of each backend, format and plugin: what is ready, what is missing, what is broken."""
        return self._plugins.status()

    def _describe(self, query: Any, problems: list[str]) -> Meaning:
        meaning = _tools().read(_query_of(query), self._plugins.readers(problems.append))
        if "syntax" in meaning.unread:
            problems.append(_HALF_READ)
        return meaning._replace(caption="") if meaning.caption and not self._captions else meaning


def _query_of(query: Any) -> Any:
    if not isinstance(query, Insight | RecentInsight):
        return query
    if query.query is None:
        raise InvalidQuery(f"insight {query.id} has no query: give it one, or name it by hand")
    return query.query


def _told_apart(made: list[Name], drafts: list[Draft]) -> list[Name]:
    """Return the names with the drafts in place of those that queries of different meanings came to share."""
    while True:
        meanings: dict[str, set[Meaning]] = {}
        for name, drafted in zip(made, drafts, strict=True):
            meanings.setdefault(name.name.casefold(), set()).add(drafted.meaning)
        shared = {name for name, different in meanings.items() if len(different) > 1}
        kept = [
            _back_to(drafted, name) if name.name.casefold() in shared and name.name != drafted.name else name
            for name, drafted in zip(made, drafts, strict=True)
        ]
        if kept == made:
            return made
        made = kept  # a draft that is back may be what another query's name has become


def _back_to(drafted: Draft, name: Name) -> Name:
    problem = f"{name.backend}: {name.name!r} is the name of another query too"
    return Name(drafted.name, drafted.description, DEFAULT_BACKEND, name.backend, (*name.problems, problem))
