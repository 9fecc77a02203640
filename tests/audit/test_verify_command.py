"""What `manage.py verify_audit` says, and how it ends."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.heads import HeadsRefused, export_heads
from tests.audit.sealed_log import seal_all, write_events
from tests.factories import make_org


@pytest.fixture
def sealed(transactional_db: Any) -> Any:
    org = make_org(slug="harbour")
    write_events(org.pk, 5)
    seal_all()
    return org


@pytest.fixture
def false_row(sealed: Any) -> Any:
    """The first row of the chain, edited for the time of the test."""
    with connection.cursor() as cursor:
        for reason in ("false", ""):
            cursor.execute("alter table audit_logs no force row level security")
            cursor.execute(
                "update audit_logs set reason = %s where org_id = %s and id = (select log_id from private.audit_seals"
                " where org_id = %s and position = 1)",
                [reason, sealed.pk, sealed.pk],
            )
            cursor.execute("alter table audit_logs force row level security")
            if reason:
                yield sealed


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def test_a_whole_chain_is_told_in_numbers(sealed):
    assert "in 1 chains, whole" in run("--org", "harbour")
    said = json.loads(run("--org", "harbour", "--json"))
    assert said["ok"]
    assert said["rows"] >= 5


def test_a_false_row_ends_in_an_error_that_names_it(false_row):
    with pytest.raises(CommandError, match=r"harbour, position 1, log row \S+ of .*: the row was edited after"):
        run("--org", "harbour")


def test_a_machine_reads_the_same(false_row):
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_audit", "--json", stdout=out)
    fault = json.loads(out.getvalue())["faults"][0]
    assert (fault["org"], fault["position"], fault["kind"]) == ("harbour", 1, "edited")


def test_exported_heads_are_compared(sealed, tmp_path):
    run("--export", str(tmp_path))
    assert "1 heads compared" in run("--org", "harbour", "--heads", str(tmp_path))


def test_a_head_that_is_ahead_of_the_chain_means_a_cut_off_end(sealed, tmp_path):
    with connection.cursor() as cursor:
        path = export_heads(cursor, tmp_path)
    heads = json.loads(path.read_text())
    heads["heads"] = [{**head, "position": head["position"] + 3} for head in heads["heads"]]
    path.write_text(json.dumps(heads))
    with pytest.raises(CommandError, match="the end of the chain is cut off"):
        run("--org", "harbour", "--heads", str(path))


def test_a_copy_that_the_database_no_longer_bears_out_is_not_replaced(sealed, tmp_path):
    run("--export", str(tmp_path))
    (path,) = tmp_path.iterdir()
    before = path.read_text().replace('"position": ', '"position": 9')
    path.write_text(before)
    with pytest.raises(CommandError, match="Nothing was copied"):
        run("--export", str(tmp_path))
    assert path.read_text() == before


def test_each_day_keeps_its_heads(sealed, tmp_path):
    with connection.cursor() as cursor:
        for day in (1, 1, 2):
            export_heads(cursor, tmp_path, now=datetime(2026, 1, day, tzinfo=UTC))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["heads-2026-01-01.json", "heads-2026-01-02.json"]


def test_a_copy_that_cannot_be_put_in_its_place_leaves_no_half_of_it(sealed, tmp_path):
    (tmp_path / "heads-2026-01-01.json").mkdir()
    with connection.cursor() as cursor, pytest.raises(HeadsRefused, match="cannot be written"):
        export_heads(cursor, tmp_path, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert [path.name for path in tmp_path.iterdir()] == ["heads-2026-01-01.json"]


WHOLE = {"org_id": str(UUID(int=1)), "position": 1, "hash": "ab" * 32, "sealed_at": "2026-01-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"heads": [{"org_id": "x"}]}',
        *(
            json.dumps({"heads": [WHOLE | change]})
            for change in ({"org_id": "x"}, {"org_id": 5}, {"position": 0}, {"hash": ""}, {"sealed_at": "yesterday"})
        ),
    ],
)
def test_a_file_that_holds_no_heads_is_refused(db, tmp_path: Path, content: str):
    path = tmp_path / "heads-1.json"
    path.write_text(content)
    with pytest.raises(CommandError, match="holds no heads"):
        run("--heads", str(path))


def test_an_organization_that_is_not_there_is_refused(db):
    with pytest.raises(CommandError, match="no organization 'nowhere'"):
        run("--org", "nowhere")
