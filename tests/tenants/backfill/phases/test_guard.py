"""`guard`: who is let through afterwards, how, and what refuses to begin."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection
from psycopg import errors

from tenants.backfill.errors import PhaseRefused
from tenants.doctor.findings import Level
from tenants.doctor.runner import examine
from tenants.models import Phase
from tests.catalog import take_snapshot
from tests.tenants.backfill.phases.converting import Shop, old_login, shop

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_guard") as made:
        yield made


def refusal(made: Shop) -> str:
    with pytest.raises(PhaseRefused) as refused:
        made.guard_only()
    return str(refused.value)


def snapshot() -> dict[str, set[tuple[object, ...]]]:
    class Session:
        def execute(self, query: str) -> object:
            cursor = connection.cursor()
            cursor.execute(query)
            return cursor

    return take_snapshot(Session())


def test_a_kept_role_works_as_before_through_a_real_login(made: Shop) -> None:
    made.guard()
    with old_login(made.legacy, made.legacy.app) as login:
        assert login.execute("select count(*) from old_guard.orders").fetchone() == (2,)
        login.execute("insert into old_guard.notes (owner_id, body) values (%s, 'new')", [made.people[1]])
        assert login.execute("update old_guard.events set what = 'new'").rowcount == 4
        assert login.execute("delete from old_guard.orders where no = 1").rowcount == 1
    assert made.run("select org_id from {s}.notes where body = 'new'") == [(made.theirs.pk,)]
    assert made.run("select count(*) from {s}.order_lines") == [(1,)]


def test_a_cut_role_may_not_even_look(made: Shop) -> None:
    made.decide(keep=(made.legacy.owner,), cut=(made.legacy.app,))
    made.guard()
    with old_login(made.legacy, made.legacy.app) as login, pytest.raises(errors.InsufficientPrivilege):
        login.execute("select count(*) from old_guard.orders")


def test_an_owner_that_was_cut_sees_no_row_and_its_foreign_keys_work(made: Shop) -> None:
    """Foreign keys are checked with the owner's rights: without them nobody could write."""
    made.decide(keep=(made.legacy.app,), cut=(made.legacy.owner,))
    made.guard()
    with old_login(made.legacy, made.legacy.owner) as login:
        assert login.execute("select count(*) from old_guard.orders").fetchone() == (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            login.execute("insert into old_guard.notes (owner_id) values (%s)", [made.people[0]])
    made.legacy.run_as_app("insert into {s}.order_lines (region, no) values ('n', 2)")


def test_undecided_roles_are_named_with_the_lines_to_add(made: Shop) -> None:
    made.decide(keep=(made.legacy.app,))
    made.run("grant select on {s}.notes to public")
    made.constrain()
    said = refusal(made)
    assert f'[tables."old_guard.orders"]: keep = ["{made.legacy.app}", "{made.legacy.owner}"], cut = []' in said
    assert 'cut = ["public"]' in said
    assert said.count("neither in keep nor in cut") == 5
    assert made.table("notes").phase == Phase.CONSTRAIN


def test_public_cannot_be_kept(made: Shop) -> None:
    made.run("grant select on {s}.notes to public")
    made.decide_table("notes", keep=(made.legacy.app, made.legacy.owner, "public"))
    made.constrain()
    assert "public cannot be kept, for our own roles are part of it" in refusal(made)


def test_a_role_that_ours_are_members_of_cannot_be_kept(made: Shop) -> None:
    made.constrain()
    made.run(f"grant {made.legacy.app} to tenantry_api")
    assert "cannot be kept, for one of our own roles is a member of it" in refusal(made)


def test_an_old_policy_for_everybody_does_not_open_the_table(made: Shop) -> None:
    made.run("create policy anybody on {s}.notes using (true); alter table {s}.notes enable row level security")
    made.guard()
    policies = made.run("select policyname, roles::text from pg_policies where schemaname = 'old_guard'")
    assert ("kept_anybody", f"{{{made.legacy.app}}}") in policies
    assert "anybody" not in [name for name, _roles in policies]


def test_a_kept_role_under_row_security_sees_what_it_saw_and_no_more(made: Shop) -> None:
    made.run(
        "create policy own on {s}.notes using (body = current_setting('shop.body', true));"
        " create policy less on {s}.notes as restrictive using (owner_id > 0);"
        " alter table {s}.notes enable row level security"
    )
    made.run("insert into {s}.notes (owner_id, body) values (%s, 'mine')", [made.people[0]])
    with old_login(made.legacy, made.legacy.app) as login, old_login(made.legacy, made.legacy.owner) as owner:
        login.execute("set shop.body = 'mine'")
        for step in (made.constrain, made.guard_only, made.guard_only):
            step()
            assert login.execute("select count(*) from old_guard.notes").fetchone() == (1,)
            assert owner.execute("select count(*) from old_guard.notes").fetchone() == (3,)


def test_policies_that_meant_nothing_do_not_begin_to(made: Shop) -> None:
    made.run(f"create policy closed on {{s}}.notes as restrictive to {made.legacy.app} using (false)")
    made.guard()
    assert made.count_as_app("notes") == 2


def test_rollback_gives_back_policies_grants_keys_and_flags_to_the_letter(made: Shop) -> None:
    made.run(
        "create policy anybody on {s}.notes using (true) with check (body <> 'no');"
        " alter table {s}.notes enable row level security;"
        f" create policy asleep on {{s}}.orders for select to {made.legacy.app} using (no > 0);"
        f" grant select (body), update (body) on {{s}}.notes to public;"
        f" grant select on {{s}}.log to {made.legacy.app} with grant option;"
        f" grant select on {{s}}.events_old to {made.legacy.app}"
    )
    made.decide(cut=("public",))
    made.constrain()
    before = snapshot()
    made.guard_only()
    made.roll_back(Phase.CONSTRAIN)
    after = snapshot()
    assert {kind: after[kind] ^ before[kind] for kind in before if after[kind] != before[kind]} == {}


def test_rights_that_a_cut_role_passed_on_stay_with_those_who_are_kept(made: Shop) -> None:
    legacy = made.legacy
    made.run(f"grant select on {{s}}.log to {legacy.app} with grant option")
    bi = f"{legacy.app}_bi"
    made.run(f"create role {bi}; grant {bi} to current_user; grant usage on schema {{s}} to {bi}")
    try:
        made.legacy.run_as_app(f"grant select on {{s}}.log to {bi}")
        made.decide_table("log", keep=(legacy.owner, bi), cut=(legacy.app,))
        made.guard()
        with old_login(legacy, bi) as login:
            assert login.execute("select count(*) from old_guard.log").fetchone() == (2,)
    finally:
        made.run(f"drop owned by {bi}; drop role {bi}")


def test_no_row_moves_to_another_organization(made: Shop) -> None:
    made.guard()
    with pytest.raises(IntegrityError, match=r"this row of old_guard.notes would move to another organization"):
        made.legacy.run_as_app("update {s}.notes set owner_id = %s where id = 1", [made.people[1]])
    with pytest.raises(IntegrityError, match="org_id is immutable"):
        made.run("update {s}.notes set org_id = %s where id = 1", [made.theirs.pk])


def test_a_row_cannot_point_into_another_organization(made: Shop) -> None:
    made.guard()
    with pytest.raises(IntegrityError, match="order_lines_region_no_fkey"):
        made.run("insert into {s}.order_lines (org_id, region, no) values (%s, 'n', 2)", [made.ours.pk])


def test_rows_that_do_already_refuse_the_guard_with_the_query(made: Shop) -> None:
    made.run("alter table {s}.notes add column order_region text, add column order_no int,"
             " add foreign key (order_region, order_no) references {s}.orders")  # fmt: skip
    made.run("update {s}.notes set order_region = 'n', order_no = 3 - id")
    made.constrain()
    said = refusal(made)
    (query,) = [part.split(";")[0] for part in said.split("See them: ")[1:]]
    assert len(made.run(query.replace("%", "%%"))) == 2


def test_a_trigger_that_is_called_like_ours_is_not_replaced(made: Shop) -> None:
    made.run(
        "create function {s}.f() returns trigger language plpgsql as 'begin return new; end';"
        " create trigger audit_notes before insert on {s}.notes for each row execute function {s}.f()"
    )
    made.constrain()
    assert 'alter trigger "audit_notes" on old_guard.notes rename to' in refusal(made)


def test_a_function_that_is_called_like_ours_keeps_its_trigger(made: Shop) -> None:
    made.run(
        "create function {s}.set_updated_at() returns trigger language plpgsql as"
        " 'begin new.changed := new.changed + 1; return new; end'; create trigger touch before update on {s}.notes"
        " for each row execute function {s}.set_updated_at()"
    )
    made.guard()
    before = made.run("select sum(changed) from {s}.notes")[0][0]
    made.run("update {s}.notes set body = 'x'")
    assert made.run("select sum(changed) from {s}.notes") == [(before + 2,)]


def test_other_lists_put_the_guard_on_anew(made: Shop) -> None:
    made.guard()
    made.decide(keep=(made.legacy.owner,), cut=(made.legacy.app,))
    made.guard_only()
    with pytest.raises(Exception, match="permission denied"):
        made.count_as_app("orders")
    made.decide(keep=(made.legacy.owner, made.legacy.app), cut=())
    made.guard_only()
    assert made.count_as_app("orders") == 2


def test_the_doctor_has_nothing_to_object(made: Shop) -> None:
    made.guard()
    assert [f for f in examine() if f.level is Level.ERROR] == []


def test_the_log_knows_rows_by_any_key_and_no_secrets(made: Shop) -> None:
    made.run("alter table {s}.notes add column api_token text default 'hush', add column tokens_used int default 3")
    said = [getattr(event, "sentence", "") for event in made.guard()]
    assert "the log never has the values of api_token" in said
    for table, column in (("orders", "no"), ("events", "user_id"), ("log", "user_id"), ("notes", "id")):
        made.legacy.run_as_app(f"delete from {{s}}.{table} where {column} = 1")
    log = made.run(
        "select table_name, record_id, org_id, old_data from audit_logs where table_name like 'old\\_guard.%%'"
        " and org_id in (%s, %s)",
        [made.ours.pk, made.theirs.pk],
    )
    ids = {table: record for table, record, _org, _old in log}
    assert ids["old_guard.orders"] == '["n", 1]'
    assert ids["old_guard.notes"] == "1"
    assert ids["old_guard.log"].startswith("row:")
    assert {org for _table, _record, org, _old in log} == {made.ours.pk}
    assert "hush" not in str(log)
    assert '"tokens_used": 3' in str(log)


def test_partitions_are_no_way_past_their_parent(made: Shop) -> None:
    made.guard()
    grants = made.run(
        "select grantee from information_schema.role_table_grants where table_schema = 'old_guard'"
        " and table_name in ('events_old', 'events_new') and grantee like 'tenantry\\_%%'"
    )
    assert {row[0] for row in grants} == {"tenantry_owner"}
    assert made.run(
        "select count(*) from pg_class where relnamespace = '{s}'::regnamespace and relname like 'events\\_%%'"
        " and relkind = 'r' and relrowsecurity and relforcerowsecurity"
    ) == [(2,)]


KEYS = """
create table {s}.people (id bigint generated by default as identity primary key, email text);
create table {s}.teams (id bigint primary key, user_id bigint, code text, unique (id, code));
create table {s}.tasks (id bigint primary key, user_id bigint, team_id bigint references {s}.teams on delete set null
    on update cascade deferrable initially deferred, spare bigint references {s}.teams on update set null,
    team_code text, foreign key (team_id, team_code) references {s}.teams (id, code) match full,
    parent bigint references {s}.tasks on delete cascade);
"""


@pytest.fixture
def keyed(transactional_db: None) -> Iterator[Shop]:
    with shop("old_keys", {"teams": "user:user_id", "tasks": "user:user_id"}, KEYS) as made:
        yield made


def test_keys_that_hold_org_id_do_what_they_did(keyed: Shop) -> None:
    keyed.run("insert into {s}.teams values (1, 1, 'a'), (2, 2, 'b'), (3, 1, 'c'); insert into {s}.tasks values"
              " (1, 1, 1, 3, 'a', null), (2, 1, 1, null, 'a', 1), (3, 2, 2, 2, 'b', null)")  # fmt: skip
    keyed.guard()
    definitions = dict(keyed.run("select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f'"
                                 " and conrelid = '{s}.tasks'::regclass"))  # fmt: skip
    assert (
        "ON UPDATE CASCADE ON DELETE SET NULL (team_id) DEFERRABLE INITIALLY DEFERRED"
        in (definitions["tasks_team_id_fkey"])
    )
    # One emptied on update, and one that matches in full, stay beside those that hold the organization.
    assert {name for name in definitions if name.endswith("_by_org")} == {
        "tasks_spare_fkey_by_org",
        "tasks_team_id_team_code_fkey_by_org",
    }
    keyed.run("update {s}.teams set id = 30 where id = 3")
    assert keyed.run("select spare from {s}.tasks where id = 1") == [(None,)]
    keyed.run("update {s}.tasks set team_code = null, team_id = null; delete from {s}.tasks where id = 1")
    assert keyed.run("select id, org_id from {s}.tasks") == [(3, keyed.theirs.pk)]
    assert [f for f in examine() if f.level is Level.ERROR] == []
    keyed.roll_back(Phase.START)
    found = dict(
        keyed.run(
            "select conname, convalidated from pg_constraint where contype = 'f' and conrelid = '{s}.tasks'::regclass"
        )
    )
    names = ["tasks_parent_fkey", "tasks_spare_fkey", "tasks_team_id_fkey", "tasks_team_id_team_code_fkey"]
    assert found == dict.fromkeys(names, True)
