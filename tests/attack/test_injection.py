"""SQL injected into an API request of an ordinary member: what it can type, and that it gets nothing by it."""

from collections.abc import Iterator

import pytest
from django.db import connection

from postgres.roles import API, BATCH, OWNER, SERVICE, STAFF
from tests.weblogins import Outcome, WebSession, web_session
from tests.worlds import Worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(worlds: Worlds) -> Iterator[WebSession]:
    """A member of our organization, inside a request."""
    with web_session(worlds.url) as session:
        session.enter("api", sub=worlds.ours.people["member"].pk, org_id=worlds.ours.org.pk)
        yield session


@pytest.mark.parametrize("role", [STAFF, SERVICE, "none"])
@pytest.mark.parametrize("table", ["users", "org_members", "organizations", "stores", "audit_logs", "django_session"])
def test_a_select_that_takes_a_role_inside_itself_sees_no_foreign_row(role, table, session, worlds):
    theirs = [str(worlds.theirs.org.pk), *(str(p.pk) for p in worlds.theirs.people.values())]
    outcome = session.attempt(
        f"with taken as materialized (select set_config('role', '{role}', true) as role)"
        f" select to_jsonb(t)::text from taken cross join lateral (select * from {table} where taken.role <> '') t"
    )
    assert outcome.refused or not any(owner in row[0] for row in outcome.rows for owner in theirs)


# Functions of PostgreSQL that plan a text when they are called, so that policies of the role just taken apply.
# Not every server is built with XML; ts_stat counts the rows of any query on all of them.
LATE_QUERIES = {
    "query_to_xml": "select query_to_xml('select 1 as seen from {table}', false, false, left(taken.role, 0))",
    "ts_stat": "select max(word) from"
    " ts_stat('select array_to_tsvector(array[''seen'']) from {table}' || left(taken.role, 0))",
}


def query_late(session: WebSession, way: str, role: str, table: str) -> Outcome:
    query = LATE_QUERIES[way].replace("{table}", table)
    taking = f"with taken as materialized (select set_config('role', '{role}', true) as role)"
    return session.attempt(f"{taking} select ({query})::text from taken")


@pytest.mark.parametrize("way", LATE_QUERIES)
@pytest.mark.parametrize("role", [STAFF, SERVICE, "none"])
@pytest.mark.parametrize(
    "table", ["users", "django_session", "private.claims_keys", "private.trusted_logins", "private.vault_secrets"]
)
def test_a_query_planned_after_the_role_was_taken_sees_nothing(way, role, table, session):
    outcome = query_late(session, way, role, table)
    assert outcome.error or "seen" not in str(outcome.rows[0][0]), outcome


def test_a_query_planned_late_does_see_what_the_role_may_see(session):
    """So that the tests above prove something."""
    assert query_late(session, "ts_stat", API, "stores").rows == [("seen",)]


def test_claims_chosen_inside_a_select_are_nobody(session, worlds):
    claims = f'{{"sub":"{worlds.theirs.owner.pk}","org_id":"{worlds.theirs.org.pk}","surface":"api"}}'
    query = "select array_to_tsvector(array[''seen'']) from stores"
    outcome = session.attempt(
        "with chosen as materialized (select set_config('request.jwt.claims', %s, true) as claims)"
        f" select (select max(word) from ts_stat('{query}' || left(chosen.claims, 0))) from chosen",
        [claims],
    )
    assert outcome.rows == [(None,)]


