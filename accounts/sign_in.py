"""Signing in by e-mail and password."""

from django.contrib.auth.backends import ModelBackend


class EmailBackend(ModelBackend):
    """Django's own, under a name: e-mails are unique by their lower-case form, which its check does not know."""
