"""The web process: comes in with the login that owns nothing, and refuses any other."""

import os

from django.core.wsgi import get_wsgi_application

# Decided here and before the settings are read: a web process never has the owning login.
os.environ["TENANTRY_LOGIN"] = "app"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config.login import refuse_dangerous_login  # noqa: E402 - the settings must be there first

refuse_dangerous_login()
