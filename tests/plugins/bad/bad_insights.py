"""Everything that a plugin can get wrong; `exploding` is missing on purpose."""

from types import SimpleNamespace

from insights_core import hookimpl


class _Backend:
    keeps_deadline = True

    def __init__(self, name: str) -> None:
        self.name = name

    def propose(self, request: object) -> str:
        return str(request)


@hookimpl
def _insights_naming_backend() -> list[_Backend]:
    return []


@hookimpl
def _raising_backends() -> list[_Backend]:
    raise OSError("libacme.so: cannot open shared object file")


@hookimpl
def _raising_reader(query: object) -> None:
    raise RuntimeError("out of cheese")


@hookimpl
def _wrong_backends() -> list[object]:
    return [_Backend("fine"), "not a backend"]


@hookimpl
def _wrong_reader(query: object) -> str:
    return "not facts"


@hookimpl
def _twin_backends() -> list[_Backend]:
    return [_Backend("heuristic"), _Backend("fine")]


@hookimpl
def _odd_reader(query: object, nonsense: object) -> None:
    return None


misspelt = SimpleNamespace(insights_naming_backend=_insights_naming_backend)
raising = SimpleNamespace(insights_naming_backends=_raising_backends, insights_describe_query=_raising_reader)
wrong = SimpleNamespace(insights_naming_backends=_wrong_backends, insights_describe_query=_wrong_reader)
twin = SimpleNamespace(insights_naming_backends=_twin_backends)
arguments = SimpleNamespace(insights_describe_query=_odd_reader)
empty = SimpleNamespace()
