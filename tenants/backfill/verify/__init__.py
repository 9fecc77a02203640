"""Proving a conversion, by other queries than those that made it."""
