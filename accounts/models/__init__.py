"""People."""

from accounts.models.profiles import Theme, UserPreferences, UserProfile
from accounts.models.second_factors import Authenticator, RecoveryCode
from accounts.models.sessions import STOLEN, UserSession
from accounts.models.users import User

__all__ = [
    "STOLEN",
    "Authenticator",
    "RecoveryCode",
    "Theme",
    "User",
    "UserPreferences",
    "UserProfile",
    "UserSession",
]
