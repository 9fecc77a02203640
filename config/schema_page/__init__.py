"""`docs/schema.sql`: what `migrate` makes, read from the catalog and explained."""
