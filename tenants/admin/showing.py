"""Values as people read them: amounts, and JSON."""

import json
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def money(amount: Decimal) -> str:
    """With thousands apart; an organization's currency is not ours to guess."""
    return f"{amount:,}"


def count(number: int) -> str:
    return f"{number:,}"


def json_lines(value: Any) -> SafeString:
    """One key a line, in the order of the alphabet."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    return format_html('<pre class="console-json">{}</pre>', text)
