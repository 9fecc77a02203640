"""Lists that stay quick at a million rows: related rows fetched by key, orders and searches that an index serves."""

from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

# After every text that begins with the same letters.
LAST = "\U0010ffff"
# As much of a text as some stored copies hold: keep_name_lower.sql.
STORED = 200
# How many related rows a search follows; whoever finds more types another letter.
FOLLOWED = 200


class LongList(ChangeList):  # type: ignore[misc]
    """A page of rows is read first, and what belongs to it afterwards, by key."""

    def apply_select_related(self, qs: QuerySet[Any]) -> QuerySet[Any]:
        # No join: for 50 rows under a policy the planner reads a whole organization's customers 50 times.
        return qs.prefetch_related(*self.list_select_related)

    def get_ordering_field(self, field_name: Any) -> Any:
        # Django hides the arrow of a column that is not sortable, and sorts by it when the address says so.
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)


def begins_with(path: str, term: str) -> Q:
    """As a range: under row-level security LIKE loses the index, for it may show what it was compared with."""
    return Q(**{f"{path}__gte": term, f"{path}__lt": term + LAST})


def matches(column: str, term: str) -> Q:
    """What is stored in lower case has an index and is found by its beginning; a short table is read through."""
    return begins_with(column, term[:STORED]) if column.endswith("_lower") else Q(**{f"{column}__icontains": term})


def search_rows(rows: QuerySet[Any], paths: Any, text: str) -> QuerySet[Any]:
    """Rows that match, themselves or by a related row; related ones are looked up first, so that nothing is joined."""
    term, wanted = text.strip().lower(), Q()
    if not term:
        return rows
    for path in paths:
        relation, _, column = path.rpartition("__")
        if not relation:
            wanted |= matches(column, term)
            continue
        there: Any = get_fields_from_path(rows.model, relation)[-1].related_model
        wanted |= Q(**{f"{relation}__in": list(there._default_manager.filter(matches(column, term))[:FOLLOWED])})
    return rows.filter(wanted)


class LongListMixin:
    """For tables with millions of rows: `search_fields` are those of `search_rows`.

    `sortable_by` names what an index of (org_id, column) serves, so in all organizations together nothing is sorted.
    """

    search_fields: Any = ()
    sortable_by: Any = ()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        return search_rows(queryset, self.search_fields, search_term), False

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return () if request.scope.all_orgs else self.sortable_by  # type: ignore[attr-defined]
