"""Access rows: who may see which DSO."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel
from tenants.models.dsos import Dso


class UserDsoAccess(OrgModel):
    """Lets a person see a DSO until it expires; neither unique nor tied to a membership: findings live here."""

    access = "dso_access"

    # idx_user_dso_access_user serves as the index of this key.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="dso_access")
    dso = OrgForeignKey(Dso, models.DO_NOTHING, in_database="CASCADE", related_name="access_rows")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        db_column="granted_by",
        related_name="+",
    )
    granted_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, db_comment="Never, where empty.")

    class Meta:
        db_table = "user_dso_access"
        db_table_comment = "Who may see which DSO, and until when."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name = "DSO access row"
        indexes: ClassVar = [
            models.Index(fields=["user", "org"], name="idx_user_dso_access_user"),
            models.Index(
                fields=["granted_by"],
                name="idx_user_dso_access_granter",
                condition=models.Q(granted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        until = f" until {self.expires_at:%Y-%m-%d}" if self.expires_at else ""
        return f"{self.user} sees {self.dso}{until}"
