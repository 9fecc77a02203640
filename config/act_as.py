"""Seeing what the API would show a member: read only, for a reason, with both people in claims and log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.views.decorators.cache import never_cache
from rest_framework.authentication import BaseAuthentication

from accounts.models import User
from accounts.tokens.bearer import Bearer
from audit.events import log_event
from config.api import api_routes
from tenants.admin.organization_pages import ReasonForm
from tenants.admin.verb_pages import Question, ask_first
from tenants.api.authentication import Caller
from tenants.models import OrgMember
from tenants.scope import request_scope
from tenants.verbs import as_service

ROWS = 10
# What the answers of all endpoints hold and nobody looks for.
LEFT_OUT = {"org_id", "updated_at"}


@dataclass(frozen=True)
class Answer:
    """What one endpoint answers the member: rows, or the sentence of its refusal."""

    address: str
    status: int
    sentence: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    more: bool = False
    body: str = ""


class AsMember(BaseAuthentication):
    """In place of a token: the member's claims, with the staff person behind them."""

    def __init__(self, claims: dict[str, Any]) -> None:
        self.claims = claims

    def authenticate(self, request: Any) -> tuple[Any, Bearer]:
        view, person = request.parser_context["view"], self.claims["sub"]
        bearer = Bearer(self.claims, person)
        scope = view.scope = view.stack.enter_context(request_scope("api", **self.claims))
        return Caller(bearer, scope, User(pk=person)), bearer


@never_cache
def see_as(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Asks for a reason, then shows it."""
    if not request.user.has_perm("tenants.view_orgmember"):
        raise PermissionDenied
    member = OrgMember.objects.filter(pk=member_id).select_related("user", "org").first()
    if member is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return ask_first(request, _question(member), lambda sent: "")
    reason = form.cleaned_data["reason"]
    _log(request, member, reason)
    context = {
        **admin.site.each_context(request),
        "title": f"As {member.user} in {member.org}",
        "member": member,
        "reason": reason,
        "answers": list(read_as(request, member, reason)),
    }
    return render(request, "console/act_as.html", context)


def read_as(request: HttpRequest, member: OrgMember, reason: str) -> Iterator[Answer]:
    """Every list of the API, asked as the member; of tables that the staff person may look at."""
    person: Any = request.user
    claims = {"sub": member.user_id, "org_id": member.org_id, "impersonator": person.pk, "reason": reason}
    claims["request_id"] = request.request_id  # type: ignore[attr-defined]
    with read_only():
        for route in list_routes(person):
            yield _ask(request, route, claims)


@contextmanager
def read_only() -> Iterator[None]:
    """Until the end of the block the database refuses every write, whatever role and claims there are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction read only")
        yield


def list_routes(person: Any) -> list[URLPattern]:
    """The lists that are about the organization, and about tables that this person has the permission for."""
    return [route for route in api_routes if _is_open_list(route) and person.has_perm(_permission(route))]


def _is_open_list(route: Any) -> bool:
    view = route.callback
    lists = view.actions.get("get") == "list" and "<" not in str(route.pattern)
    return lists and hasattr(view.cls, "model") and "list" not in view.cls.in_service


def _permission(route: Any) -> str:
    opts = route.callback.cls.model._meta
    return f"{opts.app_label}.view_{opts.model_name}"


def _ask(request: HttpRequest, route: Any, claims: dict[str, Any]) -> Answer:
    address = f"/api/{route.pattern}"
    view = route.callback.cls.as_view(route.callback.actions, authentication_classes=(partial(AsMember, claims),))
    response = view(_inner_request(request, address))
    data: Any = response.data
    if response.status_code != 200:
        return Answer(address, response.status_code, str(data.get("detail") or data.get("title")))
    rows = data["results"]
    # Ids last: people read names first.
    columns = sorted((name for name in (rows[0] if rows else {}) if name not in LEFT_OUT), key=_is_id)
    return Answer(
        address,
        200,
        columns=columns,
        rows=[[row[name] for name in columns] for row in rows],
        more=bool(data["next"]),
        body=json.dumps(data, indent=2, default=str),
    )


def _is_id(column: str) -> bool:
    return column == "id" or column.endswith("_id")


def _inner_request(request: HttpRequest, address: str) -> HttpRequest:
    """As it would come from the member's client, through the same door."""
    inner = HttpRequest()
    inner.method, inner.path, inner.path_info = "GET", address, address
    inner.GET = QueryDict(f"page_size={ROWS}")
    inner.META = {
        name: value for name, value in request.META.items() if name in ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT")
    }
    inner.request_id = request.request_id  # type: ignore[attr-defined]
    return inner


def _log(request: HttpRequest, member: OrgMember, reason: str) -> None:
    person: Any = request.user
    about = {"member": member.user.email, "user_id": member.user_id}
    with as_service(reason, person), connection.cursor() as cursor:
        log_event(cursor, "console.act_as", table="org_members", record=member.pk, org_id=member.org_id, **about)


def _question(member: OrgMember) -> Question:
    return Question(
        title=f"See what the API shows {member.user}?",
        effect=(
            f"You look through their role in {member.org}, with the first rows of every list.",
            "Nothing can be changed from there.",
            "The log of the organization tells that you looked, at whom, and why.",
        ),
        submit="Look",
        back=reverse("admin:tenants_orgmember_change", args=[member.pk]),
        form=ReasonForm,
        icon="visibility",
    )
