"""The swap of keys: from (id) to (org_id, id), and from references by id to references within the organization."""

from collections.abc import Iterable, Iterator
from typing import Any

from postgres.names import bound_name, quote
from tenants.clinic.catalog import CHILDREN, TABLES, ForeignKey, count_rows, foreign_keys_to, key_columns
from tenants.clinic.memory import recall, remember
from tenants.patient import build_unique_index, run_patiently

PAIR = ("org_id", "id")


def build_pair_indexes(apps: Any, schema_editor: Any) -> None:
    """What the new keys are made from."""
    for table in TABLES:
        if key_columns(table)[1] != PAIR:
            build_unique_index(table, f"{table}_org_key", PAIR)


def drop_pair_indexes(apps: Any, schema_editor: Any) -> None:
    """The index is usually gone with the key it became."""
    for table in TABLES:
        schema_editor.execute(f"drop index concurrently if exists {quote(f'{table}_org_key')}", params=None)
    validate_old_keys()


def swap_keys(apps: Any, schema_editor: Any) -> None:
    """All three tables in one transaction: at no moment may a row be written that points to nothing."""
    run_patiently(_swap, what="the swap of the clinic tables' keys", tables=len(TABLES))


def swap_keys_back(apps: Any, schema_editor: Any) -> None:
    run_patiently(_swap_back, what="the clinic tables' old keys", tables=len(TABLES))


def _swap(editor: Any) -> None:
    if key_columns("dsos")[1] == PAIR:
        return
    old, memory = foreign_keys_to("dsos"), recall()
    memory.keys = [(key.table, key.name, key.definition.removesuffix(" NOT VALID")) for key in old]
    remember(memory)
    definition = "foreign key (org_id, dso_id) references dsos (org_id, id) on delete cascade"
    new = [_add_later(table, composite_name(table), definition) for table in CHILDREN]
    _run_locked(editor, [*_drop_keys(old), *_replace_keys("org_key"), *new])


def _swap_back(editor: Any) -> None:
    if key_columns("dsos")[1] != PAIR:
        return
    old = [_add_later(*key) for key in recall().keys]
    _run_locked(editor, [*_drop_keys(foreign_keys_to("dsos")), *_replace_keys("old_key"), *old])


def composite_name(table: str) -> str:
    return bound_name(f"fk_{table}_dso_id")


def _run_locked(editor: Any, statements: list[str]) -> None:
    """In one message: while the locks are held, nobody waits for this process to be given its turn."""
    # Children first, as writers lock them: the check of a key comes after the row.
    locks = [f"lock table {quote(table)} in access exclusive mode" for table in reversed(TABLES)]
    editor.execute(";\n".join([*locks, *statements]), params=None)


def _drop_keys(keys: Iterable[ForeignKey]) -> Iterator[str]:
    return (f"alter table {key.table} drop constraint {quote(key.name)}" for key in keys)


def _replace_keys(index: str) -> Iterator[str]:
    for table in TABLES:
        yield f"alter table {quote(table)} drop constraint {quote(key_columns(table)[0])}"
        key = f"primary key using index {quote(f'{table}_{index}')}"
        yield f"alter table {quote(table)} add constraint {quote(f'{table}_pkey')} {key}"


def _add_later(table: str, name: str, definition: str) -> str:
    return f"alter table {quote(table)} add constraint {quote(name)} {definition} not valid"


def validate_keys(apps: Any, schema_editor: Any) -> None:
    """Every composite key holds for the rows that were there before."""
    for table in CHILDREN:
        _validate(table, composite_name(table))


def validate_old_keys() -> None:
    for table, name, _definition in recall().keys:
        _validate(table, name)


def _validate(table: str, name: str) -> None:
    statement = f"alter table {quote(table)} validate constraint {quote(name)}"
    run_patiently(lambda editor: editor.execute(statement, params=None), what=f"checking {name}")


def build_old_indexes(apps: Any, schema_editor: Any) -> None:
    """What the old keys are made from, on the way back; ids that two organizations share stand in its way."""
    for table in TABLES:
        if key_columns(table)[1] == PAIR:
            later = f"exists (select from {table} o where o.id = {table}.id and o.org_id > {table}.org_id)"
            if shared := count_rows(table, later):
                raise RuntimeError(f"{shared} ids of {table} stand in several organizations: the old key cannot return")
            build_unique_index(table, f"{table}_old_key", ("id",))
