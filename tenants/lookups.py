"""Comparing a key to rows: `filter(workspace=row)` means the row of that organization, not every row with its id."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.expressions import Col
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import In


def _is_row(given: Any) -> bool:
    return isinstance(given, models.Model)


class SameOrg:
    """Remembers the organizations of the rows that were given, and asks for them beside the ids."""

    lhs: Any
    rhs: Any

    def get_prep_lookup(self) -> Any:
        given = self.rhs if isinstance(self.rhs, list | tuple | set | models.QuerySet) else [self.rhs]
        # A queryset becomes a subquery, whose rows nobody has read.
        rows: Iterable[Any] = () if isinstance(given, models.QuerySet) else given
        self.orgs = sorted({row.org_id for row in rows if _is_row(row)})
        return super().get_prep_lookup()  # type: ignore[misc]

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, tuple(self.orgs))  # type: ignore[misc]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, params = super().as_sql(compiler, connection)  # type: ignore[misc]
        if not self.orgs:
            return sql, params
        here = Col(self.lhs.alias, self.lhs.target.model._meta.get_field("org"), models.UUIDField())
        in_org, orgs = compiler.compile(In(here, self.orgs))
        return f"({sql} AND {in_org})", [*params, *orgs]


class SameOrgExact(SameOrg, RelatedExact):
    """`filter(workspace=row)` and `row.stores`."""


class SameOrgIn(SameOrg, RelatedIn):
    """`filter(workspace__in=rows)` and prefetching."""
