"""What a person proves themselves with besides the password: an app's codes, and codes on paper for when it is lost."""

from typing import ClassVar

from django.db import models

from accounts.constraints import PersonGuard
from accounts.models.users import User
from postgres.keys import IdField
from tenants.models.base import Timestamps


class Authenticator(Timestamps):
    """The app that makes a person's one-time codes; without `confirmed_at` it is being set up and asks for nothing."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="authenticator")
    sealed_secret = models.TextField(
        editable=False, db_comment="What the codes are computed from, encrypted for this person (accounts/sealing.py)."
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(
        default=-1, db_default=-1, db_comment="The time step of the last accepted code: none is accepted twice."
    )
    drift = models.BigIntegerField(default=0, db_default=0, db_comment="Steps by which the app's clock differs.")

    class Meta:
        db_table = "user_authenticators"
        default_permissions: ClassVar = ()
        db_table_comment = "Apps that make one-time codes; read and changed through their verbs alone."
        constraints: ClassVar = [
            PersonGuard(name="user_authenticators_guard", access="sessions", key_column="user_id", audited=False)
        ]

    def __str__(self) -> str:
        return f"Authenticator of {self.user_id}"


class RecoveryCode(Timestamps):
    """A code that stands in for the app, once."""

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    code_hash = models.TextField(editable=False, db_comment="SHA-256; the code itself is nowhere.")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "user_recovery_codes"
        default_permissions: ClassVar = ()
        db_table_comment = "Codes that stand in for a lost authenticator, each once."
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [PersonGuard(name="user_recovery_codes_guard", access="sessions", audited=False)]

    def __str__(self) -> str:
        return f"Recovery code of {self.user_id}"
