"""E-mail addresses as people type them."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Value
from django.db.models.functions import Lower

from accounts.models import User


def read_address(typed: str) -> str:
    """The address, or nothing where it is none: then there is nobody to look for."""
    address = typed.strip()
    try:
        validate_email(address)
        # What the database cannot hold (a lone surrogate, NUL) passes nobody's check by accident.
        address.encode()
    except (ValidationError, UnicodeEncodeError):
        return ""
    return "" if "\0" in address or len(address) > 254 else address


def find_user(address: str) -> User | None:
    """The person, whatever the case of the address; in a service scope."""
    return User.objects.filter(email_lower=Lower(Value(address))).first() if address else None


def find_user_by_id(user_id: UUID) -> User | None:
    """The person as they stand now; in a service scope."""
    return User.objects.filter(pk=user_id).first()
