"""Customers, revenue and activities: who may do what, soft deletion, and totals that follow."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import F
from django.utils import timezone

from tenants.deletion import purge_deleted, restore
from tenants.errors import NotAllowed, NotFound
from tenants.models import Activity, Customer, Revenue, Role
from tenants.scope import api_scope, staff_scope
from tests.factories import make_member, make_org, make_superuser

TODAY = date(2026, 3, 1)


def make_customer(org, name="Acme"):
    return Customer.objects.create(org=org, name=name)


def sell(customer, amount="10.00", day=TODAY):
    return Revenue.objects.create(org_id=customer.org_id, customer=customer, amount=Decimal(amount), date=day)


class TestRoles:
    def test_members_read_business_data_and_cannot_write_it(self, org):
        customer = make_customer(org)
        member = make_member(org)
        with api_scope(member.user_id, org.pk):
            assert Customer.objects.get() == customer
            assert Customer.objects.update(name="mine") == 0
            with pytest.raises(ProgrammingError), transaction.atomic():
                make_customer(org)
        customer.refresh_from_db()
        assert customer.name == "Acme"

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER])
    def test_admins_and_owners_write_it(self, org, role):
        member = make_member(org, role)
        with api_scope(member.user_id, org.pk):
            sell(make_customer(org))
        assert Customer.objects.get(org=org).total_revenue == Decimal("10.00")

    @pytest.mark.parametrize("amount", ["NaN", "Infinity"])
    def test_an_amount_is_a_number(self, org, amount):
        with connection.cursor() as cursor, pytest.raises(Exception, match=r"revenue|overflow"), transaction.atomic():
            cursor.execute(
                "insert into revenue (org_id, amount, date) values (%s, %s::numeric, %s)", [org.pk, amount, TODAY]
            )


class TestSoftDeletion:
    @pytest.mark.parametrize("how", ["instance", "queryset", "raw"])
    def test_a_client_s_delete_hides_the_row_and_keeps_it(self, org, owner, how):
        customer = make_customer(org)
        with api_scope(owner.pk, org.pk):
            if how == "instance":
                customer.delete()
            elif how == "queryset":
                Customer.objects.all().delete()
            else:
                with connection.cursor() as cursor:
                    cursor.execute("delete from customers")
            assert not Customer.objects.exists()
        kept = Customer.objects.get(org=org)
        assert kept.deleted_at
        assert kept.deletion_id

    def test_hidden_rows_are_out_of_reach_in_every_command(self, org, owner):
        customer = make_customer(org)
        with api_scope(owner.pk, org.pk):
            Customer.objects.all().delete()
            assert Customer.objects.filter(pk=customer.pk).update(name="changed", deleted_at=None) == 0
            with connection.cursor() as cursor:
                cursor.execute("delete from customers where id = %s", [customer.pk])
                assert cursor.rowcount == 0
            with pytest.raises(IntegrityError), transaction.atomic():
                Customer.objects.create(pk=customer.pk, org=org, name="again")

    def test_a_client_cannot_mark_rows_by_hand(self, org, owner):
        make_customer(org)
        with api_scope(owner.pk, org.pk), pytest.raises(ProgrammingError), transaction.atomic():
            Customer.objects.update(deleted_at=timezone.now())

    def test_money_keeps_its_customer_while_that_one_can_come_back(self, org, owner):
        customer = make_customer(org)
        revenue = sell(customer)
        with api_scope(owner.pk, org.pk):
            customer.delete()
        revenue.refresh_from_db()
        assert revenue.customer_id == Customer.objects.get(org=org).pk

    def test_restore_brings_back_exactly_what_went(self, org, owner):
        earlier, later = make_customer(org, "Earlier"), make_customer(org, "Later")
        with api_scope(owner.pk, org.pk):
            Customer.objects.filter(pk=earlier.pk).delete()
            Customer.objects.filter(pk=later.pk).delete()
            assert restore(Customer, later.pk, org=org, actor=owner) == 1
            assert list(Customer.objects.all()) == [later]

    def test_restoring_is_for_admins(self, org, owner):
        customer, member = make_customer(org), make_member(org)
        with api_scope(owner.pk, org.pk):
            Customer.objects.all().delete()
        with api_scope(member.user_id, org.pk), pytest.raises(NotAllowed):
            restore(Customer, customer.pk, org=org, actor=member.user)

    def test_another_organization_s_row_cannot_be_restored(self, org, other_org, owner, stranger):
        customer = make_customer(other_org)
        with api_scope(stranger.pk, other_org.pk):
            Customer.objects.all().delete()
        with api_scope(owner.pk, org.pk), pytest.raises(NotFound):
            restore(Customer, customer.pk, org=org, actor=owner)

    def test_staff_delete_softly_too_and_still_see_the_row(self, org):
        customer, superuser = make_customer(org), make_superuser()
        with staff_scope(superuser.pk, org.pk):
            Customer.objects.filter(pk=customer.pk).delete()
            assert Customer.objects.get(pk=customer.pk).deleted_at

    def test_purging_takes_old_deletions_only_and_leaves_the_money(self, org, owner):
        old, fresh = make_customer(org, "Old"), make_customer(org, "Fresh")
        revenue = sell(old)
        with api_scope(owner.pk, org.pk):
            Customer.objects.all().delete()
        Customer.objects.filter(pk=old.pk).update(deleted_at=timezone.now() - timedelta(days=100))
        assert purge_deleted(timezone.now() - timedelta(days=90))["customers"] == 1
        revenue.refresh_from_db()
        assert (revenue.customer_id, list(Customer.objects.filter(org=org))) == (None, [fresh])


class TestTotals:
    def test_they_follow_inserts_updates_and_deletes(self, org):
        customer = make_customer(org)
        first, second = sell(customer, "10.00", TODAY), sell(customer, "5.50", TODAY + timedelta(days=3))
        self.check(customer, "15.50", TODAY + timedelta(days=3))
        Revenue.objects.filter(pk=first.pk).update(amount=F("amount") + 1)
        self.check(customer, "16.50", TODAY + timedelta(days=3))
        second.delete()
        self.check(customer, "11.00", TODAY)
        first.delete()
        self.check(customer, "0.00", None)

    def test_they_follow_an_amount_to_another_customer(self, org):
        one, other = make_customer(org, "One"), make_customer(org, "Other")
        revenue = sell(one)
        revenue.customer = other
        revenue.save()
        self.check(one, "0.00", None)
        self.check(other, "10.00", TODAY)

    def test_they_follow_bulk_and_raw_writes(self, org):
        customer = make_customer(org)
        Revenue.objects.bulk_create(
            Revenue(org=org, customer=customer, amount=Decimal("1.25"), date=TODAY) for _ in range(4)
        )
        with connection.cursor() as cursor:
            cursor.execute("update revenue set amount = amount * 2 where org_id = %s", [org.pk])
        self.check(customer, "10.00", TODAY)

    def check(self, customer, total, day):
        customer.refresh_from_db()
        latest = customer.last_purchase_date
        assert (customer.total_revenue, latest and latest.date()) == (Decimal(total), day)


@pytest.mark.django_db(transaction=True)
def test_totals_are_right_under_concurrent_writers():
    org = make_org()
    customers = [make_customer(org, "One"), make_customer(org, "Other")]

    def write(number):
        try:
            for turn in range(10):
                revenue = sell(customers[(number + turn) % 2], "1.00")
                Revenue.objects.filter(pk=revenue.pk).update(customer_id=customers[(number + turn + 1) % 2].pk)
                if turn % 3 == 0:
                    Revenue.objects.filter(pk=revenue.pk).delete()
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.total_revenue = coalesce(sum(r.amount), 0) from customers c left join revenue r"
            " on r.org_id = c.org_id and r.customer_id = c.id where c.org_id = %s group by c.org_id, c.id",
            [org.pk],
        )
        assert cursor.fetchall() == [(True,), (True,)]
    assert Revenue.objects.filter(org=org).count() == 8 * 6


def test_activities_carry_any_json_and_one_of_five_types(org):
    Activity.objects.create(org=org, type="login", metadata={"device": {"os": "any"}})
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.create(org=org, type="other")
