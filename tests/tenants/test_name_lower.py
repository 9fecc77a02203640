"""What searches read of a name: the trigger decides it, whoever writes; clients neither see nor say it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
from django.db import connection

from audit.models import AuditLog
from tenants.api.fields import columns_of
from tenants.api.generated import VIEWS
from tenants.models import Doctor, Dso
from tenants.scope import api_scope, staff_scope
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(org):
    dso = Dso.objects.create(org=org, name="Bright SMILES")
    return Doctor.objects.create(org=org, dso=dso, name="Dr. Ünal", name_lower="a lie")


def stored() -> tuple[str, ...]:
    return (Dso.objects.get().name_lower, Doctor.objects.get().name_lower)


def test_an_insert_that_lies_is_put_right(doctor):
    assert stored() == ("bright smiles", "dr. ünal")


@pytest.mark.parametrize("acting", ["owner", "api", "staff"])
def test_an_update_that_lies_is_put_right_and_leaves_no_log(acting, doctor, org, owner):
    scopes: dict[str, Callable[[], AbstractContextManager[object]]] = {
        "owner": nullcontext,
        "api": lambda: api_scope(owner.pk, org.pk),
        "staff": lambda: staff_scope(make_superuser().pk, org.pk),
    }
    with scopes[acting]():
        assert Doctor.objects.update(name_lower="a lie") == 1
    assert stored()[1] == "dr. ünal"
    assert not AuditLog.objects.filter(table_name="doctors", action="UPDATE").exists()


def test_a_new_name_brings_its_own_in_every_way_of_writing(doctor):
    doctor.name = "One"
    doctor.save()
    assert stored()[1] == "one"
    doctor.name = "TWO"
    Doctor.objects.bulk_update([doctor], ["name"])
    assert stored()[1] == "two"
    with connection.cursor() as cursor:
        cursor.execute("update doctors set name = 'THREE', name_lower = 'four'")
    assert stored()[1] == "three"


def test_a_name_of_any_length_fits_the_index(doctor):
    doctor.name = "Ä" * 10_000
    doctor.save()
    assert stored()[1] == "ä" * 200


def test_a_trigger_of_an_adopted_table_that_changes_the_name_is_followed(doctor):
    with connection.cursor() as cursor:
        cursor.execute(
            "create function pg_temp.trim_name() returns trigger language plpgsql as"
            " $$begin new.name := trim(new.name); return new; end$$;"
            "create trigger trim_name before insert or update on doctors for each row execute function"
            " pg_temp.trim_name(); update doctors set name = '  Spaced '"
        )
    assert stored()[1] == "spaced"


@pytest.mark.parametrize("name", ["doctors", "dsos"])
def test_clients_neither_see_nor_say_it(name):
    model = VIEWS[name].model
    assert "name" in {c.name for c in columns_of(model)}
    assert "name_lower" not in {c.name for c in columns_of(model)}
    assert "name_lower" not in VIEWS[name].query.filters
