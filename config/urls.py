"""Where everything is reached; TENANTRY_SURFACE says which part of it this process serves."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from config import api
from config.health import healthz, readyz
from config.metrics import metrics
from config.site import search
from config.switcher import find, switch

handler400 = "config.accidents.bad_request"
handler404 = "config.accidents.not_found"
handler500 = "config.accidents.server_error"

operations: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
console: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/switch/", switch, name="console-switch"),
    path("admin/switch/find/", find, name="console-switch-find"),
    path("admin/search/", search),
    path("admin/", admin.site.urls),
]
SURFACES = {"all": [*api.urlpatterns, *console], "api": api.urlpatterns, "console": console}

urlpatterns: list[URLPattern | URLResolver] = [*operations, *SURFACES[settings.TENANTRY_SURFACE]]
