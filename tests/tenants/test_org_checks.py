"""What would let a row cross organizations is an error of `manage.py check`, before it is a migration."""

import pytest

from tests.tenants.scratch import ScratchApp

# One worker for the module: its fixture is made once.
pytestmark = pytest.mark.xdist_group("org_checks")

MODELS = """
from django.db.models.functions import Lower

from tenants.constraints import OrgGuard



class Good(OrgModel):
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint("org", Lower("name"), name="good_name")]


class UniqueField(OrgModel):
    code = models.TextField(unique=True)


class UniqueTogether(OrgModel):
    name = models.TextField()

    class Meta:
        unique_together = [("name", "created_at")]


class UniqueNamed(OrgModel):
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="scratch_name")]


class UniqueExpression(OrgModel):
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="scratch_lower")]


class ManyToMany(OrgModel):
    stores = models.ManyToManyField(Store)


class PlainKey(OrgModel):
    store = models.ForeignKey(Store, models.CASCADE, related_name="+")


class Child(Store):
    pass


class GlobalWithKey(models.Model):
    store = OrgForeignKey(Store, models.CASCADE, related_name="+")


class GlobalWithMany(models.Model):
    stores = models.ManyToManyField(Store, related_name="+")


class Unguarded(models.Model):
    org = models.ForeignKey(Organization, models.CASCADE, related_name="+")


class UnguardedColumn(models.Model):
    whose = models.UUIDField(db_column="org_id")


class OwnConstraints(OrgModel):
    class Meta:
        constraints = []


class LostGuard(OrgModel):
    pass


LostGuard._meta.constraints = []


class Unmanaged(OrgModel):
    class Meta:
        managed = False


class OtherKey(OrgModel):
    id = models.UUIDField(primary_key=True)


class LooseOrg(OrgModel):
    org = models.ForeignKey(Organization, models.CASCADE, null=True, related_name="+")
"""


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `manage.py check` says about a folder full of mistakes."""
    app = ScratchApp(tmp_path_factory.mktemp("checks"), "postgres")
    app.write_models(MODELS)
    done = app.run("check")
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize(
    "complaint",
    [
        "(tenants.E002) scratch.UniqueField.code is unique across organizations",
        "(tenants.E002) scratch.UniqueTogether is unique by name, created_at across organizations",
        "(tenants.E002) scratch.UniqueNamed is unique by name across organizations",
        "(tenants.E002) scratch.UniqueExpression is unique by name across organizations",
        "(tenants.E003) scratch.ManyToMany.stores has a table without organization",
        "(tenants.E003) scratch.GlobalWithMany.stores has a table without organization",
        "(tenants.E004) scratch.PlainKey.store could point into another organization",
        "(tenants.E004) scratch.GlobalWithKey.store could point into another organization",
        "(tenants.E004) scratch.Child.store_ptr could point into another organization",
        "(tenants.E005) scratch.Unguarded has an organization but no guard",
        "(tenants.E005) scratch.UnguardedColumn has an organization but no guard",
        "(tenants.E001) scratch.LostGuard has no guard",
        "(tenants.E001) scratch.Unmanaged has no guard",
        "(tenants.E006) scratch.OtherKey has a key without organization",
        "(tenants.E006) scratch.LooseOrg.org is not the organization of its row",
    ],
)
def test_a_mistake_is_named_with_what_to_do(complaints, complaint):
    line = next((line for line in complaints.splitlines() if complaint in line), None)
    assert line, complaints
    assert "HINT:" in complaints[complaints.index(line) + len(line) :].splitlines()[1]


@pytest.mark.parametrize("model", ["Good", "OwnConstraints"])
def test_what_holds_the_organization_is_no_mistake(complaints, model):
    assert f"scratch.{model} " not in complaints
    assert f"scratch.{model}." not in complaints
