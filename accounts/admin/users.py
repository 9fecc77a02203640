"""People: found, looked at, and by superusers added, changed and deleted."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.admin.person_pages import PersonPagesMixin, panels_of
from accounts.lifecycle import delete_user
from accounts.models import User, UserPreferences, UserProfile
from tenants.admin.base import ConsoleAdmin, scope_of
from tenants.admin.counting import PeoplePaginator
from tenants.admin.decorators import column
from tenants.admin.inlines import ReadingInline
from tenants.models import OrgMember


class MembershipInline(ReadingInline):
    """The organizations of a person, as far as the scope reaches."""

    model = OrgMember
    verbose_name_plural = "memberships"
    fields = ("org", "role", "state", "joined_at")
    ordering = ("-org_id", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("org", "user")


class ProfileInline(ReadingInline):
    """What colleagues see."""

    model = UserProfile
    fields = ("full_name", "avatar_url")


class PreferencesInline(ReadingInline):
    """What the person has chosen."""

    model = UserPreferences
    fields = ("theme_preference",)
    ordering = ("user_id",)


class PersonCreationForm(UserCreationForm):  # type: ignore[misc]
    """A new person, with a password or without."""

    class Meta:
        model = User
        fields = ("email",)
        field_classes: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django speaks of single sign-on, which there is none of here.
        kept = self.fields["usable_password"]
        kept.choices, kept.label = [("true", "Set one here"), ("false", "None yet")], "Password"
        kept.help_text = "Without one nobody signs in, until they set theirs by a link: Account, Send password reset."
        self.fields["password1"].label, self.fields["password2"].label = "New password", "The same once more"


class PersonChangeForm(UserChangeForm):  # type: ignore[misc]
    """A person; the password has a page of its own."""

    class Meta(DjangoUserChangeForm.Meta):
        model = User
        field_classes: ClassVar[dict[str, Any]] = {}


@admin.register(User)
class UserAdmin(PersonPagesMixin, DjangoUserAdmin, ConsoleAdmin):  # type: ignore[misc, type-arg]
    """The people in scope: the members of one organization, or everyone.

    A person may be in several organizations, and staff of one must not take over an account that reaches into
    another: only superusers change people.
    """

    icon = "group"
    paginator = PeoplePaginator
    menu_rank = 300
    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "full_name", "shown_kind", "is_active", "last_login", "created_at")
    list_filter = ("is_active", "is_staff", "is_superuser", "last_login")
    search_fields = ("email", "profile__full_name")
    list_select_related = ("profile",)
    ordering = ("email_lower",)
    sortable_by = ("email",)
    change_form_outer_after_template = "console/person_panels.html"
    readonly_fields = ("is_active", "last_login", "created_at", "active_org", "email_verified_at")
    inlines = (MembershipInline, ProfileInline, PreferencesInline)
    actions = None
    delete_confirmation_template = "console/delete_by_verb.html"
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "password", "is_active")}),
        ("About", {"fields": ("created_at", "last_login", "email_verified_at", "active_org"), "classes": ("tab",)}),
        ("Console", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions"), "classes": ("tab",)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "description": "Whoever is not staff is given an organization of their own.",
                "fields": ("email", "usable_password", "password1", "password2", "is_staff"),
            },
        ),
    )

    @column("name", ordering="profile__full_name")
    def full_name(self, person: User) -> str:
        return person.profile.full_name or "—"

    @column("kind", ordering="is_staff", colours={"superuser": "danger", "staff": "warning", "person": ""})
    def shown_kind(self, person: User) -> str:
        return "superuser" if person.is_superuser else "staff" if person.is_staff else "person"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        # Nothing of the password, not even how it is kept.
        return ((None, {"fields": ("email", "is_active", "is_staff", "created_at", "last_login")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Permissions belong to no organization; the database refuses to change them from within one.
        fixed = () if scope_of(request).all_orgs else ("is_staff", "is_superuser", "groups", "user_permissions")
        return [*super().get_readonly_fields(request, obj), *fixed]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        person = kwargs.get("obj")
        if person is not None and not context.get("is_popup"):
            context.update(panels_of(request, person))
        return super().render_change_form(request, context, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return scope_of(request).all_orgs and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return bool(user.has_perm("accounts.view_user") or user.has_perm("accounts.change_user"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return scope_of(request).all_orgs

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Not Django's walk over every table: the verb says what a person takes along."""
        told = [
            f"{person} is gone at once, with their memberships; organizations in which they are alone are closed."
            for person in objs
        ]
        return told, {}, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_user(obj, actor=request.user)
