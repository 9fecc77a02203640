"""Django's PostgreSQL backend with five switches turned; each has a test in tests/postgres/test_backend.py."""
