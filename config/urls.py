"""Where everything is reached; TENANTRY_SURFACE says which part of it this process serves."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from accounts.admin import account, second_factor
from accounts.admin.asking_again import prove_page
from config import api
from config.act_as import see_as
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
    path("admin/second-factor/", second_factor.enter_code, name="console-second-factor"),
    path("admin/second-factor/set-up/", second_factor.set_up, name="console-set-up"),
    path("admin/second-factor/codes/", second_factor.renew_codes, name="console-recovery-codes"),
    path("admin/second-factor/remove/", second_factor.remove, name="console-remove-factor"),
    path("admin/act-as/<uuid:member_id>/", see_as, name="console-act-as"),
    path("admin/prove/", prove_page, name="console-prove"),
    path("admin/account/", account.show_account, name="console-account"),
    path("admin/account/theme/", account.choose_theme, name="console-theme"),
    path("admin/account/sessions/end/", account.end_others, name="console-end-sessions"),
    path("admin/account/sessions/<uuid:session_id>/end/", account.end_one, name="console-end-session"),
    path("admin/", admin.site.urls),
]
SURFACES = {"all": [*api.urlpatterns, *console], "api": api.urlpatterns, "console": console}

urlpatterns: list[URLPattern | URLResolver] = [*operations, *SURFACES[settings.TENANTRY_SURFACE]]
