"""Every pattern of the product takes time that grows with the text alone."""

import ast
import importlib
import re
from pathlib import Path

import pytest
from linear_patterns import problems

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    [
        *ROOT.glob("insights_core/**/*.py"),
        *ROOT.glob("backends/*.py"),
        *ROOT.glob("commands/*.py"),
        ROOT / "cli.py",
        ROOT / "server.py",
    ]
)
AT_ONE_PLACE = {"match", "fullmatch"}
CALLS = {"compile", "search", "match", "fullmatch", "findall", "finditer", "split", "sub", "subn"}
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def module_of(path):
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    if parts[0] == "backends":
        parts[0] = "insights_backends"
    return ".".join(parts if parts[0].startswith("insights_") else ["insights_app", *parts])


def uses():
    """The methods that are called on each name, anywhere: `_WORD.findall(…)`."""
    found = {}
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.setdefault(node.value.id, set()).add(node.attr)
    return found


def text_of(node):
    """The pattern that is written in a call; a value that is put in stands as one letter."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join("x" if isinstance(part, ast.FormattedValue) else part.value for part in node.values)
    return None


def found_patterns():
    used = uses()
    for path, tree in TREES.items():
        where = str(path.relative_to(ROOT))
        named = {
            target.id
            for node in tree.body if isinstance(node, ast.Assign)
            for target in node.targets if isinstance(target, ast.Name)
        }  # fmt: skip
        calls = [
            node for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in CALLS
        ]  # fmt: skip
        if not calls:
            continue
        module = importlib.import_module(module_of(path))
        top = {name: value for name, value in vars(module).items() if isinstance(value, re.Pattern) and name in named}
        for name, pattern in top.items():
            methods = used.get(name, set()) & CALLS or CALLS
            yield pytest.param(pattern.pattern, pattern.flags, methods, id=f"{where}:{name}")
        assigned = {id(node.value) for node in tree.body if isinstance(node, ast.Assign)}
        for call in calls:
            if id(call) not in assigned:
                text = text_of(call.args[0])
                methods = CALLS if call.func.attr == "compile" else {call.func.attr}
                yield pytest.param(text, 0, methods, id=f"{where}:{call.lineno}")


PATTERNS = list(found_patterns())


@pytest.mark.parametrize(("pattern", "flags", "methods"), PATTERNS)
def test_every_pattern_is_linear(pattern, flags, methods):
    assert pattern is not None, "write the pattern where it is used, or as a constant of its module"
    assert problems(pattern, flags, searched=bool(methods - AT_ONE_PLACE), whole="fullmatch" in methods) == []


def test_the_patterns_are_found():
    assert len(PATTERNS) > 60


SLOW = [
    r"(?:a+)*b",
    r"(?:a|a)*b",
    r"(?:a|ab?)*c",
    r"(?:a?)*b",
    r"\s*\s*x",
    r"\d+\.?\d+x",
    r".*,.*;",
    r"a.*?b.*?c",
    r"\s+$",
    r"\s+as\s+x",
    r"/\*.*?\*/",
    r"'(?:[^']|'')*'",
    r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\(|;)*(?:with|select)\b",
    r"\s--\s*(?P<label>[^\n]+)$",
    r"([$A-Za-z_][\w$.]*)(?![\w$.]*\s*\()",
    r"x(?=.*y)",
    r"(\w+)\1\w+;",
    r"(?i:K+)[\u212ak]*x",
]
LINEAR = [
    r"\d+",
    r"\b\w+=",
    r"(?<!\s)\s++$",
    r"(?<![ab])(?:a++|b)*+c",
    r"(?<!\d)\d+\.\d+",
    r"'(?:[^']|'')*+'?",
    r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?",
    r"--[^\n]*",
    r"[^\W_]+(?:'[^\W_]+)*",
    r"\s{1,20}as\s{1,20}x",
]


@pytest.mark.parametrize("pattern", SLOW)
def test_a_slow_pattern_is_told(pattern):
    assert problems(pattern, re.DOTALL | re.IGNORECASE)


@pytest.mark.parametrize("pattern", LINEAR)
def test_a_linear_pattern_is_let_pass(pattern):
    assert problems(pattern) == []


def test_what_has_to_end_with_the_text_can_fail_there():
    assert problems(r"\w*\s*", searched=False) == []
    assert problems(r"\w*_*", searched=False) == []
    assert problems(r"\w*_*", searched=False, whole=True)
