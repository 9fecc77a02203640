"""Who the old database's people are here, and which organization each belongs to: decided once per conversion."""
