"""How a row finds its organization: one derivation per table, which trigger and batches share."""
