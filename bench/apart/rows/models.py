"""The table of every organization."""

from django.db import models


class Row(models.Model):
    """A customer, more or less."""

    name = models.TextField()
    note = models.TextField(null=True)  # noqa: DJ001 - null is what a column begins with

    def __str__(self) -> str:
        return self.name
