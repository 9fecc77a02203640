"""`column`: from its first moment on, what the old application writes has its organization."""

from tests.factories import org_of
from tests.tenants.backfill.converting import make_plan, take_to_column
from tests.tenants.backfill.legacy import Legacy, make_people


def test_what_the_old_application_writes_has_its_organization(legacy: Legacy):
    ann, bob = make_people(2)
    one, two = legacy.add_people(ann, bob)
    take_to_column(make_plan(legacy))
    legacy.run_as_app("insert into {s}.orders (region, no, user_id) values ('n', 1, %s), ('n', 2, %s)", [one, two])
    legacy.run_as_app("insert into {s}.order_lines (region, no) values ('n', 2), ('n', 1)")
    legacy.run_as_app("insert into {s}.line_marks (line_id) select id from {s}.order_lines order by id")
    legacy.run_as_app("insert into {s}.events (at, user_id) values ('2024-01-01', %s), ('2026-01-01', %s)", [one, two])
    found = legacy.run("select org_id from {s}.line_marks m order by line_id")
    assert [row[0] for row in found] == [org_of(bob).pk, org_of(ann).pk]
    assert [row[0] for row in legacy.run("select org_id from {s}.events order by at")] == [
        org_of(ann).pk,
        org_of(bob).pk,
    ]
