"""What the demo is made of: each part is built when it is missing, and left alone ever after."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from accounts.models import User
from config.demo.build import build_world
from config.demo.business import LARGE, build_business, business_stands
from config.demo.crm import build_crm, crm_stands
from config.demo.integrations import build_connections, connections_stand
from config.demo.legacy import build_legacy, legacy_stands
from config.demo.metrics import build_metrics, metrics_stand
from config.demo.review import build_review, review_stands
from config.demo.world import SIGN_INS

BUSINESS = "a year of business"


@dataclass(frozen=True)
class Part:
    """A part of the demo: how it is recognized, and how it is made."""

    name: str
    stands: Callable[[], bool]
    build: Callable[[], None]
    build_large: Callable[[], None] | None = None
    """Where more of it is worth having."""


def people_stand() -> bool:
    """Whether anybody of the printed people exists: what was deleted since does not come back."""
    return User.objects.filter(email_lower__in=[who.email for who in SIGN_INS]).exists()


PARTS = [
    Part("organizations and people", people_stand, build_world),
    Part("access to review", review_stands, build_review),
    Part(BUSINESS, business_stands, build_business, partial(build_business, LARGE)),
    Part("a year of metrics", metrics_stand, build_metrics),
    Part("connections and their syncs", connections_stand, build_connections),
    Part("an old database to convert, in schema legacy", legacy_stands, build_legacy),
    Part("a conversion that waits for a decision, of schema legacy_crm", crm_stands, build_crm),
]
