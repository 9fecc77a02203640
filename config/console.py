"""The console's transaction and scopes: sessions and sign-in outside, the staff person's work inside."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import MiddlewareNotUsed
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.urls import reverse

from accounts.admin.second_factor import PAGES
from accounts.console_org import orgs_open_to, set_console_org
from accounts.console_sessions import owed_by, session_id_of, touch_session
from config.switcher import is_stale, mark_forms, refuse_stale, scope_name
from tenants.models import Organization
from tenants.scope import Scope, ScopeRefused, enter_scope, leave_scope, request_scope

PREFIX = "/admin/"
NO_SESSION = UUID(int=0)
PLACE = "console_place"
LOST = "You can no longer work in {name}: it is closed or gone, or you are no active member of it any more."
Handler = Callable[[HttpRequest], HttpResponse]
# Unfold's scripts evaluate their attributes; nothing comes from, and nothing goes to, another host.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def refuse_without_console() -> None:
    """A process that serves the API alone has no console to look after."""
    if settings.TENANTRY_SURFACE == "api":
        raise MiddlewareNotUsed


class ConsoleTransactionMiddleware:
    """One transaction per console request, in the service role: sessions, sign-in and messages live there.

    Not ATOMIC_REQUESTS: that ends before a TemplateResponse renders, and what it renders would see nothing.
    """

    def __init__(self, get_response: Handler) -> None:
        refuse_without_console()
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        if _holds_nul(request):
            return HttpResponseBadRequest("The address holds a NUL character, which no text here can hold.")
        with request_scope("service", reason="session", request_id=request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        response["Content-Security-Policy"] = CONTENT_POLICY
        return response


def _signs_in(request: HttpRequest) -> bool:
    """Whether this is the form of the door, filled in."""
    return request.method == "POST" and request.path == reverse("admin:login")


def _holds_nul(request: HttpRequest) -> bool:
    """PostgreSQL has no such text: a filter or an autocomplete that asks for it would be an error of the server."""
    return any("\0" in text for pair in request.GET.lists() for text in (pair[0], *pair[1]))


class ConsoleScopeMiddleware:
    """Enters the staff person's scope around the view, and leaves it before the session is saved."""

    def __init__(self, get_response: Handler) -> None:
        refuse_without_console()
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        if _signs_in(request):
            # Also from another tab, or for somebody else: at the door everybody is a stranger.
            request.user = AnonymousUser()
        if not request.user.is_authenticated or not request.user.is_staff:
            return self._admit_stranger(request)
        if owed := owed_by(request):
            return self._admit_half(request, reverse(PAGES[owed]))
        try:
            scope = enter_console(request)
        except ScopeRefused:
            logout(request)
            messages.error(request, "This session is over, or was ended from elsewhere: sign in again.")
            return redirect("admin:login")
        touch_session(request)
        try:
            return self._answer(request, scope)
        finally:
            leave_scope(scope)

    def _admit_stranger(self, request: HttpRequest) -> HttpResponse:
        """The outer scope sees sessions and people: beyond the door nothing may run in it, whatever a view checks."""
        if request.path in (reverse("admin:login"), reverse("admin:logout")):
            return self.get_response(request)
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))

    def _admit_half(self, request: HttpRequest, page: str) -> HttpResponse:
        """The password was right, and there is more to prove: that page, or out."""
        if request.path in (page, reverse("admin:logout")):
            return self.get_response(request)
        return redirect_to_login(request.get_full_path(), page)

    def _answer(self, request: HttpRequest, scope: Scope) -> HttpResponse:
        request.scope = scope  # type: ignore[attr-defined]
        if not scope.org_id and not scope.all_orgs and request.path != reverse("admin:logout"):
            return render(request, "console/no_organization.html", status=403)
        _note_place(request, scope)
        if is_stale(request):
            return refuse_stale(request)
        response = self.get_response(request)
        # Rendered here: a lazy template would run its queries after the scope.
        if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
            response.render()
        mark_forms(response, scope)
        return response


def enter_console(request: HttpRequest) -> Scope:
    """The chosen organization; if that no longer holds or was never made, the next best, which is kept."""
    person: Any = request.user
    chosen = person.console_org_id
    _tell_vanished(request, chosen)
    if chosen or person.is_superuser:
        scope = _enter(request, chosen)
        if scope.status == "ok":
            return scope
        leave_scope(scope)
        name = Organization.objects.filter(pk=chosen).values_list("name", flat=True).first()
        messages.warning(request, LOST.format(name=name or "the organization that you had chosen"))
        # Said once: the choice that no longer holds is given up.
        if (fallback := _next_best(person)) or person.is_superuser:
            set_console_org(person, fallback)
    return _enter(request, _next_best(person))


def _next_best(person: Any) -> UUID | None:
    """All organizations for a superuser, else the one they have been in for the longest time, if there is one."""
    return None if person.is_superuser else orgs_open_to(person).values_list("pk", flat=True).first()


def _tell_vanished(request: HttpRequest, chosen: UUID | None) -> None:
    """A deleted organization takes the choice along, so only the session still knows where the person was."""
    was = request.session.get(PLACE)
    if was and was[0] and chosen is None and not Organization.objects.filter(pk=was[0]).exists():
        messages.warning(request, LOST.format(name=was[1]))


def _note_place(request: HttpRequest, scope: Scope) -> None:
    key = str(scope.org_id or "")
    if request.session.get(PLACE, ["nowhere"])[0] != key:
        request.session[PLACE] = [key, scope_name(request)]


def _enter(request: HttpRequest, org_id: UUID | None) -> Scope:
    person: Any = request.user
    return enter_scope(
        "console",
        sub=person.pk,
        # A session without a row is one from before there were rows: it holds no longer.
        session_id=session_id_of(request) or NO_SESSION,
        org_id=org_id,
        all_orgs=True if person.is_superuser and org_id is None else None,
        request_id=request.request_id,  # type: ignore[attr-defined]
    )
