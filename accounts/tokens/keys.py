"""The ring of signing keys: the first one signs, all of them verify, their public halves are published."""

from typing import Any


def jwks() -> dict[str, list[dict[str, Any]]]:
    """The public keys as a JWK set, for /.well-known/jwks.json."""
    raise NotImplementedError
