"""Which room knows which, and what a start pays for."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ROOT / "insights_core"

# A room may import those to its left, and itself.
LAYERS = (
    ("errors",),
    ("files", "model", "moments", "terminal", "wanted", "workers"),
    ("query", "language"),
    ("arguments",),
    ("hookspecs", "inputs", "tabular"),
    ("store",),
    ("naming",),
    ("models",),
    ("plugins",),
    ("namer",),
    ("batch",),
    ("project", "keys"),
    ("facade",),
    ("testing",),
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
HEAVY = {"click", "rich", "sqlite_utils", "sqlglot", "sqlite3", "httpx2", "llama_cpp", "starlette", "hypothesis",
         "inflection", "platformdirs", "numpy", "pandas"}  # fmt: skip


def imports(path):
    """The absolute names that a module imports when it runs; what stands under TYPE_CHECKING is not run."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unrun = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(tree):
        if node in unrun:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{name}.{alias.name}" for alias in node.names)


def room(name):
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "insights_core" else None


MODULES = sorted(path for path in CORE.rglob("*.py") if path.name != "__init__.py" or path.parent != CORE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CORE)))
def test_imports_go_one_way(path):
    own = path.relative_to(CORE).parts[0].removesuffix(".py")
    if own == "reference":
        assert {room(name) for name in imports(path)} <= {None, "errors"}, (
            "the reference shares no code with what it judges"
        )
        return
    for name in imports(path):
        assert not name.startswith(("insights_backends", "insights_app", "click"))
        if (used := room(name)) in LEVEL and used != own:
            assert LEVEL[used] < LEVEL[own], f"{own} imports {name}"


def test_every_room_has_its_place():
    rooms = {path.relative_to(CORE).parts[0].removesuffix(".py") for path in MODULES}
    assert rooms - {"reference"} == set(LEVEL)


def test_every_folder_is_in_the_wheel():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in CORE.rglob("*.py")}
    assert folders == {name for name in packages if name.startswith("insights_core")}


@pytest.mark.parametrize("path", sorted((ROOT / "backends").glob("*.py")), ids=lambda path: path.name)
def test_a_backend_knows_the_public_names_alone(path):
    inner = [name for name in imports(path) if name.startswith("insights_core") and name.count(".") > 1]
    assert inner == []


def loaded_by(code):
    script = f"import sys; before = set(sys.modules); {code}; print('\\n'.join(set(sys.modules) - before))"
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    return set(printed.split("\n"))


@pytest.mark.parametrize(
    ("code", "paid"),
    [
        ("import insights_core", set()),
        ("from insights_app.cli import main; main(['--help'], standalone_mode=False)", {"click"}),
        (
            "import insights_core; insights_core.Namer().generate_name({'kind': 'TrendsQuery', 'series': [{'event': 'a'}]})",
            set(),
        ),
        ("import insights_core; insights_core.Namer().generate_name('SELECT a FROM b')", {"sqlglot"}),
        ("import insights_core; insights_core.Insights.memory()", {"sqlite3", "sqlite_utils"}),
    ],
)
def test_what_is_heavy_is_paid_on_first_use(code, paid):
    modules = loaded_by(code)
    # Inflection of words and the libraries that sqlite_utils brings along are no concern of this test.
    assert modules & HEAVY - {"inflection", "click", "numpy", "pandas"} == paid - {"click"}
    if not paid & {"click", "sqlite_utils"}:
        assert "click" not in modules


def test_naming_a_known_query_scans_no_environment():
    code = (
        "import importlib.metadata as m; m.entry_points = None; import insights_core; "
        "print(insights_core.Namer().generate_name({'kind': 'TrendsQuery', 'series': [{'event': 'a'}]}).problems)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "()\n"


def test_the_exported_names_are_what_is_bound():
    import insights_core

    bound = {
        name for name, value in vars(insights_core).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("insights_core")
    }  # fmt: skip
    assert sorted(bound) == insights_core.__all__ == sorted(insights_core.__all__)
