"""A staff person's own account: how they sign in, where they are signed in, and how the console looks."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.admin.asking_again import safe_next
from accounts.console_sessions import session_id_of
from accounts.models import Theme, UserPreferences
from accounts.recovery_codes import count_codes
from accounts.second_factor import has_second_factor
from accounts.tokens.sessions import end_other_sessions, end_session, list_sessions
from tenants.errors import NotFound
from tenants.verbs import as_service


@never_cache
def show_account(request: HttpRequest) -> HttpResponse:
    """One page for all of it."""
    person: Any = request.user
    with as_service("show account", person):
        sessions, codes = list(list_sessions(person)), count_codes(person)
    context = {
        **admin.site.each_context(request),
        "title": "Your account",
        "sessions": sessions,
        "here": session_id_of(request),
        "has_authenticator": has_second_factor(person),
        "codes": codes,
        "themes": Theme.choices,
        "theme_now": theme_of(request),
    }
    return render(request, "console/account.html", context)


@require_POST
def end_one(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Sign out on one device."""
    person: Any = request.user
    try:
        end_session(person, session_id)
    except NotFound as missing:
        raise Http404 from missing
    messages.success(request, "Signed out there.")
    return redirect("console-account")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    person: Any = request.user
    ended = end_other_sessions(person, keep=session_id_of(request))
    messages.success(request, f"Signed out on {ended} other device{'' if ended == 1 else 's'}.")
    return redirect("console-account")


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Kept with the person, so that every browser and the client application follow it."""
    theme = request.POST.get("theme")
    if theme not in Theme.values:
        return HttpResponseBadRequest("There is no such theme.")
    person: Any = request.user
    UserPreferences.objects.filter(user_id=person.pk).update(theme_preference=theme)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return HttpResponseRedirect(safe_next(request))


def theme_of(request: HttpRequest) -> str:
    """Read with the person: see accounts.sign_in.EmailBackend."""
    preferences = getattr(request.user, "preferences", None)
    return str(preferences.theme_preference) if preferences else Theme.SYSTEM.value
