"""Clinic tables that were there: what is refused, with what to do, and what is taken over."""

import pytest

from tests.catalog import take_snapshot
from tests.clinic import TABLES, UNSET, convert, convert_well, copy_of, fetch
from tests.databases import login_session, owner_session


class TestRefusals:
    def test_rows_without_a_slug_are_a_refusal_that_says_what_to_set(self, database):
        done = convert(database, **UNSET)
        assert done.returncode == 1
        assert "set TENANTRY_DEFAULT_ORG_SLUG" in done.stderr
        assert fetch(database, "select name from django_migrations where app = 'tenants' order by id desc limit 1") == [
            ("0009_clinic_tables",)
        ]

    def test_an_unknown_e_mail_is_named(self, database):
        done = convert(database, TENANTRY_DEFAULT_ORG_ADMIN_EMAILS="nobody@example.org")
        assert done.returncode == 1
        assert "nobody has the e-mail nobody@example.org" in done.stderr
        assert fetch(database, "select count(*) from organizations where slug = 'all-solutions'") == [(0,)]

    def test_unknown_people_are_fine_where_nothing_waits(self, bare):
        with copy_of(bare, "nowait") as empty:
            convert_well(empty)

    def test_an_unknown_e_mail_to_revoke_is_named(self, database):
        done = convert(database, TENANTRY_REVOKE_ACCESS_EMAILS="valentin@example.org")
        assert done.returncode == 1
        assert "valentin@example.org, an e-mail that nobody has" in done.stderr

    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            ("alter table doctors alter column name type bytea using ''", "doctors.name is bytea"),
            ("alter table doctors drop column name", "doctors.name is missing"),
            ("alter table dsos add column org_id text", "dsos.org_id is there already"),
            ("alter table doctors add column name_lower text", "doctors.name_lower is there already"),
            (
                "alter table doctors drop constraint doctors_dso_id_fkey; update doctors set dso_id = gen_random_uuid()",
                "300 rows of doctors name a dso_id that is not in dsos",
            ),
            ("create table patients (dso_id uuid references dsos)", 'drop constraint "patients_dso_id_fkey"'),
            ("create policy all_of_them on dsos using (true)", 'drop policy "all_of_them"'),
        ],
    )
    def test_what_stands_against_an_adoption_is_said_before_anything_changes(self, database, damage, said):
        with owner_session(database) as session:
            session.execute(damage)
            before = take_snapshot(session)
        done = convert(database, "tenants", "0009")
        assert done.returncode == 1
        assert said in done.stderr
        with owner_session(database) as session:
            after = take_snapshot(session)
        assert {k for k in before if before[k] != after[k]} <= {"functions"}


class TestAdoption:
    def test_tables_of_another_owner_are_refused_with_what_to_type_and_then_taken(self, database):
        with login_session(database) as session:
            session.execute("grant create on schema public to tenantry")
            for table in TABLES:
                session.execute(f"alter table {table} owner to tenantry")
        done = convert(database)
        assert done.returncode == 1
        assert 'alter table "public"."dsos" owner to tenantry_owner;' in done.stderr
        with login_session(database) as session:
            session.execute(done.stderr[done.stderr.index("alter table") :])
        convert_well(database)

    def test_a_table_of_our_name_that_is_no_clinic_table_is_still_taken(self, bare):
        with copy_of(bare, "taken") as name:
            with login_session(name) as session:
                session.execute("grant create on schema public to tenantry")
                session.execute("create table dsos (number int)")
            done = convert(name)
            assert done.returncode == 1
            assert "has tables with our names already: dsos" in done.stderr

    def test_rows_that_exist_when_a_made_table_is_reversed_stay(self, bare):
        with copy_of(bare, "stay") as name:
            convert_well(name, "tenants", "0009", **UNSET)
            with owner_session(name) as session:
                session.execute("insert into dsos (name) values ('Kept')")
            convert_well(name, "tenants", "0007")
            assert fetch(name, "select name from dsos") == [("Kept",)]
            with owner_session(name) as session:
                session.execute("insert into users (email) values ('alan@example.org'), ('claudia@example.org')")
            convert_well(name, TENANTRY_REVOKE_ACCESS_EMAILS="")
            assert fetch(name, "select name from dsos where org_id is not null") == [("Kept",)]
