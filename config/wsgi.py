"""The web process: comes in with the login that owns nothing, and refuses any other."""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from gunicorn.errors import AppImportError

from config.door import explain_end
from config.login import refuse_dangerous_login

# Decided here and before the settings are read: a web process never has the owning login.
os.environ["TENANTRY_LOGIN"] = "app"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def load_application() -> Any:
    """A refusal is a sentence and the end of gunicorn, instead of a traceback from each of its workers."""
    try:
        loaded = get_wsgi_application()
        refuse_dangerous_login()
    except (ImproperlyConfigured, OperationalError) as error:
        raise AppImportError(explain_end(error, "gunicorn -c python:config.gunicorn config.wsgi")) from error
    return loaded


application = load_application()
