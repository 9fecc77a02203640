"""What the doctor found, in the console: on the front page with its age, and on a page with what to type."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tenants.models import DoctorRun

pytestmark = pytest.mark.django_db
LIST = "/admin/tenants/doctorrun/"


def make_run(hours=3, errors=0, warnings=0, findings=(), **more) -> DoctorRun:
    run = DoctorRun.objects.create(
        made_by="maintain", errors=errors, warnings=warnings, findings=list(findings), **more
    )
    DoctorRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    return run


def notice_of(client):
    notices = client.get("/admin/").context["notices"]
    return next((notice for notice in notices if "doctor" in notice.sentence), None)


def test_errors_stand_on_the_front_page_with_their_age_and_the_way_there(in_all) -> None:
    run = make_run(hours=30, errors=2, warnings=1)
    notice = notice_of(in_all)
    assert notice.sentence.replace("\xa0", " ") == "The doctor found 2 errors, 1 warning, 1 day ago"
    assert notice.tone == "danger"
    assert notice.link == f"{LIST}{run.pk}/change/"


def test_the_newest_run_counts(in_all) -> None:
    make_run(hours=5, errors=2)
    make_run(hours=1, warnings=1)
    assert notice_of(in_all).tone == "warning"
    make_run(hours=0, notes=4)
    assert notice_of(in_all) is None


def test_a_database_that_was_never_looked_at_is_told_with_the_command(in_all) -> None:
    notice = notice_of(in_all)
    assert (notice.tone, notice.command) == ("info", "manage.py doctor")


def test_a_doctor_who_stays_away_is_told(in_all) -> None:
    make_run(hours=24 * 9)
    notice = notice_of(in_all)
    assert (notice.tone, notice.command) == ("warning", "manage.py maintain")


def test_what_the_command_found_is_read_in_the_console(in_all) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create view leak as select * from customers")
    with pytest.raises(SystemExit):
        call_command("doctor", "--json")
    page = in_all.get(notice_of(in_all).link).content.decode()
    assert "view public.leak" in page
    assert "alter view public.leak set (security_invoker = true)" in page
    with connection.cursor() as cursor:
        cursor.execute("drop view leak")
    call_command("maintain", verbosity=0)
    assert [run.errors for run in DoctorRun.objects.all()[:1]] == [0]


def test_an_older_run_says_that_there_is_a_newer(in_all) -> None:
    old = make_run(errors=1)
    assert "no longer how things stand" not in in_all.get(f"{LIST}{old.pk}/change/").content.decode()
    make_run()
    assert "no longer how things stand" in in_all.get(f"{LIST}{old.pk}/change/").content.decode()


def test_names_from_the_catalog_are_no_markup(in_all) -> None:
    odd = {"check": "views", "level": "error", "object": "<script>", "reason": "</pre><b>", "remedy": "<img>"}
    page = in_all.get(f"{LIST}{make_run(errors=1, findings=[odd]).pk}/change/").content.decode()
    for markup in ("</pre><b>", "<img>", '<strong class="font-medium text-important"><script>'):
        assert markup not in page


@pytest.mark.parametrize("who", ["as_operator", "in_org"])
def test_within_one_organization_there_is_no_word_of_it(who, request) -> None:
    client = request.getfixturevalue(who)
    run = make_run(errors=2)
    assert notice_of(client) is None
    assert client.get(f"{LIST}{run.pk}/change/").status_code == 404
    assert "3 hours" not in client.get(LIST).content.decode()
    assert LIST not in client.get("/admin/").content.decode()


def test_nobody_writes_a_run_by_hand(in_all) -> None:
    run = make_run(errors=2)
    assert in_all.get(f"{LIST}add/").status_code == 404
    in_all.post(f"{LIST}{run.pk}/change/", {"errors": 0})
    assert in_all.post(f"{LIST}{run.pk}/delete/", {"post": "yes"}).status_code == 403
    assert DoctorRun.objects.get().errors == 2
