"""What the documents show is run, so that it cannot rot."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/conformance.md", "docs/embedding.md")


def blocks(document, language):
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def transcript(block):
    """Pairs of a command and what it prints."""
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = step.partition("\n")
        yield command, output


@pytest.fixture
def elsewhere(tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Terminal:
    """Runs commands one after the other, as a person would; what ends with & runs until the terminal is closed."""

    def __init__(self, folder, environment):
        self._settings = {"cwd": folder, "env": environment, "stdin": subprocess.DEVNULL, "encoding": "utf-8"}
        self._running = []

    def type(self, command):
        """Return what a command prints; of one that goes on, the first line."""
        if not command.endswith("&"):
            done = subprocess.run(command, shell=True, capture_output=True, check=False, **self._settings)
            return done.stdout + done.stderr
        command = f"exec {command.removesuffix('&')}"  # so that the process is the command's, not a shell's
        process = subprocess.Popen(command, shell=True, stderr=subprocess.PIPE, **self._settings)
        first = process.stderr.readline()
        # What it goes on to print must not fill the pipe.
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        self._running.append((process, reader))
        return first

    def close(self):
        """End what still runs, and return the exit codes."""
        for process, reader in self._running:
            process.terminate()
            reader.join()
            process.stderr.close()
        return [process.wait(60) for process, _ in self._running]


def test_the_transcripts_of_the_readme_are_true(elsewhere):
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "INSIGHTS_DB": str(elsewhere / "readme.db"),
        "INSIGHTS_USER": "ann",
    }
    port = str(free_port())
    steps = [step for block in blocks("README.md", "console") for step in transcript(block)]
    assert len(steps) >= 8
    terminal = Terminal(elsewhere, environment)
    try:
        for shown, promised in steps:
            command, expected = (text.replace("8000", port) for text in (shown, promised))
            printed = terminal.type(command)
            # An ellipsis stands for what differs from run to run, or is long. Bodies over HTTP have no line end.
            pattern = ".*?".join(re.escape(part) for part in expected.rstrip("\n").split("…"))
            assert re.fullmatch(pattern, printed.rstrip("\n"), flags=re.DOTALL), f"$ {command}\n{printed}"
    finally:
        ended = terminal.close()
    assert ended == [0]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_python_of_the_documents_runs(document, elsewhere, monkeypatch):
    monkeypatch.chdir(elsewhere)
    found = blocks(document, "python")
    assert found
    for block in found:
        exec(compile(block, document, "exec"), {"__name__": "example"})


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
