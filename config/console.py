"""The console's transaction and scopes: sessions and sign-in outside, the staff person's work inside."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from tenants.scope import ScopeRefused, request_scope, staff_scope

PREFIX = "/admin/"
Handler = Callable[[HttpRequest], HttpResponse]


class ConsoleTransactionMiddleware:
    """One transaction per console request, in the service role: sessions, sign-in and messages live there.

    Not ATOMIC_REQUESTS: that ends before a TemplateResponse renders, and what it renders would see nothing.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        with request_scope("service", reason="session", request_id=request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


class ConsoleScopeMiddleware:
    """Enters the staff person's scope around the view, and leaves it before the session is saved."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIX) or not request.user.is_authenticated or not request.user.is_staff:
            return self.get_response(request)
        try:
            return self._answer(request)
        except ScopeRefused:
            logout(request)
            messages.error(request, "This account can no longer work in the console.")
            return redirect("admin:login")

    def _answer(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        with staff_scope(
            user.pk,
            getattr(user, "console_org_id", None),
            all_orgs=user.is_superuser and getattr(user, "console_org_id", None) is None,  # type: ignore[union-attr]
            request_id=request.request_id,  # type: ignore[attr-defined]
        ) as scope:
            request.scope = scope  # type: ignore[attr-defined]
            response = self.get_response(request)
            # Rendered here: a lazy template would run its queries after the scope.
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
            return response
