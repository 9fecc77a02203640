"""Ids in a body: looked up within the scope, one query per column however many rows; foreign is missing."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models

from tenants.api.fields import columns_of, is_person, is_writable
from tenants.models import OrgMember

Errors = dict[str, list[str]]


def check_relations(model: type[models.Model], rows: list[dict[str, Any]]) -> list[Errors]:
    """For each row, what it refers to that is not there."""
    errors: list[Errors] = [{} for _ in rows]
    for column in columns_of(model):
        if not (column.is_relation and is_writable(column)):
            continue
        wanted = {row[column.attname] for row in rows if row.get(column.attname)}
        missing = wanted - set(_present(column, wanted)) if wanted else set()
        for row, wrong in zip(rows, errors, strict=True):
            if row.get(column.attname) in missing:
                wrong[column.attname] = [missing_sentence(column)]
    return errors


def missing_sentence(column: Any) -> str:
    """The same for what is another organization's and for what is nowhere."""
    named = "member" if is_person(column) else column.related_model._meta.verbose_name
    return f"There is no such {named} in this organization."


def _present(column: Any, wanted: set[UUID]) -> Iterable[UUID]:
    if is_person(column):
        # People are seen through their membership.
        return OrgMember.objects.filter(user_id__in=wanted).values_list("user_id", flat=True)
    return column.related_model.objects.filter(pk__in=wanted).values_list("pk", flat=True)  # type: ignore[no-any-return]
