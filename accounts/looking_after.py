"""What superusers do to other people's accounts in the console: shut, open, help in, and sign out."""

from uuid import UUID

from accounts.links import RESET, link_to, make_link_token
from accounts.mail import deliver
from accounts.models import User, UserSession
from accounts.sign_in import write_event
from accounts.tokens.sessions import end_matching, end_other_sessions
from tenants.authority import Actor
from tenants.errors import Conflict, NotAllowed, NotFound
from tenants.scope import current_scope
from tenants.verbs import as_service, verb


@verb
def disable_account(user: User, *, reason: str, actor: Actor) -> None:
    """Nobody signs in to it any more, and every session ends."""
    require_superuser(actor)
    if user.pk == actor.pk:
        raise Conflict("You do not shut yourself out; another superuser may.", "own-account")
    with as_service(reason, actor):
        _turn(user, active=False)
        end_other_sessions(user, keep=None, actor=actor)


@verb
def enable_account(user: User, *, reason: str, actor: Actor) -> None:
    """Sign-in works again; sessions that ended stay ended."""
    require_superuser(actor)
    with as_service(reason, actor):
        _turn(user, active=True)


@verb
def mail_reset_link(user: User, *, actor: Actor) -> None:
    """Mail the person a link to set a new password, as if they had asked for it."""
    require_superuser(actor)
    with as_service("reset password", actor):
        stands = User.objects.filter(pk=user.pk, is_active=True).first()
        if stands is None:
            raise Conflict("This account is disabled: enable it first.", "disabled")
        deliver("reset_password", stands.email, link=link_to(RESET.page, make_link_token(RESET, stands)))
        write_event("password.reset_requested", str(stands.pk), stands.email)


@verb
def end_session_of(user: User, session_id: UUID, *, actor: Actor) -> None:
    """Sign a person out on one device."""
    require_superuser(actor)
    with as_service("end session", actor):
        if not end_matching(UserSession.objects.filter(pk=session_id, user_id=user.pk), "sessions.ended"):
            raise NotFound("This session is over already.")


@verb
def end_sessions_of(user: User, *, actor: Actor, keep: UUID | None = None) -> int:
    """Sign a person out everywhere."""
    require_superuser(actor)
    return end_other_sessions(user, keep=keep, actor=actor)


def require_superuser(actor: Actor) -> None:
    """People belong to several organizations, so it takes a superuser, as themselves in the console or by a command."""
    scope = current_scope()
    in_person = scope is None or scope.surface == "database" or scope.user_id == actor.pk
    if not actor.is_superuser or not in_person:
        raise NotAllowed("Only superusers look after other people's accounts.")


def _turn(user: User, *, active: bool) -> None:
    if not User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
        raise Conflict(f"This account is {'enabled' if active else 'disabled'} already.", "wrong-state")
