"""Synchronization: events read from connections, batch by batch, each of them once."""
