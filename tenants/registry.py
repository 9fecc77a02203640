"""The one list of org tables: whatever is generated per table (tests, checks, docs) reads it here."""

from django.apps import apps

from tenants.models.base import OrgModel


def org_models() -> list[type[OrgModel]]:
    """Every concrete org model, by table name."""
    models = [m for m in apps.get_models() if issubclass(m, OrgModel) and not m._meta.proxy]
    return sorted(models, key=lambda m: m._meta.db_table)
