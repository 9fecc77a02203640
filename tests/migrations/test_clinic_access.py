"""DSOs, doctors and access rows after the conversion: who may do what, and deletion as a group."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from tenants.deletion import purge_deleted, restore
from tenants.errors import NotAllowed
from tenants.models import Doctor, Dso, Role, UserDsoAccess
from tenants.scope import api_scope, staff_scope
from tests.factories import make_member, make_superuser


def make_dso(org, name="North", doctors=2):
    dso = Dso.objects.create(org=org, name=name)
    for number in range(doctors):
        Doctor.objects.create(org=org, dso=dso, name=f"{name} {number}")
    return dso


def let_in(person, dso, **fields):
    return UserDsoAccess.objects.create(org_id=dso.org_id, user=person, dso=dso, **fields)


class TestMembers:
    def test_members_see_the_dsos_they_hold_access_to_and_their_doctors(self, org):
        mine, _other, member = make_dso(org, "Mine"), make_dso(org, "Other"), make_member(org)
        let_in(member.user, mine)
        with api_scope(member.user_id, org.pk):
            assert list(Dso.objects.all()) == [mine]
            assert {d.dso for d in Doctor.objects.all()} == {mine}
            assert Doctor.objects.count() == 2

    def test_expired_access_shows_nothing_and_future_expiry_does(self, org):
        past, future, member = make_dso(org, "Past"), make_dso(org, "Future"), make_member(org)
        let_in(member.user, past, expires_at=timezone.now() - timedelta(seconds=1))
        let_in(member.user, future, expires_at=timezone.now() + timedelta(hours=1))
        with api_scope(member.user_id, org.pk):
            assert list(Dso.objects.all()) == [future]

    def test_members_see_their_own_access_rows_only(self, org):
        dso, member, colleague = make_dso(org), make_member(org), make_member(org)
        mine, _ = let_in(member.user, dso), let_in(colleague.user, dso)
        with api_scope(member.user_id, org.pk):
            assert list(UserDsoAccess.objects.all()) == [mine]

    def test_members_write_none_of_it(self, org):
        dso, member = make_dso(org), make_member(org)
        let_in(member.user, dso)
        with api_scope(member.user_id, org.pk):
            assert Dso.objects.update(name="Changed") == 0
            assert UserDsoAccess.objects.update(expires_at=None) == 0
            with connection.cursor() as cursor:
                for table in ("doctors", "dsos", "user_dso_access"):
                    cursor.execute(f"delete from {table}")
                    assert cursor.rowcount == 0
            for write in (lambda: make_dso(org), lambda: let_in(member.user, dso)):
                with pytest.raises(ProgrammingError), transaction.atomic():
                    write()

    def test_access_in_another_organization_does_not_count_here(self, org, other_org):
        member = make_member(org)
        foreign = make_dso(other_org)
        let_in(member.user, foreign)
        with api_scope(member.user_id, org.pk):
            assert not Dso.objects.exists()
            assert not Doctor.objects.exists()
            assert not UserDsoAccess.objects.exists()

    def test_a_page_asks_for_the_visible_dsos_once(self, org):
        member = make_member(org)
        for number in range(20):
            let_in(member.user, make_dso(org, f"D{number}", doctors=5))
        with api_scope(member.user_id, org.pk), connection.cursor() as cursor:
            cursor.execute("explain (analyze, timing off, costs off) select * from doctors")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "InitPlan" in plan
        assert "rows=100" in plan


class TestAdmins:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER])
    def test_admins_and_owners_read_and_write_all_of_it(self, org, role):
        admin, member = make_member(org, role), make_member(org)
        with api_scope(admin.user_id, org.pk):
            dso = make_dso(org)
            row = let_in(member.user, dso, granted_by=admin.user)
            assert list(Dso.objects.all()) == [dso]
            assert Doctor.objects.update(name="Changed") == 2
            row.expires_at = timezone.now()
            row.save()
            assert row.delete()[0] == 1

    def test_another_organization_s_rows_do_not_exist_for_them(self, org, other_org, owner):
        make_dso(other_org)
        with api_scope(owner.pk, org.pk):
            assert not Dso.objects.exists()
            with pytest.raises(ProgrammingError), transaction.atomic():
                make_dso(other_org)

    def test_a_doctor_cannot_belong_to_another_organization_s_dso(self, org, other_org):
        foreign = make_dso(other_org)
        with pytest.raises(IntegrityError), transaction.atomic():
            Doctor.objects.create(org=org, dso_id=foreign.pk, name="Lost")

    def test_staff_see_the_console_s_organization(self, org, other_org):
        dso, _ = make_dso(org), make_dso(other_org)
        with staff_scope(make_superuser().pk, org.pk):
            assert list(Dso.objects.all()) == [dso]


class TestDeletion:
    def test_a_dso_goes_with_its_doctors_and_comes_back_with_exactly_those(self, org, owner):
        dso, other = make_dso(org, "Gone", doctors=3), make_dso(org, "Stays")
        early = dso.doctors.first()
        with api_scope(owner.pk, org.pk):
            early.delete()
            Dso.objects.get(pk=dso.pk).delete()
            assert list(Dso.objects.all()) == [other]
            assert Doctor.objects.count() == 2
        assert restore(Dso, dso.pk, org=org, actor=owner) == 3
        with api_scope(owner.pk, org.pk):
            assert Doctor.objects.filter(dso=dso).count() == 2
            assert not Doctor.objects.filter(pk=early.pk).exists()

    def test_a_member_with_access_does_not_see_a_deleted_dso_and_cannot_restore_it(self, org, owner):
        dso, member = make_dso(org), make_member(org)
        let_in(member.user, dso)
        with api_scope(owner.pk, org.pk):
            Dso.objects.all().delete()
        with api_scope(member.user_id, org.pk):
            assert not Dso.objects.exists()
            assert not Doctor.objects.exists()
        with pytest.raises(NotAllowed):
            restore(Dso, dso.pk, org=org, actor=member.user)

    def test_purging_takes_the_dso_its_doctors_and_its_access_rows(self, org, owner):
        dso = make_dso(org)
        let_in(owner, dso)
        with api_scope(owner.pk, org.pk):
            Dso.objects.all().delete()
        purge_deleted(timezone.now() + timedelta(days=1))
        assert not Dso.objects.exists()
        assert not Doctor.objects.exists()
        assert not UserDsoAccess.objects.exists()
