"""Finds naming backends, languages and readers of query formats: built-in ones by dotted name, others by entry point.

The plugin library guards nothing by itself: one plugin that cannot be imported ends the loading of all, one that raises
ends the call of all, and a hook whose name is misspelt is passed over in silence. So each plugin is imported, registered
and called on its own here, and what is wrong with it is kept, to be shown by `insights backends`.
"""

from __future__ import annotations

import importlib
import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pluggy

from . import hookspecs
from .errors import BackendUnavailable, InvalidInput, InvalidQuery
from .language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .hookspecs import NamingBackend
    from .language.protocol import Language
    from .query.meaning import Meaning

BUILT_IN_BACKENDS = {
    "heuristic": "insights_backends.heuristic",
    "llama_cpp": "insights_backends.llama_cpp",
    "remote": "insights_backends.remote",
}

AUTO = "auto"
AUTOMATIC = ("llama_cpp",)
"""What `auto` looks for: backends that send nothing anywhere."""

LOAD_VARIABLE = "INSIGHTS_LOAD_PLUGINS"
"""Names of the entry points to load, with commas between; empty loads none, unset loads all."""

# A plugin that calls sys.exit() must not end the program that embeds the library.
_PLUGIN_FAILURES = (Exception, SystemExit)


class PluginStatus(NamedTuple):
    """What is known of a backend, a format or a plugin; a row of `insights backends`."""

    name: str
    kind: str
    """`backend`, `format` (a reader of queries), `language`, or `plugin` (one that could not be used as a whole)."""
    origin: str
    """`built-in`, or the distribution that the plugin came with."""
    state: str
    """`ready`, `not ready` (something is missing), `not installed` or `broken`."""
    detail: str = ""
    """What is wrong and what to do, in one line."""


