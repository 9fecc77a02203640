"""Organizations: founded, deleted, restored, purged."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from audit.models import AuditLog
from tenants.errors import Conflict, NotAllowed
from tenants.lifecycle import (
    create_organization,
    delete_organization,
    purge_organizations,
    restore_organization,
    resume_organization,
)
from tenants.membership import remove_member
from tenants.models import MemberState, Organization, OrgMember, OrgStatus, Role, Store, Workspace
from tenants.scope import api_scope, service_scope, staff_scope
from tests.factories import make_member, make_person, make_staff, make_store, make_superuser
from tests.log_reading import actors, changes, logged_rows


def age(org, days):
    Organization.objects.filter(pk=org.pk).update(deleting_since=timezone.now() - timedelta(days=days))


def status_of(org):
    return Organization.objects.get(pk=org.pk).status


class TestFounding:
    def test_the_actor_owns_it_and_it_has_a_workspace(self, owner):
        founded = create_organization("Café Zürich", actor=owner)
        membership = OrgMember.objects.get(org=founded)
        assert (membership.user_id, membership.role, membership.state) == (owner.pk, Role.OWNER, MemberState.ACTIVE)
        assert (founded.slug, founded.created_by_id) == ("cafe-zurich", owner.pk)
        assert Workspace.objects.filter(org=founded).count() == 1

    def test_it_works_within_another_organizations_scope_and_as_a_service(self, org, owner):
        with api_scope(owner.pk, org.pk):
            assert create_organization("One", actor=owner).name == "One"
        with service_scope("api"):
            assert create_organization("Two", actor=owner).name == "Two"

    def test_three_rows_are_logged_in_the_actors_name(self, org, owner):
        with logged_rows() as rows, api_scope(owner.pk, org.pk, request_id="r7"):
            create_organization("Acme", actor=owner)
        assert changes(rows) == [("INSERT", "org_members"), ("INSERT", "organizations"), ("INSERT", "workspaces")]
        assert actors(rows) == {f"user:{owner.pk}"}
        assert {(row.request_id, row.reason) for row in rows} == {("r7", "create organization")}

    def test_a_slug_made_from_the_name_gives_way_to_a_look_alike(self, owner):
        first, second = (create_organization(name, actor=owner) for name in ("Acme Oil", "Acme 0il"))
        assert first.slug == "acme-oil"
        assert second.slug.startswith("acme-0il-")

    def test_a_slug_that_was_asked_for_and_is_taken_is_a_conflict_and_founds_nothing(self, owner):
        create_organization("Acme", slug="acme", actor=owner)
        for slug in ("acme", "acrne"):
            with pytest.raises(Conflict, match="choose another"):
                create_organization("Other", slug=slug, actor=owner)
        assert not Organization.objects.filter(name="Other").exists()

    @pytest.mark.parametrize(("name", "slug"), [("", None), ("  ", None), ("Acme", "admin"), ("Acme", "No Slug")])
    def test_a_missing_name_and_a_bad_slug_are_invalid(self, owner, name, slug):
        with pytest.raises(ValidationError):
            create_organization(name, slug=slug, actor=owner)


class TestDeleting:
    def test_it_closes_at_once_and_nothing_is_gone(self, org, owner):
        make_store(org)
        with api_scope(owner.pk, org.pk):
            deleted = delete_organization(org, actor=owner)
        assert deleted.status == OrgStatus.DELETING
        assert deleted.deleting_since is not None
        assert Store.objects.filter(org=org).count() == 1
        with api_scope(owner.pk, org.pk) as scope:
            assert scope.status == "no-active-organization"

    def test_one_row_is_logged_in_the_actors_name(self, org, owner):
        with logged_rows() as rows, api_scope(owner.pk, org.pk):
            delete_organization(org, actor=owner)
        assert changes(rows) == [("UPDATE", "organizations")]
        assert actors(rows) == {f"user:{owner.pk}"}

    def test_an_admin_deletes_nothing(self, org):
        admin = make_member(org, Role.ADMIN)
        with api_scope(admin.user_id, org.pk), pytest.raises(NotAllowed, match="Only owners"):
            delete_organization(org, actor=admin.user)

    def test_an_outsider_deletes_nothing(self, org, stranger):
        with pytest.raises(NotAllowed):
            delete_organization(org, actor=stranger)

    def test_staff_delete_in_the_console(self, org):
        person = make_staff()
        make_member(org, user=person)
        with logged_rows() as rows, staff_scope(person.pk, org.pk):
            delete_organization(org, actor=person)
        assert status_of(org) == OrgStatus.DELETING
        assert actors(rows) == {f"user:{person.pk}"}

    def test_twice_is_a_conflict(self, org, owner):
        delete_organization(org, actor=owner)
        with pytest.raises(Conflict, match="already"):
            delete_organization(org, actor=owner)

    def test_an_owner_does_not_lift_a_suspension_by_deleting_and_restoring(self, org, owner):
        Organization.objects.filter(pk=org.pk).update(status=OrgStatus.SUSPENDED)
        with pytest.raises(Conflict, match="suspended"):
            delete_organization(org, actor=owner)

    def test_a_superuser_deletes_a_suspended_one(self, org):
        Organization.objects.filter(pk=org.pk).update(status=OrgStatus.SUSPENDED)
        assert delete_organization(org, actor=make_superuser()).status == OrgStatus.DELETING


class TestRestoring:
    def test_its_owner_takes_the_deletion_back(self, org, owner):
        delete_organization(org, actor=owner)
        with logged_rows() as rows, api_scope(owner.pk, org.pk):
            restored = restore_organization(org, actor=owner)
        assert (restored.status, restored.deleting_since) == (OrgStatus.ACTIVE, None)
        assert changes(rows) == [("UPDATE", "organizations")]
        assert actors(rows) == {f"user:{owner.pk}"}

    def test_an_admin_restores_nothing(self, org, owner):
        admin = make_member(org, Role.ADMIN)
        delete_organization(org, actor=owner)
        with pytest.raises(NotAllowed):
            restore_organization(org, actor=admin.user)

    def test_what_is_not_being_deleted_is_a_conflict(self, org, owner):
        with pytest.raises(Conflict, match="not being deleted"):
            restore_organization(org, actor=owner)

    def test_after_the_grace_period_it_is_too_late(self, org, owner, settings):
        delete_organization(org, actor=owner)
        age(org, settings.TENANTRY_DELETION_GRACE_DAYS + 1)
        with pytest.raises(Conflict, match="grace period is over"):
            restore_organization(org, actor=owner)

    def test_its_owner_does_not_lift_a_suspension_that_staff_had_deleted_it_under(self, org, owner):
        Organization.objects.filter(pk=org.pk).update(status=OrgStatus.SUSPENDED)
        delete_organization(org, actor=make_superuser())
        with api_scope(owner.pk, org.pk):
            assert restore_organization(org, actor=owner).status == OrgStatus.SUSPENDED
        resume_organization(org, reason="paid", actor=make_superuser())
        delete_organization(org, actor=owner)
        assert restore_organization(org, actor=owner).status == OrgStatus.ACTIVE

    def test_without_an_owner_it_does_not_come_back(self, org, owner):
        delete_organization(org, actor=owner)
        remove_member(OrgMember.objects.get(org=org), actor=owner)
        with pytest.raises(Conflict, match="at least one active owner"):
            restore_organization(org, actor=make_superuser())
        assert status_of(org) == OrgStatus.DELETING


class TestPurging:
    def test_what_is_past_its_grace_goes_with_all_its_rows_and_the_rest_stays(self, org, other_org, owner, settings):
        make_store(org)
        make_member(org)
        kept = make_store(other_org)
        delete_organization(org, actor=owner)
        age(org, settings.TENANTRY_DELETION_GRACE_DAYS + 1)
        assert purge_organizations() == [org.pk]
        assert not Organization.objects.filter(pk=org.pk).exists()
        for model in (OrgMember, Store, Workspace):
            assert not model.objects.filter(org_id=org.pk).exists()
        assert Store.objects.filter(pk=kept.pk).exists()

    def test_within_the_grace_period_nothing_goes(self, org, owner, settings):
        delete_organization(org, actor=owner)
        age(org, settings.TENANTRY_DELETION_GRACE_DAYS - 1)
        assert purge_organizations() == []
        assert status_of(org) == OrgStatus.DELETING

    def test_an_organization_that_works_never_goes(self, org):
        assert purge_organizations() == []
        assert status_of(org) == OrgStatus.ACTIVE

    def test_its_people_stay_and_their_choice_of_it_is_forgotten(self, org, owner, settings):
        type(owner).objects.filter(pk=owner.pk).update(active_org=org, console_org=org)
        delete_organization(org, actor=owner)
        age(org, settings.TENANTRY_DELETION_GRACE_DAYS + 1)
        purge_organizations()
        owner.refresh_from_db()
        assert (owner.active_org_id, owner.console_org_id) == (None, None)

    def test_each_row_is_logged_with_job_and_reason_and_the_log_stays(self, org, owner, settings):
        delete_organization(org, actor=owner)
        age(org, settings.TENANTRY_DELETION_GRACE_DAYS + 1)
        with logged_rows() as rows:
            purge_organizations()
        assert changes(rows) == [("DELETE", "org_members"), ("DELETE", "organizations"), ("DELETE", "workspaces")]
        assert actors(rows) == {"system:purge_organizations"}
        assert {row.reason for row in rows} == {f"deleted more than {settings.TENANTRY_DELETION_GRACE_DAYS} days ago"}
        assert AuditLog.objects.filter(org_id=org.pk, action="INSERT", table_name="organizations").exists()


def test_an_organization_has_a_since_exactly_while_it_is_being_deleted(org):
    for wrong in ({"status": OrgStatus.DELETING}, {"deleting_since": timezone.now()}):
        with pytest.raises(Exception, match="organizations_deleting_since"), transaction.atomic():
            Organization.objects.filter(pk=org.pk).update(**wrong)


def test_a_founder_who_is_gone_leaves_the_organization(org, owner):
    founder = make_person()
    Organization.objects.filter(pk=org.pk).update(created_by=founder)
    type(founder).objects.filter(pk=founder.pk).update(is_active=False)
    Organization.objects.filter(members__user=founder).update(status=OrgStatus.DELETING, deleting_since=timezone.now())
    founder.delete()
    org.refresh_from_db()
    assert org.created_by_id is None