def private_functions() -> list[tuple[str, str]]:
    """Every function of ours that the API role may not execute, with a call that names its argument types."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.oid::regprocedure::text, format('%%I.%%I(%%s)', n.nspname, p.proname, array_to_string("
            " array(select 'null::' || format_type(t, null) from unnest(p.proargtypes) t), ', '))"
            " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " where n.nspname in ('public', 'private') and not has_function_privilege(%s, p.oid, 'EXECUTE')"
            " and p.prorettype <> 'trigger'::regtype",
            [API],
        )
        return list(cursor.fetchall())


# All that a web process may call in schema private, whatever its role.
CALLABLE = {
    "private.enter_scope(text)",
    "private.visible_dsos()",
    "private.visible_people()",
    # What the acting one was answered under a key of theirs; encrypted, and nobody else's.
    "private.claim_request(text,text)",
    "private.keep_answer(text,text,text)",
    # Behind the faces of the same name in the exposed schema.
    "private.auth_claims()",
    "private.auth_memberships()",
    "private.get_user_active_org(uuid)",
    "private.log_event(text,uuid,text,text,jsonb)",
    "private.set_user_active_org(uuid,uuid)",
}
SERVICE_ONLY = {
    "private.join_invited": "gen_random_uuid(), 'x', 'x'",
    "private.provision_org": "gen_random_uuid(), 'x', 'x'",
    "private.open_vault": "gen_random_uuid(), gen_random_uuid()",
    "private.add_vault_key": "gen_random_uuid(), 'x', 'x'",
    "private.store_integration_credential": "gen_random_uuid(), gen_random_uuid(), 1, 1, 'x', 'x'",
    "private.get_integration_credential": "gen_random_uuid(), gen_random_uuid(), 'x'",
    "private.revoke_integration_credential": "gen_random_uuid(), gen_random_uuid()",
}


def test_the_functions_of_schema_private_are_refused_but_for_known_ones(session):
    functions = private_functions()
    assert len(functions) > 10
    for name, call in functions:
        outcome = session.attempt(f"select {call}")
        assert outcome.refused, f"{name}: {outcome}"
    callable_here = session.run(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'private' and has_function_privilege(p.oid, 'EXECUTE')"
    )
    assert {row[0] for row in callable_here} == CALLABLE


@pytest.mark.parametrize("name", sorted(SERVICE_ONLY))
def test_functions_of_the_service_want_service_claims(name, session):
    session.run("select set_config('role', %s, true)", [SERVICE])
    outcome = session.attempt(f"select {name}({SERVICE_ONLY[name]})")
    assert outcome.refused
    assert "service scope" in outcome.words()


def test_no_function_of_ours_is_executable_by_the_public_but_the_key_maker():
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace,"
            " aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g"
            " where n.nspname in ('public', 'private') and g.grantee = 0"
        )
        assert [row[0] for row in cursor.fetchall()] == ["new_id()"]


def test_every_function_of_ours_pins_its_search_path():
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " where n.nspname in ('public', 'private')"
            " and not coalesce(p.proconfig, '{}') && array['search_path=pg_catalog, pg_temp']"
        )
        assert cursor.fetchall() == []


def test_nobody_chooses_an_organization_for_somebody_else(session, worlds):
    for person in (worlds.ours.owner, worlds.theirs.owner):
        call = "select set_user_active_org(%s, %s)"
        for org in (worlds.ours.org, worlds.theirs.org):
            outcome = session.attempt(call, [person.pk, org.pk])
            assert outcome.error, "chosen for somebody else"
            assert outcome.words().startswith("no such organization among the active memberships")
        assert session.one("select get_user_active_org(%s)", [person.pk]) is None


def test_nobody_chooses_an_organization_they_are_not_in(session, worlds):
    me = worlds.ours.people["member"].pk
    # The first call of a session has a line of context more, whatever it asks for.
    session.attempt("select set_user_active_org(%s, gen_random_uuid())", [me])
    theirs = session.attempt("select set_user_active_org(%s, %s)", [me, worlds.theirs.org.pk])
    missing = session.attempt("select set_user_active_org(%s, gen_random_uuid())", [me])
    assert theirs.error
    assert theirs.words() == missing.words()


def test_an_event_cannot_be_logged_for_another_organization(session, worlds):
    session.run("select log_event('forged_event', %s, 'users', 'x', '{\"a\": 1}')", [worlds.theirs.org.pk])
    session.raw.commit()
    with connection.cursor() as cursor:
        cursor.execute("select org_id, actor, surface from audit_logs where action = 'forged_event'")
        mine = worlds.ours.people["member"].pk
        assert cursor.fetchall() == [(worlds.ours.org.pk, f"user:{mine}", "api")]


def test_staff_of_one_organization_log_no_event_for_another(worlds):
    with web_session(worlds.url) as session:
        session.enter("console", sub=worlds.ours.people["staff"].pk, org_id=worlds.ours.org.pk)
        session.run("select log_event('forged_by_staff', %s)", [worlds.theirs.org.pk])
        session.raw.commit()
    with connection.cursor() as cursor:
        cursor.execute("select org_id from audit_logs where action = 'forged_by_staff'")
        assert cursor.fetchall() == [(worlds.ours.org.pk,)]


@pytest.mark.parametrize("action", ["INSERT", "DELETE", "x", "", "sign in"])
def test_an_event_cannot_look_like_a_row_change(action, session):
    assert session.attempt("select log_event(%s)", [action]).error


def test_nobody_logs_events_without_claims(worlds):
    with web_session(worlds.url) as nobody:
        assert nobody.attempt("select log_event('forged_event')").refused


@pytest.mark.parametrize(
    "statement",
    [
        "create table public.mine (id int)",
        "create table private.mine (id int)",
        "create schema mine",
        "create function public.mine() returns int language sql return 1",
        "create view public.mine as select 1",
        "create temporary table users (id int)",
        "create temporary view stores as select 1",
        "create function pg_temp.auth_org_id() returns uuid language sql return gen_random_uuid()",
        "create type public.mine as (a int)",
        "create sequence public.mine",
        "create policy mine on stores using (true)",
        "create trigger mine after insert on stores for each row execute function handle_new_user()",
        "alter table stores disable row level security",
        "alter table stores owner to current_user",
        "drop table stores",
        "create extension if not exists dblink",
        "create publication mine for all tables",
        "copy stores to program 'true'",
        "select setval('auth_group_id_seq', 1)",
        "set session_replication_role = replica",
    ],
)
@pytest.mark.parametrize("role", [API, STAFF, SERVICE, "none"])
def test_nothing_is_created_altered_or_granted(statement, role, session):
    session.run("select set_config('role', %s, true)", [role])
    outcome = session.attempt(statement)
    assert outcome.error, f"{statement} as {role}"


@pytest.mark.parametrize("role", [API, STAFF, SERVICE, "none"])
def test_rights_cannot_be_passed_on(role, session):
    """PostgreSQL answers with a warning, and grants nothing."""
    session.run("select set_config('role', %s, true)", [role])
    read_rights = "select relacl::text from pg_class where oid = 'users'::regclass"
    before = session.one(read_rights)
    session.attempt("grant select on users to public")
    session.run("savepoint granted")
    try:
        session.run("grant select on users to public")
    except Exception:
        session.run("rollback to savepoint granted")
    assert session.one(read_rights) == before


def test_a_search_path_of_ones_own_changes_no_decision(session, worlds):
    session.run("select set_config('search_path', 'pg_temp, pg_catalog', true)")
    assert session.one("select public.auth_org_id()") == worlds.ours.org.pk
    assert session.one("select count(*) from public.stores where org_id <> %s", [worlds.ours.org.pk]) == 0


def test_temporary_objects_are_looked_for_last(session):
    assert session.one("show search_path") == "public, pg_temp"


def test_other_connections_statements_show_no_ticket(session, worlds):
    """The login can read the statements of its own other connections: tickets must not be among them."""
    session.run("set local role none")
    shown = session.one("select string_agg(query, ' ') from pg_stat_activity where usename = session_user") or ""
    assert "exp" not in shown
    assert str(worlds.theirs.owner.pk) not in shown


def test_the_statistics_of_guarded_tables_are_hidden(session):
    assert session.one("select count(*) from pg_stats where tablename in ('users', 'stores', 'org_members')") == 0


@pytest.mark.parametrize("setting", ["tenantry.job", "tenantry.reason", "tenantry.batch_id"])
def test_the_log_does_not_believe_the_owners_settings_of_others(setting, worlds):
    value = "00000000-0000-0000-0000-0000000000aa"
    with web_session(worlds.url) as session:
        session.enter("api", sub=worlds.ours.owner.pk, org_id=worlds.ours.org.pk)
        session.run("select set_config(%s, %s, true)", [setting, value])
        session.run("update stores set name = %s", [setting])
        row = session.run("select actor, reason, batch_id from audit_logs where new_data ->> 'name' = %s", [setting])
        assert row
        assert all(value not in map(str, r) for r in row)


def test_provisioning_into_an_organization_is_the_owners(worlds):
    with web_session(worlds.url) as session:
        session.enter("service", reason="sign-up")
        session.run("select set_config('tenantry.provision', %s, true)", [f"org:{worlds.theirs.org.pk}"])
        outcome = session.attempt("insert into users (email) values ('intruder@example.org')")
        assert outcome.error
        assert outcome.error.sqlstate == "22023"


@pytest.mark.parametrize("role", [OWNER, BATCH])
def test_the_web_login_is_no_member_of_the_roles_that_own_and_write_batches(role, session):
    assert session.one("select pg_has_role(session_user, %s, 'MEMBER')", [role]) is False
