"""The models of the top floor, one concept a module."""

from accounts.models.cleanings import CleaningBatch, CleaningRow, CleaningState, Outcome
from accounts.models.findings import AccessFinding, FindingState
from accounts.models.profiles import Theme, UserPreferences, UserProfile
from accounts.models.sessions import STOLEN, UserSession
from accounts.models.users import User

__all__ = [
    "STOLEN",
    "AccessFinding",
    "CleaningBatch",
    "CleaningRow",
    "CleaningState",
    "FindingState",
    "Outcome",
    "Theme",
    "User",
    "UserPreferences",
    "UserProfile",
    "UserSession",
]
