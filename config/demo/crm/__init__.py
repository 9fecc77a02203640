"""The demo's half-done conversion: schema `legacy_crm`, taken as far as a decision that only a person can take."""

from contextlib import suppress
from pathlib import Path

from django.db import connection

from accounts.models import User
from config.demo.old_databases import make_schema, schema_stands
from config.demo.world import SIGN_INS
from tenants.backfill.coordinator import CoordinatorBusy
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.phases.relations import as_login
from tenants.backfill.phases.start import open_conversion
from tenants.backfill.plan.check import open_plan
from tenants.backfill.plan.read import read_plan
from tenants.backfill.run import RunOptions, run_conversion
from tenants.backfill.steering import pause_conversion
from tenants.models import Conversion, ConversionState, ConversionTable, Phase

SCHEMA = "legacy_crm"
FOLDER = Path(__file__).parent
FILES = ("tables", "rows")
# As it is typed in the checkout.
PLAN_FILE = "config/demo/crm/conversion.toml"
# Their children are left to whoever goes on: there is something to watch.
BEGUN = ("legacy_crm.tasks", "legacy_crm.companies")
REASON = "three of the sales people work for several organizations: decide the rows in quarantine, then resume"


def crm_stands() -> bool:
    return schema_stands(SCHEMA)


def build_crm() -> None:
    """The old application, and its conversion on record; `begin_conversion` does the work."""
    make_schema(FOLDER, FILES)
    with as_login(), connection.cursor() as cursor:
        plan, catalog = open_plan(read_text(), cursor)
    open_conversion(plan, catalog, actor="system:demo", plan_file=PLAN_FILE)


def begin_conversion() -> None:
    """Convert as far as the rows that wait, and pause with the reason; nothing, once anybody has begun.

    It commits as it goes: inside somebody's transaction it is left to the next `demo`.
    """
    conversion = None if connection.in_atomic_block else find_untouched()
    if conversion is None:
        return
    options = RunOptions(FillSettings(), BEGUN, Phase.FILL, PLAN_FILE)
    # Another `demo` at the same moment is doing it.
    with suppress(CoordinatorBusy):
        for _ in run_conversion(conversion, read_plan(conversion.plan), options):
            pass
        pause_conversion(conversion, reason=REASON, actor=find_actor())


def find_untouched() -> Conversion | None:
    """Ours, as `build_crm` left it."""
    ours = Conversion.objects.filter(schemas=[SCHEMA], plan_file=PLAN_FILE, state=ConversionState.OPEN, paused_at=None)
    return ours.exclude(tables__in=ConversionTable.objects.exclude(phase=Phase.START)).first()


def find_actor() -> str:
    """The person who is printed first."""
    admin = User.objects.filter(email_lower=SIGN_INS[0].email).first()
    return f"user:{admin.pk}" if admin else "system:demo"


def read_text() -> str:
    return (FOLDER / "conversion.toml").read_text(encoding="utf-8")
