"""A table, and a column more."""
