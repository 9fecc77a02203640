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
# What a DBA sets for a role or a database is meant for an application: we read dates, keys and definitions as text, our
# long steps end by themselves, and locks of commands stand on idle sessions. What PGOPTIONS says is meant for us.
KNOWN_STATE = """
select set_config(s.name, w.value, false) from (values
    ('datestyle', 'ISO'), ('intervalstyle', 'postgres'), ('extra_float_digits', '1'), ('bytea_output', 'hex'),
    ('quote_all_identifiers', 'off'), ('standard_conforming_strings', 'on'), ('transform_null_equals', 'off'),
    ('default_transaction_isolation', 'read committed'), ('row_security', 'on'), ('statement_timeout', '0'),
    ('transaction_timeout', '0'), ('idle_session_timeout', '0')
) as w (name, value) join pg_catalog.pg_settings s on lower(s.name) = w.name and s.source <> 'client'
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
            cursor.execute(KNOWN_STATE)
            cursor.execute(ACT_AS_OWNER, {"role": options["owner_role"], "path": options["search_path"], "kind": kind})
        return True
