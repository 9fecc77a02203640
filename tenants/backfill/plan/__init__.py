"""The plan: a TOML file that a person reviewed, read with line numbers and checked against the catalog."""
