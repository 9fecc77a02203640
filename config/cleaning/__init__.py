"""`manage.py clean_access`, step by step."""
