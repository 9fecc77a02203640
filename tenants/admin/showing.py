"""Numbers as people read them."""

from decimal import Decimal


def money(amount: Decimal) -> str:
    """With thousands apart; an organization's currency is not ours to guess."""
    return f"{amount:,}"


def count(number: int) -> str:
    return f"{number:,}"
