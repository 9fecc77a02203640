"""API keys of the organization: made, named anew, revoked; the key itself is shown once."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from tenants.api.etags import require_match
from tenants.api.fields import TextField, columns_of, field_for, make_serializer, reading_serializer
from tenants.api.filters import query_of
from tenants.api.idempotency import idempotent
from tenants.api.org_rows import OrgRows, roles_of
from tenants.api_keys import BAD_NAME, LONGEST_NAME, create_api_key, is_key_name, revoke_api_key
from tenants.models import ApiKey, Role
from tenants.models.api_keys import KEY_ROLES

KEY = {"key": serializers.CharField(read_only=True, help_text="Shown this once; only a hash of it is kept.")}


class KeyNameField(TextField):
    """What a key is called."""

    default_error_messages = {"name": BAD_NAME}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not is_key_name(name):
            self.fail("name")
        return name


class ApiKeyWrite(serializers.Serializer[Any]):
    """What a new key is for, what it may do, and until when."""

    name = KeyNameField(max_length=LONGEST_NAME)
    role = serializers.ChoiceField(choices=KEY_ROLES, default=Role.MEMBER)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class ApiKeyChange(serializers.Serializer[Any]):
    """A key's name; what it may do stays as it was made."""

    name = KeyNameField(max_length=LONGEST_NAME)


class ApiKeyView(OrgRows):
    """Machine clients of the organization; people answer for them."""

    model = ApiKey
    query = query_of(ApiKey, ("name", "prefix"))
    roles = {**roles_of(ApiKey), "destroy": Role.ADMIN}
    needs_person = ("create", "destroy", "partial_update")
    takes_many = False
    reading = reading_serializer(ApiKey)
    writing = ApiKeyWrite
    changing = ApiKeyChange
    created = make_serializer(
        "ApiKeyWithSecret",
        {**{c.attname: field_for(c, read_only=True, allow_null=c.null) for c in columns_of(ApiKey)}, **KEY},
        "A new API key, with what is shown once.",
    )

    @idempotent
    def create(self, request: Any, **kwargs: Any) -> Response:
        """Make a key; its role is no higher than one's own, and never owner."""
        said = self.validate(ApiKeyWrite)
        name, role, expires = said["name"], said["role"], said.get("expires_at")
        made, secret = create_api_key(self.org, name, role=role, expires_at=expires, actor=self.actor)
        response = Response({**self.find(made.pk), "key": secret}, status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{made.pk}/")
        return response

    def destroy(self, request: Any, row_id: UUID, **kwargs: Any) -> Response:
        """Revoke it: in force at once, for good; the row stays for the log."""
        require_match(request, self.find(row_id))
        revoke_api_key(ApiKey(pk=row_id, org_id=self.org.pk), actor=self.actor)
        return Response(status=204)
