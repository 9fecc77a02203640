"""A project that keeps organizations apart by schemas, as django-tenants does it."""
