"""Members of two organizations at the guarded tables of an old application, in raw SQL through the web login."""

from collections.abc import Iterator

import pytest

from tests.factories import make_member
from tests.tenants.backfill.phases.converting import Shop, shop
from tests.weblogins import WebSession
from tests.worlds import web_url

__all__ = ["web_url"]
pytestmark = [pytest.mark.django_db(transaction=True)]
TABLES = ("orders", "order_lines", "notes", "events", "events_old", "events_new", "log")
REACHED = {"events": 2, "events_old": 0, "events_new": 0}
# A whole row of each table, its organization named.
NEW = {
    "orders": "(org_id, region, no, user_id) values (%(org)s, 'x', 7, %(person)s)",
    "order_lines": "(org_id, region, no) values (%(org)s, 'n', %(person)s)",
    "notes": "(org_id, owner_id) values (%(org)s, %(person)s)",
    "events": "(org_id, at, user_id) values (%(org)s, '2026-05-05', %(person)s)",
    "log": "(org_id, user_id) values (%(org)s, %(person)s)",
}


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_attack") as made:
        made.guard()
        yield made


@pytest.fixture
def session(made: Shop, web_url: str) -> Iterator[WebSession]:
    """A member of ours, who is neither owner nor admin."""
    session = WebSession(web_url)
    member = make_member(made.ours).user
    session.enter("api", sub=member.pk, org_id=made.ours.pk)
    yield session
    session.raw.close()


def test_every_member_reads_and_writes_the_rows_of_their_org_and_no_other(made: Shop, session: WebSession) -> None:
    for table in TABLES:
        seen = session.attempt(f"select org_id from old_attack.{table}")
        changed = session.attempt(f"update old_attack.{table} set org_id = org_id")
        gone = session.attempt(f"delete from old_attack.{table}")
        if table in ("events_old", "events_new"):
            assert all("permission denied" in str(outcome.error) for outcome in (seen, changed, gone)), table
        else:
            assert {row[0] for row in seen.rows} == {made.ours.pk}, table
            assert (changed.changed, gone.changed) == (REACHED.get(table, 1),) * 2, table


@pytest.mark.parametrize("table", NEW)
def test_a_row_of_ours_goes_in_and_one_of_theirs_does_not(made: Shop, session: WebSession, table: str) -> None:
    ours, theirs = made.people
    good = session.attempt(f"insert into old_attack.{table} {NEW[table]}", {"org": made.ours.pk, "person": ours})
    assert (good.error, good.changed) == (None, 1)
    for org, person in ((made.theirs.pk, ours), (made.theirs.pk, theirs)):
        bad = session.attempt(f"insert into old_attack.{table} {NEW[table]}", {"org": org, "person": person})
        assert "row-level security" in str(bad.error)


def test_a_row_cannot_hang_on_a_parent_of_theirs(made: Shop, session: WebSession) -> None:
    values = {"org": made.ours.pk, "person": made.people[1]}
    bad = session.attempt(f"insert into old_attack.order_lines {NEW['order_lines']}", values)
    assert "order_lines_region_no_fkey" in str(bad.error)
    moved = session.attempt("update old_attack.order_lines set no = 2")
    assert "would move to another organization" in str(moved.error)


def test_who_does_not_name_an_org_writes_into_the_one_they_act_in(made: Shop, session: WebSession) -> None:
    done = session.attempt("insert into old_attack.log (line) values ('mine') returning org_id")
    assert done.rows == [(made.ours.pk,)]


def test_nobody_sees_nothing_and_empties_nothing(made: Shop, web_url: str) -> None:
    session = WebSession(web_url)
    for table in NEW:
        assert session.attempt(f"select * from old_attack.{table}").rows == []
        assert "permission denied" in str(session.attempt(f"truncate old_attack.{table} cascade").error)
    session.raw.close()


def test_what_a_member_does_is_in_the_log_under_their_name(made: Shop, session: WebSession) -> None:
    member = session.one("select auth_user_id()")
    session.run("update old_attack.orders set note = 'changed'")
    session.raw.commit()
    assert made.run(
        "select user_id, org_id, record_id, new_data->>'note' from audit_logs where table_name = 'old_attack.orders'"
        " and org_id = %s and action = 'UPDATE' and surface = 'api'",
        [made.ours.pk],
    ) == [(member, made.ours.pk, '["n", 1]', "changed")]
