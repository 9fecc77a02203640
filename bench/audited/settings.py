"""Tenantry's settings with the libraries that bench/audit.py compares it to, as far as they are installed."""

from importlib.util import find_spec

from config.settings import *  # noqa: F403

LIBRARIES = {"auditlog": "django-auditlog", "simple_history": "django-simple-history", "pghistory": "django-pghistory"}
FOUND = [name for name in LIBRARIES if find_spec(name)]
INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405
    *FOUND,
    *(["pgtrigger"] if "pghistory" in FOUND else []),
    "bench.audited",
]
# Its triggers are installed by hand: the tables are made without migrations.
PGTRIGGER_SCHEMA_EDITOR = False
PGTRIGGER_INSTALL_ON_MIGRATE = False
