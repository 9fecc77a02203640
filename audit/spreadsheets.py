"""Cells of files that people open in a spreadsheet, which would take some of them for formulas and run them."""

# The last four are the wide = + - @.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def defuse(text: str) -> str:
    """The cell, after an apostrophe where it begins like a formula; spaces before it keep no spreadsheet from it."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
