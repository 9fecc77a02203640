"""Sessions of people who sign in for tokens or in the console."""

from typing import ClassVar

from django.db import models

from accounts.constraints import PersonGuard
from accounts.models.users import User
from postgres.keys import IdField
from tenants.models.base import Timestamps

# Why a session ended of whose refresh tokens a spent one came back.
STOLEN = "refresh.reused"


class UserSession(Timestamps):
    """One sign-in on one device: a console's, or the family of the refresh tokens that followed from it."""

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    # `console`: a session there, which has no tokens.
    method = models.TextField(db_comment="How the person proved who they are: password, …")
    ip = models.TextField(default="", db_default="", blank=True)
    user_agent = models.TextField(default="", db_default="", blank=True)
    refresh_hash = models.TextField(
        editable=False, db_comment="SHA-256 of the one refresh token that works; the token itself is nowhere."
    )
    last_used_at = models.DateTimeField(db_comment="The sign-in or the last refresh.")
    expires_at = models.DateTimeField(db_comment="Moves on with every refresh.")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "user_sessions"
        db_table_comment = "Sign-ins on devices; ended ones stay until `maintain` removes them."
        ordering: ClassVar = ["-id"]
        verbose_name = "session"
        constraints: ClassVar = [PersonGuard(name="user_sessions_guard", access="sessions", audited=False)]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="idx_user_sessions_expiry")]

    def __str__(self) -> str:
        return f"Session of {self.user_id}"
