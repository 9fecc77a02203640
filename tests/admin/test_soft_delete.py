"""Rows that can be restored: the console says so when one is deleted, marks it, and brings it back."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from audit.models import AuditLog
from tenants.models import Customer, Doctor, Dso, Organization, Store
from tests.admin.conftest import make_operator, sign_in
from tests.factories import make_store

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def page(row, name: str) -> str:
    return f"/admin/tenants/{row._meta.model_name}/{row.pk}/{name}/"


def make_dso(org) -> tuple[Dso, Doctor]:
    dso = Dso.objects.create(org=org, name="North")
    return dso, Doctor.objects.create(org=org, dso=dso, name="Ann")


MAKE: dict[str, Callable[[Organization], Any]] = {
    "store": make_store,
    "customer": lambda org: Customer.objects.create(org=org, name="Ada"),
    "dso": lambda org: make_dso(org)[0],
    "doctor": lambda org: make_dso(org)[1],
}


@pytest.mark.parametrize("kind", MAKE)
def test_what_was_deleted_is_marked_and_comes_back_by_a_button(as_operator, operator, org, kind) -> None:
    row = MAKE[kind](org)
    assert "can be restored on its page for" in text_of(as_operator.get(page(row, "delete")))
    assert "/restore/" not in text_of(as_operator.get(page(row, "change")))
    as_operator.post(page(row, "delete"), {"post": "yes"})
    row.refresh_from_db()
    assert row.deleted_at is not None
    assert f"{row.deleted_at:%Y}" in text_of(as_operator.get(f"/admin/tenants/{kind}/"))
    shown = text_of(as_operator.get(page(row, "change")))
    assert page(row, "restore") in shown
    assert page(row, "delete") not in shown
    assert "Clients see it again" in text_of(as_operator.get(page(row, "restore")))
    assert f"{row} is back" in text_of(as_operator.post(page(row, "restore"), follow=True))
    row.refresh_from_db()
    assert (row.deleted_at, row.deletion_id) == (None, None)
    entry = AuditLog.objects.filter(record_id=str(row.pk), action="UPDATE").latest("created_at")
    assert (entry.user_id, entry.reason) == (operator.pk, "restore")


def test_a_dso_comes_back_with_its_doctors_and_a_doctor_not_without_it(as_operator, org) -> None:
    dso, doctor = make_dso(org)
    assert "North with its doctors is hidden" in text_of(as_operator.get(page(dso, "delete")))
    as_operator.post(page(dso, "delete"), {"post": "yes"})
    assert "again at once, with the doctors that went with it." in text_of(as_operator.get(page(dso, "restore")))
    assert "Its DSO is deleted: restore that first." in text_of(as_operator.post(page(doctor, "restore")))
    assert Doctor.objects.filter(pk=doctor.pk, deleted_at=None).count() == 0
    assert "and 1 more that went with it" in text_of(as_operator.post(page(dso, "restore"), follow=True))
    assert Doctor.objects.filter(pk=doctor.pk, deleted_at=None).count() == 1


def test_a_store_whose_name_is_taken_meanwhile_stays_deleted_and_the_page_says_why(as_operator, org) -> None:
    store = make_store(org)
    as_operator.post(page(store, "delete"), {"post": "yes"})
    Store.objects.create(org=org, workspace=store.workspace, name=store.name)
    assert "There is one like this already." in text_of(as_operator.post(page(store, "restore")))
    store.refresh_from_db()
    assert store.deleted_at is not None


def test_only_whoever_may_delete_restores(org) -> None:
    person = make_operator(org, email="reader@example.org")
    person.user_permissions.set(person.user_permissions.exclude(codename="delete_store"))
    store = make_store(org)
    Store.objects.filter(pk=store.pk).update(deleted_at="2026-01-01T00:00Z", deletion_id=store.pk)
    assert sign_in(person).post(page(store, "restore")).status_code == 403
    assert Store.objects.filter(pk=store.pk, deleted_at=None).count() == 0
