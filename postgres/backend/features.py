"""What PostgreSQL can do for our models."""

from django.db import models
from django.db.backends.postgresql import features as postgresql

from postgres.keys import CompositeKey


class DatabaseFeatures(postgresql.DatabaseFeatures):
    """GROUP BY the primary key alone is allowed only where that key is one column in the database."""

    def allows_group_by_selected_pks_on_model(self, model: type[models.Model]) -> bool:
        if isinstance(model._meta.pk, CompositeKey):
            return False
        return bool(super().allows_group_by_selected_pks_on_model(model))
