"""Settings: everything that differs between machines comes from the environment (see .env.example)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

from config import embedded
from config.api_settings import *  # noqa: F403 - the API's settings are settings
from config.api_settings import API_APPS
from config.environment import Environment, read_database, read_mail
from config.logging import build_logging
from postgres.names import find_schema_fault
from postgres.roles import OWNER

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

PRODUCTION = env.str("TENANTRY_ENV", "development") == "production"
DEBUG = False
DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", DEVELOPMENT_SECRET)
# Earlier secrets that still open what they sealed.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Signs who is acting: `migrate` gives it to the database, web processes sign with it.
TENANTRY_CLAIMS_KEY = env.str("TENANTRY_CLAIMS_KEY", DEVELOPMENT_SECRET + "-claims")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Signs access tokens: the first key signs, all verify (accounts/tokens/keys.py); unset, development derives one.
TENANTRY_SIGNING_KEYS = env.str("TENANTRY_SIGNING_KEYS", "", multiline=True)
# Master keys of the vault, `id:base64`, newest first (tenants/vault/ring.py); unset, development derives one.
TENANTRY_VAULT_KEYS = env.str("TENANTRY_VAULT_KEYS", "")
TENANTRY_TOKEN_ISSUER = env.str("TENANTRY_TOKEN_ISSUER", "tenantry")
TENANTRY_TOKEN_AUDIENCE = env.str("TENANTRY_TOKEN_AUDIENCE", "tenantry")
TENANTRY_ACCESS_MINUTES = env.int("TENANTRY_ACCESS_MINUTES", 10)
# Days without a refresh after which a session is over.
TENANTRY_SESSION_DAYS = env.int("TENANTRY_SESSION_DAYS", 30)
# Whether an address must be proven before its first sign-in: optional or mandatory.
TENANTRY_EMAIL_VERIFICATION = env.str("TENANTRY_EMAIL_VERIFICATION", "mandatory" if PRODUCTION else "optional")
if TENANTRY_EMAIL_VERIFICATION not in ("optional", "mandatory"):
    raise ImproperlyConfigured("TENANTRY_EMAIL_VERIFICATION is neither optional nor mandatory: set it to one of them.")

if PRODUCTION:
    for name in ("SECRET_KEY", "TENANTRY_CLAIMS_KEY", "DATABASE_URL", "ALLOWED_HOSTS"):
        if not os.environ.get(name) and not (name == "DATABASE_URL" and os.environ.get("APP_DATABASE_URL")):
            raise ImproperlyConfigured(f"{name} is not set, and TENANTRY_ENV is production: set it, then start again.")
    for name in ("SECRET_KEY", "TENANTRY_CLAIMS_KEY"):
        if DEVELOPMENT_SECRET in env.str(name):
            raise ImproperlyConfigured(
                f"{name} is the development secret, and TENANTRY_ENV is production: make a new one."
            )

TENANTRY_SCHEMA = env.str("TENANTRY_SCHEMA", "public")
if schema_fault := find_schema_fault(TENANTRY_SCHEMA):
    raise ImproperlyConfigured(f"TENANTRY_SCHEMA cannot be {TENANTRY_SCHEMA!r}: {schema_fault}")
TENANTRY_APPS = ["audit", "tenants", "accounts"]
# Days in which the deletion of an organization can be undone.
TENANTRY_DELETION_GRACE_DAYS = env.int("TENANTRY_DELETION_GRACE_DAYS", 30)
TENANTRY_INVITATION_DAYS = env.int("TENANTRY_INVITATION_DAYS", 7)
# Days after joining before the access review asks why somebody has never signed in.
TENANTRY_NEVER_SIGNED_IN_DAYS = env.int("TENANTRY_NEVER_SIGNED_IN_DAYS", 30)
# Days after which softly deleted rows are purged.
TENANTRY_RETENTION_DAYS = env.int("TENANTRY_RETENTION_DAYS", 90)
# The organization that DSOs from before organizations come to, and who runs it (tenants.0010_default_org).
TENANTRY_DEFAULT_ORG_SLUG = env.str("TENANTRY_DEFAULT_ORG_SLUG", "")
TENANTRY_DEFAULT_ORG_NAME = env.str("TENANTRY_DEFAULT_ORG_NAME", "")
TENANTRY_DEFAULT_ORG_OWNER_EMAIL = env.str("TENANTRY_DEFAULT_ORG_OWNER_EMAIL", "")
TENANTRY_DEFAULT_ORG_ADMIN_EMAILS = env.list("TENANTRY_DEFAULT_ORG_ADMIN_EMAILS", default=[])
# People who lose their DSO access rows in organizations where they are no active member (tenants.0019).
TENANTRY_REVOKE_ACCESS_EMAILS = env.list("TENANTRY_REVOKE_ACCESS_EMAILS", default=[])
# Partitions of the log and of metric events made in advance.
TENANTRY_MONTHS_AHEAD = env.int("TENANTRY_MONTHS_AHEAD", 3)
# Months of the log that are kept; 0 keeps them all.
TENANTRY_LOG_RETENTION_MONTHS = env.int("TENANTRY_LOG_RETENTION_MONTHS", 0)
# Months of metric events that are kept; 0 keeps them all.
TENANTRY_EVENT_RETENTION_MONTHS = env.int("TENANTRY_EVENT_RETENTION_MONTHS", 0)
# Bulk posts of metric events that one organization may have at work at once; more are answered 429.
TENANTRY_EVENT_POSTS_AT_ONCE = env.int("TENANTRY_EVENT_POSTS_AT_ONCE", 4)
# Where the heads of the sealed log are copied to: better a place that this machine can write and not delete.
TENANTRY_SEAL_DIR = env.str("TENANTRY_SEAL_DIR", "")
# Where connections of the provider `folder` read from: <this folder>/<organization's id>/<the connection's folder>.
TENANTRY_SYNC_DIR = env.str("TENANTRY_SYNC_DIR", "")
# Minutes after which `run_sync` reads from a connection again by itself.
TENANTRY_SYNC_MINUTES = env.int("TENANTRY_SYNC_MINUTES", 15)
# Seconds after its last batch in which a sync job is still its process's.
TENANTRY_SYNC_LEASE_SECONDS = env.int("TENANTRY_SYNC_LEASE_SECONDS", 120)
# More adapters: provider=module.Class, separated by commas.
TENANTRY_SYNC_ADAPTERS = env.dict("TENANTRY_SYNC_ADAPTERS", default={})
# Which part of the product this web process serves: its login needs the roles of that part only.
TENANTRY_SURFACE = env.str("TENANTRY_SURFACE", "all")
if TENANTRY_SURFACE not in ("all", "api", "console"):
    raise ImproperlyConfigured("TENANTRY_SURFACE is none of all, api and console: set it to one of them.")
# `app`: a web process, with the login that owns nothing. Set by config/wsgi.py, not by people.
TENANTRY_LOGIN = env.str("TENANTRY_LOGIN", "owner")

INSTALLED_APPS = [
    "config",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *API_APPS,
    "accounts",
    "tenants",
    "audit",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.requests.RequestIdMiddleware",
    "config.metrics.MetricsMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.console.ConsoleTransactionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.console.ConsoleScopeMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.EmailBackend"]
# auth.W004: e-mails are unique by users.email_lower.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def choose_database() -> dict[str, Any]:
    """One database, reached by one of two logins."""
    if TENANTRY_LOGIN == "app":
        variable, url = "APP_DATABASE_URL", env.str("APP_DATABASE_URL", "") or embedded.app_url()
        options: dict[str, Any] = (
            {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}} if env.bool("DATABASE_POOL", True) else {}
        )
    else:
        variable, url = "DATABASE_URL", env.str("DATABASE_URL", "") or embedded.owner_url()
        options = {"owner_role": OWNER, "search_path": TENANTRY_SCHEMA}
    database = read_database(variable, url)
    return {
        **database,
        "ENGINE": "postgres.backend",
        "OPTIONS": {**database.get("OPTIONS", {}), **options},
        "DISABLE_SERVER_SIDE_CURSORS": TENANTRY_LOGIN == "app",
    }


DATABASES = {"default": choose_database()}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "accounts.password.EndSessions"})

# The client application that the links of our mails lead to.
TENANTRY_APP_URL = env.str("TENANTRY_APP_URL", "http://localhost:3000").rstrip("/")
# Development prints mails instead of sending them.
vars().update(read_mail(env, "smtp://localhost:25" if PRODUCTION else "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Tenantry <tenantry@localhost>")

# A 500 comes with its traceback; every request is a line at INFO.
LOGGING = build_logging(
    env.str("TENANTRY_LOG_FORMAT", "json" if PRODUCTION else "line"),
    env.str("TENANTRY_LOG_LEVEL", "INFO" if PRODUCTION else "WARNING"),
)
# What a scraper of /metrics on another machine says as Bearer; without one, only this machine may ask.
TENANTRY_METRICS_TOKEN = env.str("TENANTRY_METRICS_TOKEN", "")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("TENANTRY_VAR", str(BASE_DIR / "var"))) / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_MANIFEST_STRICT = False

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# Hours after which a console session ends whatever happens, and minutes after which it ends if nothing does.
TENANTRY_CONSOLE_SESSION_HOURS = env.int("TENANTRY_CONSOLE_SESSION_HOURS", 12)
TENANTRY_CONSOLE_IDLE_MINUTES = env.int("TENANTRY_CONSOLE_IDLE_MINUTES", 120)
SESSION_COOKIE_AGE = TENANTRY_CONSOLE_SESSION_HOURS * 60 * 60
# Whether everybody in the console needs an authenticator app: whoever has none sets it up at the next sign-in.
TENANTRY_REQUIRE_TOTP = env.bool("TENANTRY_REQUIRE_TOTP", False)
SESSION_ENGINE = "config.sessions"
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
TRUST_PROXY = env.bool("TRUST_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
X_FRAME_OPTIONS = "DENY"


def serve_file(name: str) -> Callable[[HttpRequest], str]:
    """Where a file of ours is served from, which is known when a page is rendered."""
    return lambda request: static(f"config/{name}")


UNFOLD = {
    "SITE_TITLE": "Tenantry",
    "SITE_HEADER": "Tenantry",
    "SITE_SUBHEADER": "config.switcher.scope_name",
    "SITE_SYMBOL": "domain",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": serve_file("favicon.svg")}],
    "SITE_URL": None,
    "STYLES": [serve_file(f"console/{name}.css") for name in ("parts", "pages", "frame")],
    "SCRIPTS": ["config.site.theme_script", *(serve_file(f"{name}.js") for name in ("switcher", "focus", "reading"))],
    "ACCOUNT": {
        "navigation": [
            {"title": "Your account", "link": reverse_lazy("console-account")},
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SITE_DROPDOWN": "config.switcher.offer",
    "ENVIRONMENT": "config.switcher.scope_label",
    "DASHBOARD_CALLBACK": "config.site.front_page",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": "config.site.navigation"},
    "COLORS": {
        "primary": {
            "50": "oklch(96.2% .018 272.314)",
            "100": "oklch(93% .034 272.788)",
            "200": "oklch(87% .065 274.039)",
            "300": "oklch(78.5% .115 274.713)",
            "400": "oklch(67.3% .182 276.935)",
            "500": "oklch(58.5% .233 277.117)",
            "600": "oklch(51.1% .262 276.966)",
            "700": "oklch(45.7% .24 277.023)",
            "800": "oklch(39.8% .195 277.366)",
            "900": "oklch(35.9% .144 278.697)",
            "950": "oklch(25.7% .09 281.288)",
        },
    },
}
