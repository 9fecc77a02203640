"""Where everything is reached."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from config import api
from config.health import healthz
from config.site import search, switch

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", healthz, name="healthz"),
    *api.urlpatterns,
    path("admin/switch/", switch, name="console-switch"),
    path("admin/search/", search),
    path("admin/", admin.site.urls),
]
