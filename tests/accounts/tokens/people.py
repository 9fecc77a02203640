"""What tests of tokens have in common: a visitor, and the scope that a request is let into."""

import time
from contextlib import contextmanager
from uuid import uuid4

from accounts.tokens.bearer import read_bearer
from accounts.tokens.sign_in import sign_in
from accounts.visitors import Visitor
from tenants.scope import request_scope
from tests.factories import PASSWORD

HERE = Visitor(ip="192.0.2.1", user_agent="a browser", request_id="request-1")


def enter(person, visitor=HERE):
    """Sign in for tokens."""
    return sign_in(person.email, PASSWORD, visitor=visitor)


@contextmanager
def request_with(credential):
    """A request of the API, as its authentication enters it."""
    bearer = read_bearer(f"Bearer {credential}")
    with request_scope("api", **bearer.claims) as scope:
        yield scope


def scope_of(credential):
    """The scope that a request with this credential is let into."""
    with request_with(credential) as scope:
        return scope


def good_claims(**changes):
    """Claims that are good as they are; None takes one away."""
    now = int(time.time())
    claims = {
        "iss": "tenantry",
        "aud": "tenantry",
        "iat": now,
        "exp": now + 600,
        "sub": str(uuid4()),
        "session_id": str(uuid4()),
        "role": "tenantry_api",
        "aal": "aal1",
        "org_id": str(uuid4()),
        "user_role": "member",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}
