"""`manage.py doctor`."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tenants.doctor.checks import all_checks
from tenants.doctor.findings import Finding, Level, fold_findings
from tenants.doctor.runner import examine
from tests.catalog import take_snapshot

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output."""
    out = io.StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def leak() -> None:
    execute("create view leak as select * from customers")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_our_own_database_is_clean() -> None:
    # Logins and the version belong to the server, which is not ours alone.
    others = ("owning_logins", "server_version")
    assert [f for f in examine() if f.check not in others] == []


def test_a_clean_database_ends_with_0() -> None:
    assert run("--check", "views", "policies") == (0, "Everything stands as it should.\n")


def test_errors_end_with_1_and_say_what_to_type(leak: None) -> None:
    code, out = run()
    assert code == 1
    assert "view public.leak" in out
    assert "alter view public.leak set (security_invoker = true);" in out


def test_a_warning_is_no_error() -> None:
    execute("drop index idx_users_active_org")
    assert run("--check", "unindexed_keys")[0] == 0


def test_machines_read_json(leak: None) -> None:
    code, out = run("--json")
    (finding,) = [f for f in json.loads(out) if f["level"] == "error"]
    assert code == 1
    assert finding["check"] == "views"
    assert set(finding) == {"check", "level", "object", "reason", "remedy"}


def test_machines_read_an_empty_list_when_all_is_well() -> None:
    assert run("--json", "--check", "policies") == (0, "[]\n")


def test_only_the_named_checks_run(leak: None) -> None:
    assert run("--check", "policies")[0] == 0
    assert run("--check", "views")[0] == 1


def test_an_unknown_check_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandError, match=r"no check named nonsense; there are: .*policies.*--list"):
        run("--check", "nonsense")


def test_the_checks_can_be_listed() -> None:
    code, out = run("--list")
    assert code == 0
    assert len(out.splitlines()) == len(all_checks())


def test_it_leaves_nothing_behind(leak: None) -> None:
    with connection.cursor() as cursor:
        before = snapshot(cursor)
        run()
        assert snapshot(cursor) == before


def snapshot(cursor: Any) -> Any:
    class Session:
        def execute(self, query: str) -> Any:
            cursor.execute(query)
            return cursor

    cursor.execute(
        "select current_setting('search_path'), current_setting('role'), current_setting('statement_timeout')"
    )
    return cursor.fetchone(), take_snapshot(Session())


def make_finding(name: str, *, reason: str = "it is open", remedy: str = "close it") -> Finding:
    return Finding("views", Level.WARNING, name, reason, remedy)


def test_the_same_of_many_objects_is_one_line_for_people() -> None:
    tables = ["public.a", "public.b", 'public."c d"', "public.e"]
    roles = [make_finding(f"{table} kept role {role}") for table in tables for role in ("app", "owner")]
    assert [finding.object for finding in fold_findings(roles)] == [
        'public.a, public.b, public."c d" and 1 more: kept role app',
        'public.a, public.b, public."c d" and 1 more: kept role owner',
    ]


def test_two_objects_or_other_remedies_stay_lines_of_their_own() -> None:
    findings = [make_finding("public.a"), make_finding("public.b")]
    findings += [make_finding(f"public.{name}", remedy=f"drop {name}") for name in "cde"]
    assert fold_findings(findings) == findings


def test_a_folded_doctor_counts_each_and_machines_read_each() -> None:
    for name in ("one", "two", "three"):
        execute(f"create table {name} (org_id uuid)")
    _, out = run("--check", "unguarded_tables")
    assert "public.one, public.three, public.two: it has an org_id and is not guarded yet" in out
    assert out.count("\n") == 3
    assert out.endswith("3 infos; --json names each\n")
    assert len(json.loads(run("--json", "--check", "unguarded_tables")[1])) == 3
