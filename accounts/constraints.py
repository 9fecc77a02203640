"""The guard of tables whose rows belong to a person rather than to an organization."""

from typing import Any, ClassVar

from accounts.access import person_rules
from postgres.rules import Rule
from tenants.constraints import TableGuard


class PersonGuard(TableGuard):
    """Policies by person, `updated_at` and the log."""

    defaults: ClassVar[dict[str, Any]] = {**TableGuard.defaults, "org_column": ""}

    def rules(self) -> tuple[Rule, ...]:
        return tuple(person_rules(self.access, self.options["key_column"]))
