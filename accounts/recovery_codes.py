"""Recovery codes: eighty random bits each, shown once, kept as hashes, good for one sign-in."""

import base64
import hashlib
import re
import secrets

from django.db.models.functions import Now

from accounts.models import RecoveryCode, User

HOW_MANY = 10
SECRET_BYTES = 10
SHAPE = re.compile(r"[a-z2-7]{16}")


def make_codes(user: User) -> list[str]:
    """New codes in place of all earlier ones; within a service scope."""
    drop_codes(user)
    codes = [base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode().lower() for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=hash_code(user, code)) for code in codes)
    return [grouped(code) for code in codes]


def spend_code(user: User, code: str) -> bool:
    """Use a code up, if it is one: of two at once the row lets one through. Within a service scope."""
    written = re.sub(r"[\s-]", "", code).lower()
    if not SHAPE.fullmatch(written):
        return False
    unused = RecoveryCode.objects.filter(user_id=user.pk, code_hash=hash_code(user, written), used_at=None)
    return bool(unused.update(used_at=Now()))


def count_codes(user: User) -> int:
    """How many are left; within a service scope."""
    return RecoveryCode.objects.filter(user_id=user.pk, used_at=None).count()


def drop_codes(user: User) -> None:
    RecoveryCode.objects.filter(user_id=user.pk).delete()


def hash_code(user: User, code: str) -> str:
    """A plain hash will do: nobody guesses eighty bits."""
    return hashlib.sha256(f"{user.pk}:{code}".encode()).hexdigest()


def grouped(code: str) -> str:
    """As people copy it: in fours."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
