"""The lowest floor: what we add to PostgreSQL and to Django's backend for it. Knows no app."""
