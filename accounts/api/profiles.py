"""Oneself: what colleagues see, what one prefers, and the end of the account."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from accounts.lifecycle import delete_user
from accounts.models import Theme, UserPreferences, UserProfile
from tenants.api.base import ApiView
from tenants.api.etags import require_match
from tenants.api.fields import TextField


class AvatarField(TextField):
    """An address on the web, or nothing: colleagues' browsers open it, so nothing else will do."""

    def to_internal_value(self, data: Any) -> str:
        url: str = super().to_internal_value(data)
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise serializers.ValidationError("Give an address that begins with https://.")
        return url


class ProfileChange(serializers.Serializer[Any]):
    """What a person says of themselves."""

    full_name = TextField(max_length=200, allow_blank=True, required=False)
    avatar_url = AvatarField(max_length=2000, allow_blank=True, required=False)


class Profile(ProfileChange):
    """A person as colleagues see them."""

    user_id = serializers.UUIDField()
    email = serializers.EmailField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PreferencesChange(serializers.Serializer[Any]):
    """A person's own settings."""

    theme_preference = serializers.ChoiceField(choices=Theme.choices)


class Preferences(PreferencesChange):
    """The same, with times."""

    user_id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class OwnRow(ApiView):
    """The one row of a table that is the caller's."""

    needs_org = False
    needs_person = True
    model: ClassVar[Any]
    reading: ClassVar[Any]
    changing: ClassVar[Any]

    def retrieve(self, request: Any) -> Response:
        return self.one(self.find())

    def partial_update(self, request: Any) -> Response:
        row = self.find(lock=True)
        require_match(request, row)
        checked = self.changing(data=request.data, partial=True)
        checked.is_valid(raise_exception=True)
        if not checked.validated_data:
            return self.one(row)
        self.model.objects.filter(pk=self.actor.pk).update(**checked.validated_data)
        return self.one(self.find())

    def find(self, *, lock: bool = False) -> dict[str, Any]:
        rows = self.model.objects.filter(pk=self.actor.pk).values(*self.reading().fields)
        row = (rows.select_for_update() if lock else rows).first()
        if row is None:
            raise Http404
        return dict(row)


class ProfileView(OwnRow):
    """One's profile; its e-mail is that of the account."""

    model = UserProfile
    reading = Profile
    changing = ProfileChange
    in_service = {"destroy": "delete user"}

    def destroy(self, request: Any) -> Response:
        """Delete oneself: refused while last owner of an organization with other members."""
        require_match(request, self.find(lock=True))
        delete_user(self.actor, actor=self.actor)
        return Response(status=204)


class PreferencesView(OwnRow):
    """One's preferences."""

    model = UserPreferences
    reading = Preferences
    changing = PreferencesChange
