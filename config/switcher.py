"""Switching between organizations: where the person works, where else they may, and pages of before a switch."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST

from accounts.console_org import orgs_open_to, set_console_org
from tenants.errors import NotFound
from tenants.models import Organization
from tenants.scope import Scope, service_scope

ALL = "all"
ALL_ORGANIZATIONS = "All organizations"
# A menu to read, not to scroll; the others are found by typing.
OFFERED = 12
RECENT, RECENT_KEPT = "recent_orgs", 5
# What a form says about the page it stands on.
RENDERED_FOR = "_rendered_for"
TOKEN = b'<input type="hidden" name="csrfmiddlewaretoken"'


def scope_name(request: HttpRequest) -> str:
    """Where the person works at the moment."""
    scope = getattr(request, "scope", None)
    if scope is None:
        return ""
    if scope.all_orgs:
        return ALL_ORGANIZATIONS
    if not hasattr(request, "org_name"):
        name = Organization.objects.filter(pk=scope.org_id).values_list("name", flat=True).first()
        request.org_name = name or ""  # type: ignore[attr-defined]
    return request.org_name  # type: ignore[attr-defined, no-any-return]


def scope_label(request: HttpRequest) -> list[Any] | None:
    """The same in the header of every page, in the organization's own colour; all of them together in a warning's."""
    name = scope_name(request)
    if not name:
        return None
    scope: Scope = request.scope  # type: ignore[attr-defined]
    return [name, "warning" if scope.all_orgs else "info", hue_of(scope.org_id)]


def hue_of(org_id: UUID | None) -> int:
    """A colour that an organization keeps: from its id's random end, since time-ordered ids begin alike."""
    return org_id.int % 360 if org_id else 70


def where(scope: Scope) -> str:
    """The scope's organization as a form says it."""
    return ALL if scope.all_orgs else str(scope.org_id or "")


def offer(request: HttpRequest) -> list[dict[str, Any]]:
    """Where the person may go, recent ones first; `link` carries the id, for a form that POSTs it."""
    scope = getattr(request, "scope", None)
    if scope is None or not (scope.org_id or scope.all_orgs):
        return []
    offered = list_orgs(request, "")
    if request.user.is_superuser and not scope.all_orgs:
        offered.insert(0, {"title": ALL_ORGANIZATIONS, "link": ALL, "icon": "language"})
    return offered


def find(request: HttpRequest) -> HttpResponse:
    """The menu's entries that match what was typed."""
    if not hasattr(request, "scope"):
        raise PermissionDenied
    return render(request, "console/switch_entries.html", {"entries": list_orgs(request, request.GET.get("q", ""))})


def list_orgs(request: HttpRequest, term: str) -> list[dict[str, Any]]:
    """By name or slug; without a term those worked in lately, then the others."""
    scope, person = request.scope, request.user  # type: ignore[attr-defined]
    wanted = Q(name__icontains=term.strip()) | Q(slug__icontains=term.strip())
    recent = [UUID(key) for key in request.session.get(RECENT, [])]
    # As a service: the person's own scope sees the one organization it is in.
    with service_scope("switcher"):
        open_to = orgs_open_to(person).exclude(pk=scope.org_id).filter(wanted)  # type: ignore[arg-type]
        first = {row["pk"]: row for row in open_to.filter(pk__in=recent).values("pk", "name", "slug")}
        others = open_to.exclude(pk__in=recent).values("pk", "name", "slug")[: OFFERED - len(first)]
        rows = [*(first[key] for key in recent if key in first), *others]
    return [
        {
            "title": r["name"],
            "link": str(r["pk"]),
            "icon": "domain",
            "attrs": {"slug": r["slug"], "hue": hue_of(r["pk"])},
        }
        for r in rows
    ]


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Work in another organization from now on, in every tab; a list stays a list, all else leads to the front."""
    if not hasattr(request, "scope"):
        raise PermissionDenied
    wanted = request.POST.get("org", "")
    try:
        set_console_org(request.user, None if wanted == ALL else UUID(wanted))  # type: ignore[arg-type]
    except (ValueError, NotFound) as missing:
        raise Http404 from missing
    if wanted != ALL:
        remember_org(request, str(UUID(wanted)))
    return redirect(_place_after(request.POST.get("next", "")))


def remember_org(request: HttpRequest, key: str) -> None:
    """Newest first, each once."""
    recent = [key, *(other for other in request.session.get(RECENT, []) if other != key)]
    request.session[RECENT] = recent[:RECENT_KEPT]


def _place_after(wanted: str) -> str:
    """Only a list of this console: an object's page would be somebody else's."""
    try:
        found = resolve(wanted)
    except Resolver404:
        return reverse("admin:index")
    is_list = found.namespace == "admin" and (found.url_name or "").endswith("_changelist")
    return wanted if is_list else reverse("admin:index")


def is_stale(request: HttpRequest) -> bool:
    """Whether a form comes from a page that was rendered while the person worked elsewhere."""
    if request.method != "POST" or request.path in (reverse("console-switch"), reverse("admin:logout")):
        return False
    said = request.POST.get(RENDERED_FOR)
    return said is not None and said != where(request.scope)  # type: ignore[attr-defined]


def refuse_stale(request: HttpRequest) -> HttpResponse:
    """Nothing is written; the person chooses where they meant to be."""
    said = request.POST.get(RENDERED_FOR, "")
    with service_scope("switcher"):
        meant = _name_of(request, said)
    context = {"meant": meant, "meant_id": said, "now": scope_name(request)}
    return render(request, "console/stale.html", context, status=409)


def _name_of(request: HttpRequest, said: str) -> str:
    if said == ALL:
        return ALL_ORGANIZATIONS if request.user.is_superuser else ""
    try:
        org = orgs_open_to(request.user).filter(pk=UUID(said)).first()  # type: ignore[arg-type]
    except ValueError:
        return ""
    return org.name if org else ""


def mark_forms(response: HttpResponse, scope: Scope) -> None:
    """Let every form say what it was rendered for, beside its token: Unfold's own forms are no templates of ours."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return
    mark = f'<input type="hidden" name="{RENDERED_FOR}" value="{where(scope)}">'.encode()
    if TOKEN in response.content:
        response.content = response.content.replace(TOKEN, mark + TOKEN)
        if response.has_header("Content-Length"):
            response["Content-Length"] = str(len(response.content))
