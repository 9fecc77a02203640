"""Slugs of organizations: how they are made from a name, which are refused, and which look alike."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db.models import Func, TextField, Value

SHORTEST = 2
LONGEST = 63
FALLBACK = "org"
# Single hyphens between letters and digits: this refuses encoded domain names (xn--…) as well.
# A CHECK writes it between ^ and $; here `fullmatch` does, since $ would let a line feed through.
SLUG_PATTERN = "[a-z0-9]+(?:-[a-z0-9]+)*"

# Letters that Unicode does not decompose into an ASCII letter and an accent.
UNDECOMPOSED = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)

APOSTROPHES = "['\N{RIGHT SINGLE QUOTATION MARK}]"

RESERVED = frozenset(
    """
    about abuse access account accounts admin administrator api app apps assets audit auth billing blog
    callback cdn console contact dashboard dev docs download email embed events export favicon feedback
    ftp graphql health healthz help home hooks host hostmaster imap import info internal invitations
    invite jobs legal livez local localhost login logout mail me media metrics mx new ns null oauth
    openapi organization organizations owner ping pop postmaster pricing privacy private profile public
    readyz redirect register robots root rss schema security service settings signin signout signup
    sitemap smtp sso staff staging static status store support sync sysadmin system team teams tenantry
    terms test tokens undefined upload uploads user users webhooks webmaster well-known workspaces www
    """.split()  # noqa: SIM905
)

# What looks alike is written out in one way, the longer one, so that chains (vvv: vw, wv) meet as well.
# 1 stands for l and for i, therefore the three are one; hyphens are no difference.
LOOK_ALIKES = ("01i-", "oll")
SPELLED_OUT = (("m", "rn"), ("w", "vv"))
SKELETON_SQL = "replace(replace(translate(slug, '01i-', 'oll'), 'm', 'rn'), 'w', 'vv')"


def make_slug(text: str) -> str:
    """Make a valid slug of any text; the same text gives the same slug."""
    letters = unicodedata.normalize("NFKD", text).casefold().translate(UNDECOMPOSED)
    ascii_text = re.sub(APOSTROPHES, "", letters).encode("ascii", "ignore").decode()
    slug = _join_words(re.findall("[a-z0-9]+", ascii_text))
    if not slug:
        return FALLBACK
    if slug.isdigit() or len(slug) < SHORTEST:
        slug = _join_words([FALLBACK, slug])
    return _join_words([slug, FALLBACK]) if is_reserved(slug) else slug


def validate_slug(value: str) -> None:
    """Refuse, with the reason, what cannot be a slug."""
    reason = _find_fault(value)
    if reason:
        raise ValidationError(reason, code="invalid_slug", params={"value": value})


def is_reserved(slug: str) -> bool:
    """Tell whether a slug is, or looks like, a word that the product keeps for itself."""
    return skeleton(slug) in RESERVED_SKELETONS


def skeleton(slug: str) -> str:
    """Reduce a slug to what the eye takes in: two slugs that could be mistaken for each other share it."""
    seen, written = LOOK_ALIKES
    bare = slug.translate(str.maketrans(seen[: len(written)], written, seen[len(written) :]))
    for letter, spelling in SPELLED_OUT:
        bare = bare.replace(letter, spelling)
    return bare


def skeleton_expression(field: str = "slug") -> Func:
    """Build `skeleton` for a stored generated column, equal to SKELETON_SQL."""
    bare: Func = Func(field, *map(Value, LOOK_ALIKES), function="TRANSLATE", output_field=TextField())
    for pair in SPELLED_OUT:
        bare = Func(bare, *map(Value, pair), function="REPLACE", output_field=TextField())
    return bare


RESERVED_SKELETONS = frozenset(map(skeleton, RESERVED))


def _join_words(words: list[str]) -> str:
    return "-".join(words)[:LONGEST].rstrip("-")


def _find_fault(value: str) -> str | None:
    if not SHORTEST <= len(value) <= LONGEST:
        return f"A slug has {SHORTEST} to {LONGEST} characters; “%(value)s” does not."
    if not re.fullmatch(SLUG_PATTERN, value):
        return (
            "A slug consists of lower-case letters a to z and digits, with single hyphens between them; "
            "“%(value)s” does not."
        )
    if value.isdigit():
        return "A slug needs at least one letter; “%(value)s” reads like an id."
    if is_reserved(value):
        return "“%(value)s” is a reserved word, or looks like one. Choose another slug."
    return None
