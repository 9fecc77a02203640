"""Throttles: attempts counted in the database, per account and per address, over all processes."""

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Lower, Now

from accounts.errors import TooManyAttempts
from accounts.models import STOLEN, UserSession
from accounts.visitors import Visitor
from tenants.scope import Scope, request_scope

COUNT = "select private.count_attempt(%s, %s, %s, %s)"
FORGET = "select private.forget_attempts(%s)"


@dataclass(frozen=True)
class Limit:
    """So many attempts within so many seconds."""

    name: str
    allowed: int
    seconds: int

    def bucket(self, subject: str) -> str:
        """Hashed: the table tells nobody's address."""
        return hashlib.sha256(f"{self.name}:{subject}".encode(errors="replace")).hexdigest()


SIGN_IN_ACCOUNT = Limit("sign-in account", 10, 15 * 60)
SIGN_IN_ADDRESS = Limit("sign-in address", 100, 15 * 60)
# Codes and passwords that somebody who is half signed in, or signed in already, is asked for.
CODE_ACCOUNT = Limit("code account", 10, 15 * 60)
PASSWORD_AGAIN = Limit("password again", 10, 15 * 60)
MAIL_ACCOUNT = Limit("mail account", 5, 60 * 60)
MAIL_ADDRESS = Limit("mail address", 50, 60 * 60)


def allow_sign_in(email: str, visitor: Visitor) -> None:
    """Count an attempt to sign in before the password is looked at; raises TooManyAttempts. Own transaction."""
    with _counting(visitor):
        waits = [_count(SIGN_IN_ACCOUNT, _account(email, visitor)), _count(SIGN_IN_ADDRESS, network_of(visitor))]
    _refuse(max(waits))


def settle_sign_in(email: str, visitor: Visitor) -> None:
    """The password was right: the account begins anew and the address gets its attempt back. In a service scope."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [SIGN_IN_ACCOUNT.bucket(_account(email, visitor))])
    _count(SIGN_IN_ADDRESS, network_of(visitor), step=-1)


def forget_account(email: str, visitor: Visitor) -> None:
    """Whoever reads the account's mail is its owner: what strangers tried no longer counts. In a service scope."""
    with connection.cursor() as cursor:
        for subject in {_lower(email), _account(email, visitor)}:
            cursor.execute(FORGET, [SIGN_IN_ACCOUNT.bucket(subject)])


def allow_request(visitor: Visitor) -> None:
    """Count a request that may send a mail; raises TooManyAttempts. Own transaction."""
    with _counting(visitor):
        wait = _count(MAIL_ADDRESS, network_of(visitor))
    _refuse(wait)


def allow_proof(limit: Limit, subject: str, visitor: Visitor) -> None:
    """Count a proof that is about to be looked at; raises TooManyAttempts. In the caller's transaction, if any."""
    with _counting(visitor):
        wait = _count(limit, subject)
    _refuse(wait)


def settle_proof(limit: Limit, subject: str) -> None:
    """The proof was right: the count begins anew. In a service scope."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [limit.bucket(subject)])


def may_mail(name: str, email: str) -> bool:
    """Whether this address gets one more mail of this name; too many are left out in silence. In a service scope.

    By name: were they counted together, a stranger could use up the mails that let an owner in.
    """
    return _count(MAIL_ACCOUNT, f"{name} {_lower(email)}") == 0


def network_of(visitor: Visitor) -> str:
    """The visitor's address, or the /64 of an IPv6 one: that many addresses are one customer's."""
    try:
        address = ip_address(visitor.ip)
    except ValueError:
        return visitor.ip
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(IPv6Network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def _account(email: str, visitor: Visitor) -> str:
    """Where a person has signed in before, strangers' attempts do not count: nobody can shut an owner out."""
    here = UserSession.objects.filter(user__email_lower=Lower(Value(email)), ip=visitor.ip, expires_at__gt=Now())
    known = bool(visitor.ip) and here.exclude(end_reason=STOLEN).exists()
    # What is no address at all is nobody's account: not one bucket for all the world.
    known = known or not email
    return f"{_lower(email)} at {visitor.ip}" if known else _lower(email)


def _lower(email: str) -> str:
    return email.strip().lower()


def _counting(visitor: Visitor) -> AbstractContextManager[Scope]:
    return request_scope("service", reason="throttle", request_id=visitor.request_id or None)


def _count(limit: Limit, subject: str, *, step: int = 1) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [limit.bucket(subject), limit.allowed, limit.seconds, step])
        return int(cursor.fetchone()[0])


def _refuse(wait: int) -> None:
    if wait:
        raise TooManyAttempts(wait)
