"""Conversions: which tables are on their way from persons to organizations, how far each has come, and the way back."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from postgres.keys import IdField
from tenants.constraints import OperationsGuard
from tenants.models.base import Timestamps


class ConversionState(models.TextChoices):
    """`open` until its tables are released, or back where they were."""

    OPEN = "open"
    RELEASED = "released"
    UNDONE = "undone"


class Phase(models.TextChoices):
    """What a table has reached, in this order; `start` is before anything was changed."""

    START = "start"
    COLUMN = "column"
    FILL = "fill"
    CONSTRAIN = "constrain"
    GUARD = "guard"
    CUTOVER = "cutover"
    RELEASE = "release"


class TableState(models.TextChoices):
    """What happens to a table right now; `parked` waits for a person."""

    WAITING = "waiting"
    WORKING = "working"
    HELD = "held"
    PARKED = "parked"
    DONE = "done"


class Conversion(Timestamps):
    """One plan being carried out, through as many invocations, workers and interruptions as it takes."""

    id = IdField()
    number = models.PositiveIntegerField(unique=True, db_comment="What people call it by: --run 7.")
    schemas = ArrayField(models.TextField(), db_comment="The schemas that its plan covers.")
    plan = models.TextField(db_comment="The plan file as it was last run, to the letter.")
    plan_file = models.TextField(
        blank=True, db_default="", default="", db_comment="Where the plan was last read from, as it was typed."
    )
    fingerprint = models.TextField(blank=True, db_comment="Of the schema as discover saw it.")
    people_type = models.TextField(blank=True, db_comment="SQL type of a person's key in the old database.")
    state = models.TextField(choices=ConversionState, db_default=ConversionState.OPEN, default=ConversionState.OPEN)
    pause_reason = models.TextField(blank=True, db_default="", default="")
    paused_by = models.TextField(blank=True, db_default="", default="", db_comment="An actor, as in the log.")
    paused_at = models.DateTimeField(null=True, blank=True, db_comment="Set: workers end after their batch.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "conversions"
        db_table_comment = "Conversions of tables from persons to organizations, newest last."
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=ConversionState.values), name="conversions_state"),
            OperationsGuard(name="conversions_guard", access="conversions"),
        ]

    def __str__(self) -> str:
        return f"Conversion {self.number}"


class ConversionTable(Timestamps):
    """One table of a conversion: its decisions, how far it has come, and why it does not go on."""

    id = IdField()
    conversion = models.ForeignKey(Conversion, models.CASCADE, related_name="tables")
    name = models.TextField(db_comment="schema.table, quoted where SQL wants it.")
    oid = models.BigIntegerField(db_comment="Of the table: a renamed table stays the same one.")
    position = models.PositiveIntegerField(db_comment="Parents before children.")
    decisions = models.JSONField(db_comment="Its section of the plan, defaults filled in.")
    phase = models.TextField(choices=Phase, db_default=Phase.START, default=Phase.START)
    state = models.TextField(choices=TableState, db_default=TableState.WAITING, default=TableState.WAITING)
    reason = models.TextField(blank=True, db_default="", default="", db_comment="Why it is held or parked.")
    strategy = models.TextField(blank=True, db_default="", default="", db_comment="How its rows are filled.")
    strategy_reason = models.TextField(blank=True, db_default="", default="")
    bound = models.JSONField(null=True, blank=True, db_comment="Where the fill ends: rows beyond are the trigger's.")
    guarded = models.JSONField(null=True, blank=True, db_comment="What its guard left standing, for the doctor.")
    rows_estimate = models.BigIntegerField(db_default=0, default=0)
    rows_passed = models.BigIntegerField(db_default=0, default=0)
    rows_changed = models.BigIntegerField(db_default=0, default=0)
    fill_started_at = models.DateTimeField(null=True, blank=True)
    fill_finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "conversion_tables"
        db_table_comment = "The tables of each conversion, with their progress."
        ordering: ClassVar = ["conversion", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversion", "name"], name="conversion_tables_name"),
            models.CheckConstraint(condition=models.Q(phase__in=Phase.values), name="conversion_tables_phase"),
            models.CheckConstraint(condition=models.Q(state__in=TableState.values), name="conversion_tables_state"),
            OperationsGuard(name="conversion_tables_guard", access="conversion_progress", audited=False),
        ]

    def __str__(self) -> str:
        return self.name


class ShareState(models.TextChoices):
    """A share of a table's rows: free for any worker, taken under a lease, done, or parked for a person."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    PARKED = "parked"


class ConversionShare(Timestamps):
    """A range of a table's rows that one worker at a time fills; its cursor is saved with the rows."""

    id = IdField()
    table = models.ForeignKey(ConversionTable, models.CASCADE, related_name="shares")
    number = models.PositiveIntegerField()
    bounds = models.JSONField(db_comment="From where (exclusive) to where (inclusive), in its strategy's words.")
    cursor = models.JSONField(null=True, blank=True, db_comment="Where the last committed batch ended.")
    state = models.TextField(choices=ShareState, db_default=ShareState.OPEN, default=ShareState.OPEN)
    worker = models.TextField(blank=True, db_default="", default="", db_comment="host:pid of who has it.")
    token = models.UUIDField(null=True, blank=True, db_comment="Of the lease: who lost it can no longer write.")
    lease_until = models.DateTimeField(null=True, blank=True)
    batch_size = models.PositiveIntegerField(db_default=0, default=0)
    rows_passed = models.BigIntegerField(db_default=0, default=0)
    rows_changed = models.BigIntegerField(db_default=0, default=0)
    reason = models.TextField(blank=True, db_default="", default="", db_comment="Why it is parked.")

    class Meta:
        db_table = "conversion_shares"
        db_table_comment = "Ranges of rows that workers share."
        ordering: ClassVar = ["table", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "number"], name="conversion_shares_number"),
            models.CheckConstraint(condition=models.Q(state__in=ShareState.values), name="conversion_shares_state"),
            OperationsGuard(name="conversion_shares_guard", access="conversion_progress", audited=False),
        ]

    def __str__(self) -> str:
        return f"{self.table_id} #{self.number}"


class ConversionWorker(Timestamps):
    """A process that works on a conversion, while it lives and for a while after."""

    id = IdField()
    conversion = models.ForeignKey(Conversion, models.CASCADE, related_name="workers")
    name = models.TextField(db_comment="host:pid")
    task = models.TextField(blank=True, db_default="", default="", db_comment="What it does right now.")
    held_because = models.TextField(blank=True, db_default="", default="", db_comment="Why it waits, and until when.")
    seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "conversion_workers"
        db_table_comment = "Processes that work, or worked, on a conversion."
        ordering: ClassVar = ["conversion", "id"]
        constraints: ClassVar = [
            OperationsGuard(name="conversion_workers_guard", access="conversion_progress", audited=False),
        ]
        indexes: ClassVar = [models.Index(fields=["conversion", "seen_at"], name="idx_conversion_workers_seen")]

    def __str__(self) -> str:
        return self.name
