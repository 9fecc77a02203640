"""Rows made and changed: validated, related within the scope, inserted together, and read back as they stand."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from rest_framework import serializers

from postgres.keys import new_id
from tenants.api.problems import describe_database
from tenants.api.relations import check_relations
from tenants.models import OrgModel

MOST_ROWS = 500
EMPTY = "Give at least one row."
TOO_MANY = f"Give at most {MOST_ROWS} rows at a time."


def validate_rows(serializer: Any, data: Any, model: type[OrgModel]) -> list[dict[str, Any]]:
    """All rows of a bulk or none: errors are told per row."""
    if not 0 < len(data) <= MOST_ROWS:
        raise serializers.ValidationError([EMPTY if not data else TOO_MANY])
    checked = [serializer(data=row) for row in data]
    errors = [{} if row.is_valid() else dict(row.errors) for row in checked]
    if not any(errors):
        rows = [dict(row.validated_data) for row in checked]
        errors = [dict(e) for e in check_relations(model, rows)]
        if not any(errors):
            return rows
    raise serializers.ValidationError(as_rows(errors))


def validate_row(serializer: Any, data: Any, model: type[OrgModel], *, partial: bool = False) -> dict[str, Any]:
    """One row, in whole or in part."""
    checked = serializer(data=data, partial=partial)
    checked.is_valid(raise_exception=True)
    row = dict(checked.validated_data)
    if errors := check_relations(model, [row])[0]:
        raise serializers.ValidationError(errors)
    return row


def as_rows(errors: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {str(number): error for number, error in enumerate(errors) if error}


def insert_rows(model: type[OrgModel], rows: list[dict[str, Any]]) -> list[UUID]:
    """Insert together; when the database refuses, find out which rows it means, and insert none."""
    # In the order that they were given: keys of one millisecond are not in order by themselves.
    keys = sorted(new_id() for _ in rows)
    made = [model(**row, id=key) for row, key in zip(rows, keys, strict=True)]
    try:
        with transaction.atomic():
            model._default_manager.bulk_create(made)
    except IntegrityError:
        if len(made) == 1:
            raise
        raise serializers.ValidationError(as_rows(_try_each(model, rows))) from None
    return keys


def _try_each(model: type[OrgModel], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is wrong with which row, the rows before it given; the request's transaction undoes it all."""
    errors: list[dict[str, Any]] = []
    for row in rows:
        try:
            with transaction.atomic():
                model._default_manager.bulk_create([model(**row)])
            errors.append({})
        except IntegrityError as error:
            said = describe_database(error, {})
            errors.append({"non_field_errors": [said["detail"] if said else "The database refuses this row."]})
    return errors


def read_rows(rows: QuerySet[Any, Any], keys: list[UUID]) -> list[dict[str, Any]]:
    """In the order that they were asked for."""
    found = {row["id"]: row for row in rows.filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]
