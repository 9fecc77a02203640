"""Compares what stands in the whole database with what should stand, object by object and text by text."""
