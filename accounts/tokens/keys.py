"""The ring of signing keys: the first one signs, all of them verify, their public halves are published."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from jwt import PyJWTError
from jwt.algorithms import ECAlgorithm

# One algorithm for all keys: what a token names is never a choice. PostgREST and Supabase read this one as well.
ALGORITHM = "ES256"
CURVE = ec.SECP256R1()
CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)
MAKE_ONE = "Make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`."
Private = ec.EllipticCurvePrivateKey
Public = ec.EllipticCurvePublicKey


@dataclass(frozen=True)
class Ring:
    """Who signs, and who is believed; by key id."""

    kid: str
    signer: Private = field(repr=False)
    verifiers: dict[str, Public] = field(repr=False)


def current_ring() -> Ring:
    """The ring of the settings; in development, one derived from SECRET_KEY, so that all processes have the same."""
    written = settings.TENANTRY_SIGNING_KEYS
    if settings.PRODUCTION:
        _refuse_development_keys(written)
    return read_ring(written) if written else derive_ring(settings.SECRET_KEY)


def jwks() -> dict[str, list[dict[str, Any]]]:
    """The public keys as a JWK set, for /.well-known/jwks.json."""
    return {"keys": [_published(kid, key) for kid, key in current_ring().verifiers.items()]}


@lru_cache(maxsize=8)
def read_ring(written: str) -> Ring:
    """Read PEM blocks, one JWK or a JWK set; private keys, and after the first one public ones as well."""
    try:
        keys = _read_jwks(written) if written.lstrip()[:1] in ("{", "[") else _read_pems(written)
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm, PyJWTError):
        # Not chained: the parser's words may quote the key.
        raise ImproperlyConfigured(f"TENANTRY_SIGNING_KEYS holds something that is no key. {MAKE_ONE}") from None
    if not keys or not isinstance(keys[0], Private):
        raise ImproperlyConfigured(f"TENANTRY_SIGNING_KEYS must begin with a private key. {MAKE_ONE}")
    if any(key.curve.name != CURVE.name for key in keys):
        raise ImproperlyConfigured(f"TENANTRY_SIGNING_KEYS holds a key that is not of the curve P-256. {MAKE_ONE}")
    return _make_ring(keys)


@lru_cache(maxsize=8)
def derive_ring(secret: str) -> Ring:
    """A ring of one key that follows from a secret."""
    number = int.from_bytes(hashlib.sha512(f"tenantry signing key:{secret}".encode()).digest())
    return _make_ring([ec.derive_private_key(number % (CURVE_ORDER - 1) + 1, CURVE)])


def _make_ring(keys: list[Private | Public]) -> Ring:
    verifiers = {thumbprint(public): public for public in map(_public_half, keys)}
    signer = keys[0]
    if not isinstance(signer, Private):
        raise TypeError("the first key must be private")
    return Ring(thumbprint(signer.public_key()), signer, verifiers)


def thumbprint(key: Public) -> str:
    """The key's id (RFC 7638): the same wherever the key is read."""
    written = json.dumps(_read_parts(key), sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(written.encode()).digest()).rstrip(b"=").decode()


def _published(kid: str, key: Public) -> dict[str, Any]:
    return {**_read_parts(key), "kid": kid, "use": "sig", "alg": ALGORITHM}


def _read_parts(key: Public) -> dict[str, Any]:
    """What RFC 7638 takes a thumbprint of, and no more."""
    parts: dict[str, Any] = ECAlgorithm.to_jwk(key, as_dict=True)
    return {name: value for name, value in parts.items() if name in ("crv", "kty", "x", "y")}


def _public_half(key: Private | Public) -> Public:
    return key.public_key() if isinstance(key, Private) else key


def _read_pems(written: str) -> list[Private | Public]:
    # Environment files often carry a line break as the two characters \n.
    return [_read_pem(block) for block in PEM.findall(written.replace("\\n", "\n"))]


def _read_pem(block: str) -> Private | Public:
    private = "PRIVATE KEY-----" in block
    key = load_pem_private_key(block.encode(), None) if private else load_pem_public_key(block.encode())
    if not isinstance(key, Private | Public):
        raise TypeError("not an elliptic curve key")
    return key


def _read_jwks(written: str) -> list[Private | Public]:
    read = json.loads(written)
    keys = read if isinstance(read, list) else read.get("keys", [read])
    return [ECAlgorithm(ECAlgorithm.SHA256).from_jwk(key) for key in keys]


def _refuse_development_keys(written: str) -> None:
    """A key that stands in a public repository signs for anybody."""
    known = derive_ring(settings.DEVELOPMENT_SECRET).kid
    if not written or known in read_ring(written).verifiers:
        raise ImproperlyConfigured(
            f"TENANTRY_SIGNING_KEYS is not set, or is the development key, and TENANTRY_ENV is production. {MAKE_ONE}"
        )
