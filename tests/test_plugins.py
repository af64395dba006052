"""Plugins installed for real, good and bad ones, in a folder that only the child processes see."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parent / "plugins"
ACME = '{"acme": {"count": "order_placed", "per": "country"}}'


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A function that installs plugin distributions and returns a runner of `insights` that sees them."""

    def install(*names):
        import shutil

        folder = tmp_path_factory.mktemp("site")
        sources = tmp_path_factory.mktemp("sources")
        for name in names:
            shutil.copytree(PLUGINS / name, sources / name)  # building leaves files beside the source
        options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
        command = [sys.executable, "-m", "pip", "install", *options, "--target", folder]
        subprocess.run([*command, *(sources / name for name in names)], check=True)

        def run(*arguments, text="", **environment):
            command = [
                sys.executable,
                "-c",
                "from insights_app.cli import main; main(prog_name='insights')",
                *arguments,
            ]
            return subprocess.run(
                command, input=text, capture_output=True, encoding="utf-8", timeout=60,
                env={**os.environ, "PYTHONPATH": str(folder), **environment}, check=False,
            )  # fmt: skip

        return run

    return install


@pytest.fixture(scope="session")
def good(installed):
    return installed("good")


@pytest.fixture(scope="session")
def all_of_them(installed):
    return installed("good", "bad")


def rows(run, **environment):
    result = run("backends", "--json", **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_plugin_brings_a_backend_and_a_format(good):
    found = {(row["name"], row["kind"]): row for row in rows(good)}
    assert found["lower", "backend"]["origin"] == "acme-insights 1.0"
    assert found["lower", "backend"]["state"] == "ready"
    assert found["acme", "format"]["state"] == "ready"
    named = json.loads(good("name", "--json", "--backend", "lower", text=ACME).stdout)
    assert named["backend"] == "lower"
    assert named["problems"] == []
    assert "country" in named["name"]
    assert named["name"] == named["name"].lower()


def test_a_plugin_brings_a_language(good):
    found = {(row["name"], row["kind"]): row for row in rows(good)}
    assert found["volu", "language"]["origin"] == "acme-insights 1.0"
    result = good("name", "--language", "volu", "--json", text="select avg(price) from orders")
    assert json.loads(result.stdout)["name"] == "Orderprice medika"
    refused = good("name", "--language", "xx", text="select avg(price) from orders")
    assert refused.returncode == 2
    assert refused.stderr == "Error: no language has the code 'xx'; there are en, volu\n"


def test_a_format_may_refuse_a_query_of_its_own(good):
    result = good("name", text='{"acme": {}}')
    assert result.returncode == 1
    assert result.stderr == "Error: this acme query counts nothing: give it a `count`\n"


def test_broken_plugins_are_reported_each_and_harm_nobody(all_of_them):
    found = rows(all_of_them)
    broken = {row["name"]: row["detail"] for row in found if row["state"] == "broken" and row["kind"] == "plugin"}
    assert "bad_insights_that_is_nowhere" in broken["missing"]
    assert "exploding" in broken["exploding"]
    assert "no licence found" in broken["exits"]
    assert "no hook called insights_naming_backend" in broken["misspelt"]
    assert "libacme.so" in broken["raising"]
    assert "no naming backend" in broken["wrong"]
    assert "nonsense" in broken["arguments"]
    assert "implements no hook" in broken["empty"]
    twins = {row["name"]: row for row in found if row["state"] == "broken" and row["kind"] == "backend"}
    assert set(twins) == {"heuristic", "fine"}
    ready = {row["name"]: row["origin"] for row in found if row["state"] == "ready" and row["kind"] == "backend"}
    assert ready == {
        "heuristic": "built-in",
        "llama_cpp": "built-in",
        "lower": "acme-insights 1.0",
        "fine": "bad-insights 0.1",
    }


def test_a_reader_that_fails_is_told_of_and_the_next_one_reads(all_of_them):
    named = json.loads(all_of_them("name", "--json", text=ACME).stdout)
    assert "Country" in named["name"]
    # The order of entry points is the environment's own; whichever bad reader came first left its line.
    for problem in named["problems"]:
        assert "out of cheese" in problem or "returned str" in problem
    alone = json.loads(all_of_them("name", "--json", text='{"tool": "unknown", "orders": 1}').stdout)
    assert alone["name"]
    assert any("out of cheese" in problem for problem in alone["problems"])
    assert any("returned str" in problem for problem in alone["problems"])


def test_the_environment_says_which_plugins_are_loaded(all_of_them):
    assert not [row for row in rows(all_of_them, INSIGHTS_LOAD_PLUGINS="") if row["origin"] != "built-in"]
    only = rows(all_of_them, INSIGHTS_LOAD_PLUGINS="acme")
    assert {row["origin"] for row in only} == {"built-in", "acme-insights 1.0"}


def test_a_known_query_never_scans_the_environment(all_of_them):
    query = (Path(__file__).parent.parent / "examples" / "pageviews-by-browser.json").read_text()
    result = all_of_them("name", "--json", text=query)
    assert json.loads(result.stdout)["problems"] == []
