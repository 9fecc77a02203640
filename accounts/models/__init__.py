"""People."""

from accounts.models.cleanings import CleaningBatch, CleaningRow, CleaningState, Outcome
from accounts.models.findings import AccessFinding, FindingState
from accounts.models.profiles import Theme, UserPreferences, UserProfile
from accounts.models.second_factors import Authenticator, RecoveryCode
from accounts.models.sessions import STOLEN, UserSession
from accounts.models.users import User

__all__ = [
    "STOLEN",
    "AccessFinding",
    "Authenticator",
    "CleaningBatch",
    "CleaningRow",
    "CleaningState",
    "FindingState",
    "Outcome",
    "RecoveryCode",
    "Theme",
    "User",
    "UserPreferences",
    "UserProfile",
    "UserSession",
]
