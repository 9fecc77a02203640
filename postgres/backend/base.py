"""The connection: the owning login acts as `tenantry_owner`, in our schema."""

from typing import Any

from django.db.backends.postgresql import base as postgresql

from postgres.backend.features import DatabaseFeatures
from postgres.backend.operations import DatabaseOperations
from postgres.backend.schema import DatabaseSchemaEditor
from postgres.roles import kind_to_act

# A role that does not exist yet, or may not be taken yet, selects no row: the first `migrate` sees to both, and another
# process may be between the two just now.
ACT_AS_OWNER = """
select set_config('role', %(role)s, false), set_config('search_path', quote_ident(%(path)s), false)
from pg_catalog.pg_roles where rolname = %(role)s and pg_has_role(session_user, oid, %(kind)s)
"""


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """PostgreSQL as Tenantry uses it."""

    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("owner_role", None)
        params.pop("search_path", None)
        return params

    def _configure_role(self, connection: Any) -> bool:
        """Act as the owner role, but never on the maintenance database, where only the login may create."""
        options = self.settings_dict["OPTIONS"]
        if "owner_role" not in options or self.settings_dict["NAME"] is None:
            return False
        with connection.cursor() as cursor:
            kind = kind_to_act(connection.info.server_version)
            cursor.execute(ACT_AS_OWNER, {"role": options["owner_role"], "path": options["search_path"], "kind": kind})
        return True
