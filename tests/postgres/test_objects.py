"""SQL objects: one file each, which says what it is for and what it makes, and which the database agrees with."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from postgres.drift import read_definition
from postgres.objects import HEADER, InstallSql, MalformedObject, all_objects, read_object, sql_folder

OBJECTS = {f"{found.app}/{found.name}": found for found in all_objects()}


def ask(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def run(*arguments):
    out = StringIO()
    call_command("sql_objects", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("name", OBJECTS)
def test_a_file_begins_with_its_purpose_and_its_object(name):
    found = OBJECTS[name]
    assert HEADER.match(found.text)
    assert re.match(r"[A-Z].{15,}[^ ]", found.purpose)
    kind, _, rest = found.identity.partition(" ")
    assert kind in ("function", "trigger", "view", "table", "schema")
    assert rest.split("(")[0].split(" on ")[0].split(".")[-1] in found.text


@pytest.mark.parametrize("name", [name for name, found in OBJECTS.items() if found.identity.startswith("function")])
def test_a_function_is_named_as_its_file_and_makes_one_object(name):
    found = OBJECTS[name]
    # `public_x` is the face in the exposed schema of `private.x`.
    public = found.name.startswith("public_")
    assert found.identity.startswith("function {schema}." if public else ("function {schema}.", "function private."))
    assert f".{found.name.removeprefix('public_')}(" in found.identity
    assert len(re.findall(r"^create ", found.text, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", [name for name, found in OBJECTS.items() if found.identity.startswith("function")])
def test_a_function_pins_its_search_path_and_has_its_body_in_the_database(db, name):
    found = OBJECTS[name]
    assert "set search_path = pg_catalog, pg_temp" in found.text
    identity = found.identity.removeprefix("function ").replace("{schema}", "public")
    assert ask("select prosrc from pg_proc where oid = to_regprocedure(%s)", [identity]) == found.body()


def test_no_function_of_ours_is_executable_by_everyone_but_the_one_that_makes_ids(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.proname from pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)"
            " and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0)) order by 1"
        )
        assert cursor.fetchall() == [("new_id",)]


def test_every_file_is_installed_by_a_migration(db):
    text = "".join(
        path.read_text()
        for app in ("audit", "tenants", "accounts")
        for path in sql_folder(app).parent.glob("migrations/*.py")
    )
    assert [name for name, found in OBJECTS.items() if f'"{found.name}"' not in text] == []


def test_database_and_files_agree(db):
    assert run("--check") == "Every SQL object is as its file says.\n"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "create or replace function private.uuid_or_null(value text) returns uuid language sql"
            " as 'select null::uuid'",
            "audit/sql/uuid_or_null.sql: changed",
        ),
        ("alter function auth_org_id() security definer", "audit/sql/auth_org_id.sql: changed"),
        ("grant execute on function log_event to public", "audit/sql/public_log_event.sql: changed"),
        ("grant select on private.claims_keys to public", "audit/sql/claims_keys.sql: changed"),
        ("grant select on private.chain_links to public", "audit/sql/chain_links.sql: changed"),
        ("drop trigger handle_new_user on users", "tenants/sql/handle_new_user_trigger.sql: missing"),
        ("alter table users disable trigger handle_new_user", "handle_new_user_trigger.sql: changed"),
        ("alter table private.claims_keys no force row level security", "audit/sql/claims_keys.sql: changed"),
        ("alter table private.audit_seals disable trigger refuse_change", "audit/sql/audit_seals.sql: changed"),
        ("drop trigger refuse_change on private.audit_retired", "audit/sql/audit_retired.sql: changed"),
        ("drop policy tenantry_owner_insert on private.audit_seals", "audit/sql/audit_seals.sql: changed"),
    ],
)
def test_drift_is_shown_and_installing_ends_it(db, damage, said):
    with connection.cursor() as cursor:
        cursor.execute(damage)
    assert said in run()
    with pytest.raises(CommandError, match=r"1 SQL objects differ.*--install"):
        run("--check")
    assert "Installed 1." in run("--install")
    assert run("--check").startswith("Every SQL object")


def test_looking_for_drift_changes_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute("drop trigger handle_new_user on users")
        run()
        assert read_definition(cursor, OBJECTS["tenants/handle_new_user_trigger"]) is None


def test_an_operation_installs_and_reverses_in_the_opposite_order(db):
    operation = InstallSql("tenants", ["handle_new_user", "handle_new_user_trigger"])
    with connection.schema_editor() as editor:
        operation.database_backwards("tenants", editor, None, None)
        assert ask("select to_regproc('handle_new_user')") is None
        operation.database_forwards("tenants", editor, None, None)
    assert ask("select count(*) from pg_trigger where tgname = 'handle_new_user'") == 1


def test_a_file_without_its_header_is_refused_by_name(tmp_path, monkeypatch):
    (tmp_path / "odd.sql").write_text("create table odd ();")
    monkeypatch.setattr("postgres.objects.sql_folder", lambda app: tmp_path)
    with pytest.raises(MalformedObject, match=r"audit/sql/odd\.sql must begin with"):
        read_object("audit", "odd")
