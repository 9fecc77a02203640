"""What verbs have in common: one transaction each, and a service scope that still names the person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from tenants.authority import Person
from tenants.errors import explain_conflicts
from tenants.scope import Scope, current_scope, service_scope

P = ParamSpec("P")
R = TypeVar("R")
# What the log knows of a request, whoever acts in it.
CARRIED = ("request_id", "impersonator", "api_key_id")


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """All of it happens or nothing does; what the database refuses is answered in words."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with explain_conflicts(), transaction.atomic():
            return function(*args, **kwargs)

    return run


@contextmanager
def as_service(reason: str, actor: Person, **more: Any) -> Iterator[Scope]:
    """Reach rows that the actor may not read, for them and in their name: inside whatever scope there is, or none."""
    outer = current_scope()
    carried: dict[str, Any] = {k: outer.claims[k] for k in CARRIED if k in outer.claims} if outer else {}
    with service_scope(reason, sub=actor.pk, **(carried | more)) as scope:
        yield scope
