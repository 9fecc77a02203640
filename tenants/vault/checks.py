"""The system check of the vault: no process starts with keys that it could not read credentials with."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from tenants.vault.self_test import prove_vault


@register(Tags.security)
def check_vault(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A console alone neither stores nor reads credentials."""
    if settings.TENANTRY_SURFACE == "console":
        return []
    try:
        prove_vault()
    except ImproperlyConfigured as refused:
        return [Error(str(refused), hint="docs/operations.md tells how to keep and to change keys.", id="tenants.E010")]
    return []
