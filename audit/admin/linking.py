"""Links from an entry: to the row, to its organization, and to everything that shares something with it."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html


def linked(address: str, text: str) -> Any:
    return format_html('<a class="console-accent" href="{}">{}</a>', address, text) if address and text else text or "—"


def follow(text: str, words: str, **asked: str) -> Any:
    """What is known, and the list of all that shares it."""
    if not text or not any(asked.values()):
        return text or "—"
    return format_html("{} · {}", text, linked(reverse("admin:audit_auditlog_changelist", query=asked), words))
