"""What others in an organization see of a person, and what the person prefers."""

from typing import ClassVar

from django.db import models

from accounts.constraints import PersonGuard
from accounts.models.users import User
from tenants.models.base import Timestamps


class UserProfile(Timestamps):
    """A person as colleagues see them; made and kept in step with `users` by the database."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="profile")
    email = models.EmailField(max_length=254, editable=False, db_comment="A copy of users.email, kept by trigger.")
    full_name = models.TextField(default="", db_default="", blank=True)
    avatar_url = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "user_profiles"
        db_table_comment = "People as the members of their organizations see them."
        ordering: ClassVar = ["email"]
        verbose_name = "profile"
        constraints: ClassVar = [PersonGuard(name="user_profiles_guard", access="profiles", key_column="user_id")]

    def __str__(self) -> str:
        return self.full_name or self.email


class Theme(models.TextChoices):
    """How the screens look."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class UserPreferences(Timestamps):
    """A person's own settings."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="preferences")
    theme_preference = models.TextField(choices=Theme, default=Theme.SYSTEM, db_default=Theme.SYSTEM)

    class Meta:
        db_table = "user_preferences"
        db_table_comment = "People's own settings."
        verbose_name = "preferences"
        verbose_name_plural = "preferences"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(theme_preference__in=Theme.values), name="user_preferences_theme"
            ),
            PersonGuard(name="user_preferences_guard", access="preferences", key_column="user_id"),
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.user_id}"
