"""What stands in every schema: one table, and then a column more."""
