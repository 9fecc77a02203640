"""The periodic work: one list of tasks, each safe to run at any time, twice, or late."""

from functools import partial

from audit.partitions import LOG
from config.maintenance import doctor, log, partitions, rows
from config.maintenance.task import Task, only_one
from tenants.metrics.partitions import EVENTS

__all__ = ["TASKS", "Task", "only_one"]

TASKS = [
    Task(
        "log-partitions",
        "Make the audit log's partitions ahead of time, and move rows out of its DEFAULT partition.",
        partial(partitions.look_at_partitions, LOG),
        partial(partitions.make_partitions, LOG),
    ),
    Task("seal-log", "Chain the audit log's rows that are final.", log.look_at_seals, log.seal),
    Task("export-heads", "Copy the heads of the sealed log to TENANTRY_SEAL_DIR.", log.look_at_heads, log.export_heads),
    Task(
        "retire-months",
        "Drop whole months of the sealed log after TENANTRY_LOG_RETENTION_MONTHS.",
        log.look_at_months,
        log.retire_due_months,
    ),
    Task(
        "purge-deleted",
        "Remove softly deleted rows for good after TENANTRY_RETENTION_DAYS.",
        rows.look_at_deleted,
        rows.purge_due_rows,
    ),
    Task(
        "organizations",
        "Remove organizations whose grace period after deletion is over.",
        rows.look_at_organizations,
        rows.purge_due_organizations,
    ),
    Task(
        "sessions",
        "Delete sessions that are long over, of the console and of tokens, and counted attempts.",
        rows.look_at_sessions,
        rows.delete_sessions,
    ),
    Task(
        "event-months",
        "Drop whole months of metric events after TENANTRY_EVENT_RETENTION_MONTHS.",
        partitions.look_at_events,
        partitions.retire_events,
    ),
    Task(
        "event-partitions",
        "Make the metric events' partitions ahead of time, and move rows out of their DEFAULT partition.",
        partial(partitions.look_at_partitions, EVENTS),
        partial(partitions.make_partitions, EVENTS),
    ),
    Task(
        "access-review",
        "Look for access that looks wrong, and forget previews of cleanings that nobody applied.",
        rows.look_at_access,
        rows.review_access,
    ),
    # Last: what the others have just put right is no finding any more.
    Task(
        "doctor",
        "Compare the whole database with what should stand in it, and keep what is found for the console.",
        doctor.look_at_database,
        doctor.examine_database,
    ),
]
