"""What a verb answers when it does not do what it was asked: a sentence for people, a code and an HTTP status."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.apps import apps
from django.db import IntegrityError

# Where the database's own sentence is about rows rather than about what somebody tried to do.
SENTENCES = {
    "org_members_person": "This person is a member of the organization already.",
    "sync_jobs_one_pending": "A sync of this connection is waiting already.",
    "invitations_one_pending": "This address has an open invitation already; send it again instead.",
}
# The database raises these itself, with a sentence for people.
SPOKEN = frozenset({"org_members_last_owner", "invitations_acceptable", "invitations_inviter"})


class Refusal(Exception):
    """Not done, and nothing changed; `code` names the rule for programs."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code  # type: ignore[misc]


class NotAllowed(Refusal):
    """The actor's role does not reach that far."""

    status = 403
    code = "not-allowed"


class NotFound(Refusal):
    """There is no such thing, or none that the actor may know of."""

    status = 404
    code = "not-found"


class Conflict(Refusal):
    """It contradicts what stands: a rule of the organization, or what somebody did a moment ago."""

    status = 409
    code = "conflict"


@contextmanager
def explain_conflicts() -> Iterator[None]:
    """Turn the refusals that the database words by constraint into a Conflict; any other error stays what it is."""
    try:
        yield
    except IntegrityError as error:
        conflict = conflict_from(error)
        if conflict is None:
            raise
        raise conflict from error


def conflict_from(error: IntegrityError) -> Conflict | None:
    """The Conflict that an error of the database means, if it is one of ours."""
    found = getattr(error.__cause__, "diag", None)
    name = getattr(found, "constraint_name", None)
    if name in SENTENCES:
        return Conflict(SENTENCES[name], name)
    if found is None or name not in SPOKEN:
        return None
    return Conflict(_as_sentences(found.message_primary, found.message_hint), name)


def constraint_sentences() -> dict[str, str]:
    """What the models say about their own constraints."""
    return {
        constraint.name: str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }


def _as_sentences(message: str, hint: str | None) -> str:
    """PostgreSQL's style is lower case without a full stop; hints are sentences already."""
    first = f"{message[0].upper()}{message[1:]}."
    return f"{first} {hint}" if hint else first
