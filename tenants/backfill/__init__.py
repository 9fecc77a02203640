"""Filling existing rows while everybody goes on working: batches, and the conversion engine above them."""
