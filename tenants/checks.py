"""System checks: what would let a row cross organizations is an error before it is a migration."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

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
        found += [*check_guard(model), *check_uniques(model), *check_relations(model)]
    return found + list(check_unguarded())


def check_guard(model: type[OrgModel]) -> Iterator[Error]:
    if not any(isinstance(c, OrgGuard) for c in model._meta.constraints):
        yield Error(
            f"{model._meta.label} has no guard", "Leave Meta.constraints as OrgModel made it.", model, "tenants.E001"
        )


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
            yield constraint.fields


def check_relations(model: type[OrgModel]) -> Iterator[Error]:
    for relation in model._meta.local_many_to_many:
        if relation.remote_field.through._meta.auto_created:  # type: ignore[union-attr]
            hint = "Give it a through model that is an OrgModel."
            yield Error(
                f"{model._meta.label}.{relation.name} has a table without organization", hint, model, "tenants.E003"
            )
    fields: list[Any] = list(model._meta.local_fields)
    for field in fields:
        target = field.remote_field.model if field.remote_field else None
        if isinstance(target, type) and issubclass(target, OrgModel) and not isinstance(field, OrgForeignKey):
            hint = "Use tenants.fields.OrgForeignKey."
            yield Error(
                f"{model._meta.label}.{field.name} could point into another organization", hint, model, "tenants.E004"
            )
        if isinstance(field, OrgForeignKey) and getattr(target, "soft_delete", False) and _acts_first(field):
            hint = 'Use models.DO_NOTHING with in_database="SET NULL" (or CASCADE).'
            said = f"{model._meta.label}.{field.name} would be changed before its softly deleted parent is"
            yield Error(said, hint, model, "tenants.E006")


def _acts_first(field: OrgForeignKey) -> bool:
    """Whether Django deletes or changes the rows itself, although the parent stays."""
    return field.remote_field.on_delete in (models.CASCADE, models.SET_NULL, models.SET_DEFAULT)


def check_unguarded() -> Iterator[Error]:
    """A model of any app whose rows name an organization, but which is no OrgModel."""
    for model in apps.get_models():
        if issubclass(model, OrgModel) or model._meta.label_lower.startswith("audit."):
            continue
        for field in model._meta.local_fields:
            owns = field.name == "org" and field.remote_field and field.remote_field.model is Organization
            if owns or field.column == "org_id":
                hint = "Subclass tenants.models.OrgModel."
                yield Error(f"{model._meta.label} has an organization but no guard", hint, model, "tenants.E005")
