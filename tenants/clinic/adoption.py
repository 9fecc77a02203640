"""Clinic tables that are there already: whether they can be adopted, and how they get what is missing."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.migrations.exceptions import InvalidMigrationPlan

from postgres.names import bound_name, literal, quote
from postgres.roles import ALL_ROLES, OWNER
from tenants.clinic.catalog import (
    TABLES,
    any_rows,
    count_rows,
    fetch_all,
    foreign_keys_to,
    key_columns,
    list_clinic_tables,
    list_columns,
)
from tenants.clinic.memory import forget, recall, remember
from tenants.clinic.requiring import validate_keys_of
from tenants.patient import run_patiently

TEXT = ("text", "character varying")
UUID = ("uuid",)
TIME = ("timestamp with time zone",)
# What a table must have to be taken for ours, and what it may have, with the types that will do.
REQUIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "dsos": {"id": UUID, "name": TEXT},
    "doctors": {"id": UUID, "name": TEXT, "dso_id": UUID},
    "user_dso_access": {"id": UUID, "user_id": UUID, "dso_id": UUID},
}
KNOWN: dict[str, tuple[str, ...]] = {
    "created_at": TIME,
    "updated_at": TIME,
    "deleted_at": TIME,
    "deletion_id": UUID,
    "granted_by": UUID,
    "granted_at": TIME,
    "expires_at": TIME,
}
ORPHANS = {
    ("doctors", "dso_id"): "dsos",
    ("user_dso_access", "dso_id"): "dsos",
    ("user_dso_access", "user_id"): "users",
    ("user_dso_access", "granted_by"): "users",
}
OUR_COMMENTS = {
    "dsos": "Dental service organizations; deleted softly, with their doctors.",
    "doctors": "Doctors of DSOs; deleted softly.",
    "user_dso_access": "Who may see which DSO, and until when.",
}
MAKE_IDS = "alter table {table} alter column id set default {maker}()"


class NotAdoptable(InvalidMigrationPlan):
    """A clinic table that cannot be adopted as it is; nothing was changed."""


def find_misfits(table: str) -> list[str]:
    """Columns that are missing or of another type, where these keep a table from being ours."""
    there = list_columns(table)
    misfits = [
        f"{table}.{column} is {there.get(column, 'missing')}, wanted {' or '.join(types)}"
        for column, types in REQUIRED[table].items()
        if there.get(column) not in types
    ]
    misfits += [f"{table}.{c} is {there[c]}, wanted {t[0]}" for c, t in KNOWN.items() if there.get(c, t[0]) not in t]
    misfits += [f"{table}.{column} is there already" for column in ("org_id", "name_lower") if column in there]
    if key_columns(table)[1] != ("id",):
        misfits.append(f"the primary key of {table} is not (id)")
    return misfits


def is_adoptable(table: str) -> bool:
    """Whether a table of one of our names may stay."""
    return table in TABLES and table in list_clinic_tables() and not find_misfits(table)


def ownership_remedy(tables: list[str]) -> str:
    """What a DBA types so that the owner role may convert tables; their owner goes on working on them."""
    schema, lines = quote(settings.TENANTRY_SCHEMA), []
    for table in tables:
        name = f"{schema}.{quote(table)}"
        owner = fetch_all("select pg_get_userbyid(relowner) from pg_class where oid = to_regclass(%s)", name)[0][0]
        lines.append(f"alter table {name} owner to {OWNER};")
        lines.append(f"grant select, insert, update, delete on table {name} to {quote(owner)};")
    return "\n".join(lines)


def refuse_unfit_tables() -> None:
    """Say everything that stands against an adoption, before anything is changed."""
    taken = recall().adopted
    waiting = [t for t in list_clinic_tables() if t not in taken and read_comment(t) != OUR_COMMENTS[t]]
    found = [problem for table in waiting for problem in _problems(table)]
    if found:
        raise NotAdoptable("The clinic tables cannot be adopted; nothing was changed:\n* " + "\n* ".join(found))


def _problems(table: str) -> Iterator[str]:
    misfits = find_misfits(table)
    yield from misfits
    if misfits:
        return
    yield from _orphans(table)
    for column in REQUIRED[table]:
        if count := count_rows(table, f"{quote(column)} is null"):
            yield f"{count} rows of {table} have no {column}: fill or delete them"
    for key in foreign_keys_to(table):
        if key.table not in TABLES:
            yield (
                f"{key.table} refers to the old key of {table}: alter table {key.table} drop constraint"
                f" {quote(key.name)}"
            )
    # Policies are ORed: an old one for everybody would open the table beside ours.
    for (name,) in fetch_all(
        "select policyname from pg_policies where tablename = %s and schemaname = %s and roles && %s::name[]"
        " and not starts_with(policyname, 'tenantry_')",
        table,
        settings.TENANTRY_SCHEMA,
        ["public", *ALL_ROLES],
    ):
        yield f"the policy {quote(name)} reaches our roles: drop policy {quote(name)} on {quote(table)}"


def _orphans(table: str) -> Iterator[str]:
    there = {*list_clinic_tables(), "users"}
    for (child, column), parent in ORPHANS.items():
        if child != table or column not in list_columns(table):
            continue
        missing = f"not exists (select from {parent} p where p.id = {table}.{column})" if parent in there else "true"
        if count := count_rows(table, f"{column} is not null and {missing}"):
            yield (
                f"{count} rows of {table} name a {column} that is not in {parent}: insert these {parent} with their"
                f" old id, or delete the rows"
            )


class CreateOrAdopt(migrations.CreateModel):
    """A table in its old form: made, or taken over with the columns and keys it lacks."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        table = model._meta.db_table
        if schema_editor.collect_sql or table not in list_clinic_tables():
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif read_comment(table) == OUR_COMMENTS[table]:
            schema_editor.execute(MAKE_IDS.format(table=schema_editor.quote_name(table), maker="new_id"), params=None)
        elif table not in recall().adopted:
            adopt_table(model, schema_editor)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.name)._meta.db_table
        statements = recall().adopted.get(table)
        # Rows are worth more than a clean reversal: a table that has some stays, and is ours again on the way forward.
        if statements is None and not any_rows(table):
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        elif statements is None:
            # Our function goes with us.
            quoted = schema_editor.quote_name(table)
            schema_editor.execute(MAKE_IDS.format(table=quoted, maker="gen_random_uuid"), params=None)
        for statement in statements or []:
            schema_editor.execute(statement, params=None)


