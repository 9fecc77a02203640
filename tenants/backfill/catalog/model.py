"""Facts about tables, as dataclasses."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tenants.backfill.names import TableName


@dataclass(frozen=True)
class Column:
    """A column; `type` as PostgreSQL writes it (`character varying(20)`)."""

    name: str
    type: str
    not_null: bool
    generated: bool = False
    identity: bool = False
    default: str | None = None
    base: str = ""
    """The type without length, and behind a domain the type that it is made of."""


@dataclass(frozen=True)
class Key:
    """A primary key or unique constraint or valid, whole unique index."""

    name: str
    columns: tuple[str, ...]
    primary: bool
    not_null: bool
    immediate: bool = True
    """Whether it holds at every moment: not one that is checked at the end of a transaction."""


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key; `definition` as pg_get_constraintdef writes it."""

    name: str
    columns: tuple[str, ...]
    to: TableName
    to_columns: tuple[str, ...]
    definition: str
    on_delete: str
    on_update: str
    validated: bool
    deferrable: bool


@dataclass(frozen=True)
class Trigger:
    """A trigger of the table's own; `definition` as pg_get_triggerdef writes it, `enabled` as in pg_trigger."""

    name: str
    definition: str
    enabled: str
    constraint: bool
    row: bool
    before: bool
    events: tuple[str, ...]
    function: str
    ours: bool
    copies_rows: bool = False
    """Whether it writes whole rows (new.*) somewhere, by the place of their columns."""


@dataclass(frozen=True)
class Policy:
    """A row security policy, with the statement that would make it again."""

    name: str
    definition: str
    roles: tuple[str, ...]
    command: str
    permissive: bool
    ours: bool


@dataclass(frozen=True)
class Index:
    """An index; `valid` is False for one that a killed build left."""

    name: str
    definition: str
    columns: tuple[str, ...]
    valid: bool
    unique: bool


@dataclass(frozen=True)
class Table:
    """A table with everything a conversion has to know of it."""

    name: TableName
    oid: int
    kind: str
    """table, partitioned, foreign, view or materialized view."""
    persistence: str
    """permanent, unlogged or temporary."""
    owner: str
    may_alter: bool
    """Whether this login is a member of the owner."""
    rows: int
    """The planner's estimate."""
    bytes: int
    row_security: bool
    forced_row_security: bool
    partition_of: TableName | None = None
    partitions: tuple[TableName, ...] = ()
    """Leaves, and the partitioned tables between, for a partitioned table."""
    inherits: bool = False
    """Whether it has parents or children by plain inheritance."""
    columns: tuple[Column, ...] = ()
    keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[Policy, ...] = ()
    indexes: tuple[Index, ...] = ()
    grants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Privileges by role; PUBLIC is `public`; the owner is not in it."""
    options: dict[str, str] = field(default_factory=dict)
    """Storage parameters (autovacuum_enabled, fillfactor)."""
    dependents: tuple[str, ...] = ()
    """Views and materialized views that read it."""
    comment: str = ""
    may_read: bool = True
    """Whether this login may select from it."""
    may_index: bool = True
    """Whether this login may create in its schema, as an index needs."""
    slots: int = 0
    """Columns that it has or ever had: 1,600 are the most."""
    constraints: tuple[str, ...] = ()
    """Names of its constraints, those over org_id alone aside."""
    update_rules: tuple[str, ...] = ()
    """Names of its rules on UPDATE."""
    replicates: bool = True
    """False: a publication wants its updates, and nothing tells a subscriber which row is meant."""

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def primary_key(self) -> Key | None:
        return next((k for k in self.keys if k.primary), None)

    def is_unique(self, columns: Collection[str]) -> bool:
        """Whether no two rows agree in these columns, or in some of them."""
        return any(set(k.columns) <= set(columns) for k in self.keys)

    @property
    def person_key(self) -> Column | None:
        """What other tables call a person by, in a table of people: its primary key of one column."""
        key = self.primary_key
        return self.column(key.columns[0]) if key and len(key.columns) == 1 else None


@dataclass(frozen=True)
class Catalog:
    """The tables of some schemas, those that their foreign keys point to, and the partitions of both."""

    schemas: tuple[str, ...]
    tables: dict[TableName, Table]
    login: str = ""
    version: int = 0
    """server_version_num."""
    inherits: bool = True
    """Whether the login has the rights of the roles it is a member of; from 16 on each membership says so."""
    taken: frozenset[TableName] = frozenset()
    """Names that the indexes over org_id will have, and that other relations have already."""
    logins: dict[str, bool] = field(default_factory=dict)
    """Every role that owns or holds a grant here, and whether it passes row security (superuser, BYPASSRLS)."""

    def named(self) -> Iterator[Table]:
        """The tables that a plan decides about: those of the named schemas; a partition goes with its parent."""
        for name, table in self.tables.items():
            if name.schema in self.schemas and (table.partition_of is None or table.partition_of not in self.tables):
                yield table
