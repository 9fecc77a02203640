"""The keyset strategy: walk a table in the order of a key, a LIMIT at a time."""

import json
from dataclasses import dataclass, field

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.errors import BatchSetupError
from tenants.backfill.ranges import Position, Range


@dataclass(init=False)
class Keyset:
    """Ranges over a table's key: `Keyset("users", "id")`, `Keyset(("legacy", "Call Logs"), "region", "no")`.

    The key is any comparable NOT NULL columns that an index begins with; it need not be unique. Positions
    are the key's values as PostgreSQL writes them. Rows that appear behind the cursor while the job runs are
    not visited: a default, a trigger or the application must write them rightly already.
    """

    table: sql.Identifier
    columns: tuple[str, ...]
    checked: bool = field(default=False, compare=False)

    def __init__(self, table: str | tuple[str, str], *columns: str) -> None:
        self.table = sql.Identifier(table) if isinstance(table, str) else sql.Identifier(*table)
        self.columns = columns
        self.checked = False
        if not columns:
            raise BatchSetupError(f"Keyset over {self.table.as_string()} needs a key: name its columns.")

    def __call__(self, db: CursorWrapper, after: Position, size: int) -> Range | None:
        """Find the key of the row that lies `size` rows ahead, or of the table's last row."""
        self._refuse_unfit_key(db)
        db.execute(self._compose_search(after, size))
        row = db.fetchone()
        if row is None:
            return None
        *upto, seen = row
        return Range(after, upto, seen=seen, last=seen < size)

    def condition(self, rows: Range, alias: str | None = None) -> sql.Composed:
        """Compose the WHERE condition of a range.

        Its values are literals: compose your own in the same way (`sql.Literal`), and pass no parameters
        beside it, because psycopg would read a % in a text key as the place of one.
        """
        shared = 0 if rows.after is None else _count_shared(rows.after, rows.upto)
        # The planner guesses a row comparison by its first column alone: where half a table has one value there, it
        # would read that half for every batch. What both ends share is said by itself.
        parts = [
            sql.SQL("{} = {}").format(self._key(alias, n, n + 1), _compose_values(rows.upto[n : n + 1]))
            for n in range(shared)
        ]
        if rows.after is not None:
            parts.append(sql.SQL("{} > {}").format(self._key(alias, shared), _compose_values(rows.after[shared:])))
        parts.append(sql.SQL("{} <= {}").format(self._key(alias, shared), _compose_values(rows.upto[shared:])))
        return sql.SQL("({})").format(sql.SQL(" and ").join(parts))

    def estimate_rows(self, db: CursorWrapper, after: Position) -> int | None:
        """Ask the planner how many rows lie after a position."""
        db.execute(
            sql.SQL("explain (format json) select from {} where {}").format(self.table, self._compose_start(after))
        )
        row = db.fetchone()
        plan = json.loads(row[0]) if row and isinstance(row[0], str) else row and row[0]
        return int(plan[0]["Plan"]["Plan Rows"]) if plan else None

    def _compose_search(self, after: Position, size: int) -> sql.Composed:
        names = [sql.Identifier("page", name) for name in self.columns]
        return sql.SQL(
            "select {texts}, count(*) over () from"
            " (select {key} from {table} where {start} order by {key} limit {size}) page"
            " order by {backwards} limit 1"
        ).format(
            # Qualified on both sides: a bare name in ORDER BY would mean the text, and sort 99 behind 100.
            texts=sql.SQL(", ").join(sql.SQL("{}::text").format(name) for name in names),
            backwards=sql.SQL(", ").join(sql.SQL("{} desc").format(name) for name in names),
            key=sql.SQL(", ").join(map(sql.Identifier, self.columns)),
            table=self.table,
            start=self._compose_start(after),
            size=sql.Literal(size),
        )

    def _compose_start(self, after: Position) -> sql.Composable:
        if after is None:
            return sql.SQL("true")
        return sql.SQL("{} > {}").format(self._key(None), _compose_values(after))

    def _key(self, alias: str | None, start: int = 0, stop: int | None = None) -> sql.Composed:
        columns = self.columns[start:stop]
        names = [sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in columns]
        return sql.SQL("({})").format(sql.SQL(", ").join(names))

    def _refuse_unfit_key(self, db: CursorWrapper) -> None:
        """Refuse a key that may be null: a row without one is on no side of any cursor, and left out."""
        if self.checked:
            return
        db.execute(
            "select name, attnotnull from unnest(%s::text[]) as wanted (name) left join pg_attribute"
            " on attrelid = %s::regclass and attname = name and attnum > 0 and attnotnull",
            [list(self.columns), self.table.as_string()],
        )
        unfit = [name for name, not_null in db.fetchall() if not not_null]
        if unfit:
            raise BatchSetupError(
                f"Keyset over {self.table.as_string()} cannot walk by {', '.join(unfit)}: no such column, "
                "or one that may be null. Name the columns of the primary key."
            )
        self.checked = True


def _count_shared(after: Position, upto: Position) -> int:
    """How many leading columns have one value from end to end; the last column is what tells rows apart."""
    pairs = zip(after[:-1], upto[:-1], strict=True)
    return next((n for n, (first, second) in enumerate(pairs) if first != second), len(after) - 1)


def _compose_values(position: Position) -> sql.Composed:
    """Write the values without a type, so that each takes the type of the column it is compared with."""
    return sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, position)))