def read_comment(table: str) -> str | None:
    """Our comment means: made by this migration before, in an attempt that was killed, or left when it was reversed."""
    rows = fetch_all("select obj_description(to_regclass(%s), 'pg_class')", table)
    return None if rows[0][0] is None else str(rows[0][0])


def adopt_table(model: type[models.Model], schema_editor: Any) -> None:
    """Add what a table lacks; remember how to take it away again."""
    table, memory = model._meta.db_table, recall()
    comment = f"comment on table {quote(table)} is "
    undo = [comment + literal(read_comment(table))]
    schema_editor.execute(comment + literal(OUR_COMMENTS[table]), params=None)
    there = list_columns(table)
    fields: list[Any] = list(model._meta.local_fields)
    for field in fields:
        head = f"alter table {quote(table)}"
        if field.column not in there:
            schema_editor.add_field(model, field)
            undo.append(f"{head} drop column if exists {quote(field.column)}")
        elif field.remote_field is not None and field.name != "dso":
            undo += _adopt_user_key(table, field, schema_editor)
        elif field.has_db_default():
            old = _read_default(table, field.column)
            ours = "new_id()" if field.column == "id" else "statement_timestamp()"
            schema_editor.execute(f"{head} alter column {quote(field.column)} set default {ours}", params=None)
            undo.append(f"{head} alter column {quote(field.column)} {f'set default {old}' if old else 'drop default'}")
    memory.adopted[table] = undo
    remember(memory)


def _read_default(table: str, column: str) -> str | None:
    rows = fetch_all(
        "select pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d join pg_catalog.pg_attribute a"
        " on a.attrelid = d.adrelid and a.attnum = d.adnum where d.adrelid = to_regclass(%s) and a.attname = %s",
        table,
        column,
    )
    return rows[0][0] if rows else None


def _adopt_user_key(table: str, field: Any, schema_editor: Any) -> list[str]:
    """The key to our users, under our name; one to another table of people stays beside it."""
    head, column = f"alter table {quote(table)}", field.column
    name = quote(bound_name(f"fk_{table}_{column}"))
    action = "set null" if field.remote_field.on_delete is models.SET_NULL else "cascade"
    wanted = f"FOREIGN KEY ({column}) REFERENCES users(id) ON DELETE {action.upper()}"
    held = [key for key in foreign_keys_to("users") if key.table == table and key.columns == (column,)]
    same = [key for key in held if key.definition == wanted]
    if same:
        old = quote(same[0].name)
        if old != name:
            schema_editor.execute(f"{head} rename constraint {old} to {name}", params=None)
        return [f"{head} rename constraint {name} to {old}"] if old != name else []
    for key in held:
        schema_editor.execute(f"{head} drop constraint {quote(key.name)}", params=None)
    schema_editor.execute(f"{head} add constraint {name} {wanted} not valid", params=None)
    # Checked by the last step of the way back.
    back = [f"{head} add constraint {quote(key.name)} {key.definition} not valid" for key in held]
    return [f"{head} drop constraint if exists {name}", *back]


def finish_return(apps: Any, schema_editor: Any) -> None:
    """The keys that adopted tables have back are checked beside readers and writers; nothing is remembered."""
    for table in recall().adopted:
        run_patiently(partial(validate_keys_of, table), what=f"checking the keys of {table}", tables=2)
    forget()
