"""Signing up and proving that an address is one's own; no answer tells whether an address is known."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Lower, Now

from accounts.addresses import find_user, read_address
from accounts.errors import InvalidInput
from accounts.links import RESET, VERIFY, find_linked_user, link_to, make_link_token
from accounts.mail import deliver
from accounts.models import User, UserProfile
from accounts.sign_in import LONGEST_PASSWORD, log_as, write_event
from accounts.throttle import allow_request, may_mail
from accounts.visitors import Visitor
from postgres.keys import new_id
from tenants.errors import Conflict, explain_conflicts
from tenants.invitations import NOT_ACCEPTABLE, hash_token, require_token_shape
from tenants.models import Invitation, InvitationState
from tenants.scope import request_scope


def sign_up(email: str, password: str, *, visitor: Visitor, full_name: str = "", invitation: str = "") -> None:
    """Make an account, or write to the owner of the one that is there: the caller learns nothing of it.

    With an invitation's token: a member of its organization and of no other (accept as a new user); the address must
    be the invited one. Opens its own transactions: call it outside. Raises InvalidInput (400: address, password),
    Conflict (409: the invitation cannot be accepted), TooManyAttempts.
    """
    address = read_address(email)
    if not address:
        raise InvalidInput({"email": ["Enter an e-mail address."]})
    require_strong(password, User(email=address))
    allow_request(visitor)
    # Hashed for an address that is known as well: it is what takes the time.
    encoded = make_password(password)
    with request_scope("service", reason="sign up", request_id=visitor.request_id or None), explain_conflicts():
        if invitation:
            _require_invitation(invitation, address)
        user = _create(address, encoded, full_name, invitation)
        if user:
            log_as(user, "sign_up")
            _mail_verification(user)
        else:
            _rehearse(encoded)
            _mail_known(address)


def verify_email(token: str, *, visitor: Visitor) -> None:
    """Take the proof from the mail; InvalidInput for a used, expired or foreign one. Own transaction."""
    with request_scope("service", reason="verify e-mail", request_id=visitor.request_id or None):
        user = find_linked_user(VERIFY, token)
        if User.objects.filter(pk=user.pk, email_verified_at=None).update(email_verified_at=Now()):
            log_as(user, "email.verified")


def resend_verification(email: str, *, visitor: Visitor) -> None:
    """Mail the link again where there is an unverified account; always silent. Own transaction."""
    allow_request(visitor)
    with request_scope("service", reason="verify e-mail", request_id=visitor.request_id or None):
        user = find_user(read_address(email))
        if user and user.is_active and user.email_verified_at is None:
            _mail_verification(user)


def require_strong(password: str, user: User, field: str = "password") -> None:
    """Pass a password that our validators take and that can be hashed."""
    try:
        password.encode()
        validate_password(password, user)
    except UnicodeEncodeError:
        raise InvalidInput({field: ["This password holds characters that do not exist."]}) from None
    except ValidationError as error:
        raise InvalidInput({field: list(error.messages)}) from None
    if len(password) > LONGEST_PASSWORD:
        raise InvalidInput({field: [f"A password has at most {LONGEST_PASSWORD} characters."]})


def _create(address: str, encoded: str, full_name: str, invitation: str) -> User | None:
    """The new person, or None where the address is taken; of two at once the database lets one through."""
    if find_user(address):
        return None
    try:
        with transaction.atomic():
            if invitation:
                _provision_by(invitation)
            user = User(email=address, password=encoded)
            user.save(force_insert=True)
    except IntegrityError as error:
        if "email_lower" in str(error):
            return None
        raise
    finally:
        if invitation:
            _provision_by("")
    name = full_name.replace("\0", "").encode(errors="ignore").decode().strip()[:200]
    if name:
        UserProfile.objects.filter(user=user).update(full_name=name)
    return User.objects.get(pk=user.pk)


def _rehearse(encoded: str) -> None:
    """The same work for an address that is known, undone: an answer that comes sooner would tell."""
    with transaction.atomic():
        User(email=f"{new_id()}@example.invalid", password=encoded).save(force_insert=True)
        transaction.set_rollback(True)


def _provision_by(invitation: str) -> None:
    """What the database makes of the next new person: a member of the invitation's organization, and of no other."""
    with connection.cursor() as cursor:
        wish = f"invite:{invitation}" if invitation else ""
        cursor.execute("select set_config('tenantry.provision', %s, true)", [wish])


def _require_invitation(token: str, address: str) -> None:
    """Asked before anything else, so that it is answered alike for known and unknown addresses."""
    require_token_shape(token)
    pending = Invitation.objects.filter(
        token_hash=hash_token(token),
        state=InvitationState.PENDING,
        expires_at__gt=Now(),
        email_lower=Lower(Value(address)),
    )
    if not pending.exists():
        raise Conflict(NOT_ACCEPTABLE, "invitations_acceptable")


def _mail_verification(user: User) -> None:
    if may_mail("verify_email", user.email):
        link = link_to(VERIFY.page, make_link_token(VERIFY, user))
        deliver("verify_email", user.email, link=link)


def _mail_known(address: str) -> None:
    """The owner hears that somebody used their address, and how to get in if it was they."""
    user = find_user(address)
    if user is None or not user.is_active:
        return
    write_event("sign_up.known", str(user.pk), user.email)
    if may_mail("known_address", user.email):
        link = link_to(RESET.page, make_link_token(RESET, user))
        deliver("known_address", user.email, link=link)
