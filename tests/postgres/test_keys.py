"""Keys: version 7 UUIDs, ordered by time, the same from Python and from the server."""

import time
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from postgres.keys import CompositeKey, IdField, NewId, new_id
from tenants.models import Workspace


def from_server(count=1):
    with connection.cursor() as cursor:
        cursor.execute("select new_id() from generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def millis(value):
    return value.int >> 80


def test_python_makes_version_7():
    made = new_id()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert abs(millis(made) - time.time() * 1000) < 1000


def test_the_server_makes_version_7(db):
    made = from_server()[0]
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert abs(millis(made) - time.time() * 1000) < 60_000


def test_later_ids_sort_after_earlier_ones(db):
    made = []
    for _ in range(5):
        made += [new_id(), *from_server()]
        time.sleep(0.002)
    assert sorted(made[::2]) == made[::2]
    assert sorted(made[1::2]) == made[1::2]


def test_ids_of_one_millisecond_differ(db):
    assert len({new_id() for _ in range(2000)}) == len(set(from_server(2000))) == 2000


def test_a_row_made_by_psql_has_an_id_of_ours(db):
    with connection.cursor() as cursor:
        cursor.execute("insert into users (email) values ('raw@example.org') returning id")
        assert cursor.fetchone()[0].version == 7


def test_an_insert_does_not_ask_for_its_id_back(org):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        Workspace.objects.create(org=org, name="North")
    statement = next(q["sql"] for q in asked if q["sql"].startswith("INSERT"))
    assert '"workspaces"."id"' not in statement.partition("RETURNING")[2]


def test_the_field_makes_ids_in_python_and_in_the_database():
    field = User._meta.pk
    assert isinstance(field, IdField)
    assert field.default is new_id
    assert isinstance(field.db_default, NewId)
    assert not field.editable


def test_a_composite_key_goes_into_a_migration_with_its_columns():
    key = CompositeKey(columns=("org", "at", "id"), partition_by="at")
    _, path, _, options = key.deconstruct()
    assert path == "postgres.keys.CompositeKey"
    assert (options["columns"], options["partition_by"]) == (("org", "at", "id"), "at")
    assert "partition_by" not in CompositeKey(columns=("org", "id")).deconstruct()[3]
