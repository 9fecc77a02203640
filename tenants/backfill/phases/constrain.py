"""`constrain`: from here on no row is without organization: the index, the checked foreign key, NOT NULL."""

from collections.abc import Iterator

from django.conf import settings
from django.db import IntegrityError
from psycopg import sql
from psycopg.errors import ForeignKeyViolation

from postgres.errors import first_line
from tenants.backfill.derive.functions import FillMode
from tenants.backfill.derive.modes import set_fill_mode
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.events import Event, Finished, Said, Started
from tenants.backfill.phases.indexes import Wanted, build_index
from tenants.backfill.phases.org_key import check_org_key
from tenants.backfill.phases.reaching import choose_tables, has_reached, plan_of, reach_phase
from tenants.backfill.phases.relations import Relation, as_login, fetch_all, read_tree
from tenants.backfill.phases.required import require_org
from tenants.backfill.phases.visibility import let_owner_see
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion, ConversionTable, Phase, QuarantinedRow

PHASE = Phase.CONSTRAIN


def run_constrain(conversion: Conversion, plan: Plan, *, lock_ms: int, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Constrain the tables whose fill is done; raises PhaseRefused while a row has no organization."""
    tables = [t for t in choose_tables(conversion, only) if plan_of(t, plan).converts]
    behind = [table for table in tables if not has_reached(table, PHASE)]
    refuse(conversion, behind, lock_ms=lock_ms)
    for table in behind:
        yield Started(table.name, PHASE)
        yield from constrain_table(table, lock_ms=lock_ms)
        yield Finished(table.name, PHASE, "every row has an organization, and every new one needs one")


def constrain_table(table: ConversionTable, *, lock_ms: int) -> Iterator[Event]:
    """One table, in steps of one short lock each; those that are done already are passed over."""
    set_fill_mode(table, FillMode.REQUIRED, phase=PHASE, lock_ms=lock_ms)
    for name in build_index(table, org_index(), phase=PHASE, lock_ms=lock_ms):
        yield Said(table.name, f"built index {name} beside readers and writers")
    try:
        check_org_key(table, lock_ms=lock_ms)
        require_org(table, lock_ms=lock_ms)
    except IntegrityError as error:
        see = see_strangers if isinstance(error.__cause__, ForeignKeyViolation) else see_nulls
        raise PhaseRefused([f"{table.name}: {first_line(error)}. {see(table)}"]) from error
    reach_phase(table, PHASE)


def org_index() -> Wanted:
    """idx_<table>_org_id."""
    return Wanted(("org_id",), lambda relation: relation.index_name)


def refuse(conversion: Conversion, tables: list[ConversionTable], *, lock_ms: int) -> None:
    """Say everything that stands against it, before anything is changed."""
    reasons = []
    for table in tables:
        if not has_reached(table, Phase.FILL):
            reasons.append(
                f"{table.name}: it has come as far as {table.phase}; fill it first: manage.py backfill_org_ids run"
                " --plan PLAN --until fill"
            )
            continue
        waiting = QuarantinedRow.objects.filter(table=table, applied_at=None).count()
        if waiting:
            reasons.append(
                f"{table.name}: {waiting} rows are in quarantine. See and decide them: manage.py backfill_org_ids"
                f" quarantine --run {conversion.number}"
            )
        if lacks_orgs(table, lock_ms=lock_ms):
            reasons.append(f"{table.name}: rows have no organization. {see_nulls(table)}")
    if reasons:
        raise PhaseRefused(reasons)


def lacks_orgs(table: ConversionTable, *, lock_ms: int) -> bool:
    """Whether a row of a table is without organization, whatever row-level security hides."""
    let_owner_see(table, phase=PHASE, lock_ms=lock_ms)
    return _has_nulls(read_tree(table)[0])


def _has_nulls(relation: Relation) -> bool:
    with as_login():
        # The name is quoted.
        return bool(fetch_all(f"select exists (select from {relation.text} where org_id is null)")[0][0])  # noqa: S608


def see_nulls(table: ConversionTable) -> str:
    again = "manage.py backfill_org_ids run --plan PLAN --until fill"
    return f"See them: select * from {table.name} where org_id is null; then: {again}"  # noqa: S608 - to be read


def see_strangers(table: ConversionTable) -> str:
    """Of values that stood before, where they are no organizations of Tenantry's."""
    organizations = sql.Identifier(settings.TENANTRY_SCHEMA, "organizations").as_string(None)
    query = f"select * from {table.name} t where not exists (select from {organizations} o where o.id = t.org_id)"  # noqa: S608 - to be read
    return f"See them: {query}; correct them, then: manage.py backfill_org_ids run --plan PLAN"
