"""Connections to other systems; their credentials are written here, and never read back."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from tenants.api.fields import ObjectField, TextField, columns_of, make_serializer, reading_serializer, write_field
from tenants.api.org_rows import OrgRows, make_view
from tenants.models import IntegrationConnection, Role
from tenants.models.integrations import OPEN_STATUSES, PROVIDER_PATTERN, refuse_secrets
from tenants.vault.credentials import LONGEST, revoke_credential, store_credential
from tenants.vault.secrets import Secret


class ProviderField(serializers.RegexField, TextField):
    """The name of an adapter."""


class CredentialWrite(serializers.Serializer[Any]):
    """A credential, as the other system gave it."""

    secret = TextField(max_length=LONGEST, trim_whitespace=False, write_only=True)


class Credential(serializers.Serializer[Any]):
    """That there is a credential, and how old it is; of a long one its end, to tell it from others."""

    is_set = serializers.BooleanField(read_only=True)
    last_four = serializers.CharField(read_only=True)
    set_at = serializers.DateTimeField(read_only=True, allow_null=True)
    age_days = serializers.IntegerField(read_only=True, allow_null=True)


def connection_fields() -> dict[str, Any]:
    """What of a connection a body may say, at any time."""
    columns = {column.name: column for column in columns_of(IntegrationConnection)}
    said = columns["settings"].db_comment
    return {
        "name": write_field(columns["name"]),
        "settings": ObjectField(required=False, validators=[refuse_secrets], help_text=said),
        "status": serializers.ChoiceField(choices=OPEN_STATUSES, required=False),
    }


class ConnectionRows(OrgRows):
    """Connections; what is read from them is the business of `manage.py run_sync`."""

    roles = {"store_secret": Role.ADMIN, "revoke_secret": Role.ADMIN}
    bodies = {"store_secret": CredentialWrite}
    answers = {"show_secret": (200, Credential), "store_secret": (200, Credential), "revoke_secret": (204, None)}

    def show_secret(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Say whether there is a credential, its last four letters and its age; never the credential."""
        return Response(describe_credential(self.find(row_id)))

    def store_secret(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Store a credential in the place of the one before; it can be replaced and revoked, and never read back."""
        self.find(row_id)
        said = self.validate(CredentialWrite)
        store_credential(self.row(row_id), Secret(said["secret"]), actor=self.actor)
        return Response(describe_credential(self.find(row_id)))

    def revoke_secret(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Destroy the credential; the connection is revoked until it is given another."""
        self.find(row_id)
        revoke_credential(self.row(row_id), actor=self.actor)
        return Response(status=204)

    def row(self, row_id: UUID) -> IntegrationConnection:
        """As verbs take it; nothing but its key was read."""
        return IntegrationConnection(pk=row_id, org_id=self.org.pk)


def describe_credential(row: dict[str, Any]) -> dict[str, Any]:
    set_at = row["credential_set_at"]
    return {
        "is_set": set_at is not None,
        "last_four": row["credential_last_four"],
        "set_at": set_at,
        "age_days": (timezone.now() - set_at).days if set_at else None,
    }


PROVIDER = {"provider": ProviderField(rf"^{PROVIDER_PATTERN}\Z", help_text="The adapter that reads from it.")}
ConnectionView = make_view(
    IntegrationConnection,
    search=("name", "provider"),
    base=ConnectionRows,
    reading=reading_serializer(IntegrationConnection),
    writing=make_serializer(
        "IntegrationConnectionWrite", {**PROVIDER, **connection_fields()}, "An account at another system."
    ),
    changing=make_serializer(
        "IntegrationConnectionChange",
        connection_fields(),
        "What of a connection can be changed; no adapter of another.",
    ),
)
