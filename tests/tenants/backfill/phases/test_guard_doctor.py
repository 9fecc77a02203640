"""The doctor notices whatever a guarded table of an old application loses, and its remedy mends it."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tenants.doctor.findings import Finding, Level
from tenants.doctor.runner import examine
from tests.tenants.backfill.phases.converting import Shop, shop
from tests.tenants.doctor.breaks import Break
from tests.tenants.doctor.test_each_check import run_as_login

pytestmark = [pytest.mark.django_db(transaction=True)]
CHECK = "converted_tables"
BREAKS = [
    Break(CHECK, "a policy", "drop policy tenantry_api_select on old_doctor.notes", "notes policy", "is missing"),
    Break(
        CHECK,
        "a policy's text",
        "alter policy tenantry_api_select on old_doctor.notes using (true)",
        "notes policy tenantry_api_select",
        "was changed",
    ),
    Break(CHECK, "closed", "create policy bi on old_doctor.notes using (true)", "notes policy bi", "opens what"),
    Break(
        CHECK,
        "rows in sight",
        "create policy less on old_doctor.notes as restrictive using (false)",
        "notes policy less",
        "hides rows",
        "warning",
    ),
    Break(CHECK, "security", "alter table old_doctor.log disable row level security", "log row security", "it is off"),
    Break(
        CHECK, "force", "alter table old_doctor.log no force row level security", "log row security", "bind the owner"
    ),
    Break(CHECK, "the log", "drop trigger audit_orders on old_doctor.orders", "orders trigger audit_orders", "missing"),
    Break(
        CHECK,
        "the log's hand",
        "alter table old_doctor.orders disable trigger audit_orders",
        "orders trigger audit_orders",
        "switched off",
    ),
    Break(
        CHECK, "immutability", "drop trigger org_id_immutable_log on old_doctor.log", "org_id_immutable_log", "missing"
    ),
    Break(
        CHECK,
        "a pair's key",
        "alter table old_doctor.order_lines drop constraint order_lines_region_no_fkey",
        "order_lines foreign key order_lines_region_no_fkey",
        "is missing",
    ),
    Break(
        CHECK,
        "a pair's index",
        "alter table old_doctor.order_lines drop constraint order_lines_region_no_fkey;"
        " drop index old_doctor.orders_org_id_region_no_key",
        "orders index orders_org_id_region_no_key",
        "is missing",
    ),
    Break(
        CHECK,
        "a checked key",
        "alter table old_doctor.notes drop constraint fk_notes_org_id, add constraint fk_notes_org_id"
        " foreign key (org_id) references organizations (id) on delete cascade not valid",
        "notes foreign key fk_notes_org_id",
        "NOT VALID",
    ),
    Break(CHECK, "an index", "drop index old_doctor.idx_notes_org_id", "notes index idx_notes_org_id", "is missing"),
    Break(
        CHECK, "not null", "alter table old_doctor.notes alter org_id drop not null", "notes not null", "may be null"
    ),
    Break(
        CHECK, "a grant", "revoke select on old_doctor.notes from tenantry_api", "grant select to tenantry_api", "miss"
    ),
    Break(CHECK, "grants", "grant truncate on old_doctor.notes to tenantry_api", "grant truncate", "not of the guard"),
    Break(
        CHECK,
        "a partition's security",
        "alter table old_doctor.events_new disable row level security",
        "partition old_doctor.events_new row security",
        "it is off",
    ),
    Break(
        "partitions",
        "a partition's door",
        "grant select on old_doctor.events_new to tenantry_api",
        "old_doctor.events_new",
        "can be reached past its parent by tenantry_api",
    ),
    Break(
        "partitions",
        "by a new partition",
        "create table old_doctor.events_later partition of old_doctor.events"
        " for values from ('2030-01-01') to (maxvalue)",
        "old_doctor.events_later",
        "no forced row-level security and has no policy",
    ),
]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_doctor") as made:
        yield made


def find(broken: Break) -> list[Finding]:
    return [f for f in examine([broken.check]) if broken.object in f.object]


def test_whatever_a_guard_loses_is_noticed_and_its_remedy_mends_it(made: Shop) -> None:
    """All in one database: converting it takes longer than all of them together."""
    made.guard()
    for broken in BREAKS:
        with transaction.atomic():
            run_as_login(broken.sql)
            found = find(broken)
            assert [str(f.level) for f in found] == [broken.level], broken
            assert broken.reason in found[0].reason, found
            run_as_login(found[0].remedy)
            assert find(broken) == [], broken
            transaction.set_rollback(True)


def test_a_table_that_is_gone_is_missed(made: Shop) -> None:
    made.guard()
    made.run("drop table {s}.notes")
    assert ("old_doctor.notes", "it was guarded, and is gone") in [(f.object, f.reason) for f in examine([CHECK])]


def test_tables_on_their_way_are_told_and_are_no_error(made: Shop) -> None:
    made.constrain()
    told = {f.object: f for f in examine(["unguarded_tables"])}
    assert "as far as constrain; it is not guarded yet" in told["old_doctor.notes"].reason
    assert told["old_doctor.notes"].remedy == "manage.py backfill_org_ids guard --plan PLAN"
    assert [f for f in examine() if f.level is Level.ERROR] == []
