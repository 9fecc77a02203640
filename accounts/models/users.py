"""People, by e-mail."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from accounts.constraints import PersonGuard
from postgres.keys import IdField
from tenants.models.base import Timestamps

NO_PASSWORD = "!"  # noqa: S105 - Django's mark of an unusable password, which a row made by psql begins with


class UserManager(BaseUserManager["User"]):
    """Finds people whatever the case of their e-mail."""

    def get_by_natural_key(self, username: str | None) -> "User":
        # Lowered by the database, as the stored column is: Python and PostgreSQL differ beyond ASCII.
        return self.get(email_lower=Lower(models.Value(username or "")))

    async def aget_by_natural_key(self, username: str | None) -> "User":
        return await self.aget(email_lower=Lower(models.Value(username or "")))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **fields, is_staff=True, is_superuser=True)


class User(AbstractBaseUser, PermissionsMixin, Timestamps):
    """A person; whoever is not staff is given an organization of their own by the database."""

    id = IdField()
    email = models.EmailField(max_length=254, verbose_name="e-mail")
    email_lower = models.GeneratedField(
        expression=Lower("email"),
        output_field=models.TextField(),
        db_persist=True,
        unique=True,
        db_comment="The e-mail in lower case: unique, and found by index under row-level security.",
        error_messages={"unique": "There is a person with this e-mail already."},
    )
    email_verified_at = models.DateTimeField(null=True, blank=True)
    password = models.CharField(max_length=128, db_default=NO_PASSWORD, default=NO_PASSWORD)
    is_active = models.BooleanField(default=True, db_default=True, help_text="Off: signs in nowhere, at once.")
    is_staff = models.BooleanField(default=False, db_default=False, help_text="May sign in to the console.")
    is_superuser = models.BooleanField(
        "superuser", default=False, db_default=False, help_text="May work in all organizations, with every permission."
    )
    app_metadata = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    active_org = models.ForeignKey(
        "tenants.Organization",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        db_comment="The organization the person's next token is for; read it through get_user_active_org().",
    )
    console_org = models.ForeignKey(
        "tenants.Organization",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        db_comment="The organization a staff person has switched to in the console; tokens do not follow it.",
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []
    objects = UserManager()

    class Meta:
        db_table = "users"
        db_table_comment = "People. Inserting one makes their organization, workspace and ownership as well."
        ordering: ClassVar = ["email_lower"]
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email__regex=r"^[^@\s]+@[^@\s]+$"),
                name="users_email",
                violation_error_message="Enter an e-mail address.",
            ),
            PersonGuard(name="users_guard", access="users", redacted=("password",)),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["active_org"], name="idx_users_active_org", condition=models.Q(active_org__isnull=False)
            ),
            models.Index(
                fields=["console_org"], name="idx_users_console_org", condition=models.Q(console_org__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.email
