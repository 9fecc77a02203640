"""`guard`: who is let through afterwards and how; rights and policies that were there before."""

from collections.abc import Iterator

import pytest
from psycopg import errors

from tenants.doctor.findings import Level
from tenants.doctor.runner import examine
from tenants.models import Phase
from tests.tenants.backfill.phases.converting import Shop, old_login, refusal, shop, snapshot

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_guard") as made:
        yield made


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


def test_other_lists_put_the_guard_on_anew(made: Shop) -> None:
    made.guard()
    made.decide(keep=(made.legacy.owner,), cut=(made.legacy.app,))
    made.guard_only()
    with pytest.raises(Exception, match="permission denied"):
        made.count_as_app("orders")
    made.decide(keep=(made.legacy.owner, made.legacy.app), cut=())
    made.guard_only()
    assert made.count_as_app("orders") == 2


def test_a_view_that_everybody_may_read_refuses_the_guard(made: Shop) -> None:
    made.run("create view {s}.seen as select * from {s}.notes; create view {s}.twice as select * from {s}.seen;"
             " grant select on {s}.twice to public")  # fmt: skip
    made.constrain()
    assert "revoke all on old_guard.twice from public" in refusal(made)
    made.run("revoke all on {s}.twice from public")
    made.guard_only()
    made.run("grant select on {s}.seen to tenantry_api")
    (found,) = [f for f in examine(["views"]) if "old_guard" in f.object]
    assert found.level is Level.ERROR
    made.run(found.remedy)
    assert [f for f in examine() if f.level is Level.ERROR] == []
