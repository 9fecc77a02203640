"""Rows of org models through the ORM: whatever is asked or written, it stays in the organization of the scope."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Count, Exists, F, Max, OuterRef

from tenants.models import Store, Workspace
from tenants.scope import api_scope, staff_scope
from tests.factories import make_member, make_store, make_superuser


def execute(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@pytest.fixture
def store(org):
    return make_store(org)


@pytest.fixture
def foreign_store(other_org):
    return make_store(other_org, "Foreign")


@pytest.fixture
def twins(org, other_org):
    """Two workspaces that share an id, in two organizations, each with a store."""
    shared = uuid.uuid4()
    pair = [Workspace.objects.create(id=shared, org=o, name=o.slug) for o in (org, other_org)]
    for workspace in pair:
        make_store(workspace.org, f"of {workspace.name}", workspace)
    return pair


class TestWriting:
    def test_an_insert_for_another_organization_is_refused(self, org, other_org, owner):
        workspace = other_org_workspace(other_org)
        with (
            api_scope(owner.pk, org.pk),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            Store.objects.create(org=other_org, workspace=workspace, name="Smuggled")

    def test_bulk_create_for_another_organization_is_refused_whole(self, org, other_org, owner):
        mine, theirs = other_org_workspace(org), other_org_workspace(other_org)
        stores = [Store(org=org, workspace=mine, name="a"), Store(org=other_org, workspace=theirs, name="b")]
        with (
            api_scope(owner.pk, org.pk),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            Store.objects.bulk_create(stores)
        assert not Store.objects.filter(name__in=["a", "b"]).exists()

    def test_updates_and_deletes_do_not_reach_another_organization(self, org, owner, store, foreign_store):
        with api_scope(owner.pk, org.pk):
            assert Store.objects.filter(pk=foreign_store.pk).update(name="taken") == 0
            assert Store.objects.update(name="mine") == 1
            foreign_store.name = "bulk"
            assert Store.objects.bulk_update([foreign_store], ["name"]) == 0
            assert Store.objects.filter(pk=foreign_store.pk).delete() == (0, {})
            assert execute("update stores set name = 'raw'") == 1
            assert execute("delete from stores where id = %s", [foreign_store.pk]) == 0
            # Softly deleted: marked and hidden, and for PostgreSQL no row was deleted.
            assert execute("delete from stores") == 0
            assert not Store.objects.exists()
        store.refresh_from_db()
        foreign_store.refresh_from_db()
        assert store.deleted_at is not None
        assert (foreign_store.name, foreign_store.deleted_at) == ("Foreign", None)

    def test_saving_a_row_of_another_organization_fails(self, org, owner, foreign_store):
        with api_scope(owner.pk, org.pk), pytest.raises(DatabaseError), transaction.atomic():
            foreign_store.save()

    def test_a_member_reads_and_does_not_write(self, org, store):
        member = make_member(org)
        with api_scope(member.user_id, org.pk):
            assert Store.objects.count() == 1
            assert Store.objects.update(name="mine") == 0
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Store.objects.create(org=org, workspace=store.workspace, name="x")

    def test_the_api_role_cannot_truncate(self, org, owner, store):
        with (
            api_scope(owner.pk, org.pk),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
        ):
            execute("truncate stores")


def other_org_workspace(org):
    return Workspace.objects.get(org=org)


class TestKeys:
    def test_a_key_to_another_organizations_row_is_refused_for_the_owner_too(self, org, other_org):
        with pytest.raises(IntegrityError, match="fk_stores_workspace_id"), transaction.atomic():
            Store.objects.create(org=org, workspace=other_org_workspace(other_org), name="Crossed")

    def test_a_key_cannot_be_turned_to_another_organizations_row(self, org, owner, store, foreign_store):
        with (
            api_scope(owner.pk, org.pk),
            pytest.raises(IntegrityError, match="fk_stores_workspace_id"),
            transaction.atomic(),
        ):
            Store.objects.filter(pk=store.pk).update(workspace_id=foreign_store.workspace_id)

    def test_a_key_is_checked_at_once_and_not_at_commit(self, org):
        with transaction.atomic():
            with pytest.raises(IntegrityError), transaction.atomic():
                Store.objects.create(org=org, workspace_id=uuid.uuid4(), name="Nowhere")
            assert Workspace.objects.count()

    def test_org_id_does_not_change_through_the_orm(self, other_org, store):
        store.org = other_org
        with pytest.raises(IntegrityError, match="org_id is immutable"), transaction.atomic():
            store.save()

    @pytest.mark.parametrize("way", ["update", "bulk_update", "raw"])
    def test_org_id_does_not_change_in_bulk_or_raw(self, other_org, store, way):
        ways = {
            "update": lambda: Store.objects.filter(pk=store.pk).update(org=other_org),
            "bulk_update": lambda: Store.objects.bulk_update([moved(store, other_org)], ["org"]),
            "raw": lambda: execute("update stores set org_id = %s", [other_org.pk]),
        }
        with pytest.raises(IntegrityError, match="org_id is immutable"), transaction.atomic():
            ways[way]()

    def test_deleting_a_parent_of_protected_rows_is_refused(self, store):
        with pytest.raises(IntegrityError), transaction.atomic():
            execute("delete from workspaces where id = %s", [store.workspace_id])

    def test_rows_go_with_their_organization(self, org, store):
        execute("update organizations set status = 'deleting', deleting_since = now() where id = %s", [org.pk])
        execute("delete from organizations where id = %s", [org.pk])
        assert not Store.objects.filter(pk=store.pk).exists()


def moved(store, org):
    store.org = org
    return store


class TestReading:
    """Two organizations hold rows with the same id: only the pair tells them apart."""

    def test_a_join_carries_the_organization(self, twins):
        rows = Store.objects.filter(workspace_id=twins[0].pk).select_related("workspace")
        assert {(s.org_id, s.workspace.name) for s in rows} == {(w.org_id, w.name) for w in twins}

    def test_a_filter_across_the_key_carries_it(self, twins):
        found = Store.objects.filter(workspace__name=twins[0].name)
        assert [s.org_id for s in found] == [twins[0].org_id]
        assert Store.objects.filter(workspace_id=twins[0].pk).exclude(workspace__name=twins[0].name).get().org_id == (
            twins[1].org_id
        )

    def test_values_annotations_and_aggregates_carry_it(self, twins):
        shared = Store.objects.filter(workspace_id=twins[0].pk)
        assert set(shared.values_list("org_id", "workspace__name")) == {(w.org_id, w.name) for w in twins}
        counted = Workspace.objects.filter(pk=twins[0].pk).annotate(n=Count("stores"), last=Max("stores__name"))
        assert {(w.n, w.last) for w in counted} == {(1, f"of {w.name}") for w in twins}
        assert shared.annotate(where=F("workspace__name")).filter(where=twins[1].name).count() == 1
        assert Workspace.objects.filter(pk=twins[0].pk).aggregate(n=Count("stores"))["n"] == 2

    def test_the_forward_key_fetches_the_row_of_its_own_organization(self, twins):
        for store in Store.objects.filter(workspace_id=twins[0].pk):
            assert store.workspace.org_id == store.org_id

    def test_the_reverse_manager_stays_in_its_organization(self, twins):
        for workspace in twins:
            assert [s.org_id for s in workspace.stores.all()] == [workspace.org_id]
            assert workspace.stores.count() == 1

    @pytest.mark.parametrize("relation", ["stores", "workspace"])
    def test_prefetching_stays_in_its_organization(self, twins, relation):
        if relation == "stores":
            workspaces = Workspace.objects.filter(pk=twins[0].pk).prefetch_related("stores")
            assert all([s.org_id for s in w.stores.all()] == [w.org_id] for w in workspaces)
        else:
            stores = Store.objects.filter(workspace_id=twins[0].pk).prefetch_related("workspace")
            assert all(s.workspace.org_id == s.org_id for s in stores)

    def test_an_exists_subquery_works_under_a_scope(self, org, owner, store):
        stores = Store.objects.filter(workspace=OuterRef("pk"))
        with api_scope(owner.pk, org.pk):
            assert Workspace.objects.filter(Exists(stores)).get() == store.workspace
            assert Workspace.objects.filter(stores__isnull=False).exists()

    def test_a_scope_shows_its_organization_through_every_relation(self, org, owner, twins):
        with api_scope(owner.pk, org.pk):
            workspace = Workspace.objects.prefetch_related("stores").get(pk=twins[0].pk)
            assert [s.name for s in workspace.stores.all()] == [f"of {twins[0].name}"]
            assert set(Store.objects.values_list("workspace__org_id", flat=True)) == {org.pk}
            assert list(Store.objects.raw("select * from stores where org_id <> %s", [org.pk])) == []

    def test_staff_in_all_organizations_see_both(self, twins):
        with staff_scope(make_superuser().pk, all_orgs=True):
            assert Store.objects.filter(workspace_id=twins[0].pk).count() == 2


class TestUpdatedAt:
    def test_the_database_keeps_it(self, store):
        before = store.updated_at
        execute("update stores set name = 'Other' where id = %s", [store.pk])
        store.refresh_from_db()
        assert store.updated_at > before

    def test_an_update_that_changes_nothing_leaves_it(self, store):
        before = Store.objects.get(pk=store.pk).updated_at
        execute("update stores set name = name where id = %s", [store.pk])
        assert Store.objects.get(pk=store.pk).updated_at == before
