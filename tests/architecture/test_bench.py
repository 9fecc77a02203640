"""Every measurement can be started as `make bench` starts it, says how, and is described."""

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT

PROGRAMS = sorted(path.name for path in (ROOT / "bench").glob("[!_]*.py"))
DESCRIBED = (ROOT / "docs" / "benchmarks.md").read_text()


@pytest.mark.parametrize("name", PROGRAMS)
class TestEveryBench:
    def test_says_how_it_is_started(self, name):
        assert f"usage: python bench/{name}" in (ROOT / "bench" / name).read_text()

    def test_says_what_it_was_given_wrong_before_it_makes_anything(self, name):
        done = subprocess.run([sys.executable, f"bench/{name}", "ten"], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode != 0
        assert "ten" in done.stderr
        assert "Traceback" not in done.stderr

    def test_stands_in_the_document(self, name):
        assert f"`bench/{name}" in DESCRIBED

    def test_finds_what_it_imports_from_a_file_of_its_own(self, name):
        load = f"import runpy; runpy.run_path({str(ROOT / 'bench' / name)!r}, run_name='bench_program')"
        done = subprocess.run([sys.executable, "-I", "-c", load], capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stderr
