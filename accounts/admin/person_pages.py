"""What superusers do to an account, each on a page that says what follows, and what a person's page shows besides."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.admin.asking_again import asks_again
from accounts.console_sessions import session_id_of
from accounts.looking_after import (
    disable_account,
    enable_account,
    end_session_of,
    end_sessions_of,
    mail_reset_link,
)
from accounts.models import User, UserSession
from accounts.recovery_codes import count_codes
from accounts.second_factor import has_second_factor, remove_second_factor
from accounts.token_preview import preview_tokens
from accounts.tokens.sessions import list_sessions
from tenants.admin.decorators import page_action
from tenants.admin.organization_pages import ReasonForm
from tenants.admin.verb_pages import FindingMixin, Question, actor_of, ask_first
from tenants.errors import NotFound
from tenants.models import ApiKey, OrgMember, UserDsoAccess
from tenants.verbs import as_service

SHOWN = 20


class PersonPagesMixin(FindingMixin):
    """The buttons of a person's page and what lies behind them."""

    # Under one button: with five the header has no room for whom they are about.
    actions_detail = (
        {
            "title": "Account",
            "icon": "manage_accounts",
            "items": ("send_reset", "end_sessions", "disable", "enable", "reset_factor"),
        },
    )

    @page_action("Send password reset", icon="lock_reset", permission="send_reset")
    def send_reset(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.find_or_404(request, object_id)
        question = Question(
            title=f"Mail {person} a link to set a new password?",
            effect=("It works for an hour. The present password goes on working until then.",),
            submit="Send",
            back=page_of_person(person),
            icon="lock_reset",
        )

        def act(sent: dict[str, Any]) -> str:
            mail_reset_link(person, actor=actor_of(request))
            return f"A link is on its way to {person}."

        return ask_first(request, question, act)

    @page_action("Sign out everywhere", icon="logout", permission="end_sessions")
    def end_sessions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.find_or_404(request, object_id)
        mine = person.pk == actor_of(request).pk
        question = Question(
            title=f"Sign {person} out everywhere?",
            effect=("In the console and in every client, with the next request; they sign in again.",)
            + (("This browser stays signed in.",) if mine else ()),
            submit="Sign out",
            back=page_of_person(person),
            icon="logout",
        )

        def act(sent: dict[str, Any]) -> str:
            ended = end_sessions_of(person, actor=actor_of(request), keep=session_id_of(request) if mine else None)
            return f"Sessions that ended: {ended}."

        return ask_first(request, question, act)

    @page_action("Disable", icon="block", permission="disable")
    def disable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._disable(request, object_id)

    @asks_again
    def _disable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.find_or_404(request, object_id)
        question = Question(
            title=f"Disable the account of {person}?",
            effect=("They are signed out everywhere, and sign in nowhere.", "Memberships and access rows stay."),
            submit="Disable",
            back=page_of_person(person),
            form=ReasonForm,
            icon="block",
            danger=True,
        )

        def act(sent: dict[str, Any]) -> str:
            disable_account(person, reason=sent["reason"], actor=actor_of(request))
            return f"{person} is disabled."

        return ask_first(request, question, act)

    @page_action("Enable", icon="check_circle", permission="enable")
    def enable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.find_or_404(request, object_id)
        question = Question(
            title=f"Enable the account of {person}?",
            effect=("They sign in again, with the memberships and the access rows that they have.",),
            submit="Enable",
            back=page_of_person(person),
            form=ReasonForm,
            icon="check_circle",
        )

        def act(sent: dict[str, Any]) -> str:
            enable_account(person, reason=sent["reason"], actor=actor_of(request))
            return f"{person} is enabled."

        return ask_first(request, question, act)

    @page_action("Remove authenticator", icon="phonelink_erase", permission="reset_factor")
    def reset_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._reset_factor(request, object_id)

    @asks_again
    def _reset_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.find_or_404(request, object_id)
        question = Question(
            title=f"Remove the authenticator of {person}?",
            effect=(
                "From then on their password alone signs them in, until they set up another.",
                "Be sure that it is they who ask: call them back. They are signed out everywhere.",
            ),
            submit="Remove authenticator",
            back=page_of_person(person),
            form=ReasonForm,
            icon="phonelink_erase",
            danger=True,
        )

        def act(sent: dict[str, Any]) -> str:
            remove_second_factor(person, actor=actor_of(request), reason=sent["reason"])
            return f"{person} signs in without an authenticator."

        return ask_first(request, question, act)

    def end_one_session(self, request: HttpRequest, object_id: str, session_id: Any) -> HttpResponse:
        """From the list on the person's page."""
        person = self.find_or_404(request, object_id)
        if not request.user.is_superuser:
            raise Http404
        try:
            end_session_of(person, session_id, actor=actor_of(request))
        except NotFound as missing:
            if not _was_theirs(person, session_id, actor_of(request)):
                raise Http404 from missing
            messages.warning(request, missing.sentence)
        else:
            messages.success(request, f"{person} is signed out there.")
        return HttpResponseRedirect(page_of_person(person) + "#sessions")

    def get_urls(self) -> list[Any]:
        screen: Any = self
        view = screen.admin_site.admin_view(require_POST(self.end_one_session))
        own = path("<path:object_id>/sessions/<uuid:session_id>/end/", view, name="accounts_user_end_session")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def has_send_reset_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._superuser(request, object_id, is_active=(True,))

    def has_end_sessions_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._superuser(request, object_id)

    def has_disable_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._superuser(request, object_id, is_active=(True,)) and str(object_id) != str(request.user.pk)

    def has_enable_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._superuser(request, object_id, is_active=(False,))

    def has_reset_factor_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        person = self.find(request, object_id) if object_id else None
        return bool(request.user.is_superuser) and (person is None or has_second_factor(person))

    def _superuser(self, request: HttpRequest, object_id: Any, **when: Any) -> bool:
        return bool(request.user.is_superuser) and self.allows(request, object_id, "accounts.change_user", **when)


def panels_of(request: HttpRequest, person: User) -> dict[str, Any]:
    """What a person's page shows besides the form: as far as the reader's scope and permissions reach."""
    may = request.user.has_perm
    memberships = list(OrgMember.objects.filter(user=person).select_related("org").order_by("-org_id", "-id"))
    shown: dict[str, Any] = {"person": person, "memberships": memberships, "may_end": request.user.is_superuser}
    if may("tenants.view_userdsoaccess"):
        rows = UserDsoAccess.objects.filter(user=person).select_related("org").prefetch_related("dso", "granted_by")
        shown["access_rows"] = list(rows.order_by("-org_id", "-id")[: SHOWN + 1])
    if may("tenants.view_apikey"):
        keys = ApiKey.objects.filter(created_by=person).select_related("org")
        shown["api_keys"] = list(keys.order_by("-org_id", "-id")[: SHOWN + 1])
    if may("tenants.view_orgmember"):
        shown["tokens"] = _tell_tokens(request, person, memberships)
    if request.user.is_superuser:
        # Addresses and browsers are the person's, not an organization's.
        with as_service("look at person", actor_of(request)):
            shown["sessions"] = list(list_sessions(person)[: SHOWN + 1])
            shown["own_session"] = session_id_of(request)
            shown["codes"] = count_codes(person)
        shown["has_authenticator"] = has_second_factor(person)
    return {"panels": shown, "panels_limit": SHOWN}


def _was_theirs(person: User, session_id: Any, actor: Any) -> bool:
    """A session that ended while the page was open is no secret; anybody else's is not there."""
    with as_service("look at person", actor):
        return UserSession.objects.filter(pk=session_id, user_id=person.pk).exists()


def _tell_tokens(request: HttpRequest, person: User, memberships: list[OrgMember]) -> list[dict[str, Any]]:
    names = {m.org_id: m.org.name for m in memberships[:SHOWN]}
    previews = preview_tokens(person, names, actor=actor_of(request))
    return [
        {"org": names[p.org_id], "preview": p, "claims": json.dumps(p.claims, indent=2, sort_keys=True)}
        for p in previews
    ]


def page_of_person(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])
