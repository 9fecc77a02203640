"""Reading the environment: what cannot be read is refused by its name, so that a person knows what to set."""

from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SCHEMES = {"postgres", "postgresql", "psql", "pgsql"}
EXAMPLE = "postgresql://login:password@host:5432/database"


class Environment(environ.Env):  # type: ignore[misc]
    """django-environ, whose refusals name no variable."""

    def get_value(self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, **more: Any) -> Any:
        """The value as `cast` reads it."""
        try:
            return super().get_value(var, cast, default, **more)
        except ValueError as error:
            kind = getattr(cast, "__name__", "value")
            raise ImproperlyConfigured(
                f"{var} cannot be read as {kind} ({error}): docs/settings.md says more."
            ) from error


def read_database(variable: str, address: str) -> dict[str, Any]:
    """A PostgreSQL address as Django's settings have it; the value itself, which holds a password, is not repeated."""
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES or not (parts.path.strip("/") or "service=" in parts.query):
        raise ImproperlyConfigured(f"{variable} is no address of a PostgreSQL database: write {EXAMPLE}")
    try:
        return dict(environ.Env.db_url_config(address))
    except ValueError as error:
        raise ImproperlyConfigured(f"{variable} has no port that is a number: write {EXAMPLE}") from error


def read_mail(env: Environment, default: str) -> dict[str, Any]:
    """Where mails go."""
    try:
        return dict(env.email_url("EMAIL_URL", default))
    except (ImproperlyConfigured, KeyError, ValueError) as error:
        raise ImproperlyConfigured("EMAIL_URL is no address of a mail server: write smtp://host:25") from error
