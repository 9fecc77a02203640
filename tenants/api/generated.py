"""The endpoints that are alike: one line per org table says what is its own, the rest follows from the model."""

from typing import Any

from django.db.models import Count, Sum
from rest_framework import serializers
from rest_framework.response import Response

from tenants.api.org_rows import OrgRows, make_view
from tenants.models import Activity, AiUsage, Customer, Doctor, Dso, Revenue, Store, UserDsoAccess, Workspace

GROUPS = ("date", "model", "user_id")
MOST_GROUPS = 1_000


class UsageSummary(serializers.Serializer[Any]):
    """AI usage added up; the columns that it was grouped by are there as well."""

    queries = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = serializers.DecimalField(20, 4)


class UsageGroup(UsageSummary):
    """One group of it."""

    date = serializers.DateField(required=False)
    model = serializers.CharField(required=False)
    user_id = serializers.UUIDField(required=False, allow_null=True, help_text="Null: people who were deleted.")


class UsageTotals(UsageSummary):
    """AI usage in all, and by group."""

    results = UsageGroup(many=True, help_text=f"At most {MOST_GROUPS:,} groups, the last of them first.")


class UsageRows(OrgRows):
    """AI usage: everybody logs and sees their own, admins see all."""

    needs_person = ("create",)
    answers = {"summary": (200, UsageTotals)}
    parameters = {"summary": {"group_by": {"type": "string", "enum": list(GROUPS), "default": "date"}}}
    sums = {"queries": Count("id"), **{c: Sum(c, default=0) for c in ("input_tokens", "output_tokens", "cost_usd")}}

    def summary(self, request: Any, **kwargs: Any) -> Response:
        """Queries, tokens and cost of the rows that the filters leave, by `group_by`."""
        params = request.query_params.copy()
        group = params.pop("group_by", ["date"])
        if len(group) != 1 or group[0] not in GROUPS:
            raise serializers.ValidationError({"group_by": [f"Give one of {', '.join(GROUPS)}."]})
        rows = self.query.apply(AiUsage.objects.order_by(), params)
        totals = rows.aggregate(**self.sums)
        # An alias may not be named like a column it sums.
        found = rows.values(group[0]).annotate(**{f"sum_{k}": v for k, v in self.sums.items()}).order_by(f"-{group[0]}")
        results = [{group[0]: row.pop(group[0]), **{k[4:]: v for k, v in row.items()}} for row in found[:MOST_GROUPS]]
        return Response({**totals, "results": results})


VIEWS: dict[str, type[OrgRows]] = {
    "workspaces": make_view(Workspace, search=("name",)),
    "stores": make_view(Store, search=("name",)),
    "dsos": make_view(Dso, search=("name",)),
    "doctors": make_view(Doctor, search=("name",)),
    "dso-access": make_view(UserDsoAccess, stamped=("granted_by_id",), frozen=("user_id", "dso_id")),
    "customers": make_view(Customer),
    "revenue": make_view(Revenue, search=("category", "description")),
    "activities": make_view(Activity),
    "ai-usage": make_view(AiUsage, stamped=("user_id",), base=UsageRows),
}
