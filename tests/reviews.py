"""A finding and a cleaning of one side of the two worlds."""

from typing import Any

from accounts.models import AccessFinding, CleaningBatch, CleaningRow


def add_review(side: Any) -> None:
    person = {"email_lower": "secret", "evidence": "secret"}
    AccessFinding.objects.create(org=side.org, user=side.owner, detector="expired", key="secret", **person)
    batch = CleaningBatch.objects.create(org=side.org, made_by="secret", access_rows=1, planned_rows=1)
    row = {"table_name": "user_dso_access", "row_id": side.org.pk, "user_id": side.owner.pk, "shown": "secret"}
    CleaningRow.objects.create(org=side.org, batch=batch, data={"word": "secret"}, **row, **person)
