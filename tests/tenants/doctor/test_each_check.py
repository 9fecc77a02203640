"""Every check notices what it is for, and its remedy mends it."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from audit.partitions import make_log_partitions
from postgres.objects import read_object
from tenants.doctor.checks import Check, all_checks, choose_checks
from tenants.doctor.findings import Finding
from tenants.doctor.runner import beside_expected, compare, examine, run_check
from tests.tenants.doctor.breaks import Break
from tests.tenants.doctor.breaks_in_rights import IN_RIGHTS
from tests.tenants.doctor.breaks_in_tables import IN_TABLES

MENDED_BY_SQL = [*IN_TABLES, *IN_RIGHTS]
pytestmark = pytest.mark.django_db
# Broken in tests of their own below: their remedy is a command, or a question to a person.
MENDED_OTHERWISE = {
    "tables",
    "partition_months",
    "null_org_rows",
    "cross_org_rows",
    "unguarded_tables",
    "server_version",
    # tests/tenants/vault/test_doctor.py.
    "vault_keys",
    # Where tables are converted: tests/tenants/backfill/phases/test_guard_doctor.py.
    "converted_tables",
    "kept_roles",
}


def run_as_login(statements: str) -> None:
    """As the owning login in psql; what only works alone is done without that."""
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute("set local search_path = public")
        cursor.execute(statements.replace(" concurrently", ""), None)
        cursor.execute("set local role tenantry_owner")


def find(check: str, where: str) -> list[Finding]:
    return [f for f in examine([check]) if where in f.object]


@pytest.mark.parametrize("broken", MENDED_BY_SQL, ids=str)
def test_the_doctor_notices_and_its_remedy_mends(broken: Break) -> None:
    changed_seal = read_object("audit", "seal").create_sql().replace("desc limit 1", "limit 1")
    checks = choose_checks([broken.check])
    with beside_expected() as cursor:
        run_as_login(broken.sql.replace("{changed_seal}", changed_seal))
        found = [f for f in compare(cursor, checks) if broken.object in f.object]
        assert [str(f.level) for f in found] == [broken.level]
        assert broken.reason in found[0].reason
        run_as_login(found[0].remedy)
        assert [f for f in compare(cursor, checks) if broken.object in f.object] == []


def test_a_not_null_that_was_only_promised_is_noticed() -> None:
    promise = "alter table stores alter name drop not null, add constraint promised not null name not valid"
    if connection.connection.info.server_version < 180000:
        # Before PostgreSQL 18 there are no such promises, so there is nothing to miss.
        with pytest.raises(ProgrammingError), transaction.atomic():
            run_as_login(promise)
        return
    run_as_login(promise)
    (finding,) = find("constraints", "promised")
    run_as_login(finding.remedy)
    assert find("constraints", "promised") == []


def test_a_table_that_is_gone_is_missed() -> None:
    run_as_login("drop table activities")
    (finding,) = examine(["tables"])
    assert (finding.object, finding.remedy) == ("public.activities", "manage.py migrate")


def test_a_ruin_is_examined_to_the_end() -> None:
    run_as_login("drop table activities; alter table revenue drop customer_id; drop schema private cascade")
    checks = {finding.check for finding in examine()}
    assert {"tables", "columns", "functions", "policies", "trusted_logins"} <= checks


def test_a_check_that_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.doctor.runner.SECONDS_PER_CHECK", 0.05)
    with connection.cursor() as cursor:
        (finding,) = run_check(cursor, Check("slow", "Sleeps.", "select 'info', '', '', '' from pg_sleep(9)"))
    assert (finding.level, finding.remedy) == ("warning", "manage.py doctor --check slow")


def test_a_column_that_no_model_knows_is_told() -> None:
    run_as_login("alter table stores add column note text")
    (finding,) = examine(["columns"])
    assert (finding.object, finding.level) == ("public.stores column note", "info")


def test_a_table_with_org_id_and_without_guard_is_told_and_is_no_error() -> None:
    run_as_login("create schema legacy; create table legacy.visits (id int primary key, org_id uuid)")
    (finding,) = examine(["unguarded_tables"])
    assert (finding.object, finding.level) == ("legacy.visits", "info")


def test_a_key_between_converted_tables_is_told_and_is_no_error() -> None:
    run_as_login(
        "create schema legacy; create table legacy.visits (id int primary key, org_id uuid);"
        "create table legacy.notes (id int primary key, org_id uuid, visit int references legacy.visits)"
    )
    (finding,) = examine(["cross_org_keys"])
    assert (finding.object, finding.level) == ("legacy.notes foreign key notes_visit_fkey", "info")


def drop_months(cursor: Any, *, keep: int) -> None:
    cursor.execute("select tablename from pg_tables where tablename ~ '^audit_logs_\\d' order by 1")
    for (name,) in cursor.fetchall()[keep:]:
        cursor.execute(f"drop table {name}")


@pytest.mark.parametrize(("keep", "level"), [(1, "warning"), (0, "error")])
def test_months_that_run_out_are_noticed_and_made(keep: int, level: str) -> None:
    with connection.cursor() as cursor:
        drop_months(cursor, keep=keep)
        assert [f.level for f in examine(["partition_months"])] == [level]
        make_log_partitions(cursor)
    assert examine(["partition_months"]) == []


def test_rows_in_default_are_noticed_and_moved(org: Any) -> None:
    with connection.cursor() as cursor:
        drop_months(cursor, keep=0)
        cursor.execute("update organizations set name = name || '!'")
        assert "audit_logs_default" in "".join(f.object for f in examine(["partition_months"]))
        make_log_partitions(cursor)
    assert examine(["partition_months"]) == []


def test_a_missing_default_is_noticed_and_made() -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop table audit_logs_default")
        assert "no DEFAULT" in examine(["partition_months"])[0].reason
        make_log_partitions(cursor)
    assert examine(["partition_months"]) == []


def test_rows_without_organization_are_noticed_and_listed() -> None:
    run_as_login(
        "alter table activities drop constraint activities_pkey; alter table activities alter org_id drop not null"
    )
    assert examine(["null_org_rows"]) == []
    run_as_login("insert into activities (type) values ('login')")

    (finding,) = examine(["null_org_rows"])

    assert (finding.object, finding.level) == ("public.activities", "error")
    assert count(finding.remedy) == 1
    run_as_login("delete from activities where org_id is null")
    assert examine(["null_org_rows"]) == []


def test_rows_that_point_into_another_organization_are_noticed_and_listed(org: Any, other_org: Any) -> None:
    run_as_login(
        "alter table stores drop constraint fk_stores_workspace_id;"
        "insert into stores (org_id, workspace_id, name)"
        f" select '{org.pk}', w.id, 'Harbour' from workspaces w where w.org_id = '{other_org.pk}'"
    )

    (finding,) = examine(["cross_org_rows"])

    assert (finding.object, finding.level) == ("public.stores", "error")
    assert count(finding.remedy) == 1
    run_as_login("delete from stores")
    assert examine(["cross_org_rows"]) == []


def test_a_server_that_lacks_fixes_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.doctor.runner.find_fault", lambda version: f"{version} lacks fixes")
    (finding,) = examine(["server_version"])
    assert (finding.object, finding.level) == ("server", "warning")
    monkeypatch.setattr("tenants.doctor.runner.find_fault", lambda version: "")
    assert examine(["server_version"]) == []


def count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, None)
        return len(cursor.fetchall())


def test_every_check_is_broken_here() -> None:
    assert {check.name for check in all_checks()} == {b.check for b in MENDED_BY_SQL} | MENDED_OTHERWISE


SLUG_CHECK = (
    "select pg_get_constraintdef(oid) from pg_constraint where conname = 'organizations_slug'"
    " and conrelid = 'public.organizations'::regclass"
)


def test_a_check_as_a_restored_dump_has_it_is_no_change() -> None:
    with beside_expected() as cursor:
        cursor.execute(SLUG_CHECK)
        [dumped] = cursor.fetchone()
        run_as_login(
            "alter table organizations drop constraint organizations_slug;"
            f" alter table organizations add constraint organizations_slug {dumped}"
        )
        cursor.execute(SLUG_CHECK)
        assert cursor.fetchone() != (dumped,)
        assert compare(cursor, choose_checks(["constraints"])) == []
