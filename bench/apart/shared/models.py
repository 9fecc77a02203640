"""The organizations: a schema each."""

from django_tenants.models import DomainMixin, TenantMixin


class Client(TenantMixin):  # type: ignore[misc]
    """An organization."""


class Domain(DomainMixin):  # type: ignore[misc]
    """The library asks for it."""
