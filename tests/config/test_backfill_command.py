"""`manage.py backfill_org_ids` says what to type, and refuses in sentences."""

import io
import json
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.conversion.arguments import VERBS
from config.conversion.endings import resume_line
from config.conversion.files import write_text
from config.conversion.settings import read_window

COMMAND = "backfill_org_ids"
PLAN = 'schemas = ["nowhere_at_all"]\n'


def say(*arguments: str) -> str:
    out = io.StringIO()
    call_command(COMMAND, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = tmp_path / "conversion.toml"
    path.write_text(PLAN, encoding="utf-8")
    return str(path)


@pytest.mark.django_db
def test_without_a_verb_it_says_that_there_is_nothing_to_do_or_what():
    assert "othing to convert" in say() or "Next:" in say()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["plan", "run", "guard", "cutover", "release", "verify"])
def test_a_schema_that_is_not_there_is_refused_with_the_line(plan: str, verb: str):
    with pytest.raises(CommandError, match=r"conversion\.toml:1: .*nowhere_at_all"):
        say(verb, "--plan", plan)


@pytest.mark.django_db
def test_a_plan_that_is_not_there_names_the_command_that_writes_one(tmp_path: Path):
    with pytest.raises(CommandError, match="backfill_org_ids discover"):
        say("plan", "--plan", str(tmp_path / "none.toml"))


@pytest.mark.django_db
def test_a_plan_whose_name_holds_a_space_is_named_as_it_has_to_be_typed(tmp_path: Path):
    path = tmp_path / "my plan.toml"
    with pytest.raises(CommandError) as refused:
        say("plan", "--plan", str(path))
    assert shlex.split(str(refused.value).splitlines()[0])[-1] == str(path)
    with connection.cursor() as cursor:
        cursor.execute("create schema spaced; create table spaced.notes (id int primary key, user_id int)")
    said = say("discover", "--schema", "spaced", "--plan", str(path))
    assert shlex.split(said.splitlines()[-1])[-1] == str(path)


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["run", "plan", "rollback"])
def test_a_machine_reads_how_it_ended_in_the_last_line(tmp_path: Path, verb: str):
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"There is no .*none\.toml"):
        call_command(COMMAND, "--json", verb, "--plan", str(tmp_path / "none.toml"), stdout=out)
    last = json.loads(out.getvalue().splitlines()[-1])
    assert (last["event"], last["done"]) == ("end", False)
    assert "none.toml" in last["error"]


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["status", "pause", "resume", "quarantine"])
def test_a_conversion_that_is_not_there_is_a_sentence(verb: str):
    with pytest.raises(CommandError, match="There is no conversion 999"):
        say(verb, "--run", "999")


def test_every_verb_has_its_place_in_the_command():
    for verb in VERBS:
        with pytest.raises((CommandError, SystemExit)) as ended:
            say(verb.name, "--no-such-option")
        assert "invalid choice" not in str(ended.value)


def test_the_line_to_go_on_with_repeats_what_was_asked():
    options = {"verb": "run", "plan": Path("c.toml"), "workers": 3, "batch_ms": 50, "until": "fill", "only": ["a.b"]}
    assert resume_line(options) == ("manage.py backfill_org_ids run --plan c.toml --until fill --workers 3 --only a.b")


@pytest.mark.parametrize("text", ["22", "22:00", "25:00-06:00", "a-b"])
def test_a_window_that_is_none_is_refused(text: str):
    with pytest.raises(CommandError, match="22:00-06:00"):
        read_window(text)


def test_a_plan_that_cannot_be_written_leaves_the_old_one(tmp_path: Path):
    old = tmp_path / "folder"
    old.mkdir()
    with pytest.raises(CommandError, match="cannot be written"):
        write_text(old, "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]
