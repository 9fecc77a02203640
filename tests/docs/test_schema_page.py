"""`docs/schema.sql` is what stands, and every policy, index and column of note in it is explained."""

import io
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.management.commands import schema_reference
from config.schema_page.rendering import explain_policy, render_schema, strip, tidy

pytestmark = pytest.mark.django_db


def ask(statement: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {row[0] for row in cursor.fetchall()}


def test_the_committed_page_is_current():
    assert schema_reference.PAGE.read_text(encoding="utf-8") == render_schema(), (
        "type: manage.py migrate && manage.py schema_reference --write"
    )


def test_every_table_policy_and_index_is_on_it():
    page = render_schema()
    tables = ask(
        "select format('create table %s%s (', case nspname when 'private' then 'private.' else '' end, relname)"
        " from pg_class c join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'private')"
        " and relkind in ('r', 'p') and not relispartition"
    )  # fmt: skip
    policies = ask(
        "select format('create policy %s on %s%s for ', policyname,"
        " case schemaname when 'private' then 'private.' else '' end, tablename) from pg_policies"
        " where schemaname in ('public', 'private')"
        " and not exists (select from pg_class where relname = tablename and relispartition)"
    )  # fmt: skip
    assert len(tables) > 30
    assert [t for t in tables if t not in page] == []
    assert [p for p in policies if p not in page] == []


def test_every_policy_and_every_index_has_a_sentence_before_it():
    lines = render_schema().splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if line.startswith(("create policy", "create index", "create unique index")) and not before.startswith("-- ")
    ]
    assert bare == []
    assert not any("that meet its condition" in line for line in lines), "explain this kind of policy"


def test_a_database_that_differs_fails_the_check(tmp_path, monkeypatch):
    monkeypatch.setattr(schema_reference, "PAGE", tmp_path / "schema.sql")
    monkeypatch.setattr(schema_reference, "REPOSITORY", tmp_path)
    with pytest.raises(CommandError, match="schema_reference --write"):
        call_command("schema_reference", check=True)
    call_command("schema_reference", write=True, stdout=io.StringIO())
    call_command("schema_reference", check=True)
    with connection.cursor() as cursor:
        cursor.execute("comment on column stores.name is 'Over the door.'")
    with pytest.raises(CommandError, match="schema_reference --write"):
        call_command("schema_reference", check=True)


def test_texts_in_quotes_are_left_as_they_are():
    assert tidy("CHECK ((a = ANY (ARRAY['UPPER'::text, 'x']))) ON public.\"B C\"") == (
        "check ((a = any (array['UPPER'::text, 'x']))) on \"B C\""
    )
    assert strip("((a) AND (b))") == "(a) and (b)"


def test_a_policy_is_explained_by_who_what_and_which_rows():
    said = explain_policy("r", "tenantry_api", "(org_id = (select auth_org_id())) and auth_user_role() = 'owner'", "")
    assert said == "A client may read rows of the organization of its claims, as owner."
