"""What the pages tell people to type exists, and what they link to is there."""

import re
from collections.abc import Iterator

import pytest
from django.core.management import get_commands

from config.conversion.arguments import VERBS
from config.embedded.places import REPOSITORY

PAGES = sorted([REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *(REPOSITORY / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(REPOSITORY)) for page in PAGES]


def read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def code_in(text: str) -> Iterator[str]:
    """Blocks and inline code: prose may say "make sure"."""
    yield from re.findall(r"```.*?```", text, re.DOTALL)
    yield from re.findall(r"`[^`\n]+`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_that_a_page_names_exists(name):
    named = {target for code in code_in(read(name)) for target in re.findall(r"(?:^|[\s`])make ([a-z-]+)", code)}
    assert named <= make_targets()


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_a_page_names_exists(name):
    named = {command for code in code_in(read(name)) for command in re.findall(r"manage\.py ([a-z_]+)", code)}
    assert named <= {*get_commands(), "help"}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", re.sub(r"```.*?```", "", read(name), flags=re.DOTALL))
    local = [target for target in targets if not target.startswith(("https://", "http://"))]
    page = REPOSITORY / name
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_a_page_names_in_code_exists(name):
    """`tenants/scope.py` and the like; what a how-to tells to make is not there yet."""
    planned = {"tenants/models/suppliers.py", "tenants/admin/suppliers.py"}
    named = set(re.findall(r"`((?:config|accounts|tenants|audit|postgres|tests|docs)/[\w./-]+)`", read(name)))
    assert {path for path in named - planned if not (REPOSITORY / path).exists()} == set()


def test_every_verb_of_a_conversion_that_a_page_names_exists_and_is_explained():
    known = {verb.name for verb in VERBS}
    line = r"backfill_org_ids ([a-z]+)"
    named = {verb for name in NAMES for code in code_in(read(name)) for verb in re.findall(line, code)}
    assert named <= known
    assert known <= {v for code in code_in(read("docs/converting.md")) for v in re.findall(line, code)}


def test_the_readme_names_the_two_commands_and_shows_the_console():
    readme = read("README.md")
    assert "make run" in readme
    assert "make test" in readme
    assert "docs/images/console.png" in readme


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_place_on_somebodys_machine(name):
    assert not re.search(r"/(?:home|work|root|Users|tmp)/", read(name))
