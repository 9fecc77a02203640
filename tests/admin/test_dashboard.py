"""The front page: what needs attention in this scope, and pictures of this scope's rows only."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from config.dashboard.pictures import HEIGHT, Point, draw_bars, draw_line, draw_shares
from postgres.keys import new_id
from tenants.models import AiUsage, Conversion, ConversionTable, Customer, DoctorRun, Invitation, QuarantinedRow
from tests.accounts.review.access import grant_to_stranger, look
from tests.admin.conftest import make_operator, sign_in
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    cache.clear()
    yield
    cache.clear()


def invite(org, **within):
    now = timezone.now()
    name = f"guest{new_id()}@example.org"
    Invitation.objects.create(org=org, email=name, token_hash=name, sent_at=now, expires_at=now + timedelta(**within))


def spend(org, cost, model="small"):
    today = timezone.now().date()
    AiUsage.objects.create(org=org, user=None, query_id=new_id(), model=model, date=today, cost_usd=cost)


def front(client):
    answer = client.get("/admin/")
    pictures = {picture.key: picture for picture in answer.context["pictures"]}
    return answer.content.decode(), answer.context["notices"], pictures


def test_nothing_to_do_is_said(as_operator) -> None:
    page, notices, _ = front(as_operator)
    assert notices == []
    assert "Nothing waits for anybody here." in page


def test_invitations_that_expire_soon_are_counted_in_scope_only(as_operator, in_all, org, other_org) -> None:
    invite(org, days=1)
    invite(org, days=10)
    invite(org, days=-1)
    invite(other_org, days=2)
    _, notices, _ = front(as_operator)
    assert [notice.sentence for notice in notices] == ["1 invitation expires within 3 days"]
    DoctorRun.objects.create(made_by="maintain", findings=[])
    _, notices, _ = front(in_all)
    assert [notice.sentence for notice in notices] == ["2 invitations expire within 3 days"]
    assert in_all.get(notices[0].link).status_code == 200


def test_what_a_conversion_waits_for_comes_first_and_to_those_only_who_may_decide(in_all, in_org, superuser) -> None:
    conversion = Conversion.objects.create(number=3, schemas=["legacy"], plan="")
    table = ConversionTable.objects.create(
        conversion=conversion, name="legacy.x", oid=1, position=0, decisions={}, state="parked", reason="why"
    )
    QuarantinedRow.objects.create(table=table, row_key={"id": "1"}, reason="no_org")
    assert not any("onversion" in notice.sentence for notice in front(in_org)[1])
    type(superuser).objects.update(console_org=None)
    _, notices, pictures = front(in_all)
    assert [n.sentence for n in notices if n.tone == "danger"] == [
        "1 row of a conversion without organization",
        "Conversion 3 ended at 1 table",
    ]
    assert "conversion" in pictures


def test_a_table_that_lost_its_row_security_is_an_alarm(in_all) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table stores no force row level security")
    _, notices, _ = front(in_all)
    assert ("danger", "manage.py doctor") in [(n.tone, n.command) for n in notices]


@pytest.mark.parametrize("table", ["audit_logs", "metric_events"])
def test_a_missing_month_names_the_table_and_the_command(in_all, table) -> None:
    after = timezone.now().date().replace(day=1) + timedelta(days=31)
    with connection.cursor() as cursor:
        cursor.execute(f"drop table {table}_{after:%Y_%m}")
    _, notices, _ = front(in_all)
    told = {notice.command: notice.sentence for notice in notices}
    assert told["manage.py maintain"].startswith(f"{table} has no partition for {after:%B %Y}")


def test_pictures_show_the_rows_of_the_scope(as_operator, in_all, org, other_org) -> None:
    spend(org, "2.50", model="tiny")
    spend(other_org, "40", model="huge")
    page, _, pictures = front(as_operator)
    assert [(p.label, p.value) for p in pictures["costs"].points] == [("tiny", 2.5)]
    assert "organizations" not in pictures
    assert other_org.name not in page
    _, _, pictures = front(in_all)
    assert [(p.label, p.value) for p in pictures["costs"].points] == [(other_org.name, 40.0), (org.name, 2.5)]


def test_what_one_scope_remembers_is_not_shown_in_another(org, other_org) -> None:
    spend(org, "2.50")
    assert front(sign_in(make_operator(org)))[2]["costs"].points
    assert not front(sign_in(make_operator(other_org)))[2]["costs"].points


def test_members_and_writes_are_counted_where_they_happened(as_operator, org, other_org) -> None:
    before = front(as_operator)[2]
    cache.clear()
    make_member(org)
    make_member(other_org)
    Customer.objects.create(org=org, name="Acme")
    after = front(as_operator)[2]
    assert after["members"].points[-1].value - before["members"].points[-1].value == 1
    assert after["members"].points[0].value == 0
    assert after["writes"].points[-1].value > before["writes"].points[-1].value


def test_a_picture_needs_the_permission_that_its_list_needs(operator, as_operator) -> None:
    operator.user_permissions.set(Permission.objects.filter(codename="view_orgmember"))
    page, _, pictures = front(as_operator)
    assert set(pictures) == {"members"}
    assert "AI cost" not in page


def test_every_picture_has_its_numbers_as_a_table_or_in_words(in_all, org) -> None:
    page, _, _ = front(in_all)
    assert page.count("<caption") == page.count('role="img"') == 3
    assert "No AI query was logged" in page


@pytest.mark.parametrize("values", [[], [0, 0], [5], [0, 1, 1_000_000]])
def test_shapes_stay_within_their_frame(values) -> None:
    points = [Point(str(n), value) for n, value in enumerate(values)]
    line, _ = draw_line(points)
    assert all(0 <= float(pair.split(",")[1]) <= HEIGHT for pair in line.split())
    for bar, point in zip(draw_bars(points), points, strict=True):
        assert 0 <= bar.y <= HEIGHT
        assert (bar.height > 0) == (point.value > 0)
    assert all(1 <= percent <= 100 for _, percent in draw_shares(points))


def test_open_findings_of_the_scope_come_first(as_operator, org, other_org) -> None:
    grant_to_stranger(org)
    grant_to_stranger(other_org)
    look()
    _, notices, _ = front(as_operator)
    assert notices[0].sentence == "1 finding of access that looks wrong"
    assert as_operator.get(notices[0].link).status_code == 200