def one_line(error: BaseException) -> str:
    """Return what an error says in one line of at most 300 characters."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text[:300]


def _backend_status(name: str, backend: NamingBackend, origin: str) -> PluginStatus:
    """Ask a backend what stands in its way, where it offers to say so."""
    try:
        missing = str(backend.missing()) if hasattr(backend, "missing") else ""
    except _PLUGIN_FAILURES as error:
        return PluginStatus(name, "backend", origin, "broken", one_line(error))
    return PluginStatus(name, "backend", origin, "not ready" if missing else "ready", missing)


class Plugins:
    """The plugins of one namer. Nothing is imported, and the environment is not scanned, before it is needed."""

    def __init__(self, given: Iterable[object] = (), *, installed: bool = True) -> None:
        self._manager = pluggy.PluginManager("insights_core")
        self._manager.add_hookspecs(hookspecs)
        self._given = tuple(given)
        self._installed = installed
        self._lock = threading.RLock()
        self._origins: dict[str, str] = {}
        self._backends: dict[str, tuple[NamingBackend, str]] = {}
        self._status: dict[tuple[str, str, str], PluginStatus] = {}
        self._asked: set[str] = set()
        self._others_loaded = False
        self._automatic: str | None = None
        self._spoken: dict[str, tuple[Language, str]] | None = None

    def backend(self, name: str) -> NamingBackend:
        """Return a backend by name; raise `BackendUnavailable` where it is unknown, broken or not installed."""
        with self._lock:
            self._load_built_in(name)
            if name not in self._backends:
                self._load_others()
            if name in self._backends:
                return self._backends[name][0]
            for status in self._status.values():
                if status.name == name and status.kind == "backend":
                    raise BackendUnavailable(f"{name} is {status.state}: {status.detail}", backend=name)
            known = ", ".join(sorted(self._backends | BUILT_IN_BACKENDS))
            raise BackendUnavailable(f"no backend is called {name}; there are {known}", backend=name)

    def language(self, code: str) -> Language:
        """Return a language by its code; raise `InvalidInput` where it is unknown."""
        import pkgutil

        if code in LANGUAGES:
            return cast("Language", pkgutil.resolve_name(LANGUAGES[code]))
        languages = self._languages()
        if code not in languages:
            known = ", ".join(sorted(LANGUAGES.keys() | languages))
            raise InvalidInput(f"no language has the code {code!r}; there are {known}")
        return languages[code][0]

    def _languages(self) -> dict[str, tuple[Language, str]]:
        """Return the languages of the plugins with the plugins' names, each plugin asked once and guarded."""
        with self._lock:
            self._load_others()
            if self._spoken is None:
                self._spoken = {}
                for implementation in self._manager.hook.insights_languages.get_hookimpls():
                    self._take_languages(implementation, self._spoken)
            return self._spoken

    def _take_languages(self, implementation: pluggy.HookImpl, languages: dict[str, tuple[Language, str]]) -> None:
        from .language.protocol import Language

        plugin = implementation.plugin_name
        try:
            for language in cast("Iterable[object]", implementation.function()):
                if not isinstance(language, Language):
                    problem = f"offers something that is no language: {language!r:.80}"
                elif language.code in LANGUAGES or language.code in languages:
                    problem = f"there is a language {language.code!r} already: it was kept"
                else:
                    languages[language.code] = (language, plugin)
                    continue
                self._tell(plugin, "plugin", self._origins[plugin], "broken", problem)
        except _PLUGIN_FAILURES as error:
            problem = f"insights_languages failed: {one_line(error)}"
            self._tell(plugin, "plugin", self._origins[plugin], "broken", problem)

    def automatic(self) -> str:
        """Return the name of the model on this machine where nothing of it is missing, else that of the rules.

        Looked for once: thousands of names in a row come from one backend.
        """
        with self._lock:
            if self._automatic is None:
                self._automatic = next(filter(self._is_ready, AUTOMATIC), "heuristic")
            return self._automatic

    def _is_ready(self, name: str) -> bool:
        try:
            return _backend_status(name, self.backend(name), "").state == "ready"
        except BackendUnavailable:
            return False

    def readers(self, report: Callable[[str], None]) -> Iterator[Callable[[Any], Meaning | None]]:
        """Yield the readers of the plugins, each guarded: where one fails, `report` is told and the next is asked."""
        with self._lock:
            self._load_others()
            implementations = self._manager.hook.insights_describe_query.get_hookimpls()
        for implementation in implementations:
            yield partial(self._read, implementation, report)

    def status(self) -> list[PluginStatus]:
        """Return what is known of every backend, format, language and plugin, after loading all of them."""
        with self._lock:
            for name in BUILT_IN_BACKENDS:
                self._load_built_in(name)
            self._load_others()
            ready = [_backend_status(name, *found) for name, found in self._backends.items()]
            formats = [
                PluginStatus(implementation.plugin_name, "format", self._origins[implementation.plugin_name], "ready")
                for implementation in self._manager.hook.insights_describe_query.get_hookimpls()
            ]
            languages = [
                PluginStatus(code, "language", self._origins[plugin], "ready")
                for code, (_, plugin) in self._languages().items()
            ]
            return ready + formats + languages + list(self._status.values())

    def _load_built_in(self, name: str) -> None:
        module_name = BUILT_IN_BACKENDS.get(name)
        if module_name is None or name in self._asked:
            return
        self._asked.add(name)
        try:
            plugin = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name == module_name:
                self._tell(name, "backend", "built-in", "not installed", "this version comes without it")
            else:
                self._tell(name, "backend", "built-in", "broken", one_line(error))
        except _PLUGIN_FAILURES as error:
            self._tell(name, "backend", "built-in", "broken", one_line(error))
        else:
            self._register(plugin, name, "built-in")

    def _load_others(self) -> None:
        if self._others_loaded:
            return
        self._others_loaded = True
        for name in BUILT_IN_BACKENDS:  # first, so that no plugin takes a name of theirs
            self._load_built_in(name)
        for plugin in self._given:
            self._register(plugin, getattr(plugin, "__name__", None) or type(plugin).__name__, "given")
        if self._installed:
            self._load_entry_points()

    def _load_entry_points(self) -> None:
        import importlib.metadata

        wanted = os.environ.get(LOAD_VARIABLE)
        names = None if wanted is None else {name.strip() for name in wanted.split(",")}
        for entry in importlib.metadata.entry_points(group=hookspecs.ENTRY_POINT_GROUP):
            if names is not None and entry.name not in names:
                continue
            origin = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"
            try:
                plugin = entry.load()
            except _PLUGIN_FAILURES as error:
                self._tell(entry.name, "plugin", origin, "broken", f"cannot be imported: {one_line(error)}")
            else:
                self._register(plugin, entry.name, origin)

    def _register(self, plugin: object, name: str, origin: str) -> None:
        try:
            self._manager.register(plugin, name)
        except _PLUGIN_FAILURES as error:
            duplicate = isinstance(error, ValueError)
            if not duplicate and self._manager.get_plugin(name) is plugin:
                self._manager.unregister(plugin, name)  # it is left half registered
            what = f"there is a plugin called {name} already" if duplicate else one_line(error)
            self._tell(name, "plugin", origin, "broken", what)
            return
        self._origins[name] = origin
        callers = self._manager.get_hookcallers(plugin) or []
        for caller in callers:
            if caller.spec is None:
                self._tell(name, "plugin", origin, "broken", f"there is no hook called {caller.name}: is it misspelt?")
        if not callers:
            self._tell(name, "plugin", origin, "broken", "it implements no hook: mark its functions with hookimpl")
        for implementation in self._manager.hook.insights_naming_backends.get_hookimpls():
            if implementation.plugin is plugin:
                self._take_backends(implementation, name, origin)

    def _take_backends(self, implementation: pluggy.HookImpl, plugin: str, origin: str) -> None:
        try:
            for backend in cast("Iterable[object]", implementation.function()):
                self._take_backend(backend, plugin, origin)
        except _PLUGIN_FAILURES as error:
            self._tell(plugin, "plugin", origin, "broken", f"insights_naming_backends failed: {one_line(error)}")

    def _take_backend(self, backend: object, plugin: str, origin: str) -> None:
        name = getattr(backend, "name", None)
        if not isinstance(backend, hookspecs.NamingBackend) or not isinstance(name, str) or not name.isidentifier():
            self._tell(
                plugin, "plugin", origin, "broken", f"offers something that is no naming backend: {backend!r:.80}"
            )
        elif name in self._backends or (name in BUILT_IN_BACKENDS and origin != "built-in"):
            self._tell(name, "backend", origin, "broken", f"there is a backend called {name} already: it was kept")
        else:
            self._backends[name] = (backend, origin)

    def _read(self, implementation: pluggy.HookImpl, report: Callable[[str], None], query: Any) -> Meaning | None:
        from .query.meaning import Meaning

        name = implementation.plugin_name
        try:
            found = implementation.function(*[query for _ in implementation.argnames])
        except InvalidQuery:
            raise
        except _PLUGIN_FAILURES as error:
            problem = f"the format plugin {name} failed: {one_line(error)}"
        else:
            if found is None or isinstance(found, Meaning):
                return found
            problem = f"the format plugin {name} returned {type(found).__name__} instead of a Meaning or None"
        self._tell(name, "format", self._origins[name], "broken", problem)
        report(problem)
        return None

    def _tell(self, name: str, kind: str, origin: str, state: str, detail: str) -> None:
        with self._lock:
            self._status[name, kind, detail] = PluginStatus(name, kind, origin, state, detail)
