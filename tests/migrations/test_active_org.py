"""Requirement 1 as its users run it: a database with people in it, migrated forwards, back, and forwards again."""

import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.management import call_command

from tests.catalog import take_snapshot
from tests.databases import django_on, owner_session, scratch_database

# One worker for the module: its fixture is made once.
pytestmark = pytest.mark.xdist_group("active_org")


BEFORE, AFTER = "0003_profile_functions", "0008_active_org_functions"
BACKFILL = "accounts.0007_active_org_backfill"
# Two memberships of one moment: the smaller id was there first.
EARLIER, LATER = uuid.UUID(int=1), uuid.UUID(int=2)
# person -> [(organization, state, joined_at, id of the membership)], and the organization that must be chosen
PEOPLE: dict[str, tuple[list[tuple[str, str, str | None, uuid.UUID | None]], str | None]] = {
    "several": ([("a", "active", "2021-01-01", None), ("b", "active", "2020-01-01", None)], "b"),
    "none": ([], None),
    "pending": ([("a", "pending", None, None)], None),
    "inactive": ([("a", "inactive", "2019-01-01", None)], None),
    "inactive-then-active": ([("a", "inactive", "2019-01-01", None), ("c", "active", "2022-01-01", None)], "c"),
    "pending-and-active": ([("a", "pending", None, None), ("c", "active", "2022-01-01", None)], "c"),
    "tie": ([("a", "active", "2020-01-01", LATER), ("b", "active", "2020-01-01", EARLIER)], "b"),
    "suspended-first": ([("s", "active", "2018-01-01", None), ("a", "active", "2020-01-01", None)], "a"),
    "suspended-only": ([("s", "active", "2018-01-01", None)], None),
}
CHOSEN = "select u.email, o.slug from users u left join organizations o on o.id = u.active_org_id"


def insert_people(session: psycopg.Connection[Any]) -> None:
    """Organizations with their owners, and people who (being staff) were given none of their own."""
    for slug in ("a", "b", "c", "s"):
        session.execute("insert into users (email) values (%s)", [f"{slug}@example.org"])
        session.execute(
            "update organizations set slug = %s, status = %s where created_by_id ="
            " (select id from users where email = %s)",
            [f"org-{slug}", "suspended" if slug == "s" else "active", f"{slug}@example.org"],
        )
    for person, (memberships, _chosen) in PEOPLE.items():
        email = f"{person}@example.org"
        session.execute("insert into users (email, is_staff) values (%s, true)", [email])
        for slug, state, joined_at, member_id in memberships:
            session.execute(
                "insert into org_members (id, org_id, user_id, state, joined_at) select coalesce(%s, new_id()), o.id,"
                " u.id, %s, %s from organizations o, users u where o.slug = %s and u.email = %s",
                [member_id, state, joined_at, f"org-{slug}", email],
            )


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """There, back, and there again, once; what was seen at every stop."""
    seen = SimpleNamespace()
    with django_db_blocker.unblock(), scratch_database("active_org") as database, django_on(database):
        call_command("migrate", "accounts", BEFORE, verbosity=0)
        with owner_session(database) as session:
            insert_people(session)
            seen.before = take_snapshot(session)
            call_command("migrate", "accounts", AFTER, verbosity=0)
            seen.chosen = dict(session.execute(CHOSEN).fetchall())
            seen.after = take_snapshot(session)
            seen.actors = session.execute(
                "select distinct actor from audit_logs where table_name = 'users' and new_data ? 'active_org_id'"
            ).fetchall()
            call_command("migrate", "accounts", BEFORE, verbosity=0)
            seen.back = take_snapshot(session)
            seen.jobs = session.execute("select job from private.batch_jobs").fetchall()
            seen.people = session.execute("select count(*) from users").fetchone()
            call_command("migrate", "accounts", AFTER, verbosity=0)
            seen.again = take_snapshot(session)
            seen.chosen_again = dict(session.execute(CHOSEN).fetchall())
            # Clients call the functions by their faces, which came later.
            call_command("migrate", "accounts", "0015_public_faces", verbosity=0)
            yield SimpleNamespace(session=session, **vars(seen))


