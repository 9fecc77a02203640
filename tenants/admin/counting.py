"""Counting huge lists: exact up to a limit, and beyond it as the planner estimates; pages end at the limit."""

import json
from collections import defaultdict
from functools import reduce
from operator import or_
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Q
from django.utils.functional import cached_property

from tenants.models import OrgModel

# Behind so many rows the planner would rather sort a whole table than skip rows by their key.
DEEP = 1_000
# Partitions count one by one: nobody analyzes the table above them.
READ_ROWS = """
select greatest(coalesce(sum(c.reltuples) filter (where c.reltuples > 0), 0), 1)
from pg_catalog.pg_class c
where c.oid in (select relid from pg_catalog.pg_partition_tree(%s::regclass) union all select %s::regclass)
"""


class EstimatingPaginator(Paginator):  # type: ignore[type-arg]
    """Never counts more than `limit` rows, and never skips more to show a page: narrowing finds the others."""

    limit = 10_000

    def page(self, number: int | str) -> Page[Any]:
        """A page; a deep one by its keys first, which an index alone knows."""
        page = super().page(number)
        rows: Any = self.object_list
        if page.start_index() > DEEP and issubclass(rows.model, OrgModel) and not rows.query.annotations:
            page.object_list = fetch_by_keys(rows, page.object_list)
        return page

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        rows = rows.order_by()
        # Keys alone: a slice would be counted together with what every row shows.
        counted = rows.values("pk")[: self.limit + 1].count()
        return counted if counted <= self.limit else max(self.limit + 1, estimate_rows(rows))

    @property
    def told_count(self) -> str:
        """As people read numbers; an estimate to two digits, so that it does not look exact."""
        if self.count <= self.limit:
            return f"{self.count:,}"
        return f"about {int(float(f'{self.count:.1e}')):,}"

    @property
    def told_limit(self) -> str:
        return f"{self.limit:,}"

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, max(1, self.limit // self.per_page))


class ShallowPaginator(EstimatingPaginator):
    """For all organizations' log: the planner takes the scope's range for few rows, and sorts them all a page later."""

    limit = 1_000


class PeoplePaginator(EstimatingPaginator):
    """Whom a policy lets see is asked of every person by going through a list of ids: few are counted."""

    limit = 1_000


def fetch_by_keys(rows: Any, wanted: Any) -> Any:
    """Those of the rows that are wanted, in their order; two organizations may have rows of one id."""
    keys = defaultdict(list)
    for org_id, key in wanted.values_list("org_id", "pk"):
        keys[org_id].append(key)
    pairs = (Q(org_id=org_id, pk__in=found) for org_id, found in keys.items())
    return rows.filter(reduce(or_, pairs, Q(pk__in=[])))


def estimate_rows(rows: Any) -> int:
    """The planner does not know whom a policy lets see how much, so its guess for the whole table sets the scale."""
    seen_at_all = _planned_rows(rows.model._default_manager.order_by())
    return int(_planned_rows(rows) / seen_at_all * _table_rows(rows.model._meta.db_table))


def _planned_rows(rows: Any) -> float:
    plan = json.loads(rows.explain(format="json"))
    return max(float(plan[0]["Plan"]["Plan Rows"]), 1.0)


def _table_rows(table: str) -> float:
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name(table)
        cursor.execute(READ_ROWS, [quoted, quoted])
        return float(cursor.fetchone()[0])
