"""Generated references say what the code says."""

import io

import pytest
from django.core.management import CommandError, call_command

from config import reference
from config.reference import our_commands, read_variables, render_commands, render_settings, stale_pages, variables_read


def test_the_committed_pages_are_current():
    assert [path.name for path in stale_pages()] == [], "type: manage.py reference --write"


def test_every_variable_that_is_read_is_explained_and_no_other():
    assert {variable.name for variable in read_variables()} == variables_read()


def test_every_variable_has_a_meaning_but_those_whose_name_says_it():
    assert {v.name for v in read_variables() if not v.meaning} == {"PORT", "HOST", "GUNICORN_LOG_LEVEL"}


def test_every_variable_and_command_is_on_its_page():
    settings, commands = render_settings(), render_commands()
    assert all(f"| `{variable.name}` |" in settings for variable in read_variables())
    assert all(f"\n## {name}\n" in commands for name in our_commands())


def test_every_command_and_option_of_ours_says_what_it_is_for():
    assert [name for name, command in our_commands().items() if not command.help] == []
    assert "` |  |" not in render_commands()


def test_a_page_that_is_not_current_fails_the_check_and_is_written(tmp_path, monkeypatch):
    page = tmp_path / "docs" / "settings.md"
    monkeypatch.setattr(reference, "PAGES", {page: render_settings})
    monkeypatch.setattr("config.management.commands.reference.REPOSITORY", tmp_path)
    with pytest.raises(CommandError, match=r"Not current: docs/settings\.md\. Type: manage\.py reference --write"):
        call_command("reference", check=True)
    call_command("reference", write=True, stdout=io.StringIO())
    assert page.read_text(encoding="utf-8") == render_settings()
    call_command("reference", check=True, stdout=io.StringIO())
