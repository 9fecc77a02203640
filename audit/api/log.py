"""The log of the organization, for its admins and owners."""

from typing import Any, ClassVar

from rest_framework.response import Response

from audit.models import AuditLog
from tenants.api.base import ApiView
from tenants.api.fields import columns_of, reading_serializer
from tenants.api.filters import Query, query_of
from tenants.api.pages import page
from tenants.models import Role


class LogView(ApiView):
    """What happened in the organization, newest first; nobody changes it."""

    model = AuditLog
    roles = {"list": Role.ADMIN}
    reading = reading_serializer(AuditLog, "AuditLogEntry")
    ordering = "-created_at"
    # Ordered by time only: it is the order of its partitions.
    query: ClassVar[Query] = Query(query_of(AuditLog).filters, (), ("created_at",))

    def list(self, request: Any, **kwargs: Any) -> Response:
        rows = AuditLog.objects.order_by().values(*(c.attname for c in columns_of(AuditLog)))
        return page(request, self.query.apply(rows, request.query_params), self.query, self.ordering)
