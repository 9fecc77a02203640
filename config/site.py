"""The console's frame: its menu, its search and its front page."""

from typing import Any

from django.contrib import admin
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse

from accounts.admin.account import theme_of
from audit.models import AuditLog
from config.dashboard.page import build_dashboard
from tenants.admin.base import ConsoleAdmin
from tenants.admin.history import tell_entries

RECENT = 12
# Twenty counts a page: the lists themselves count further.
COUNTED = 1_000


def theme_script(request: HttpRequest) -> str:
    """With the person's preference in its address; Unfold calls the system's theme `auto`."""
    theme = theme_of(request) if getattr(request, "user", None) and request.user.is_authenticated else ""
    return f"{static('config/theme.js')}{'?theme=' + theme.replace('system', 'auto') if theme else ''}"


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
