"""Groups of permissions in the console: deleting one says who loses what."""

from html import unescape

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import override_settings

from tests.factories import make_staff

pytestmark = pytest.mark.django_db


def test_deleting_a_group_says_who_loses_what_and_keeps_the_people(in_all) -> None:
    group, person = Group.objects.create(name="Readers"), make_staff()
    group.permissions.set(Permission.objects.all()[:3])
    person.groups.add(group)
    page = f"/admin/auth/group/{group.pk}/delete/"
    assert "1 person loses its 3 permissions" in unescape(in_all.get(page).content.decode())
    in_all.post(page, {"post": "yes"})
    assert not Group.objects.exists()
    person.refresh_from_db()
    assert person.is_active


@override_settings(ALLOWED_HOSTS=["testserver"])
def test_what_cannot_be_answered_is_a_page_of_ours(in_all) -> None:
    wrong = in_all.get("/admin/", headers={"host": "elsewhere.example"})
    assert (wrong.status_code, "This was not understood" in wrong.content.decode()) == (400, True)
    in_all.handler.enforce_csrf_checks = True
    forged = in_all.post("/admin/switch/", {"org": ""})
    assert (forged.status_code, "Nothing was written" in forged.content.decode()) == (403, True)
