"""Numbers and spans as people read them."""

from decimal import Decimal

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def money(amount: Decimal) -> str:
    """With thousands apart; an organization's currency is not ours to guess."""
    return f"{amount:,}"


def count(number: int) -> str:
    return f"{number:,}"


def span(seconds: float) -> str:
    """A length of time in its largest unit."""
    for unit, name in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
