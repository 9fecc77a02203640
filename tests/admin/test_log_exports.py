"""The log as a file: what is listed and no more, safe to open, capped, and itself in the log."""

import csv
import io
import json

import pytest
from django.db import connection

from audit.admin import exporting
from audit.models import AuditLog
from tests.admin.test_log import LOG, request_entries, work

__all__ = ["request_entries"]
pytestmark = pytest.mark.django_db


def exported(client, kind="csv", **asked):
    answer = client.get(f"{LOG}export/{kind}/", asked)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def test_an_export_holds_what_is_listed_and_nothing_of_others(in_org, request_entries) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(in_org, request="request-0001"))))
    assert {row["id"] for row in rows} == {str(entry.pk) for entry in request_entries[:2]}
    assert "Kiosk" in rows[0]["new_data"]
    lines = [json.loads(line) for line in exported(in_org, "jsonl", request="request-0001").splitlines()]
    assert {line["id"] for line in lines} == {row["id"] for row in rows}


@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", " =HYPERLINK(1)"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(in_org, superuser, org, reason) -> None:
    work(superuser, org, request_id="request-0002", reason=reason)
    rows = list(csv.DictReader(io.StringIO(exported(in_org, request="request-0002"))))
    assert [row["reason"] for row in rows] == [f"'{reason}"]


def test_a_long_export_ends_with_a_sentence(in_org, superuser, org, monkeypatch) -> None:
    monkeypatch.setattr(exporting, "LIMIT", 2)
    work(superuser, org, org, org, request_id="request-0003")
    lines = exported(in_org, request="request-0003").splitlines()
    assert len(lines) == 4
    assert "narrow the filters" in lines[-1]
    assert "capped" in json.loads(exported(in_org, "jsonl", request="request-0003").splitlines()[-1])


def test_an_export_is_read_from_the_server_bit_by_bit_in_web_processes_too(in_org, org, monkeypatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    lines = in_org.get(f"{LOG}export/jsonl/").streaming_content
    next(lines)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_cursors where statement ~ 'audit_logs'")
        held = cursor.fetchone()
    assert list(lines)
    assert held == (1,)


def test_whoever_takes_the_log_is_in_it(in_org, superuser, org) -> None:
    exported(in_org, who="system:night")
    entry = AuditLog.objects.get(action="log.exported")
    assert (entry.user_id, entry.org_id) == (superuser.pk, org.pk)
    assert (entry.new_data or {})["filters"] == {"who": "system:night"}


def test_an_export_needs_the_permission_of_the_list(operator, as_operator) -> None:
    operator.user_permissions.clear()
    assert as_operator.get(f"{LOG}export/csv/").status_code == 403
    assert as_operator.get(f"{LOG}export/exe/").status_code == 404
