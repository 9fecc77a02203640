"""Conversions in the console: watched, paused, resumed and decided by superusers in all organizations only."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditLog
from postgres.keys import new_id
from tenants.models import (
    Conversion,
    ConversionRequest,
    ConversionShare,
    ConversionTable,
    ConversionWorker,
    Organization,
    QuarantinedRow,
)
from tests.factories import make_org

pytestmark = pytest.mark.django_db
HELD = "held until 22:00, because the time window is 22:00 to 06:00"
LIST = "/admin/tenants/quarantinedrow/"


@pytest.fixture
def conversion():
    made = Conversion.objects.create(number=7, schemas=["legacy"], plan="# the plan")
    ConversionTable.objects.create(
        conversion=made,
        name="legacy.calls",
        oid=1,
        position=0,
        decisions={},
        phase="column",
        state="working",
        rows_estimate=2_000,
        rows_passed=500,
        fill_started_at=timezone.now() - timedelta(seconds=100),
    )
    return made


@pytest.fixture
def table(conversion):
    return conversion.tables.get()


@pytest.fixture
def rows(table, org, other_org):
    candidates = {"0": [], "1": [org.pk], "2": [other_org.pk, org.pk]}
    return [
        QuarantinedRow.objects.create(table=table, row_key={"id": key}, reason="many_orgs", candidates=could_be)
        for key, could_be in candidates.items()
    ]


def page_of(conversion, name="change"):
    return reverse(f"admin:tenants_conversion_{name}", args=[conversion.pk])


def steer(client, conversion, do, **more):
    answer = client.post(page_of(conversion, "steer"), {"do": do, **more}, follow=True)
    conversion.refresh_from_db()
    return answer.content.decode()


def decide(client, rows, **sent):
    chosen = {"action": "decide", "apply": "1", "reason": "as agreed", "_selected_action": [row.pk for row in rows]}
    return unescape(client.post(LIST, {**chosen, **sent}, follow=True).content.decode())


def test_the_page_says_how_far_how_fast_and_how_long(in_all, conversion) -> None:
    page = in_all.get(page_of(conversion)).content.decode()
    assert "500 of 2,000" in page
    assert "5/s" in page
    assert "5 min left" in page
    assert "# the plan" in page


def test_holds_and_parked_batches_stand_there_with_their_reasons(in_all, conversion, table) -> None:
    ConversionWorker.objects.create(conversion=conversion, name="host:1", held_because=HELD)
    ConversionShare.objects.create(table=table, number=0, bounds=[], state="parked", reason="a trigger raises")
    page = in_all.get(page_of(conversion)).content.decode()
    assert HELD in page
    assert "a trigger raises" in page


def test_the_live_part_is_the_page_without_its_frame(in_all, conversion, table) -> None:
    ConversionTable.objects.filter(pk=table.pk).update(rows_passed=1_500)
    answer = in_all.get(page_of(conversion, "live"))
    assert "1,500 of 2,000" in answer.content.decode()
    assert b"<html" not in answer.content
    assert "no-store" in answer["Cache-Control"]


def test_a_pause_is_in_the_persons_name_with_its_reason(in_all, superuser, conversion) -> None:
    assert "is paused" in steer(in_all, conversion, "pause", reason="month\0 end")
    assert conversion.paused_by == f"user:{superuser.pk}"
    assert conversion.pause_reason == "month end"
    entry = AuditLog.objects.filter(table_name="conversions").latest("created_at", "id")
    assert (entry.user_id, entry.surface) == (superuser.pk, "console")
    assert "was paused already" in steer(in_all, conversion, "pause", reason="again")


def test_resuming_asks_for_somebody_to_go_on_and_says_when_nobody_attends(in_all, superuser, conversion) -> None:
    steer(in_all, conversion, "pause")
    page = steer(in_all, conversion, "resume")
    assert conversion.paused_at is None
    assert "backfill_org_ids attend" in page
    wish = ConversionRequest.objects.get(conversion=conversion)
    assert (wish.verb, wish.asked_by) == ("run", f"user:{superuser.pk}")


def test_the_same_wish_twice_is_one(in_all, conversion) -> None:
    steer(in_all, conversion, "verify")
    assert "asked for already" in steer(in_all, conversion, "verify")
    assert ConversionRequest.objects.count() == 1


@pytest.mark.parametrize("who", ["as_operator", "in_org"])
def test_within_one_organization_there_is_nothing_to_see_or_to_steer(who, request, conversion, rows) -> None:
    client = request.getfixturevalue(who)
    for name in ("change", "live", "history"):
        assert client.get(page_of(conversion, name)).status_code == 404, name
    for do in ("pause", "resume", "retry", "verify"):
        assert client.post(page_of(conversion, "steer"), {"do": do}).status_code == 404
    decide(client, rows, way="first_founded")
    sent = {"apply": "1", "way": "first_founded", "reason": "x"}
    assert client.post(f"{LIST}{rows[1].pk}/decide_one/", sent).status_code == 403
    conversion.refresh_from_db()
    assert conversion.paused_at is None
    assert not ConversionRequest.objects.exists()
    assert not QuarantinedRow.objects.exclude(decided_org=None).exists()
    assert "/admin/tenants/conversion/" not in client.get("/admin/").content.decode()


def test_steering_takes_a_post_of_a_known_verb(in_all, conversion) -> None:
    assert in_all.get(page_of(conversion, "steer")).status_code == 405
    assert in_all.post(page_of(conversion, "steer"), {"do": "release"}).status_code == 404
    assert in_all.post(reverse("admin:tenants_conversion_steer", args=[new_id()]), {"do": "pause"}).status_code == 404


def test_an_empty_list_names_the_command_to_type(in_all) -> None:
    assert "backfill_org_ids discover" in in_all.get("/admin/tenants/conversion/").content.decode()


def test_decisions_by_hand_are_one_persons_with_a_reason_for_all_selected(in_all, superuser, rows, org) -> None:
    assert "3 rows belong to" in decide(in_all, rows[:1], way="org", org=org.pk, select_across="1")
    decided = QuarantinedRow.objects.order_by().values_list("decided_org", "decided_by").distinct()
    assert list(decided) == [(org.pk, f"user:{superuser.pk}")]
    keys = [str(row.pk) for row in rows]
    logged = AuditLog.objects.filter(record_id__in=keys, action="UPDATE")
    assert set(logged.values_list("user_id", "reason")) == {(superuser.pk, "as agreed")}
    assert logged.count() == 3


def test_a_row_goes_to_none_but_its_candidates_whatever_is_posted(in_all, rows, org, other_org) -> None:
    nobodys, ours, either = rows
    page = decide(in_all, rows, way="org", org=other_org.pk)
    assert "2 rows belong to" in page
    assert f"1 could not belong to {other_org.name}" in page
    decided = dict(QuarantinedRow.objects.values_list("pk", "decided_org"))
    assert decided == {nobodys.pk: other_org.pk, ours.pk: None, either.pk: other_org.pk}
    stranger = make_org()
    assert "0 rows belong to" in decide(in_all, [ours, either], way="org", org=stranger.pk)
    assert QuarantinedRow.objects.get(pk=either.pk).decided_org == other_org


def test_the_page_says_what_the_rows_could_belong_to_and_which_could_to_nobody(in_all, rows, org, other_org) -> None:
    asked = {"action": "decide", "_selected_action": [row.pk for row in rows]}
    page = unescape(in_all.post(LIST, asked).content.decode())
    assert f'{org.name}</strong> <span class="console-quiet">(2 rows)' in page
    assert f'{other_org.name}</strong> <span class="console-quiet">(1 row)' in page
    assert "1 could belong to nobody that is known: it goes to whichever organization you name" in page


def test_a_row_is_decided_from_its_own_page_until_it_is_written(in_all, rows, org, other_org) -> None:
    row = rows[2]
    page = f"{LIST}{row.pk}/"
    shown = unescape(in_all.get(f"{page}change/").content.decode())
    for told in ("row id 2", org.name, other_org.name, f"{page}decide_one/"):
        assert told in shown
    sent = {"apply": "1", "way": "org", "org": org.pk, "reason": "as agreed"}
    assert in_all.post(f"{page}decide_one/", sent)["Location"] == f"{page}change/"
    assert list(QuarantinedRow.objects.exclude(decided_org=None)) == [row]
    QuarantinedRow.objects.filter(pk=row.pk).update(applied_at=timezone.now())
    assert in_all.post(f"{page}decide_one/", sent).status_code == 403


def test_a_rule_that_is_none_decides_nothing(in_all, rows) -> None:
    assert "is not one of the available choices" in decide(in_all, rows, way="whoever_pays")
    assert not QuarantinedRow.objects.exclude(decided_org=None).exists()


def test_a_rule_decides_what_it_covers_and_says_how_many_it_does_not(in_all, rows, org, other_org) -> None:
    Organization.objects.filter(pk=other_org.pk).update(status="suspended")
    page = decide(in_all, rows, way="only_active")
    assert "2 rows are decided by the rule" in page
    assert "nothing about 1" in page
    assert [r.decided_org_id for r in QuarantinedRow.objects.order_by("row_key__id")] == [None, org.pk, org.pk]


def test_a_decision_can_be_taken_back_until_it_is_written(in_all, rows, org) -> None:
    decide(in_all, rows, way="org", org=org.pk)
    QuarantinedRow.objects.filter(pk=rows[0].pk).update(applied_at=timezone.now())
    assert "2 decisions are taken back" in decide(in_all, rows, way="back")
    assert QuarantinedRow.objects.exclude(decided_org=None).get() == rows[0]


def test_a_decision_needs_a_reason_and_an_organization_that_exists(in_all, rows) -> None:
    assert "Name the organization" in decide(in_all, rows, way="org")
    assert "This field is required" in decide(in_all, rows, way="first_founded", reason=" ")
    decide(in_all, rows, way="org", org=new_id())
    assert not QuarantinedRow.objects.exclude(decided_org=None).exists()


def test_lists_of_rows_that_wait_ask_a_fixed_number_of_queries(in_all, table, django_assert_max_num_queries) -> None:
    for n in range(20):
        org = make_org() if n < 5 else None
        QuarantinedRow.objects.create(
            table=table, row_key={"id": str(n)}, reason="no_org", candidates=[org.pk] if org else [], decided_org=org
        )
    in_all.get(LIST)
    with django_assert_max_num_queries(30):
        assert in_all.get(LIST).status_code == 200


def test_nobody_asks_in_another_persons_name(in_all, superuser, conversion) -> None:
    """What the page writes, the policy checks: an injected insert is refused as well."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_expr(polwithcheck, polrelid) from pg_policy where polname = 'tenantry_staff_insert'"
            " and polrelid = 'conversion_requests'::regclass"
        )
        assert "auth_user_id" in cursor.fetchone()[0]
