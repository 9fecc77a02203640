"""What staff do to a connection: store its credential, destroy it, have it synchronized; each on a page of its own."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.timesince import timesince
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.asking_again import asks_again, asks_before
from tenants.admin.decorators import page_action
from tenants.admin.verb_pages import FindingMixin, Question, actor_of, ask_first
from tenants.models import IntegrationConnection
from tenants.sync.jobs import SYNCED, request_sync
from tenants.vault.credentials import LONGEST, CredentialUnreadable, revoke_credential, store_credential
from tenants.vault.secrets import Secret

CHANGE = "tenants.change_integrationconnection"


class SecretWidget(UnfoldAdminTextareaWidget):  # type: ignore[misc]
    """Several lines, as keys come; dots while it is typed, and never written into a page."""

    def __init__(self) -> None:
        quiet = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        super().__init__({"rows": 3, "class": "console-secret", **quiet})

    def format_value(self, value: Any) -> None:
        return None


class CredentialForm(forms.Form):
    """A credential, as the other system gave it."""

    secret = forms.CharField(
        max_length=LONGEST,
        widget=SecretWidget,
        label="Credential",
        help_text="A key, a token, or a whole file of several lines. Spaces and empty lines around it are left off.",
    )

    def clean_secret(self) -> Secret:
        # Browsers send every line's end as two characters; the other system gave one.
        return Secret(self.cleaned_data["secret"].replace("\r\n", "\n"))


class ConnectionPagesMixin(FindingMixin):
    """The pages behind the buttons of a connection."""

    actions_detail = ("sync", "store", "revoke")

    @page_action("Synchronize", icon="sync", permission="sync")
    def sync(self, request: HttpRequest, object_id: str) -> HttpResponse:
        connection, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Synchronize {connection}?",
            effect=("A job waits until a process that runs `manage.py run_sync` takes it up.",),
            submit="Synchronize",
            back=page_of_connection(connection),
            icon="sync",
        )

        def act(sent: dict[str, Any]) -> str:
            request_sync(connection, actor=actor)
            return "A sync job waits for the next process that is free."

        return ask_first(request, question, act)

    @page_action("Store credential", icon="key", permission="store")
    def store(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._store(request, object_id)

    # Asked first: a page that asks in between would carry what was typed.
    @asks_before
    @method_decorator([sensitive_post_parameters(), never_cache])
    def _store(self, request: HttpRequest, object_id: str) -> HttpResponse:
        connection, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Store the credential of {connection}",
            effect=(tell_credential(connection), *tell_storing(connection)),
            submit="Store",
            back=page_of_connection(connection),
            form=CredentialForm,
            icon="key",
        )

        def act(sent: dict[str, Any]) -> str:
            try:
                store_credential(connection, sent["secret"], actor=actor)
            except CredentialUnreadable as fault:
                raise ValidationError(str(fault)) from fault
            return f"The credential of {connection} is stored."

        return ask_first(request, question, act)

    @page_action("Revoke credential", icon="key_off", permission="revoke")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._revoke(request, object_id)

    @asks_again
    def _revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        connection, actor = self.find_or_404(request, object_id), actor_of(request)
        question = Question(
            title=f"Revoke the credential of {connection}?",
            effect=(
                tell_credential(connection),
                "It is destroyed: there is no way back. Nothing is synchronized until another one is stored.",
                "What the other system accepts is not changed by this: revoke it there as well.",
            ),
            submit="Revoke credential",
            back=page_of_connection(connection),
            icon="key_off",
            danger=True,
        )

        def act(sent: dict[str, Any]) -> str:
            had_one = revoke_credential(connection, actor=actor)
            return f"The credential of {connection} is destroyed." if had_one else "There was no credential any more."

        return ask_first(request, question, act)

    def has_sync_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, CHANGE, status=SYNCED)

    def has_store_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, CHANGE)

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not self.allows(request, object_id, CHANGE):
            return False
        row = self.find(request, object_id) if object_id is not None else None
        return row is None or row.credential_set_at is not None


def tell_credential(connection: IntegrationConnection) -> str:
    """What may be said of it: its end, and its age."""
    if connection.credential_set_at is None:
        return "It has no credential now."
    ends = f"the one that ends in {connection.credential_last_four}" if connection.credential_last_four else "one"
    return f"It has {ends}, stored {timesince(connection.credential_set_at, depth=1)} ago."


def tell_storing(connection: IntegrationConnection) -> tuple[str, ...]:
    """What will be different."""
    replaced = ("The new one takes its place at once.",) if connection.credential_set_at else ()
    return (
        *replaced,
        "It is encrypted, and nobody is shown it again, not even you. The log says who stored one, and when.",
        "A connection that is paused stays paused; any other is active from then on.",
    )


def page_of_connection(connection: IntegrationConnection) -> str:
    return reverse("admin:tenants_integrationconnection_change", args=[connection.pk])
