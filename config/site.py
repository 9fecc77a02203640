"""The console's frame: its menu, the organization it works in, its front page, and switching."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.admin.account import theme_of
from accounts.console_org import orgs_open_to, set_console_org
from audit.models import AuditLog
from config.dashboard.page import build_dashboard
from tenants.admin.base import ConsoleAdmin
from tenants.admin.history import tell_entries
from tenants.errors import NotFound
from tenants.scope import service_scope

ALL = "all"
ALL_ORGANIZATIONS = "All organizations"
# A menu to read, not to scroll; the others are found in the list of organizations.
OFFERED = 12
RECENT = 12
# Twenty counts a page: the lists themselves count further.
COUNTED = 1_000


def stylesheet(request: HttpRequest) -> str:
    return static("config/console.css")


def theme_script(request: HttpRequest) -> str:
    """With the person's preference in its address; Unfold calls the system's theme `auto`."""
    theme = theme_of(request) if getattr(request, "user", None) and request.user.is_authenticated else ""
    return f"{static('config/theme.js')}{'?theme=' + theme.replace('system', 'auto') if theme else ''}"


def favicon(request: HttpRequest) -> str:
    return static("config/favicon.svg")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu, from whatever is registered and permitted: a new admin needs no line here."""
    front = {"title": "Overview", "icon": "dashboard", "link": reverse("admin:index"), "active": _on_front(request)}
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in menu_entries(request):
        groups.setdefault(entry["group"], []).append(entry)
    return [{"items": [front]}, *({"title": t, "separator": True, "items": e} for t, e in groups.items())]


def menu_entries(request: HttpRequest) -> list[dict[str, Any]]:
    """Every screen the person may open, in the order that the admins ask for."""
    entries = [_menu_entry(app["name"], model) for app in admin.site.get_app_list(request) for model in app["models"]]
    return sorted(entries, key=lambda entry: (entry["rank"], entry["group"], entry["title"]))


def _menu_entry(app_name: str, model: dict[str, Any]) -> dict[str, Any]:
    screen: Any = admin.site._registry.get(model["model"])
    known = screen if isinstance(screen, ConsoleAdmin) else ConsoleAdmin
    return {
        "title": model["name"],
        "icon": known.icon,
        "link": model["admin_url"],
        "group": known.menu_group or app_name,
        "rank": known.menu_rank,
        "model": model["model"],
    }


def _on_front(request: HttpRequest) -> bool:
    return request.path == reverse("admin:index")


def scope_name(request: HttpRequest) -> str:
    """Where the person works at the moment."""
    scope = getattr(request, "scope", None)
    if scope is None:
        return ""
    if scope.all_orgs:
        return ALL_ORGANIZATIONS
    if not hasattr(request, "org_name"):
        organization = apps.get_model("tenants", "Organization")
        name = organization.objects.filter(pk=scope.org_id).values_list("name", flat=True).first()
        request.org_name = name or ""  # type: ignore[attr-defined]
    return request.org_name  # type: ignore[attr-defined, no-any-return]


def scope_label(request: HttpRequest) -> list[str] | None:
    """The same in the header of every page, in a colour of its own while all organizations are open."""
    name = scope_name(request)
    return [name, "warning" if name == ALL_ORGANIZATIONS else "info"] if name else None


def switcher(request: HttpRequest) -> list[dict[str, Any]]:
    """Where the person may go; `link` carries the organization's id, for a form that POSTs it."""
    scope = getattr(request, "scope", None)
    if scope is None or not (scope.org_id or scope.all_orgs):
        return []
    person: Any = request.user
    # As a service: the person's own scope sees the one organization it is in.
    with service_scope("switcher"):
        orgs = list(orgs_open_to(person).exclude(pk=scope.org_id).values_list("pk", "name")[:OFFERED])
    offered = [{"title": name, "link": str(pk), "icon": "domain"} for pk, name in orgs]
    if person.is_superuser and not scope.all_orgs:
        offered.insert(0, {"title": ALL_ORGANIZATIONS, "link": ALL, "icon": "language"})
    return offered


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Work in another organization from now on, in every tab."""
    if not hasattr(request, "scope"):
        raise PermissionDenied
    wanted = request.POST.get("org", "")
    try:
        set_console_org(request.user, None if wanted == ALL else UUID(wanted))  # type: ignore[arg-type]
    except (ValueError, NotFound) as missing:
        raise Http404 from missing
    return redirect("admin:index")


def search(request: HttpRequest) -> HttpResponse:
    """Unfold's search of the menu, which takes any page number for one that there is."""
    try:
        return admin.site.admin_view(admin.site.search)(request)  # type: ignore[attr-defined, no-any-return]
    except (InvalidPage, ValueError) as wrong:
        raise Http404 from wrong


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the person may see, counted, and what happened last."""
    cards = [
        {**entry, "count": _count(request, entry["model"])}
        for entry in menu_entries(request)
        if entry["model"] is not AuditLog
    ]
    entries = []
    if request.user.has_perm("audit.view_auditlog"):
        entries = tell_entries(list(_rows(request, AuditLog).order_by("-created_at", "-id")[:RECENT]))
    return {**context, **build_dashboard(request), "title": "Overview", "cards": cards, "entries": entries}


def _count(request: HttpRequest, model: Any) -> str:
    counted = _rows(request, model).order_by().values("pk")[: COUNTED + 1].count()
    return f"{counted:,}" if counted <= COUNTED else f"{COUNTED:,}+"


def _rows(request: HttpRequest, model: Any) -> Any:
    """As the model's own list has them: that knows how to ask for one organization."""
    return admin.site._registry[model].get_queryset(request)
