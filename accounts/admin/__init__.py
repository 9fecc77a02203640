"""The console's screens of people."""

from accounts.admin.cleanings import CleaningBatchAdmin
from accounts.admin.findings import AccessFindingAdmin
from accounts.admin.groups import ConsoleGroupAdmin
from accounts.admin.profiles import ProfileAdmin
from accounts.admin.sign_in import SignInForm
from accounts.admin.users import UserAdmin

__all__ = ["AccessFindingAdmin", "CleaningBatchAdmin", "ConsoleGroupAdmin", "ProfileAdmin", "SignInForm", "UserAdmin"]
