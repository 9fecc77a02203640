"""What a look at something comes to: a notice, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Notice:
    """One thing to deal with: how bad, in a sentence, where, and what the link is called."""

    tone: str
    sentence: str
    link: str = ""
    action: str = ""
    command: str = ""


Look = Callable[[HttpRequest], Notice | None]


def tell_count(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
