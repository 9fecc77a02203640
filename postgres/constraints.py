"""A constraint that is a list of statements: how guards and composite keys reach the stock autodetector."""

from typing import Any

from django.db import models

from postgres.names import fill


class StatementsConstraint(models.BaseConstraint):
    """Subclasses answer `create_statements` and `remove_statements`; migrations run them with their table."""

    def create_statements(self, model: type[models.Model]) -> list[str]:
        raise TypeError(f"{type(self).__name__} must say how it is created")

    def remove_statements(self, model: type[models.Model]) -> list[str]:
        raise TypeError(f"{type(self).__name__} must say how it is removed")

    def rename_statements(self, model: type[models.Model]) -> list[str]:
        """What a table that got another name needs besides it; nothing, where no name of ours holds the table's."""
        return []

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """Nothing inline: the table must exist first, and so may those it refers to."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return fill(";\n".join(self.create_statements(model)))

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return fill(";\n".join(self.remove_statements(model)))

    def rename_sql(self, model: type[models.Model]) -> str:
        return fill(";\n".join(self.rename_statements(model)))

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database decides; a form could only repeat it, and would have to read rows to do so."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StatementsConstraint):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)
