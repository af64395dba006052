"""Check what an installed distribution put where: `python installed.py insights-core`, outside the checkout."""

import importlib.metadata
import sys

EXPECTED = {"insights_core", "insights_backends", "insights_app"}
APP = {
    "commands/__init__.py",
    "commands/_input.py",
    "commands/_options.py",
    "commands/_output.py",
    "commands/_sources.py",
    "commands/name.py",
    "cli.py",
    "guard.py",
    "limits.py",
    "server.py",
    "threads.py",
}

files = importlib.metadata.files(sys.argv[1]) or []
modules = [file for file in files if file.suffix == ".py" or file.name == "py.typed"]
top = {file.parts[0] for file in modules}
app = {"/".join(file.parts[1:]) for file in modules if file.parts[0] == "insights_app"}
if top != EXPECTED:
    sys.exit(f"installed top-level names are {sorted(top)}, not {sorted(EXPECTED)}")
if app != APP:
    sys.exit(f"insights_app holds {sorted(app)}, not {sorted(APP)}")
print("top-level names:", ", ".join(sorted(top)))
