"""System checks: what would let a row cross organizations is an error before it is a migration."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from postgres.keys import CompositeKey
from tenants.constraints import OrgGuard
from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel
from tenants.models.organizations import Organization
from tenants.registry import org_models


@register("models")
def check_org_models(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every org model: guarded, with uniques, keys and relations that hold the organization."""
    found: list[CheckMessage] = []
    for model in org_models():
        found += [
            *check_guard(model),
            *check_key(model),
            *check_uniques(model),
            *check_deletion(model),
            *check_relations(model),
        ]
    return found + list(check_unguarded())


def check_guard(model: type[OrgModel]) -> Iterator[Error]:
    if not any(isinstance(c, OrgGuard) for c in model._meta.constraints) or not model._meta.managed:
        yield Error(
            f"{model._meta.label} has no guard",
            "Leave Meta.constraints and Meta.managed as OrgModel made them.",
            model,
            "tenants.E001",
        )


def check_key(model: type[OrgModel]) -> Iterator[Error]:
    """The key holds the organization, and `org` is what OrgModel made it, whatever else a subclass gave it."""
    key: Any = model._meta.pk
    org: Any = model._meta.get_field("org")
    if not isinstance(key, CompositeKey) or key.columns[0] not in ("org", "org_id"):
        hint = 'Leave `id` as OrgModel made it, or begin its columns with "org".'
        yield Error(f"{model._meta.label} has a key without organization", hint, model, "tenants.E006")
    if org.null or org.column != "org_id" or org.db_constraint or org.remote_field.model is not Organization:
        hint = "Leave `org` as OrgModel made it; another related_name needs db_constraint=False and db_index=False."
        yield Error(f"{model._meta.label}.org is not the organization of its row", hint, model, "tenants.E006")


def check_uniques(model: type[OrgModel]) -> Iterator[Error]:
    hint = 'Name the organization: UniqueConstraint(fields=["org", …]).'
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            yield Error(f"{model._meta.label}.{field.name} is unique across organizations", hint, model, "tenants.E002")
    for fields in _unique_fields(model):
        if "org" not in fields:
            names = ", ".join(fields) or "an expression"
            yield Error(f"{model._meta.label} is unique by {names} across organizations", hint, model, "tenants.E002")


def _unique_fields(model: type[OrgModel]) -> Iterator[Sequence[str]]:
    yield from model._meta.unique_together
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            yield constraint.fields or [f.name for e in constraint.expressions for f in _named_fields(e)]


def _named_fields(expression: Any) -> Iterator[Any]:
    parts = expression.flatten() if hasattr(expression, "flatten") else [expression]
    yield from (part for part in parts if isinstance(part, models.F))


def check_relations(model: type[models.Model]) -> Iterator[Error]:
    """Many-to-many tables need an organization of their own, and keys to org tables need the pair."""
    label = model._meta.label
    for many in model._meta.local_many_to_many:
        relation: Any = many.remote_field
        if relation.through._meta.auto_created and (_is_org(model) or _is_org(relation.model)):
            hint = "Give it a through model that is an OrgModel."
            yield Error(f"{label}.{many.name} has a table without organization", hint, model, "tenants.E003")
    keys: list[Any] = list(model._meta.local_fields)
    for field in keys:
        target = field.remote_field.model if field.remote_field else None
        if _is_org(target) and not (isinstance(field, OrgForeignKey) and _is_org(model)):
            hint = "Use tenants.fields.OrgForeignKey, in a subclass of tenants.models.OrgModel."
            yield Error(f"{label}.{field.name} could point into another organization", hint, model, "tenants.E004")


def _is_org(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, OrgModel)


def check_deletion(model: type[OrgModel]) -> Iterator[Error]:
    """Django would delete or empty the children although a softly deleted parent stays."""
    keys = (field for field in model._meta.local_fields if isinstance(field, OrgForeignKey))
    for key in keys:
        acts_first = key.remote_field.on_delete in (models.CASCADE, models.SET_NULL, models.SET_DEFAULT)
        if acts_first and getattr(key.remote_field.model, "soft_delete", False):
            hint = 'Use models.DO_NOTHING with in_database="SET NULL" (or CASCADE).'
            said = f"{model._meta.label}.{key.name} would be changed before its softly deleted parent is"
            yield Error(said, hint, model, "tenants.E007")


def check_unguarded() -> Iterator[Error]:
    """A model of any app whose rows name an organization, or a row of one, but which is no OrgModel."""
    for model in apps.get_models():
        if _is_org(model) or model._meta.auto_created or model._meta.label_lower.startswith("audit."):
            continue
        yield from check_relations(model)
        for field in model._meta.local_fields:
            owns = field.name == "org" and field.remote_field and field.remote_field.model is Organization
            if owns or field.column == "org_id":
                hint = "Subclass tenants.models.OrgModel."
                yield Error(f"{model._meta.label} has an organization but no guard", hint, model, "tenants.E005")
