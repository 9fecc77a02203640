"""The ring of signing keys: read, published, rotated."""

import json
from itertools import pairwise

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import ECAlgorithm

from accounts.tokens.access import TokenInvalid, read_access_token, sign_claims
from accounts.tokens.keys import current_ring, derive_ring, jwks
from tests.accounts.tokens.people import good_claims


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def as_pem(key):
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


OLD, NEW = new_key(), new_key()


def use(settings, *keys):
    settings.TENANTRY_SIGNING_KEYS = "".join(map(as_pem, keys))


def test_a_rotation_fails_no_request(settings):
    """Processes change one after the other: whatever step each has reached, every token is read by every process."""
    steps = [(OLD,), (OLD, NEW.public_key()), (NEW, OLD.public_key()), (NEW,)]
    for before, after in pairwise(steps):
        tokens = []
        for ring in (before, after):
            use(settings, *ring)
            tokens.append(sign_claims(good_claims()))
        # What was signed by a key that left the ring is older than a token's life by then.
        readers = (before, after) if after != steps[-1] else (after,)
        for ring in readers:
            use(settings, *ring)
            for token in tokens:
                assert read_access_token(token)


def test_a_key_that_left_the_ring_is_believed_no_more(settings):
    use(settings, OLD)
    token = sign_claims(good_claims())
    assert read_access_token(token)
    use(settings, NEW)
    with pytest.raises(TokenInvalid):
        read_access_token(token)


def test_the_published_keys_read_our_tokens_and_hold_nothing_private(settings):
    use(settings, NEW, OLD.public_key())
    token = sign_claims(good_claims())
    published = jwks()
    assert len(published["keys"]) == 2
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"} for key in published["keys"])
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(k for k in published["keys"] if k["kid"] == kid)
    assert jwt.decode(token, jwt.PyJWK(key), algorithms=["ES256"], audience="tenantry")


def test_a_key_has_the_same_id_in_every_form(settings):
    forms = [
        as_pem(NEW),
        as_pem(NEW).replace("\n", "\\n"),
        ECAlgorithm.to_jwk(NEW),
        json.dumps(
            {"keys": [ECAlgorithm.to_jwk(NEW, as_dict=True), ECAlgorithm.to_jwk(OLD.public_key(), as_dict=True)]}
        ),
    ]
    ids = []
    for form in forms:
        settings.TENANTRY_SIGNING_KEYS = form
        ids.append(current_ring().kid)
    assert len(set(ids)) == 1


@pytest.mark.parametrize(
    "written",
    [
        "nonsense",
        "{}",
        "[1]",
        '{"keys": 3}',
        as_pem(NEW.public_key()),
        as_pem(NEW)[:120] + "-----END PRIVATE KEY-----",
        rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        as_pem(ec.generate_private_key(ec.SECP384R1())),
    ],
    ids=["nonsense", "no key", "a number", "keys", "public", "cut", "RSA", "P-384"],
)
def test_what_is_no_signing_key_is_refused_without_quoting_it(written, settings):
    settings.TENANTRY_SIGNING_KEYS = written
    with pytest.raises(ImproperlyConfigured) as caught:
        current_ring()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "openssl genpkey" in str(caught.value)
    assert written[30:60] not in str(caught.value) or len(written) < 60


def test_production_refuses_a_key_that_everybody_knows(settings):
    settings.PRODUCTION = True
    for written in ("", as_pem(derive_ring(settings.DEVELOPMENT_SECRET).signer)):
        settings.TENANTRY_SIGNING_KEYS = written
        with pytest.raises(ImproperlyConfigured, match="TENANTRY_SIGNING_KEYS"):
            current_ring()


def test_development_signs_with_a_key_of_its_own_secret(settings):
    settings.TENANTRY_SIGNING_KEYS = ""
    before = current_ring().kid
    settings.SECRET_KEY = "another"
    assert current_ring().kid != before


def test_a_ring_does_not_show_its_keys():
    assert "0x" not in repr(current_ring())
    assert "Private" not in repr(current_ring())
