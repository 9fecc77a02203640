"""The console's screens of people."""

from accounts.admin.groups import ConsoleGroupAdmin
from accounts.admin.profiles import ProfileAdmin
from accounts.admin.sign_in import SignInForm
from accounts.admin.users import UserAdmin

__all__ = ["ConsoleGroupAdmin", "ProfileAdmin", "SignInForm", "UserAdmin"]
