"""The pages of the second factor: its code at sign-in, its set-up with a QR code, and its end."""

from typing import Any

import segno
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.admin.asking_again import asks_again, safe_next
from accounts.console_sessions import CODE, NOTHING, SET_UP, note_proof, note_second_factor, owed_by
from accounts.errors import InvalidInput, TooManyAttempts
from accounts.second_factor import (
    WRONG,
    address_for_app,
    begin_set_up,
    finish_set_up,
    prove_code,
    remove_second_factor,
    renew_recovery_codes,
)
from accounts.sign_in import log_as
from accounts.visitors import read_visitor
from tenants.errors import Refusal

# What sign-in still asks for, and the page that asks for it.
PAGES = {CODE: "console-second-factor", SET_UP: "console-set-up"}


@never_cache
def enter_code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in."""
    if owed_by(request) != CODE:
        return HttpResponseRedirect(safe_next(request))
    fault, status = "", 200
    if request.method == "POST":
        fault, status = _find_fault(request)
        if not fault:
            note_proof(request)
            log_as(request.user, "second_factor.passed")  # type: ignore[arg-type]
            return HttpResponseRedirect(safe_next(request))
    context = {"title": "Second step", "fault": fault, "next": safe_next(request), "site_title": "Tenantry"}
    return render(request, "console/second_factor.html", _frame(request, context), status=status)


def _find_fault(request: HttpRequest) -> tuple[str, int]:
    person: Any = request.user
    try:
        proven = prove_code(person, request.POST.get("code", ""), visitor=read_visitor(request))
    except TooManyAttempts as refusal:
        return refusal.sentence, 429
    return ("", 200) if proven else (WRONG, 200)


@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """Part of signing in where it is owed; later on a stolen session must not make itself a second factor."""
    return (_set_up if owed_by(request) == SET_UP else asks_again(_set_up))(request)


def _set_up(request: HttpRequest) -> HttpResponse:
    """The secret as a QR code, and the first code that proves it has arrived; then the recovery codes, once."""
    person: Any = request.user
    fault = ""
    try:
        if request.method == "POST":
            codes = finish_set_up(person, request.POST.get("code", ""), visitor=read_visitor(request))
            note_second_factor(request)
            return _show_codes(request, codes)
    except InvalidInput as wrong:
        fault = " ".join(wrong.errors["code"])
    except Refusal as refusal:
        return _refuse(request, refusal)
    try:
        secret = begin_set_up(person)
    except Refusal as refusal:
        return _refuse(request, refusal)
    picture = segno.make(address_for_app(person, secret), error="m").svg_inline(scale=5, border=4, light="#fff")
    context = {
        "title": "Set up an authenticator",
        "fault": fault,
        "picture": mark_safe(picture),  # noqa: S308 - drawn here, from squares
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "required": owed_by(request) == SET_UP,
        "next": safe_next(request),
    }
    return render(request, "console/set_up.html", _frame(request, context))


@never_cache
@require_POST
@asks_again
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once; the old ones are dead."""
    person: Any = request.user
    try:
        return _show_codes(request, renew_recovery_codes(person))
    except Refusal as refusal:
        return _refuse(request, refusal)


@require_POST
@asks_again
def remove(request: HttpRequest) -> HttpResponse:
    """One's own authenticator, taken away."""
    person: Any = request.user
    try:
        remove_second_factor(person, actor=person)
    except Refusal as refusal:
        return _refuse(request, refusal)
    messages.success(request, "Your authenticator is removed: from now on your password alone signs you in.")
    return redirect("console-account")


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"title": "Your recovery codes", "codes": codes, "next": safe_next(request)}
    return render(request, "console/recovery_codes.html", _frame(request, context))


def _refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    messages.error(request, refusal.sentence)
    return redirect("console-account")


def _frame(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Before the console is open its menu and its lists are nobody's: a page by itself."""
    inside = owed_by(request) == NOTHING and hasattr(request, "scope")
    layout = "admin/base_site.html" if inside else "unfold/layouts/unauthenticated.html"
    return {**(admin.site.each_context(request) if inside else {"theme": ""}), "layout": layout, **context}
