"""Asked again before destructive work: whoever proved themselves longer than ten minutes ago does so once more.

`@asks_again` on a view (a function, or a method of an admin) asks before its POST, `@asks_before` before its page is
shown; `AskingAgainMixin` does so for an admin's deletions and for the actions that `asking_actions` names.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.console_sessions import is_proven, note_proof
from accounts.errors import TooManyAttempts
from accounts.models import User
from accounts.second_factor import WRONG, has_second_factor, prove_code
from accounts.throttle import PASSWORD_AGAIN, allow_proof, settle_proof
from accounts.tokens.sign_in import check_either
from accounts.visitors import read_visitor
from tenants.verbs import as_service

FIELD = "prove_again"
WRONG_PASSWORD = "This is not your password."  # noqa: S105
View = Callable[..., HttpResponse]


def asks_again(view: View) -> View:
    """Before a POST, unless the person proved who they are a moment ago; what they had typed is kept."""

    @wraps(view)
    def ask_first(*args: Any, **kwargs: Any) -> HttpResponse:
        request = next(arg for arg in args if isinstance(arg, HttpRequest))
        if request.method != "POST" or is_proven(request):
            return view(*args, **kwargs)
        return _ask(request) or view(*args, **kwargs)

    return ask_first


def asks_before(view: View) -> View:
    """Before the view's page is shown, and before its POST: for forms whose contents no other page may carry along."""

    @wraps(view)
    def prove_first(*args: Any, **kwargs: Any) -> HttpResponse:
        request = next(arg for arg in args if isinstance(arg, HttpRequest))
        if is_proven(request):
            return view(*args, **kwargs)
        if request.method == "POST":
            messages.warning(request, "Nothing was written: you were asked again who you are. Type it once more.")
        return HttpResponseRedirect(_address_of_proof(request.path))

    return prove_first


class AskingAgainMixin:
    """For an admin: its deletions, and the actions named here, ask again."""

    asking_actions: ClassVar[tuple[str, ...]] = ("delete_selected",)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return asks_again(super().delete_view)(request, *args, **kwargs)  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view: View = super().changelist_view  # type: ignore[misc]
        # Only its last step: the page that asks "are you sure" is not destructive yet.
        # Any of the actions that were sent: which one runs is for Django to choose.
        asks = "post" in request.POST and not set(self.asking_actions).isdisjoint(request.POST.getlist("action"))
        return (asks_again(view) if asks else view)(request, *args, **kwargs)


def prove_page(request: HttpRequest) -> HttpResponse:
    """The question on a page of its own, for dialogs that cannot carry it."""
    onward = safe_next(request)
    if request.method == "POST" and (is_proven(request) or _ask(request) is None):
        return HttpResponseRedirect(onward)
    return _page(request, "", [("next", onward)])


def safe_next(request: HttpRequest) -> str:
    """Where the request says to go on to, if that is a page of the console."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if ours and wanted.startswith(reverse("admin:index")) else reverse("admin:index")


def _ask(request: HttpRequest) -> HttpResponse | None:
    """The page that asks; None once the answer that came along is right."""
    if request.headers.get("HX-Request"):
        return _send_to_page(request)
    typed = request.POST.get(FIELD)
    if typed is None:
        return _page(request, "")
    try:
        fault = find_fault(request, typed)
    except TooManyAttempts as refusal:
        return _page(request, refusal.sentence, status=429)
    if fault:
        return _page(request, fault)
    note_proof(request)
    return None


def find_fault(request: HttpRequest, typed: str) -> str:
    """Empty if this is the person's code, or the password of whoever has no authenticator; counted either way."""
    person: Any = request.user
    visitor = read_visitor(request)
    if has_second_factor(person):
        return "" if prove_code(person, typed, visitor=visitor) else WRONG
    allow_proof(PASSWORD_AGAIN, str(person.pk), visitor)
    with as_service("ask again", person):
        stands = User.objects.filter(pk=person.pk).first()
        if not check_either(typed, stands):
            return WRONG_PASSWORD
        settle_proof(PASSWORD_AGAIN, str(person.pk))
    return ""


def _send_to_page(request: HttpRequest) -> HttpResponse:
    here = request.headers.get("HX-Current-URL", "").removeprefix(f"{request.scheme}://{request.get_host()}")
    return HttpResponse(headers={"HX-Redirect": _address_of_proof(here)})


def _address_of_proof(onward: str) -> str:
    return f"{reverse('console-prove')}?{urlencode({'next': onward})}"


def _page(
    request: HttpRequest, fault: str, carried: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    """What was posted travels along in hidden fields, and goes on from here."""
    if carried is None:
        left = {"csrfmiddlewaretoken", FIELD}
        carried = [(name, value) for name, values in request.POST.lists() if name not in left for value in values]
    context = {
        **admin.site.each_context(request),
        "title": "Prove that it is you",
        "fault": fault,
        "carried": carried,
        "field": FIELD,
        "by_code": has_second_factor(request.user),  # type: ignore[arg-type]
        "action": request.get_full_path(),
    }
    return render(request, "console/asking_again.html", context, status=status)
