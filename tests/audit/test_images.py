"""What the log's trigger makes of tables that no model describes."""

import pytest
from django.db import DataError

from audit.models import NO_ORG, AuditLog
from tests.audit.tables import execute

pytestmark = pytest.mark.django_db
ORG = "a0000000-0000-0000-0000-0000000000ff"
MANY = 1200


@pytest.fixture
def strange():
    """A logged table with a column for each kind of value that is hard to compare."""
    execute(
        'create table "Strange Things" (id int primary key, org_id text, n numeric, f float8, j jsonb, "a ""b" text,'
        f" updated_at timestamptz, {', '.join(f'c{number} text' for number in range(MANY))})"
    )
    execute(
        'create trigger audit_strange after insert or update or delete on "Strange Things" for each row'
        " execute function audit_trigger_function('strange', 'id', 'org_id', '{}')"
    )
    row = """insert into "Strange Things" (id, org_id, n, f, j) values (1, %(org)s, 1.0, 'NaN', '{"a": 1}')"""
    execute(row, {"org": ORG})


def change(assignment):
    """Change the one row, and return what the log says of it."""
    seen = set(AuditLog.objects.values_list("pk", flat=True))
    execute(f'update "Strange Things" set {assignment}')
    return [(e.old_data, e.new_data) for e in AuditLog.objects.filter(table_name="strange") if e.pk not in seen]


@pytest.mark.parametrize("same", ["n = 1.00", "f = 'NaN'", "j = '{\"a\": 1.0}'", "c7 = null", "updated_at = now()"])
def test_a_value_that_is_the_same_is_no_change(strange, same):
    assert change(same) == []


def test_of_many_columns_the_changed_ones_are_logged_and_no_other(strange):
    told = change("""c7 = 'x', "a ""b" = 'y', j = 'null', updated_at = now()""")
    assert told == [({"c7": None, 'a "b': None, "j": {"a": 1}}, {"c7": "x", 'a "b': "y", "j": None})]


def test_an_organization_that_is_no_uuid_stops_the_change_and_is_not_logged_as_nobodys(strange):
    with pytest.raises(DataError, match='invalid input syntax for type uuid: "acme"'):
        change("org_id = 'acme'")


def test_a_row_without_organization_is_logged_under_none(strange):
    change("org_id = null")
    assert AuditLog.objects.get(table_name="strange", action="UPDATE").org_id == NO_ORG
