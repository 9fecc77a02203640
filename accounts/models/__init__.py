"""The models of the top floor, one concept a module."""

from accounts.models.profiles import Theme, UserPreferences, UserProfile
from accounts.models.sessions import STOLEN, UserSession
from accounts.models.users import User

__all__ = ["STOLEN", "Theme", "User", "UserPreferences", "UserProfile", "UserSession"]
