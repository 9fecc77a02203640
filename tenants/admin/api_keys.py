"""API keys: made, with the key shown once, and revoked; never edited, never deleted."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tenants.admin.base import OrgAdmin
from tenants.admin.decorators import column, page_action
from tenants.admin.lists import LongListMixin
from tenants.admin.verb_pages import (
    FindingMixin,
    Question,
    actor_of,
    ask_first,
    carried_from,
    run_each,
    take_selected,
    tell_each,
)
from tenants.api_keys import create_api_key, revoke_api_key
from tenants.models import ApiKey

STATE_COLOURS = {"works": "success", "run out": "", "revoked": ""}
EFFECT = "Whatever uses it is refused with its next request. There is no way back: make a new key instead."


@admin.register(ApiKey)
class ApiKeyAdmin(FindingMixin, LongListMixin, OrgAdmin):
    """Machine clients of an organization."""

    icon = "vpn_key"
    menu_rank = 125
    list_display = ("name", "begins", "role", "shown_state", "created_by", "last_used_at", "expires_at")
    list_filter = ("role", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "prefix")
    search_help_text = "Part of a name, or of how the key begins"
    fields = ("name", "role", "expires_at")
    details = ("begins", "shown_state", "created_by", "created_at", "last_used_at", "revoked_at")
    actions = ("revoke_selected",)
    actions_detail = ("revoke",)

    @column("begins with")
    def begins(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @column("state", colours=STATE_COLOURS)
    def shown_state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "revoked"
        return "run out" if key.expires_at and key.expires_at <= timezone.now() else "works"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields: list[str] = super().get_fields(request, obj)
        return [*fields, *self.details] if obj else fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, object_id, "tenants.change_apikey", revoked_at=(None,))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        made, secret = create_api_key(
            obj.org, obj.name, role=obj.role, expires_at=obj.expires_at, actor=actor_of(request)
        )
        obj.__dict__.update(made.__dict__)
        request.made_secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> HttpResponse:
        """Not a redirect: the key is nowhere but in this answer, which no cache keeps."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"The key {obj.name}",
            "key": obj,
            "secret": request.made_secret,  # type: ignore[attr-defined]
            "opts": self.opts,
        }
        response = render(request, "console/key_made.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @page_action("Revoke", icon="key_off", permission="revoke")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key, actor = self.find_or_404(request, object_id), actor_of(request)
        used = f"It was used last at {key.last_used_at:%d %b %Y, %H:%M}." if key.last_used_at else "It was never used."
        question = Question(
            title=f"Revoke {key.name}?",
            effect=(EFFECT, used),
            submit="Revoke",
            back=reverse("admin:tenants_apikey_change", args=[key.pk]),
            icon="key_off",
            danger=True,
        )
        return ask_first(request, question, lambda sent: f"{revoke_api_key(key, actor=actor).name} is revoked.")

    @admin.action(description="Revoke the selected keys", permissions=("revoke",))
    def revoke_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        keys, actor = take_selected(queryset.filter(revoked_at=None), "org"), actor_of(request)
        question = Question(
            title=f"Revoke: {len(keys)} key{'' if len(keys) == 1 else 's'}?",
            effect=(EFFECT,),
            submit="Revoke",
            back=request.get_full_path(),
            rows=tuple(f"{key} of {key.org}" for key in keys),
            carried=carried_from(request),
            icon="key_off",
            danger=True,
        )

        def act(sent: dict[str, Any]) -> str:
            return tell_each(request, *run_each(keys, lambda key: revoke_api_key(key, actor=actor)), "Revoked")

        return ask_first(request, question, act)
