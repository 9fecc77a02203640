"""The catalog of a migrated database: every table is closed, commented and owned by the owner role."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from audit.models import AuditLog

TABLES = "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
LOG = AuditLog._meta.db_table
# All of them in `private`; docs/decisions/0012-definer-functions.md says of each why.
DEFINERS = {
    "add_vault_key",
    "applied_migrations",
    "auth_claims",
    "auth_memberships",
    "claim_request",
    "count_attempt",
    "custom_access_token_hook",
    "enter_scope",
    "forget_attempts",
    "get_integration_credential",
    "get_user_active_org",
    "join_invited",
    "keep_answer",
    "log_event",
    "open_vault",
    "provision_org",
    "revoke_integration_credential",
    "rows_without_month",
    "set_user_active_org",
    "store_integration_credential",
    "visible_dsos",
    "visible_people",
}


def ask(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall()


@pytest.fixture(autouse=True)
def migrated(db):
    """These look at the database as `migrate` left it."""


def test_every_table_has_row_level_security_enabled_and_forced():
    for schema in ("public", "private"):
        assert (
            ask(
                "select c.relname from pg_class c where c.relnamespace = %s::regnamespace and c.relkind in ('r', 'p')"
                " and not (c.relrowsecurity and c.relforcerowsecurity)",
                [schema],
            )
            == []
        ), schema


def test_every_table_lets_its_owner_through_by_a_policy():
    found = ask(
        f"select relname from ({TABLES}) t where not exists (select from pg_policies p"
        " where p.tablename = relname and 'tenantry_owner' = any(p.roles) and p.policyname ~ '^tenantry_owner_')"
    )
    assert found == []


def test_only_the_log_restricts_its_owner():
    found = ask(
        f"select relname from ({TABLES}) t where not exists (select from pg_policies p where p.tablename ="
        " relname and p.policyname = 'tenantry_owner_all')"
    )
    assert all(name.startswith(LOG) for (name,) in found)
    assert (LOG,) in found


def test_every_object_belongs_to_the_owner_role():
    for catalog, owner, name, space in (
        ("pg_class", "relowner", "relname", "relnamespace"),
        ("pg_proc", "proowner", "proname", "pronamespace"),
    ):
        assert (
            ask(
                f"select {name} from {catalog} where {space} in ('public'::regnamespace, 'private'::regnamespace)"
                f" and pg_get_userbyid({owner}) <> 'tenantry_owner'"
            )
            == []
        )


def test_no_policy_is_for_everyone():
    assert ask("select tablename, policyname from pg_policies where 'public' = any(roles)") == []


def test_nobody_but_our_roles_holds_a_grant():
    assert (
        ask(
            "select distinct grantee, table_name from information_schema.role_table_grants"
            " where table_schema in ('public', 'private') and grantee not like 'tenantry\\_%'"
        )
        == []
    )


def test_every_grant_has_a_policy_and_every_policy_a_grant():
    granted = ask(
        "select table_name, grantee, privilege_type from information_schema.role_table_grants"
        " where table_schema = 'public' and grantee <> 'tenantry_owner' union"
        " select table_name, grantee, privilege_type from information_schema.role_column_grants"
        " where table_schema = 'public' and grantee <> 'tenantry_owner'"
    )
    allowed = ask("select tablename, unnest(roles)::text, cmd from pg_policies where schemaname = 'public'")
    assert set(granted) == {row for row in allowed if row[1] != "tenantry_owner"}


def test_no_role_holds_truncate_references_or_trigger():
    assert (
        ask(
            "select grantee, table_name, privilege_type from information_schema.role_table_grants"
            " where table_schema in ('public', 'private') and grantee <> 'tenantry_owner'"
            " and privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')"
        )
        == []
    )


@pytest.mark.parametrize("label", settings.TENANTRY_APPS)
def test_every_table_of_ours_says_in_the_database_what_it_holds(label):
    for model in apps.get_app_config(label).get_models():
        assert ask("select obj_description(%s::regclass, 'pg_class')", [model._meta.db_table])[0][0], model._meta.label


def test_every_foreign_key_has_an_index_that_begins_with_it():
    found = ask(
        "select c.conrelid::regclass::text, c.conname from pg_constraint c where c.contype = 'f'"
        " and c.connamespace = 'public'::regnamespace and not exists (select from pg_index i"
        " where i.indrelid = c.conrelid and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)"
    )
    assert found == []


def test_every_unique_of_an_org_table_holds_the_organization():
    found = ask(
        "select i.indexrelid::regclass::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid"
        " and a.attname = 'org_id' where i.indisunique and i.indrelid in"
        " (select oid from pg_class where relnamespace = 'public'::regnamespace) and not a.attnum = any(i.indkey)"
    )
    assert found == []


def test_no_function_runs_as_its_owner_with_a_search_path_of_its_callers():
    assert (
        ask(
            "select proname from pg_proc where prosecdef and pronamespace in ('public'::regnamespace,"
            " 'private'::regnamespace) and not coalesce(proconfig::text, '') like '%search_path=pg_catalog, pg_temp%'"
        )
        == []
    )


def test_no_function_in_the_exposed_schema_lends_the_rights_of_its_owner_to_web_roles():
    assert ask_definers("public") == set()


def test_the_private_functions_that_lend_web_roles_the_rights_of_their_owner_are_known():
    assert ask_definers("private") == DEFINERS


def ask_definers(schema):
    found = ask(
        "select distinct p.proname from pg_proc p, (values ('tenantry_api'), ('tenantry_staff'),"
        " ('tenantry_service')) as web (r) where p.prosecdef and p.pronamespace = %s::regnamespace"
        " and has_function_privilege(r, p.oid, 'execute')",
        [schema],
    )
    return {name for (name,) in found}


def test_no_view_runs_as_its_owner():
    assert (
        ask(
            "select relname from pg_class where relkind = 'v' and relnamespace in ('public'::regnamespace,"
            " 'private'::regnamespace) and not coalesce(reloptions::text, '') like '%security_invoker=true%'"
        )
        == []
    )
