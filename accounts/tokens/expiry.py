"""What is left of sessions and counted attempts when their time is over."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import UserSession


def stale_sessions() -> QuerySet[UserSession]:
    """Ended or run out for as long as a session lasts; until then an old refresh token's return is still noticed."""
    past = timezone.now() - timedelta(days=settings.TENANTRY_SESSION_DAYS)
    return UserSession.objects.filter(Q(ended_at__lt=past) | Q(expires_at__lt=past))


def delete_stale() -> int:
    """Delete them, and attempts whose window has ended; as the owner. Returns how many sessions went."""
    with connection.cursor() as cursor:
        cursor.execute("delete from private.attempts where ends_at < clock_timestamp()")
    deleted, _ = stale_sessions().delete()
    return deleted
