"""What the documents show is run, so that it cannot rot."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/embedding.md")


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


def test_the_transcripts_of_the_readme_are_true(elsewhere):
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "INSIGHTS_DB": str(elsewhere / "readme.db"),
        "INSIGHTS_USER": "ann",
    }
    steps = [step for block in blocks("README.md", "console") for step in transcript(block)]
    assert len(steps) >= 8
    for command, expected in steps:
        result = subprocess.run(
            command, shell=True, cwd=elsewhere, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        # An ellipsis stands for what differs from run to run: times and short ids.
        pattern = ".*?".join(re.escape(part) for part in expected.split("…"))
        assert re.fullmatch(pattern, result.stdout + result.stderr, flags=re.DOTALL), (
            f"$ {command}\n{result.stdout}{result.stderr}"
        )


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
