"""The expression in batches, the function and the fill trigger: one derivation, for every route and choice."""

from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from tenants.backfill.derive.expression import derive_org
from tenants.backfill.derive.objects import org_function
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion, Organization, OrgMember
from tests.factories import make_member, make_org, make_staff
from tests.tenants.backfill.converting import make_plan, take_to_column
from tests.tenants.backfill.legacy import Legacy, make_people

FALLBACK, CROWD = "the-rest", "the-crowd"


@pytest.fixture
def crowd(transactional_db: None) -> dict[str, User]:
    """In no organization, one, two with a choice made, two without, and one who left again."""
    one, chooser, drifter, left = make_people(4)
    for person in (chooser, drifter):
        make_member(make_org(), user=person)
    chosen = make_member(make_org(), user=chooser)
    User.objects.filter(pk=chooser.pk).update(active_org=chosen.org)
    OrgMember.objects.filter(pk=make_member(make_org(), user=one).pk).update(state="inactive")
    make_member(make_org(), user=one, state="pending")
    make_member(make_org(status="deleting", deleting_since=timezone.now()), user=left)
    return {"one": one, "chooser": chooser, "drifter": drifter, "left": left, "none": make_staff()}


def wanted_org(person: User | None, no_org: str, many_orgs: str) -> Any:
    """The same in Python, from the memberships themselves."""
    fallback = make_or_find(FALLBACK) if no_org != "stop" else None
    if person is None:
        return fallback
    found = person.memberships.filter(state="active").exclude(org__status="deleting").order_by("joined_at", "id")
    orgs = [m.org_id for m in found]
    if len(orgs) < 2:
        return orgs[0] if orgs else fallback
    person.refresh_from_db()
    return {
        "stop": None,
        "earliest": orgs[0],
        "active": person.active_org_id if person.active_org_id in orgs else orgs[0],
        f"org:{CROWD}": make_or_find(CROWD),
    }[many_orgs]


def make_or_find(slug: str) -> Any:
    return (Organization.objects.filter(slug=slug).first() or make_org(slug=slug)).pk


def embedded(conversion: Conversion, plan: Plan, legacy: Legacy, table: str) -> list[Any]:
    given = next(t for name, t in plan.tables.items() if name.table == table)
    expression = derive_org(given, conversion, "p").as_string(None)
    return legacy.run(f"select p.ctid::text, {expression} from {given.name.sql.as_string(None)} p order by p.ctid")


def by_function(conversion: Conversion, legacy: Legacy, table: str, columns: str) -> list[Any]:
    kept = next(t for t in conversion.tables.all() if legacy.quote(table) == t.name)
    function = org_function(conversion, kept.oid).as_string(None)
    return legacy.run(f"select t.ctid::text, {function}({columns}) from {legacy.quote(table)} t order by t.ctid")


@pytest.mark.parametrize(
    ("no_org", "many_orgs"),
    list(product(["stop", f"org:{FALLBACK}"], ["stop", "earliest", "active", f"org:{CROWD}"])),
)
def test_all_three_agree_with_the_memberships(legacy: Legacy, crowd: dict[str, User], no_org: str, many_orgs: str):
    make_or_find(FALLBACK), make_or_find(CROWD)
    keys: list[int | None] = [*legacy.add_people(*crowd.values()), 999_999, None]
    people: list[User | None] = [*crowd.values(), None, None]
    insert = (
        "insert into {s}.orders (region, no, user_id) select %s, k, u"
        " from unnest(%s::bigint[]) with ordinality as x (u, k)"
    )
    legacy.run("alter table {s}.orders drop constraint orders_user_id_fkey")
    legacy.run(insert, ["r0", keys])
    lines = "insert into {s}.order_lines (region, no) select region, no from {s}.orders where region = %s order by no;"
    legacy.run(lines, ["r0"])
    legacy.run("insert into {s}.order_lines (region, no) values (null, 1), ('r0', null), (null, null)")
    plan = make_plan(legacy, no_org=no_org, many_orgs=many_orgs)
    conversion = take_to_column(plan)
    wanted = [wanted_org(person, no_org, many_orgs) for person in people]

    found = embedded(conversion, plan, legacy, "orders")
    assert [row[1] for row in found] == wanted
    assert by_function(conversion, legacy, "orders", "t.user_id") == found
    legacy.run_as_app(insert, ["r1", keys])
    assert [r[0] for r in legacy.run("select org_id from {s}.orders where region = 'r1' order by no")] == wanted

    # Parents that stand have no organization yet: their own route is followed.
    fallback = [make_or_find(FALLBACK) if no_org != "stop" else None]
    below = [org or fallback[0] for org in wanted] + fallback * 3
    found = embedded(conversion, plan, legacy, "order_lines")
    assert [row[1] for row in found] == below
    assert by_function(conversion, legacy, "order_lines", "t.region, t.no") == found
    legacy.run_as_app(
        "insert into {s}.order_lines (region, no, amount) select region, no, 7 from {s}.order_lines order by id"
    )
    again = [r[0] for r in legacy.run("select org_id from {s}.order_lines where amount = 7 order by id")]
    assert again == below
