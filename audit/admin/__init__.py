"""The console's screen of the log."""

from audit.admin.log import AuditLogAdmin

__all__ = ["AuditLogAdmin"]