class TestBackfill:
    @pytest.mark.parametrize("person", PEOPLE)
    def test_everybody_gets_their_earliest_active_membership(self, story, person):
        chosen = PEOPLE[person][1]
        assert story.chosen[f"{person}@example.org"] == (chosen and f"org-{chosen}")

    def test_who_owns_an_organization_gets_it_unless_it_is_suspended(self, story):
        assert {s: story.chosen[f"{s}@example.org"] for s in "abcs"} == {
            "a": "org-a",
            "b": "org-b",
            "c": "org-c",
            "s": None,
        }

    def test_the_log_names_the_job(self, story):
        assert story.actors == [(f"system:{BACKFILL}",)]

    def test_on_the_way_back_nothing_is_left(self, story):
        for kind in story.before:
            assert story.back[kind] == story.before[kind], kind
        assert story.jobs == []
        assert story.people == (len(PEOPLE) + 4,)

    def test_the_second_time_gives_the_same(self, story):
        assert story.again == story.after
        assert story.chosen_again == story.chosen


class TestSqlChecks:
    """The queries of requirement 1, with our names in `public`."""

    def test_the_column_is_a_nullable_uuid(self, story):
        found = story.session.execute(
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = 'users' AND column_name = 'active_org_id'"
        ).fetchall()
        assert found == [("active_org_id", "uuid", "YES")]

    def test_members_have_their_columns(self, story):
        columns = [d.name for d in story.session.execute("SELECT * FROM public.org_members LIMIT 1").description]
        assert {"user_id", "org_id", "joined_at"} <= set(columns)

    def test_both_functions_are_there(self, story):
        found = story.session.execute(
            "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = 'public'"
            " AND routine_name IN ('set_user_active_org', 'get_user_active_org') ORDER BY routine_name"
        ).fetchall()
        assert found == [("get_user_active_org", "FUNCTION"), ("set_user_active_org", "FUNCTION")]

    def test_the_index_is_there_and_valid(self, story):
        found = story.session.execute(
            "SELECT indexname, i.indisvalid FROM pg_indexes JOIN pg_index i ON i.indexrelid = indexname::regclass"
            " WHERE tablename = 'users' AND indexname = 'idx_users_active_org'"
        ).fetchall()
        assert found == [("idx_users_active_org", True)]

    def test_the_key_refuses_what_is_no_organization(self, story):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            story.session.execute("update users set active_org_id = gen_random_uuid()")

    def test_the_key_is_validated(self, story):
        found = story.session.execute(
            "select convalidated, confdeltype::text from pg_constraint where conname = 'fk_users_active_org_id'"
        ).fetchall()
        assert found == [(True, "n")]

    def test_deleting_the_organization_leaves_nobody_pointing_at_it(self, story):
        with story.session.transaction(force_rollback=True):
            story.session.execute(
                "update organizations set status = 'deleting', deleting_since = now() where slug = 'org-b'"
            )
            story.session.execute("delete from organizations where slug = 'org-b'")
            chosen = dict(story.session.execute(CHOSEN).fetchall())
            assert chosen["several@example.org"] is None


class TestFunctions:
    def get(self, story, person):
        return story.session.execute(
            "select o.slug from users u left join organizations o on o.id = get_user_active_org(u.id)"
            " where u.email = %s",
            [f"{person}@example.org"],
        ).fetchone()[0]

    def choose(self, story, person, slug):
        story.session.execute(
            "select set_user_active_org(u.id, o.id) from users u, organizations o where u.email = %s and o.slug = %s",
            [f"{person}@example.org", slug],
        )

    @pytest.fixture(autouse=True)
    def undone(self, story):
        with story.session.transaction(force_rollback=True):
            yield

    def test_a_choice_is_kept(self, story):
        self.choose(story, "several", "org-a")
        assert self.get(story, "several") == "org-a"

    def test_who_has_chosen_nothing_gets_their_earliest_active_membership(self, story):
        story.session.execute("update users set active_org_id = null")
        assert self.get(story, "tie") == "org-b"
        assert self.get(story, "none") is None

    @pytest.mark.parametrize(
        "staleness",
        [
            "delete from org_members m using users u where m.user_id = u.id and u.email = 'several@example.org'"
            " and m.org_id = u.active_org_id",
            "update org_members m set state = 'inactive' from users u where m.user_id = u.id"
            " and u.email = 'several@example.org' and m.org_id = u.active_org_id",
            "update organizations set status = 'suspended' where slug = 'org-b'",
        ],
    )
    def test_a_stale_choice_falls_back(self, story, staleness):
        assert self.get(story, "several") == "org-b"
        story.session.execute(staleness)
        assert self.get(story, "several") == "org-a"

    @pytest.mark.parametrize(
        ("person", "slug"),
        [("several", "org-c"), ("pending", "org-a"), ("inactive", "org-a"), ("suspended-only", "org-s")],
    )
    def test_only_an_active_membership_of_an_active_organization_can_be_chosen(self, story, person, slug):
        with pytest.raises(psycopg.errors.CheckViolation, match="no such organization"), story.session.transaction():
            self.choose(story, person, slug)
