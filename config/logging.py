"""Logs: one event a line, as JSON or as text, with the request it belongs to, and without anything secret."""

import re
from typing import Any

import structlog

HIDDEN = "[hidden]"
# Shapes of what signs somebody in: JWTs, our refresh tokens and API keys, whatever follows Bearer, passwords in URLs.
SECRETS = re.compile(
    r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]*|\b(?:rt|tnk)_[\w-]{8,}|(?<=[Bb]earer )\S+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?<=token=)[^&\s'\"]+"
)
SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|refresh|access|api_?key", re.IGNORECASE)


def scrub(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last door: hides what is named like a secret, or looks like one."""
    return {k: HIDDEN if SECRET_NAMES.search(k) else _scrub_value(v) for k, v in event.items()}


def _scrub_value(value: Any) -> Any:
    if isinstance(value, str):
        return SECRETS.sub(HIDDEN, value)
    if isinstance(value, dict):
        return scrub(None, "", value)
    if isinstance(value, list | tuple):
        return [_scrub_value(inner) for inner in value]
    return value


BEFORE = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(allow={"method", "route", "status", "ms"}),
]


def build_logging(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, where gunicorn, systemd and containers look for it."""
    writer: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": BEFORE,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            scrub,
            writer,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"event": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "tenantry.requests": {"handlers": ["stderr"], "level": level, "propagate": False},
        },
    }
