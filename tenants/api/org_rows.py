"""Rows of an org table: listed, read, made, changed, deleted and restored; generated per model."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.response import Response

from tenants.access import ACCESS, IS_ADMIN
from tenants.api.base import ApiView
from tenants.api.etags import require_match
from tenants.api.fields import columns_of, reading_serializer, writing_serializer
from tenants.api.filters import Query, query_of
from tenants.api.idempotency import idempotent
from tenants.api.pages import page
from tenants.api.writing import insert_rows, read_rows, validate_row, validate_rows
from tenants.deletion import restore
from tenants.models import OrgModel, Role

COMMANDS = {"list": "select", "retrieve": "select", "create": "insert", "partial_update": "update", "destroy": "delete"}


def roles_of(model: type[OrgModel]) -> dict[str, Role]:
    """The least role per action, as the model's access rule has it: the database holds it, this says it in words."""
    rule = ACCESS[model.access]
    admins = {action for action, command in COMMANDS.items() if (getattr(rule, command) or "").startswith(IS_ADMIN)}
    return {**dict.fromkeys(admins, Role.ADMIN), "restore": Role.ADMIN}


class OrgRows(ApiView):
    """The base of endpoints over one org table; what differs per model is set by `make_view`."""

    model: ClassVar[type[OrgModel]]
    query: ClassVar[Query]
    ordering: ClassVar[str] = "-id"
    reading: ClassVar[Any]
    writing: ClassVar[Any]
    changing: ClassVar[Any]
    # Whether a body may be a list of rows.
    takes_many: ClassVar[bool] = True
    # Columns that a new row gets from who is acting.
    stamped: ClassVar[tuple[str, ...]] = ()

    def rows(self) -> QuerySet[Any, Any]:
        """What the scope shows, as dictionaries: hot lists pay for no objects."""
        columns = (c.attname for c in columns_of(self.model))
        rows: QuerySet[Any, Any] = self.model._default_manager.order_by().values(*columns)
        return rows

    def find(self, row_id: UUID, *, lock: bool = False) -> dict[str, Any]:
        """One row of the scope; what is elsewhere is nowhere."""
        rows = self.rows().filter(pk=row_id)
        row = (rows.select_for_update() if lock else rows).first()
        if row is None:
            raise Http404
        return dict(row)

    def list(self, request: Any, **kwargs: Any) -> Response:
        return page(request, self.query.apply(self.rows(), request.query_params), self.query, self.ordering)

    def retrieve(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        return self.one(self.find(row_id))

    @idempotent
    def create(self, request: Any, **kwargs: Any) -> Response:
        """One row, or a list of rows: all of them or none."""
        if isinstance(request.data, list):
            rows = validate_rows(self.writing, request.data, self.model)
            keys = insert_rows(self.model, [self.complete(row) for row in rows])
            return Response(read_rows(self.rows(), keys), status=201)
        row = validate_row(self.writing, request.data, self.model)
        key = insert_rows(self.model, [self.complete(row)])[0]
        response = self.one(self.find(key), 201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{key}/")
        return response

    def complete(self, row: dict[str, Any]) -> dict[str, Any]:
        """What a new row has besides what the body said."""
        return {**row, "org_id": self.org.pk, **dict.fromkeys(self.stamped, self.actor.pk)}

    def partial_update(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        row = self.find(row_id, lock=True)
        require_match(request, row)
        changes = validate_row(self.changing, request.data, self.model, partial=True)
        if not changes:
            return self.one(row)
        self.model._default_manager.filter(pk=row_id).update(**changes)
        return self.one(self.find(row_id))

    def destroy(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        require_match(request, self.find(row_id, lock=True))
        rows = self.model._default_manager.filter(pk=row_id)
        # Straight to the database: its keys and triggers decide what goes along.
        rows._raw_delete(rows.db)
        return Response(status=204)

    def restore(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Bring a deleted row back, with what went with it."""
        restore(self.model, row_id, org=self.org, actor=self.actor)
        return self.one(self.find(row_id))


def make_view(
    model: type[OrgModel],
    *,
    search: tuple[str, ...] = (),
    stamped: tuple[str, ...] = (),
    frozen: tuple[str, ...] = (),
    base: type[OrgRows] = OrgRows,
    **attributes: Any,
) -> type[OrgRows]:
    """The endpoint of one model; `frozen` columns are said once, at the beginning."""
    return type(
        f"{model.__name__}View",
        (base,),
        {
            "__doc__": model.__doc__,
            "__module__": __name__,
            "model": model,
            "query": query_of(model, search),
            "roles": {**roles_of(model), **base.roles},
            "reading": reading_serializer(model),
            "writing": writing_serializer(model, without=stamped),
            "changing": writing_serializer(model, without=(*stamped, *frozen), suffix="Change"),
            "stamped": stamped,
            **attributes,
        },
    )
