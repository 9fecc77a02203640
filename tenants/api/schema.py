"""How endpoints describe themselves in OpenAPI: from the same attributes that they work by."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from tenants.api.examples import add_examples
from tenants.api.filters import LONGEST_SEARCH
from tenants.api.idempotency import LONGEST_KEY
from tenants.api.pages import LONGEST_CURSOR, MOST, PAGE
from tenants.api.problems import MEDIA_TYPE, TITLES
from tenants.api.writing import MOST_ROWS
from tenants.models import Organization

QUERY: Literal["query"] = "query"
HEADER: Literal["header"] = "header"
ETAG = {"type": "string", "description": "Names the state that is shown; send it back as If-Match."}
LINK: dict[str, Any] = {"type": ["string", "null"], "format": "uri"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "description": "The kind, for programs: not-found, role-too-low, conflict, …"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {"type": "object", "description": "Sentences by field; of a bulk, by the number of the row first."},
    },
}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token from /api/auth/token, or an API key of an organization.",
}


class ApiSchema(AutoSchema):
    """Bodies, answers and parameters of one operation."""

    @property
    def shown(self) -> Any:
        """The view, as one of ours."""
        return self.view

    def get_operation_id(self) -> str:
        parts = [p for p in self.path.replace("-", "_").split("/") if p and not p.startswith("{") and p != "api"]
        action = str(self.shown.action)
        return "_".join([*parts, *([action] if action not in parts else [])])

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[2]]

    def get_summary(self) -> str:
        """The first sentence of the action, or what the action does to such a row."""
        doc = getattr(getattr(self.shown, self.shown.action, None), "__doc__", None) or ""
        if doc and self.shown.action not in WORDS:
            return doc.partition("\n")[0]
        meta = getattr(self.shown, "model", Organization)._meta
        return WORDS.get(self.shown.action, doc).format(one=meta.verbose_name, many=meta.verbose_name_plural)

    def get_description(self) -> str:  # type: ignore[override]
        said = [self.get_summary()]
        if role := self.shown.roles.get(self.shown.action):
            said.append(f"Needs the role `{role.value}` or a higher one.")
        return " ".join(said)

    def get_auth(self) -> list[dict[str, list[str]]]:
        signed = bool(self.shown.authentication_classes) or self.shown.action in getattr(self.shown, "signed", ())
        return [{"bearer": []}] if signed else []

    def _is_list_view(self, serializer: Any = None) -> bool:
        # Pages are described in full here; DRF's own mechanics would wrap them once more.
        return False

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_request_serializer(self) -> Any:
        view, action = self.shown, self.shown.action
        default = {"create": getattr(view, "writing", None), "partial_update": getattr(view, "changing", None)}
        body: Any = getattr(view, "bodies", {}).get(action, default.get(action))
        if action == "create" and getattr(view, "takes_many", False):
            most = getattr(view, "most_rows", MOST_ROWS)
            return {"application/json": one_or_many(self.resolve_serializer(body, "request").ref, most)}
        return body

    def get_response_serializers(self) -> Any:
        view, action = self.shown, self.shown.action
        if action in getattr(view, "answers", {}):
            status, answer = view.answers[action]
            return {status: answer}
        if action in ("destroy", "leave"):
            return {204: None}
        reading: Any = getattr(view, "created", view.reading) if action == "create" else view.reading
        if action == "list":
            return {200: self.page_of(getattr(view, "listing", reading))}
        if action == "create" and getattr(view, "takes_many", False):
            return {201: one_or_many(self.resolve_serializer(reading, "response").ref)}
        return {201 if action == "create" else 200: reading}

    def page_of(self, serializer: Any) -> dict[str, Any]:
        row = self.resolve_serializer(serializer, "response").ref
        properties = {"next": LINK, "previous": LINK, "results": {"type": "array", "items": row, "maxItems": MOST}}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_override_parameters(self) -> list[Any]:
        view, action = self.shown, self.shown.action
        found = []
        if query := (getattr(view, "query", None) if action in ("list", "summary") else None):
            found += [self.filter_parameter(one) for one in query.filters.values()]
            found += paging(query) if action == "list" else []
        found += [OpenApiParameter(name, schema, QUERY) for name, schema in view_parameters(view, action)]
        if getattr(getattr(view, action, None), "idempotent", False):
            said = "Makes a repeated request answer what the first was answered, for 24 hours."
            schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"}
            found.append(OpenApiParameter("Idempotency-Key", schema, HEADER, description=said))
        if action in ("partial_update", "destroy") and action not in view.unmatched:
            said = "The ETag of the state that the change is meant for; 412 when it is another by now."
            found.append(
                OpenApiParameter(
                    "If-Match", {"type": "string", "pattern": '^"[0-9a-f]{32}"$'}, HEADER, description=said
                )
            )
        return found

    def filter_parameter(self, one: Any) -> OpenApiParameter:
        schema = dict(self._map_serializer_field(one.field, "request"))  # type: ignore[no-untyped-call]
        schema.pop("readOnly", None)
        said = " ".join(filter(None, [schema.pop("description", ""), one.help]))
        return OpenApiParameter(one.name, schema, QUERY, description=said)


WORDS = {
    "list": "List {many}, newest first.",
    "retrieve": "Read one {one}.",
    "create": "Make one {one}, or several.",
    "partial_update": "Change what is sent of a {one}.",
    "destroy": "Delete a {one}.",
}


def one_or_many(row: dict[str, Any], most: int = MOST_ROWS) -> dict[str, Any]:
    return {"oneOf": [row, {"type": "array", "items": row, "minItems": 1, "maxItems": most}]}


def view_parameters(view: Any, action: str) -> list[tuple[str, dict[str, Any]]]:
    """Parameters that only one endpoint has."""
    return list(getattr(view, "parameters", {}).get(action, {}).items())


def paging(query: Any) -> list[OpenApiParameter]:
    size = {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": PAGE}
    orders = {"type": "string", "enum": [f"{sign}{c}" for c in query.orderings for sign in ("", "-")]}
    said = "From `next` or `previous` of another page."
    found = [
        OpenApiParameter("cursor", {"type": "string", "maxLength": LONGEST_CURSOR}, QUERY, description=said),
        OpenApiParameter("page_size", size, QUERY, description=f"More than {MOST} counts as {MOST}."),
        OpenApiParameter("ordering", orders, QUERY),
    ]
    if query.search:
        term = {"type": "string", "maxLength": LONGEST_SEARCH}
        found.append(OpenApiParameter("search", term, QUERY, description="A part of its text, whatever the case."))
    return found


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """What every operation has in common: problems, the bearer, ETags, and examples."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["securitySchemes"] = {"bearer": BEARER}
    reference = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {"Problem": {"description": "What went wrong.", "content": reference}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in statuses_of(path, method, operation):
                operation["responses"][str(status)] = {"description": TITLES[status], "content": reference}
            operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
            tell_etag(operation)
            if "requestBody" in operation:
                operation["requestBody"]["required"] = method == "post" and not path.endswith("/logout")
    result["paths"]["/.well-known/jwks.json"] = {"get": JWKS}
    for schema in components["schemas"].values():
        allow_longer(schema)
    add_examples(components["schemas"])
    return result


def statuses_of(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    """The problems that one has to reckon with."""
    found = {400, 429}
    if operation.get("security"):
        found |= {401, 403}
    if "{" in path:
        found.add(404)
    if method in ("post", "patch", "delete"):
        found.add(409)
    names = {p["name"] for p in operation.get("parameters", [])}
    return sorted(found | ({412} if "If-Match" in names else set()) | ({422} if "Idempotency-Key" in names else set()))


def allow_longer(schema: dict[str, Any]) -> None:
    """Lengths are for bodies: what SQL wrote may be longer."""
    for column in schema.get("properties", {}).values():
        if column.get("readOnly"):
            column.pop("maxLength", None)


def tell_etag(operation: dict[str, Any]) -> None:
    one = "{" in str(operation) and operation["operationId"].endswith(("_retrieve", "_partial_update"))
    if one and "200" in operation["responses"]:
        operation["responses"]["200"]["headers"] = {"ETag": {"schema": ETAG}}


JWKS = {
    "operationId": "jwks",
    "summary": "The public keys of our access tokens.",
    "tags": ["auth"],
    "responses": {
        "200": {
            "description": "A JWK set (RFC 7517).",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["keys"],
                        "properties": {"keys": {"type": "array", "items": {"type": "object"}}},
                    }
                }
            },
        }
    },
}
