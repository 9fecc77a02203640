"""The demo's half-done conversion: what it shows, how a person ends it from the console, and the way back."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import User
from config.demo.crm import PLAN_FILE, REASON, begin_conversion
from config.management.commands.demo import build_missing
from tenants.backfill.coordinator import coordinate
from tenants.models import Conversion, ConversionState, Organization, QuarantinedRow
from tenants.scope import owner_scope
from tests.admin.conftest import sign_in
from tests.databases import ROOT, copied_database, django_on, login_session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("demo_conversion")]
PLAN = str(ROOT / PLAN_FILE)
COLUMNS = """
select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'legacy_crm'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
"""
TRIGGERS = """
select count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = 'legacy_crm'::regnamespace and not t.tgisinternal
"""


@pytest.fixture
def database() -> Iterator[str]:
    with copied_database("crm") as name, django_on(name):
        yield name


def say(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def ask(database: str, query: str) -> list[Any]:
    with login_session(database) as session:
        return session.execute(query).fetchall()


def count_phases() -> dict[str, str]:
    return dict(Conversion.objects.get().tables.values_list("name", "phase"))


def test_it_waits_with_a_reason_and_rows_to_decide(database: str) -> None:
    say("demo")
    conversion = Conversion.objects.get()
    assert (conversion.state, conversion.pause_reason) == (ConversionState.OPEN, REASON)
    assert conversion.paused_by == f"user:{User.objects.get(email='admin@demo.test').pk}"
    assert count_phases() == {
        "legacy_crm.tasks": "fill",
        "legacy_crm.companies": "fill",
        "legacy_crm.contacts": "start",
        "legacy_crm.deals": "start",
    }
    rows = list(QuarantinedRow.objects.all())
    assert len(rows) == 6
    assert all(len(row.candidates) > 1 and row.reason == "many_orgs" for row in rows)
    assert ask(database, "select count(*) from legacy_crm.companies where org_id is null") == [(6,)]
    before = ask(database, "select max(updated_at) from conversions")
    say("demo")
    assert ask(database, "select max(updated_at) from conversions") == before


def test_a_person_decides_resumes_and_the_attendant_ends_it(database: str) -> None:
    say("demo")
    conversion, org = Conversion.objects.get(), Organization.objects.get(slug="meridian-agency")
    console = sign_in(User.objects.get(email="admin@demo.test"))
    page = console.get(f"/admin/tenants/conversion/{conversion.pk}/change/").content.decode()
    assert "decide the rows in quarantine" in page
    rows = [str(pk) for pk in QuarantinedRow.objects.values_list("pk", flat=True)]
    decide = {
        "action": "decide",
        "apply": "1",
        "way": "org",
        "org": org.pk,
        "reason": "theirs",
        "_selected_action": rows,
    }
    console.post("/admin/tenants/quarantinedrow/", decide)
    console.post(f"/admin/tenants/conversion/{conversion.pk}/steer/", {"do": "resume"})
    say("backfill_org_ids", "attend", "--once")
    assert set(count_phases().values()) == {"constrain"}
    children = "select count(*) from legacy_crm.deals d join legacy_crm.companies c on c.id = d.company_id"
    assert ask(database, f"{children} where d.org_id is distinct from c.org_id") == [(0,)]
    assert "proved by" in say("backfill_org_ids", "verify", "--plan", PLAN)


def test_the_way_back_leaves_the_old_tables_as_they_were(database: str) -> None:
    say("demo")
    say("backfill_org_ids", "rollback", "--plan", PLAN, "--no-input")
    assert Conversion.objects.get().state == ConversionState.UNDONE
    assert "org_id" not in {column for _, column in ask(database, COLUMNS)}
    assert ask(database, TRIGGERS) == [(0,)]
    say("demo")
    assert Conversion.objects.count() == 1


def test_a_demo_that_was_killed_before_it_began_is_taken_up_by_the_next(database: str) -> None:
    with transaction.atomic(), owner_scope(job="demo", reason="demo data"):
        build_missing(force=False)
    assert set(count_phases().values()) == {"start"}
    with coordinate(Conversion.objects.get()):
        # Another demo is at it.
        begin_conversion()
    assert Conversion.objects.get().paused_at is None
    say("demo")
    assert Conversion.objects.get().pause_reason == REASON


def test_discover_of_the_other_schema_knows_nothing_of_it(database: str, tmp_path: Any) -> None:
    say("demo")
    plan = tmp_path / "conversion.toml"
    say("backfill_org_ids", "discover", "--schema", "legacy", "--default-org", "meridian-agency", "--plan", str(plan))
    assert "legacy_crm" not in plan.read_text()


def test_migrating_back_takes_the_demos_conversion_back_and_refuses_another(database: str) -> None:
    say("demo")
    conversion = Conversion.objects.get()
    Conversion.objects.update(plan_file="theirs.toml")
    with pytest.raises(CommandError, match=r"Conversion 1 of legacy_crm stands: .* --plan theirs\.toml --to start"):
        say("migrate", "audit", "zero", "-v0")
    assert Conversion.objects.get() == conversion
    Conversion.objects.update(plan_file=PLAN_FILE)
    say("migrate", "audit", "zero", "-v0")
    assert ask(database, TRIGGERS) == [(0,)]
    assert "org_id" not in {column for _, column in ask(database, COLUMNS)}
