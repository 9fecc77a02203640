"""Settings of such a project, on the database that BENCH_DATABASE names as JSON."""

import json
import os

SECRET_KEY = "measures, and serves nobody"
DATABASES = {"default": {"ENGINE": "django_tenants.postgresql_backend", **json.loads(os.environ["BENCH_DATABASE"])}}
DATABASE_ROUTERS = ("django_tenants.routers.TenantSyncRouter",)
SHARED_APPS = ["django_tenants", "django.contrib.contenttypes", "bench.apart.shared"]
TENANT_APPS = ["bench.apart.rows"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
TENANT_MODEL, TENANT_DOMAIN_MODEL = "shared.Client", "shared.Domain"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
