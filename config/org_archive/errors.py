"""What stops an export, a restore or an erasure."""


class ArchiveRefused(Exception):
    """Not done, and nothing changed; the sentence says why and what to type."""
