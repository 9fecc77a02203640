"""Attacks on tokens: forged, edited, confused, out of their time; and on the verbs that hand them out."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from jwt.algorithms import ECAlgorithm

from accounts.tokens.access import TYPE, TokenInvalid, read_access_token, sign_claims
from accounts.tokens.bearer import BearerInvalid, read_bearer
from accounts.tokens.keys import current_ring, jwks
from tests.accounts.tokens.people import enter, good_claims
from tests.factories import make_person
from tests.weblogins import web_session


def encode(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header, claims, signature=b""):
    return f"{encode(header)}.{encode(claims)}.{encode(signature)}"


def sign_as(key, header, claims=None):
    """Any header over any claims, truly signed by a key."""
    head, body = encode(header), encode(claims or good_claims())
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(f"{head}.{body}".encode(), key)
    return f"{head}.{body}.{encode(signature)}"


def ours(**header):
    """Signed by our own key, with another header."""
    whole = {"alg": "ES256", "typ": TYPE, "kid": KID, **header}
    return sign_as(current_ring().signer, {name: value for name, value in whole.items() if value is not None})


def with_hmac_of_the_public_key(secret):
    header, claims = encode({"alg": "HS256", "typ": TYPE, "kid": current_ring().kid}), encode(good_claims())
    signature = hmac.new(secret, f"{header}.{claims}".encode(), hashlib.sha256).digest()
    return f"{header}.{claims}.{encode(signature)}"


def edited(**changes):
    """A good token, its claims exchanged under the old signature."""
    head, _, signature = sign_claims(good_claims()).split(".")
    return f"{head}.{encode(good_claims(**changes))}.{signature}"


def zero_signature():
    head, body, _ = sign_claims(good_claims()).split(".")
    return f"{head}.{body}.{encode(bytes(64))}"


def sign_without(name):
    return sign_claims(good_claims(**{name: None}))


STRANGER = ec.generate_private_key(ec.SECP256R1())
PUBLIC = current_ring().signer.public_key()
KID = current_ring().kid
HEADER = {"alg": "ES256", "typ": TYPE}
NOW = int(time.time())
FORGED: dict[str, Callable[[], str]] = {
    "none": lambda: forge({"alg": "none", "typ": TYPE, "kid": KID}, good_claims()),
    "None": lambda: forge({"alg": "None", "typ": TYPE, "kid": KID}, good_claims()),
    "none without kid": lambda: forge({"alg": "none"}, good_claims()),
    "no signature": lambda: sign_claims(good_claims()).rpartition(".")[0] + ".",
    "zero signature": zero_signature,
    "HS256 by the public PEM": lambda: with_hmac_of_the_public_key(
        PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    ),
    "HS256 by the public DER": lambda: with_hmac_of_the_public_key(
        PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ),
    "HS256 by the published key": lambda: with_hmac_of_the_public_key(json.dumps(jwks()["keys"][0]).encode()),
    "HS256 by nothing": lambda: with_hmac_of_the_public_key(b""),
    "a stranger's key under our kid": lambda: sign_as(STRANGER, {**HEADER, "kid": KID}),
    "a stranger's key under its own kid": lambda: sign_as(STRANGER, {**HEADER, "kid": "stranger"}),
    "a key that comes along": lambda: sign_as(
        STRANGER, {**HEADER, "kid": KID, "jwk": ECAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True)}
    ),
    "our key and one that comes along": lambda: ours(jwk={"kty": "EC"}),
    "an address of keys": lambda: ours(jku="https://example.org/jwks.json"),
    "an address of certificates": lambda: ours(x5u="https://example.org/"),
    "something critical": lambda: ours(crit=["exp"]),
    "no kid": lambda: ours(kid=None),
    "unknown kid": lambda: ours(kid="other"),
    "kid a path": lambda: ours(kid="../../../../dev/null"),
    "kid SQL": lambda: ours(kid="' or 1=1 --"),
    "kid NUL": lambda: ours(kid="\0"),
    "kid a list": lambda: ours(kid=[KID]),
    "kid a number": lambda: ours(kid=1),
    "alg a list": lambda: ours(alg=["ES256"]),
    "alg ES384": lambda: ours(alg="ES384"),
    "typ JWT": lambda: ours(typ="JWT"),
    "no typ": lambda: ours(typ=None),
    "edited role": lambda: edited(user_role="owner"),
    "edited person": lambda: edited(sub=str(uuid4())),
    "other issuer": lambda: sign_claims(good_claims(iss="other")),
    "other audience": lambda: sign_claims(good_claims(aud="other")),
    "a list of audiences": lambda: sign_claims(good_claims(aud=["tenantry", "other"])),
    "expired": lambda: sign_claims(good_claims(exp=NOW - 60)),
    "not yet": lambda: sign_claims(good_claims(nbf=NOW + 86400)),
    "issued tomorrow": lambda: sign_claims(good_claims(iat=NOW + 86400)),
    "exp no number": lambda: sign_claims(good_claims(exp="soon")),
    "exp not finite": lambda: sign_claims(good_claims(exp=float("inf"))),
    "person no UUID": lambda: sign_claims(good_claims(sub="' or 1=1 --")),
    "session a number": lambda: sign_claims(good_claims(session_id=7)),
    "org a list": lambda: sign_claims(good_claims(org_id=["x"])),
    **{
        f"no {name}": partial(sign_without, name)
        for name in ("iss", "aud", "exp", "iat", "sub", "session_id", "role", "aal")
    },
}


def test_the_claims_that_the_forgeries_change_are_good_as_they_are():
    assert read_access_token(sign_claims(good_claims()))
    assert read_access_token(ours())
    assert read_access_token(sign_claims(good_claims(org_id=None, user_role=None))).org_id is None


def test_a_token_that_was_good_expires():
    token = sign_claims(good_claims())
    assert read_access_token(token)
    with time_machine.travel(time.time() + 602):
        assert read_access_token(token)
    with time_machine.travel(time.time() + 606), pytest.raises(TokenInvalid):
        read_access_token(token)


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused_without_quoting_it(name):
    token = FORGED[name]()
    with pytest.raises(TokenInvalid) as caught:
        read_access_token(token)
    assert caught.value.__suppress_context__
    assert not any(part in str(caught.value) for part in token.split(".") if part)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "....",
        "\0.\0.\0",
        "\ud800.x.y",
        "x" * 9000,
        encode(b"[" * 6000) + ".e30.AA",
        encode(b"[]") + ".e30.AA",
        encode(b'"x"') + ".e30.AA",
        encode(b"{" + b'"a":{' * 1000) + ".e30.AA",
        encode(b"\xff\xfe") + ".e30.AA",
        encode({"alg": "ES256", "typ": TYPE, "kid": KID}) + ".!.!",
    ],
)
def test_what_is_no_token_is_refused(token):
    with pytest.raises(TokenInvalid):
        read_access_token(token)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "bearer a b",
        "Token x",
        "Bearer \0",
        "Bearer \ud800",
        "Bearer rt_AAAA",
        "Bearer tnk_x",
        "Bearer tnk_12345678_\0",
    ],
)
def test_a_header_that_bears_nothing_of_ours_is_refused(header):
    with pytest.raises(BearerInvalid):
        read_bearer(header)


@pytest.mark.django_db(transaction=True)
def test_a_refresh_token_is_no_access_token_and_the_other_way_round():
    pair = enter(make_person())
    with pytest.raises(BearerInvalid):
        read_bearer(f"Bearer {pair.refresh}")
    assert jwt.get_unverified_header(pair.access)["typ"] == TYPE


@pytest.mark.django_db(transaction=True)
def test_injected_sql_can_neither_issue_claims_nor_read_sessions_nor_count(worlds):
    """Whoever injects SQL into an API request may take roles, but holds no claims that say `service`."""
    event = json.dumps({"user_id": str(worlds.theirs.owner.pk), "claims": {}})
    with web_session(worlds.url) as session:
        session.enter("api", sub=worlds.ours.owner.pk, org_id=worlds.ours.org.pk)
        for role in ("tenantry_api", "tenantry_staff", "tenantry_service"):
            session.run(f"set local role {role}")
            assert session.attempt("select custom_access_token_hook(%s)", [event]).refused
            assert session.attempt("select private.count_attempt('x', 1, 1)").refused
            assert session.attempt("select private.forget_attempts('x')").refused
            assert session.attempt("select * from user_sessions").nothing
            assert session.attempt("select private.session_holds(null, null)").refused
            assert session.attempt("select private.admit_key('{}')").refused


@pytest.mark.django_db
def test_only_the_service_may_call_the_hook():
    with connection.cursor() as cursor:
        cursor.execute(
            "select r from unnest(%s::text[]) r"
            " where has_function_privilege(r, 'custom_access_token_hook(jsonb)', 'execute')",
            [["public", "tenantry_api", "tenantry_staff", "tenantry_service", "tenantry_batch"]],
        )
        assert cursor.fetchall() == [("tenantry_service",)]
