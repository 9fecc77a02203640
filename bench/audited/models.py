"""One model per way of logging."""

import uuid

from django.apps import apps
from django.db import models


class Row(models.Model):
    """A customer, more or less."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    org_id = models.UUIDField()
    name = models.TextField()
    email = models.TextField()
    company = models.TextField(default="Acme")
    status = models.TextField(default="active")
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        app_label = "audited"

    def __str__(self) -> str:
        return self.name


class Unlogged(Row):
    """Logged by nobody."""


class Tenantry(Row):
    """Logged by our trigger."""


WAYS: dict[str, type[Row]] = {"nothing": Unlogged, "Tenantry": Tenantry}

if apps.is_installed("auditlog"):
    from auditlog.registry import auditlog

    class Auditlog(Row):
        """Logged by signals."""

    auditlog.register(Auditlog)
    WAYS["django-auditlog"] = Auditlog

if apps.is_installed("simple_history"):
    from simple_history.models import HistoricalRecords

    class History(Row):
        """Logged by signals, a whole row each time."""

        history = HistoricalRecords()

    WAYS["django-simple-history"] = History

if apps.is_installed("pghistory"):
    import pghistory

    @pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    class Pghistory(Row):
        """Logged by triggers, a whole row each time."""

    WAYS["django-pghistory"] = Pghistory
